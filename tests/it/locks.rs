//! Writes hold agents, not teams: whoever never owned the same prospect never waits, and what crosses comes out as if one
//! had been after the other. On SQLite there is one writer at a time, so these ask PostgreSQL.

use std::{sync::mpsc, thread};

use diesel::{RunQueryDsl, sql_query, sql_types::BigInt};
use prospector::{
    clock::Occasion,
    domain::{
        organisation::actor::{Role, Scope},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::connection::Engine,
        ledger::{self, due},
        organisation::{memberships, users},
    },
};
use serde_json::{Value, json};

use crate::{
    harness::{
        Person, World,
        actors::{Cast, person},
        given::Prospect,
    },
    transfers::hand_over,
};

/// A world in which several can write at once.
pub fn crowd() -> Option<World> {
    World::with(Engine::Postgres, |config| config.db_threads = 8)
}

/// Begins a write, does some of it, and leaves it open until it is let go; then it commits.
pub struct Open {
    go: mpsc::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Open {
    pub fn write(
        world: &World,
        part: impl FnOnce(&mut Conn, &Occasion) -> Result<(), StoreError> + Send + 'static,
    ) -> Open {
        let occasion = Occasion::of(&world.clock, world.app.ids);
        let (db, (go, wait), (began, begun)) = (world.app.db.clone(), mpsc::channel(), mpsc::channel());
        let thread = thread::spawn(move || {
            let done: Result<(), StoreError> = db.write_blocking(move |conn| {
                part(conn, &occasion)?;
                began.send(()).unwrap();
                let _ = wait.recv();
                Ok(())
            });
            done.unwrap();
        });
        begun.recv().unwrap();
        Open { go, thread }
    }

    /// An entry about a prospect, by its owner.
    fn entry(world: &World, owner: &Person, p: &Prospect) -> Open {
        let (scope, id) = (Scope::Own { user_id: owner.id }, p.id.parse::<Id>().unwrap());
        Open::write(world, move |conn, occasion| {
            ledger::load_for_write(conn, &scope, id, occasion).map(|_| ())
        })
    }

    pub fn ends(self) {
        drop(self.go);
        self.thread.join().unwrap();
    }
}

#[derive(diesel::QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Comes back once some transactions wait for another; fails when what should wait is done without.
pub fn somebody_waits(world: &World, wanted: i64, is_done: impl Fn() -> bool) {
    let read = || -> Result<i64, StoreError> {
        world.app.db.read_blocking(|conn| {
            let sql = "SELECT count(*) AS n FROM pg_stat_activity
                WHERE wait_event_type = 'Lock' AND datname = current_database()";
            Ok(sql_query(sql).get_result::<Waiting>(conn)?.n)
        })
    };
    while read().unwrap() < wanted {
        assert!(!is_done(), "it did not wait");
        thread::yield_now();
    }
}

/// Does something elsewhere, sees that it waits for the open write, ends that, and gives what came of it.
pub fn waits_for<T: Send>(world: &World, open: Open, elsewhere: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let other = scope.spawn(elsewhere);
        somebody_waits(world, 1, || other.is_finished());
        open.ends();
        other.join().unwrap()
    })
}

fn met(world: &World, owner: &Person, name: &str) -> Prospect {
    let mut p = Prospect::named(world, owner, name);
    p.fix_first(world, owner, "2009-12-14");
    p.meet(world, owner, "2009-12-14", "2009-12-30");
    p
}

/// At 90% on 12-14 with receipt and issue: closes by itself on 12-25.
fn sold(world: &World, owner: &Person) -> Prospect {
    let mut p = met(world, owner, "成交");
    p.reach_50(world, owner, "2009-12-14");
    p.sign_and_pay(world, owner, "2009-12-14");
    p.issued(world, owner, "2009-12-14", "2009-12-14");
    p
}

fn limit(world: &World, owner: &Person, p: &mut Prospect) -> Value {
    p.read(world, owner)["clock"]["limit_days"].clone()
}

#[test]
fn two_agents_of_one_team_never_wait_for_each_other() {
    let Some(world) = crowd() else { return };
    let cast = world.cast();
    let mine = met(&world, &cast.agent_a, "王芳");
    let open = Open::entry(&world, &cast.agent_a, &mine);
    // Everything that the peer and their supervisor do of the peer's commits while the agent's write is open.
    let mut theirs = sold(&world, &cast.peer);
    theirs.read(&world, &cast.head_a);
    world.on("2009-12-26");
    assert_eq!(theirs.stage(&world, &cast.peer), "closed");
    open.ends();
}

#[test]
fn a_closing_elsewhere_waits_for_the_former_owner_whose_cycle_it_changes() {
    let Some(world) = crowd() else { return };
    let cast = world.cast();
    let (old, new) = (&cast.agent_a, &cast.peer);
    let mut sale = sold(&world, old);
    let mut waits = met(&world, old, "王芳");
    // The day of a transfer is the new owner's already, and the deal counts for the owner of the signature.
    world.on("2009-12-15");
    hand_over(&world, &cast.head_a, new, &mut sale);
    world.on("2009-12-26");
    let open = Open::write(&world, {
        let id = old.id;
        move |conn, occasion| due::settle(conn, id, occasion).map(|_| ())
    });
    // The former owner's own look has closed the sale already, and holds everybody whom that concerns.
    let stage = waits_for(&world, open, || sale.stage(&world, new));
    assert_eq!(stage, "closed");
    assert_eq!(limit(&world, old, &mut waits), json!(25), "0 and nine times 28 over ten");
}

#[test]
fn the_former_owner_reads_the_new_cycle_although_nobody_has_looked_at_the_sale() {
    crate::harness::both(|world| {
        let cast = world.cast();
        let (old, new) = (&cast.agent_a, &cast.peer);
        let mut sale = sold(&world, old);
        let mut waits = met(&world, old, "王芳");
        world.on("2009-12-15");
        hand_over(&world, &cast.head_a, new, &mut sale);
        assert_eq!(limit(&world, old, &mut waits), json!(28));
        world.on("2009-12-26");
        assert_eq!(limit(&world, old, &mut waits), json!(25));
        assert_eq!(sale.stage(&world, new), "closed");
    });
}

#[test]
fn a_sign_off_waits_for_the_late_entry_that_is_being_made() {
    let Some(world) = crowd() else { return };
    let cast = world.cast();
    let p = met(&world, &cast.agent_a, "王芳");
    world.on("2009-12-16");
    let open = Open::entry(&world, &cast.agent_a, &p);
    let body = json!({"agent_id": cast.agent_a.id, "week_of": "2009-12-14", "check_in": "wednesday"});
    let status = waits_for(&world, open, || {
        world.post("/v1/sign-offs", body).by(&cast.head_a).status(201).json()["id"].is_string()
    });
    assert!(status);
}

fn chooses(world: &World, cast: &Cast, days: i32) {
    let path = format!("/v1/settings?team_id={}", cast.branch.id);
    let call = world.patch(&path, json!({"default_cycle_days": days})).by(&cast.head_a);
    call.header("If-Match", "*").status(200);
}

#[test]
fn whoever_joins_a_team_while_its_settings_change_goes_by_the_new_ones() {
    let Some(world) = crowd() else { return };
    let cast = world.cast();
    let agent = &cast.agent_a;
    let mut p = met(&world, agent, "王芳");
    // Another supervisor: the one who chooses must not wait for the own writes only.
    let other = person(&world, "other-head", Role::Supervisor, &cast.north);
    let (head, id, branch) = (other.id, agent.id, cast.branch.id);
    let open = Open::write(&world, move |conn, occasion| {
        let actor = users::actor(conn, head, users::FIRST_EPOCH)?.unwrap();
        let user = users::find(conn, &actor.scope, id)?;
        memberships::hold_for_move(conn, Some(actor.id), (id, &[user.team_id, branch]), occasion)?;
        let today = occasion.today(chrono_tz::Asia::Shanghai);
        memberships::move_to(conn, &user, branch, today, occasion.ids.id(), occasion.now)?;
        memberships::review_move(conn, id, today, today)
    });
    waits_for(&world, open, || chooses(&world, &cast, 40));
    assert_eq!(limit(&world, agent, &mut p), json!(40));
}

#[test]
fn a_write_that_finds_another_owner_than_it_locked_starts_again() {
    let Some(world) = crowd() else { return };
    let cast = world.cast();
    let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
    let mut p = met(&world, old, "王芳");
    let open = Open::entry(&world, old, &p);
    // Both wait for the owner; the transfer is first in the queue, so the exit finds the prospect with the new owner.
    let path = p.path("/transitions");
    let exit = json!({"to": "exited", "reason": "no_need", "reason_text": "moved away"});
    thread::scope(|scope| {
        let transfer = scope.spawn(|| hand_over(&world, head, new, &mut p));
        somebody_waits(&world, 1, || transfer.is_finished());
        let leaves =
            scope.spawn(|| world.post(&path, exit).by(head).header("If-Match", "*").status(201).json());
        somebody_waits(&world, 2, || leaves.is_finished());
        open.ends();
        transfer.join().unwrap();
        assert_eq!(leaves.join().unwrap()["board"]["stage"], "exited");
    });
    let read = p.read(&world, new);
    assert_eq!((&read["stage"], &read["agent_id"]), (&json!("exited"), &json!(new.id)));
}

#[test]
fn transfers_that_cross_are_done_one_after_the_other() {
    let Some(world) = crowd() else { return };
    let cast = world.cast();
    let (one, other, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
    let mut mine = met(&world, one, "王芳");
    let mut theirs = met(&world, other, "刘岩");
    for round in 0..10 {
        let (to_mine, to_theirs) = if round % 2 == 0 { (other, one) } else { (one, other) };
        thread::scope(|scope| {
            scope.spawn(|| hand_over(&world, head, to_mine, &mut mine));
            scope.spawn(|| hand_over(&world, head, to_theirs, &mut theirs));
        });
    }
    assert_eq!(mine.read(&world, one)["agent_id"], json!(one.id));
    assert_eq!(theirs.read(&world, other)["agent_id"], json!(other.id));
}
