//! Who may is asked again once a write holds what it is about: of two who take each other's right away one keeps it, and
//! whoever lost it while waiting writes nothing any more.

use std::{sync::Barrier, thread};

use prospector::{
    clock::Occasion,
    commands::organisation::{operator, users::Change},
    domain::{
        organisation::{
            actor::Role,
            user::{Status, Username},
        },
        values::id::Id,
    },
    store::{Conn, db::connection::Engine, organisation::users},
};
use serde_json::{Value, json};

use crate::{
    harness::{
        Person, World,
        actors::{Cast, PASSWORD, person},
        app::Call,
        given::Prospect,
        on_each_engine,
    },
    locks::{Open, crowd, somebody_waits, waits_for},
};

/// What takes somebody's right away, and how it is answered when one's own was taken before.
const TAKEN: [(&str, &str, u16); 3] =
    [("", r#"{"status": "disabled"}"#, 401), ("", r#"{"role": "agent"}"#, 403), ("/password", "", 401)];

fn takes<'w>(world: &'w World, by: &Person, from: &Person, (rest, body, _): (&str, &str, u16)) -> Call<'w> {
    let path = format!("/v1/agents/{}{rest}", from.id);
    let call = match serde_json::from_str::<Value>(body) {
        Ok(body) => world.patch(&path, body),
        Err(_) => world.put(&path, json!({"password": "another password"})),
    };
    call.by(by).if_match(1)
}

#[test]
fn of_two_supervisors_who_take_each_others_right_away_one_keeps_it() {
    on_each_engine(|engine| {
        let Some(world) = World::with(engine, |config| config.db_threads = 8) else { return };
        let (cast, elsewhere) = (world.cast(), world.another());
        for (number, way) in TAKEN.into_iter().enumerate() {
            let one = person(&world, &format!("one-{number}"), Role::Supervisor, &cast.north);
            let two = person(&world, &format!("two-{number}"), Role::Supervisor, &cast.north);
            let (ids, start) = ([one.id, two.id], Barrier::new(2));
            // On PostgreSQL both are past the door before either goes on; on SQLite one writes at a time.
            let held =
                (engine == Engine::Postgres).then(|| Open::write(&world, move |conn, _| held(conn, ids)));
            let mut statuses = thread::scope(|scope| {
                let first = scope.spawn(|| {
                    start.wait();
                    takes(&world, &one, &two, way).send().status
                });
                let second = scope.spawn(|| {
                    start.wait();
                    takes(&world, &two, &one, way).at(&elsewhere).send().status
                });
                if let Some(held) = held {
                    somebody_waits(&world, 2, || first.is_finished() || second.is_finished());
                    held.ends();
                }
                [first.join().unwrap(), second.join().unwrap()]
            });
            statuses.sort_unstable();
            let done = if way.0.is_empty() { 200 } else { 204 };
            // On SQLite whoever was demoted comes later, and sees nobody else any more.
            let lost = if engine == Engine::Sqlite && way.2 == 403 { 404 } else { way.2 };
            assert_eq!(statuses, [done, lost], "{way:?}");
        }
    });
}

fn held(conn: &mut Conn, ids: [Id; 2]) -> Result<(), prospector::store::StoreError> {
    ids.into_iter().try_for_each(|id| users::lock(conn, id))
}

/// A change of somebody that is not committed yet.
fn changing(world: &World, whom: &Person, change: Change) -> Open {
    let name: Username = whom.username.parse().unwrap();
    Open::write(world, move |conn, occasion: &Occasion| {
        operator::change(conn, occasion, &name, change).unwrap();
        Ok(())
    })
}

/// Every write of a supervisor on others, as a request that would succeed.
fn writes<'w>(world: &'w World, cast: &Cast, sup: &Person) -> Vec<Call<'w>> {
    let agent = format!("/v1/agents/{}", cast.agent_a.id);
    let p = Prospect::named(world, &cast.agent_a, "王芳");
    let handed = json!({"to_agent_id": cast.peer.id, "reason_text": "nearer by",
        "prospects": [{"prospect_id": p.id, "version": p.version}]});
    let block =
        |check_in: &str| json!({"agent_id": cast.agent_a.id, "week_of": "2009-12-10", "check_in": check_in});
    world.post("/v1/sign-offs", block("monday")).by(&cast.head_a).send();
    let list = format!("/v1/sign-offs?agent_id={}&week_of=2009-12-10", cast.agent_a.id);
    let page = world.get(&list).by(&cast.head_a).status(200).json();
    let revoked = format!("/v1/sign-offs/{}/revocations", page["data"][0]["id"].as_str().unwrap());
    let added = json!({"username": format!("new-{}", world.app.ids.id()), "display_name": "李四", "role": "agent",
        "team_id": cast.north.id, "password": "a first password"});
    let team = format!("/v1/teams/{}", cast.branch.id);
    let mut met = Prospect::named(world, &cast.peer, "刘岩");
    met.fix_first(world, &cast.peer, "2009-12-14");
    met.meet(world, &cast.peer, "2009-12-14", "2009-12-18");
    let asked = json!({"prospect_id": met.id, "days": 7, "reason_text": "abroad until the 20th"});
    world.post("/v1/extensions", asked).by(&cast.peer).status(201);
    let page = world.get(&format!("/v1/extensions?prospect_id={}", met.id)).by(&cast.peer).status(200).json();
    let extension = format!("/v1/extensions/{}", page["data"][0]["id"].as_str().unwrap());
    let exit = json!({"to": "exited", "reason": "other", "reason_text": "he moved abroad"});
    let calls = vec![
        world.patch(&agent, json!({"display_name": "王五"})),
        world.put(&format!("{agent}/password"), json!({"password": "another password"})),
        world.post("/v1/agents", added),
        world.post(&format!("{agent}/memberships"), json!({"team_id": cast.branch.id})),
        world.post("/v1/teams", json!({"name": "二组", "parent_id": cast.north.id})),
        world.patch(&team, json!({"name": "三组"})),
        world.patch(
            &format!("/v1/settings?agent_id={}", cast.agent_a.id),
            json!({"first_appointments_a_week": 4}),
        ),
        world.patch(&format!("/v1/settings?team_id={}", cast.branch.id), json!({"criteria_grace_days": 6})),
        world.post("/v1/transfers", handed),
        world.post(&met.path("/transitions"), exit),
        world.post(&met.path("/confirmations"), json!({"reason_text": "went through the five"})),
        world.patch(&extension, json!({"decision": "denied", "reason_text": "the date is fixed"})),
        world.post("/v1/sign-offs", block("friday")),
        world.post(&revoked, json!({"reason_text": "entered under the wrong name"})),
    ];
    calls.into_iter().map(|call| call.by(sup).header("If-Match", "*")).collect()
}

#[test]
fn what_waited_while_its_writer_lost_the_right_is_refused() {
    let Some(world) = crowd() else { return };
    let cast = world.cast();
    for (change, answered) in [
        (Change { status: Some(Status::Disabled), ..Change::default() }, 401),
        (Change { role: Some(Role::Agent), ..Change::default() }, 403),
    ] {
        for number in 0..14 {
            let name = format!("writer-{number}-{answered}");
            let writer = person(&world, &name, Role::Supervisor, &cast.north);
            let call = writes(&world, &cast, &writer).remove(number);
            let open = changing(&world, &writer, change.clone());
            let answer = waits_for(&world, open, || call.send());
            assert_eq!(answer.status, answered, "number {number}: {}", answer.text());
        }
    }
}

#[test]
fn what_is_given_out_while_the_login_ends_does_not_outlive_it() {
    let Some(world) = crowd() else { return };
    let cast = world.cast();
    let agent = &cast.agent_a;
    let disabled = Change { status: Some(Status::Disabled), ..Change::default() };
    let path = format!("/v1/agents/{}/cycle", agent.id);
    let login = json!({"username": agent.username, "password": PASSWORD});
    let calls = [
        world.post("/v1/calendar-feeds", json!({})).by(agent),
        world.put(&path, json!({"declared_days": 30})).by(agent).header("If-Match", "*"),
        world.post("/v1/auth/login", login),
    ];
    for call in calls {
        let open = changing(&world, agent, disabled.clone());
        let answer = waits_for(&world, open, || call.send());
        assert_eq!(answer.status, 401, "{}", answer.text());
        changing(&world, agent, Change { status: Some(Status::Active), ..Change::default() }).ends();
        reset_epoch(&world, agent);
    }
}

/// Tokens of the first epoch count again, so that the next case begins like the first.
fn reset_epoch(world: &World, whom: &Person) {
    use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};
    use prospector::store::{StoreError, db::schema::users};
    let id = whom.id;
    let write = move |conn: &mut Conn| -> Result<usize, StoreError> {
        Ok(diesel::update(users::table.find(id)).set(users::epoch.eq(1)).execute(conn)?)
    };
    world.app.db.write_blocking(write).unwrap();
}
