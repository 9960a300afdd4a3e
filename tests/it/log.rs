//! The log is the truth: its replay is the present stage, it is only ever added to, and of many moves from one
//! version one wins (reliability C1, C2).

use std::{sync::Barrier, thread};

use chrono::{Days, NaiveDate};
use diesel::connection::SimpleConnection as _;
use prospector::store::{StoreError, db::connection::AnyConnection};
use serde_json::{Value, json};

use crate::{
    board_counts::are_those_of_the_prospects,
    harness::{World, actors::Person, both, given::Prospect},
};

/// The log as the service shows it must be dense, chained, and end at the stage of the prospect.
fn replays(world: &World, by: &Person, prospect: &mut Prospect) -> usize {
    let stage = prospect.stage(world, by);
    let page = world.get(&prospect.path("/transitions")).by(by).status(200).json();
    let log = page["data"].as_array().unwrap();
    let mut before = &Value::Null;
    for (seq, record) in (1..).zip(log) {
        assert_eq!(record["seq"], seq, "no gap in {log:#?}");
        assert_eq!(&record["from"], before, "every record starts where the one before it ended: {log:#?}");
        before = &record["to"];
    }
    assert_eq!(*before, stage);
    log.len()
}

/// A move that may or may not be allowed from where the prospect stands.
fn some_move(choice: u32) -> Value {
    match choice {
        0 => json!({"to": "first_appointment", "facts": {"decision_maker_expected": true,
            "first_appointment": {"starts_at": "2009-12-14T10:00:00+08:00"}}}),
        1 => {
            json!({"to": "stage_25", "facts": {"first_meeting_on": "2009-12-14", "further_cooperation_agreed": true,
            "next_appointment": {"starts_at": "2009-12-16T14:00:00+08:00", "agenda": "go through the plan"}}})
        }
        2 => json!({"to": "stage_50",
            "facts": {"criteria": crate::harness::given::five(), "target_signing_on": "2009-12-18"}}),
        3 => json!({"to": "stage_90"}),
        4 => json!({"to": "opportunity"}),
        _ => json!({"to": "closed"}),
    }
}

/// The same kind of move on a later day: meetings and dates follow the day.
fn some_move_on(choice: u32, day: NaiveDate) -> Value {
    let text = some_move(choice).to_string();
    let later = |n: u64| (day + Days::new(n)).to_string();
    let text = text.replace("2009-12-18", &later(4)).replace("2009-12-16", &later(2));
    serde_json::from_str(&text.replace("2009-12-14", &day.to_string())).unwrap()
}

#[test]
fn the_replay_of_the_log_is_the_stage_and_versions_grow_by_one() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut random: u32 = 20091214;
        let mut draw = move |below: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 16) % below
        };
        let (mut accepted, mut refused, mut records) = (0, 0, 0);
        for name in ["一", "二", "三", "四"] {
            let mut day: NaiveDate = "2009-12-14".parse().unwrap();
            world.on("2009-12-14");
            let mut prospect = Prospect::named(&world, agent, name);
            for _ in 0..75 {
                // Days pass; automatic moves fall due, and somebody sweeps or nobody does.
                day = day + Days::new(u64::from(draw(4).saturating_sub(1)));
                world.on(&day.to_string());
                if draw(3) == 0 {
                    world.post("/v1/cycles/sweep", Value::Null).by(&cast.head_a).status(201);
                }
                prospect.read(&world, agent);
                let before = prospect.version;
                let said = day - Days::new(u64::from(draw(6).saturating_sub(3)));
                let slip = |kind: &str| json!({"kind": kind, "on": said, "reason_text": "a slip"});
                let correct = |body: Value| world.post(&prospect.path("/corrections"), body).by(agent);
                let call = match draw(10) {
                    6 => correct(json!({"kind": "void_latest_move", "reason_text": "a slip"})),
                    7 => correct(slip("redate_latest_move")),
                    8 => correct(slip("first_meeting_on")),
                    9 => {
                        let body = json!({"starts_at": format!("{}T10:00:00+08:00", day + Days::new(3)),
                            "kind": "next", "agenda": "go on", "fixed_on": said});
                        world.post(&prospect.path("/appointments"), body).by(agent)
                    }
                    choice => {
                        let mut body = some_move_on(choice, said);
                        if choice < 3 {
                            body["occurred_on"] = json!(said);
                        }
                        let call = world.post(&prospect.path("/transitions"), body);
                        call.by(agent).if_match(before)
                    }
                };
                let answer = call.send();
                prospect.read(&world, agent);
                if answer.status == 201 {
                    accepted += 1;
                    assert_eq!(prospect.version, before + 1, "one write, one version");
                } else {
                    refused += 1;
                    assert!((400..500).contains(&answer.status), "{}", answer.text());
                    assert_eq!(prospect.version, before, "a refusal writes nothing");
                }
                records += replays(&world, agent, &mut prospect);
                are_those_of_the_prospects(&world);
            }
        }
        println!("{accepted} accepted, {refused} refused, {records} records looked at");
        assert!(accepted >= 60 && refused >= 60, "{accepted} accepted, {refused} refused");
    });
}

/// What each table is for only holds while its rows stay as they were written.
#[test]
fn the_database_itself_refuses_to_change_the_log() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut prospect = Prospect::named(&world, agent, "何");
        prospect.fix_first(&world, agent, "2009-12-14");
        // Something to tell: the audit of a change to a person.
        let path = format!("/v1/agents/{}", cast.peer.id);
        world.patch(&path, json!({"status": "disabled"})).by(&cast.head_a).if_match(1).status(200);
        for sql in [
            "UPDATE transitions SET seq = seq + 100",
            "DELETE FROM transitions",
            "UPDATE facts SET seq = seq + 100",
            "DELETE FROM facts",
            "UPDATE audit SET action = 'nothing'",
            "DELETE FROM audit",
        ] {
            let outcome = world.app.db.write_blocking(move |conn| -> Result<(), StoreError> {
                match conn {
                    AnyConnection::Sqlite(c) => c.batch_execute(sql)?,
                    AnyConnection::Postgres(c) => c.batch_execute(sql)?,
                }
                Ok(())
            });
            assert!(outcome.is_err(), "{sql} went through");
        }
        replays(&world, agent, &mut prospect);
    });
}

#[test]
fn of_many_moves_from_one_version_one_wins() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        for round in 0..25 {
            let mut prospect = Prospect::named(&world, agent, &format!("racer {round}"));
            let start = Barrier::new(8);
            let statuses: Vec<u16> = thread::scope(|scope| {
                let racers: Vec<_> = (0..8)
                    .map(|_| {
                        scope.spawn(|| {
                            let call = world.post(&prospect.path("/transitions"), some_move(0));
                            let call = call.by(agent).if_match(prospect.version);
                            start.wait();
                            call.send().status
                        })
                    })
                    .collect();
                racers.into_iter().map(|racer| racer.join().unwrap()).collect()
            });
            assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
            assert!(statuses.iter().all(|s| [201, 409, 412].contains(s)), "{statuses:?}");
            assert_eq!(prospect.log(&world, agent).len(), 2, "created, and one move");
            replays(&world, agent, &mut prospect);
        }
    });
}
