//! `/v1/changes`: a copy that follows it ends like the database, whoever writes and in whatever order they commit (C7).

mod tokens;

use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use prospector::{
    clock::Occasion,
    commands::journal::activities::{self, Done},
    domain::journal::activity::Activity,
    store::{StoreError, db::connection::Engine, organisation::users},
};
use serde_json::json;

use crate::harness::{Person, World, actors::Cast, both, given::Prospect, on_each_engine};

/// Longest time that a test waits for what it expects: other tests write in the same cluster, and hold the feed up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whoever keeps a copy by following.
struct Follower<'w> {
    world: &'w World,
    by: Person,
    token: String,
    /// Everything told, in order: kind, id, change, version.
    told: Vec<(String, String, String, Option<i64>)>,
}

impl<'w> Follower<'w> {
    fn new(world: &'w World, by: &Person) -> Self {
        let token = world.get("/v1/changes").by(by).status(200).string("next");
        Follower { world, by: by.clone(), token, told: Vec::new() }
    }

    /// Reads what there is.
    #[track_caller]
    fn read(&mut self) {
        loop {
            let path = format!("/v1/changes?limit=7&since={}", self.token);
            let page = self.world.get(&path).by(&self.by).status(200).json();
            for row in page["data"].as_array().unwrap() {
                let text = |name: &str| row[name].as_str().unwrap().to_owned();
                self.told.push((text("kind"), text("id"), text("change"), row["version"].as_i64()));
            }
            self.token = page["next"].as_str().unwrap().to_owned();
            if !page["has_more"].as_bool().unwrap() {
                return;
            }
        }
    }

    /// Reads until it was told of this.
    #[track_caller]
    fn until(&mut self, kind: &str, id: &str, change: &str) {
        let begun = Instant::now();
        loop {
            self.read();
            if self.told.iter().any(|(k, i, c, _)| (k.as_str(), i.as_str(), c.as_str()) == (kind, id, change))
            {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "never told of {kind} {id} {change}: {:#?}", self.told);
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn was_told(&self, kind: &str, id: &str) -> Vec<&str> {
        let of_it = self.told.iter().filter(|(k, i, ..)| (k.as_str(), i.as_str()) == (kind, id));
        of_it.map(|(_, _, change, _)| change.as_str()).collect()
    }

    /// The copy: what is there, by kind and id, with its version.
    fn copy(&self, kind: &str) -> BTreeMap<String, Option<i64>> {
        let mut copy = BTreeMap::new();
        for (_, id, change, version) in self.told.iter().filter(|(k, ..)| k == kind) {
            match change.as_str() {
                "upserted" => copy.insert(id.clone(), *version),
                _ => copy.remove(id),
            };
        }
        copy
    }
}

/// Everything a list has, by id, with its version.
fn listed(world: &World, by: &Person, path: &str) -> BTreeMap<String, Option<i64>> {
    let mut all = BTreeMap::new();
    let mut next = format!("{path}?limit=100");
    loop {
        let page = world.get(&next).by(by).status(200).json();
        for row in page["data"].as_array().unwrap() {
            all.insert(row["id"].as_str().unwrap().to_owned(), row["version"].as_i64());
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("{path}?limit=100&cursor={cursor}"),
            None => return all,
        }
    }
}

/// A call written straight into the journal, whose transaction takes its time after the writing.
fn slowly(world: &World, by: &Person, pause: impl FnOnce() + Send + 'static) -> String {
    let occasion = Occasion::of(&world.clock, world.app.ids);
    let (id, user_id) = (world.app.ids.id(), by.id);
    let today = world.clock.today(chrono_tz::Asia::Shanghai);
    let written: Result<(), StoreError> = world.app.db.write_blocking(move |conn| {
        let actor = users::actor(conn, user_id, 1)?.ok_or(StoreError::NotFound)?;
        let activity = Activity::Visit;
        let done = Done {
            id: Some(id),
            prospect_id: None,
            activity,
            occurred_on: today,
            occurred_at: None,
            text: None,
        };
        activities::record(conn, &actor, &occasion, done).map_err(|_| StoreError::NotFound)?;
        pause();
        Ok(())
    });
    written.unwrap();
    id.to_string()
}

/// One writer's work: somebody new, who is moved and renamed; visits that take their time; one of them taken back.
fn work(world: &World, by: &Person, number: u64) {
    for round in 0..4 {
        let mut p = Prospect::named(world, by, &format!("王芳{number}{round}"));
        slowly(world, by, move || thread::sleep(Duration::from_millis(5 + (number * 17 + round * 3) % 50)));
        p.fix_first(world, by, "2009-12-16");
        let body = json!({"notes": "prefers the evening"});
        world.patch(&p.path(""), body).by(by).if_match(p.version).status(200);
        let slip = slowly(world, by, move || thread::sleep(Duration::from_millis((number + round) % 5)));
        world.delete(&format!("/v1/activities/{slip}")).by(by).if_match(1).status(204);
        if round == 3 {
            p.read(world, by);
            world.delete(&p.path("")).by(by).if_match(p.version).status(204);
        }
    }
}

#[test]
fn a_reader_that_follows_eight_writers_ends_with_the_state_of_the_database() {
    on_each_engine(|engine| {
        let Some(world) = World::with(engine, |config| config.db_threads = 9) else { return };
        let Cast { head_a, agent_a, peer, agent_a1, .. } = world.cast();
        let done = AtomicBool::new(false);
        let mut follower = Follower::new(&world, &head_a);
        thread::scope(|scope| {
            let reading = scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    follower.read();
                }
            });
            let writers: Vec<_> = (0..8)
                .map(|number| {
                    let by = [&agent_a, &peer, &agent_a1, &head_a][number as usize % 4];
                    let world = &world;
                    scope.spawn(move || work(world, by, number))
                })
                .collect();
            for writer in writers {
                writer.join().unwrap();
            }
            done.store(true, Ordering::SeqCst);
            reading.join().unwrap();
        });
        // Whatever commits last is told last.
        let last = slowly(&world, &head_a, || ());
        follower.until("activities", &last, "upserted");
        assert_eq!(follower.copy("prospects"), listed(&world, &head_a, "/v1/prospects"));
        let ids = |all: BTreeMap<String, Option<i64>>| all.into_keys().collect::<Vec<String>>();
        assert_eq!(ids(follower.copy("activities")), ids(listed(&world, &head_a, "/v1/activities")));
        assert_eq!(follower.copy("prospects").len(), 24);
    });
}

#[test]
fn what_commits_late_is_not_skipped() {
    let Some(world) = World::new(Engine::Postgres) else { return };
    let Cast { head_a, agent_a, .. } = world.cast();
    let mut follower = Follower::new(&world, &head_a);
    let (wrote, has_written) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let late = scope.spawn(|| {
            slowly(&world, &head_a, move || {
                wrote.send(()).unwrap();
                released.recv().unwrap();
            })
        });
        has_written.recv().unwrap();
        // Begun later, committed earlier.
        let early = slowly(&world, &agent_a, || ());
        follower.read();
        assert_eq!(follower.was_told("activities", &early), Vec::<&str>::new());
        release.send(()).unwrap();
        let late = late.join().unwrap();
        follower.until("activities", &early, "upserted");
        assert_eq!(follower.was_told("activities", &late), ["upserted"]);
        let place = |id: &str| follower.told.iter().position(|(_, i, ..)| i == id);
        assert!(place(&late) < place(&early));
    });
}

/// What a day leaves behind, by id.
struct Made {
    p: Prospect,
    check: String,
    asked: String,
    visit: String,
    feed: String,
    made: String,
    under: String,
    handed: String,
}

/// A write of every kind.
fn everything(world: &World, cast: &Cast) -> Made {
    let (agent, head) = (&cast.agent_a, &cast.head_a);
    let mut p = Prospect::named(world, agent, "王芳");
    p.fix_first(world, agent, "2009-12-14");
    p.meet(world, agent, "2009-12-14", "2009-12-18");
    let check = json!({"criterion": "budget", "verdict": "met", "evidence": "1500 a month"});
    let check = world.post(&p.path("/criteria-checks"), check).by(agent).status(201).string("recorded_id");
    let asked = json!({"prospect_id": p.id, "days": 3, "reason_text": "travels"});
    let asked = world.post("/v1/extensions", asked).by(agent).status(201).string("recorded_id");
    let visit = world.post("/v1/activities", json!({"kind": "visit"})).by(agent).status(201).string("id");
    let tally = json!({"on": "2009-12-14", "dials": 9, "connects": 3, "appointments_set": 1, "refused": 1, "visits": 0, "messages": 0});
    world.post("/v1/activity-tallies", tally).by(agent).status(201);
    let feed = world.post("/v1/calendar-feeds", json!({})).by(agent).status(201).json();
    let feed = feed["feed"]["id"].as_str().unwrap().to_owned();
    world.delete(&format!("/v1/calendar-feeds/{feed}")).by(agent).if_match(1).status(204);
    let cycle = format!("/v1/agents/{}/cycle", agent.id);
    world.put(&cycle, json!({"declared_days": 30})).by(agent).if_match(1).status(200);
    let renamed = world.patch(&format!("/v1/agents/{}", agent.id), json!({"display_name": "李四"}));
    renamed.by(head).if_match(1).status(200);
    world
        .patch(&format!("/v1/teams/{}", cast.north.id), json!({"name": "N"}))
        .by(head)
        .if_match(1)
        .status(200);
    let settings = format!("/v1/settings?team_id={}", cast.north.id);
    world.patch(&settings, json!({"criteria_grace_days": 6})).by(head).if_match(1).status(200);
    let made = json!({"username": "new", "display_name": "New", "role": "agent", "team_id": cast.branch.id,
        "password": "a first password"});
    let made = world.post("/v1/agents", made).by(head).status(201).string("id");
    let under = json!({"name": "Under", "parent_id": cast.branch.id});
    let under = world.post("/v1/teams", under).by(head).status(201).string("id");
    let moved = world.post(&format!("/v1/agents/{made}/memberships"), json!({"team_id": under}));
    moved.by(head).status(201);
    p.read(world, agent);
    let handed = json!({"to_agent_id": cast.peer.id, "reason_text": "nearer by",
        "prospects": [{"prospect_id": p.id, "version": p.version}]});
    let handed = world.post("/v1/transfers", handed).by(head).status(201).string("transfer_id");
    Made { p, check, asked, visit, feed, made, under, handed }
}

#[test]
fn every_resource_that_an_app_reads_is_told_by_its_name_in_the_paths() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut follower = Follower::new(&world, head);
        let mut own = Follower::new(&world, agent);
        let Made { p, check, asked, visit, feed, made, under, handed } = everything(&world, &cast);
        follower.until("transfers", &handed, "upserted");
        let told = |kind: &str, id: &str| follower.was_told(kind, id);
        assert!(!told("prospects", &p.id).contains(&"out_of_reach"), "it stays within the head's reach");
        assert_eq!(told("criteria-checks", &check), ["upserted"]);
        assert_eq!(told("extensions", &asked), ["upserted"]);
        assert_eq!(told("activities", &visit), ["upserted"]);
        assert_eq!(told("agents", &made), ["upserted", "upserted"]);
        assert_eq!(told("memberships", &made), ["upserted"]);
        assert_eq!(told("teams", &under), ["upserted"]);
        assert_eq!(told("teams", &cast.north.id.to_string()), ["upserted"]);
        assert_eq!(told("cycle", &agent.id.to_string()), ["upserted"]);
        assert_eq!(told("calendar-feeds", &feed), Vec::<&str>::new(), "a link is its user's alone");
        let kinds = |of: &Follower<'_>| -> Vec<String> {
            let mut kinds: Vec<String> = of.told.iter().map(|(kind, ..)| kind.clone()).collect();
            kinds.sort();
            kinds.dedup();
            kinds
        };
        let expected = [
            "activities",
            "activity-tallies",
            "agents",
            "appointments",
            "criteria-checks",
            "cycle",
            "extensions",
            "memberships",
            "prospects",
            "settings",
            "teams",
            "transfers",
            "transitions",
        ];
        assert_eq!(kinds(&follower), expected);
        // The former owner is told that it has gone, and nothing of where to.
        own.until("prospects", &p.id, "out_of_reach");
        assert_eq!(own.was_told("calendar-feeds", &feed), ["upserted", "erased"]);
        assert_eq!(own.was_told("transfers", &handed), Vec::<&str>::new());
        assert_eq!(own.was_told("agents", &made), Vec::<&str>::new());
        let expected = [
            "activities",
            "activity-tallies",
            "agents",
            "calendar-feeds",
            "cycle",
            "prospects",
            "settings",
            "teams",
        ];
        assert_eq!(kinds(&own), expected);
    });
}

#[test]
fn nobody_is_told_of_what_is_out_of_reach() {
    both(|world| {
        let cast = world.cast();
        let mut others = Follower::new(&world, &cast.supervisor_b);
        let mut peer = Follower::new(&world, &cast.peer);
        let mut p = Prospect::named(&world, &cast.agent_a, "王芳");
        p.fix_first(&world, &cast.agent_a, "2009-12-16");
        world.post("/v1/activities", json!({"kind": "visit"})).by(&cast.agent_a).status(201);
        world.delete(&p.path("")).by(&cast.agent_a).if_match(p.version).status(204);
        for (by, follower) in [(&cast.supervisor_b, &mut others), (&cast.peer, &mut peer)] {
            let last = slowly(&world, by, || ());
            follower.until("activities", &last, "upserted");
            assert_eq!(follower.told.len(), 1, "{:#?}", follower.told);
        }
        let mut given = Prospect::named(&world, &cast.agent_a, "李强");
        peer.read();
        given.read(&world, &cast.agent_a);
        let handed = json!({"to_agent_id": cast.peer.id, "reason_text": "nearer by",
            "prospects": [{"prospect_id": given.id, "version": given.version}]});
        world.post("/v1/transfers", handed).by(&cast.head_a).status(201);
        peer.until("prospects", &given.id, "upserted");
        assert!(!peer.was_told("prospects", &given.id).contains(&"out_of_reach"));
    });
}

#[test]
fn what_falls_due_is_told_whether_or_not_a_sweep_came_first() {
    both(|world| {
        let cast = world.cast();
        let mut p = Prospect::named(&world, &cast.agent_a, "王芳");
        p.fix_first(&world, &cast.agent_a, "2009-12-14");
        let mut follower = Follower::new(&world, &cast.agent_a);
        world.on("2009-12-20");
        let begun = Instant::now();
        while follower.was_told("transitions", "").is_empty() && follower.copy("transitions").is_empty() {
            follower.read();
            assert!(begun.elapsed() < PATIENCE);
        }
        p.read(&world, &cast.agent_a);
        follower.until("prospects", &p.id, "upserted");
        assert_eq!(follower.copy("prospects")[&p.id], Some(p.version));
        let appointments = follower.copy("appointments");
        assert!(appointments.len() <= 1);
    });
}
