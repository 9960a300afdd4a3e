//! The log is the truth: its replay is the present stage, it is only ever added to, and of many moves from one
//! version one wins (reliability C1, C2).

use std::{sync::Barrier, thread};

use diesel::connection::SimpleConnection as _;
use prospector::store::{StoreError, connection::AnyConnection};
use serde_json::{Value, json};

use crate::harness::{World, actors::Person, both, given::Prospect};

/// The log as the service shows it must be dense, chained, and end at the stage of the prospect.
fn replays(world: &World, by: &Person, prospect: &mut Prospect) {
    let stage = prospect.stage(world, by);
    let log = prospect.log(world, by);
    assert_eq!(log[0][1], "-", "the log begins from nothing");
    for pair in log.windows(2) {
        assert_eq!(pair[1][1], pair[0][2], "every row starts where the one before it ended: {log:?}");
    }
    assert_eq!(log.last().unwrap()[2], stage);
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

#[test]
fn the_replay_of_the_log_is_the_stage_and_versions_grow_by_one() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut random: u32 = 20091214;
        let mut accepted = 0;
        let mut refused = 0;
        for name in ["一", "二", "三", "四"] {
            let mut prospect = Prospect::named(&world, agent, name);
            for _ in 0..25 {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let call = world.post(&prospect.path("/transitions"), some_move((random >> 16) % 6));
                let answer = call.by(agent).if_match(prospect.version).send();
                let before = prospect.version;
                prospect.read(&world, agent);
                if answer.status == 201 {
                    accepted += 1;
                    assert_eq!(prospect.version, before + 1, "one write, one version");
                } else {
                    refused += 1;
                    assert!((400..500).contains(&answer.status), "{}", answer.text());
                    assert_eq!(prospect.version, before, "a refusal writes nothing");
                }
            }
            replays(&world, agent, &mut prospect);
        }
        assert!(accepted >= 4 && refused >= 4, "{accepted} accepted, {refused} refused");
    });
}

#[test]
fn the_database_itself_refuses_to_change_the_log() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut prospect = Prospect::named(&world, agent, "何");
        prospect.fix_first(&world, agent, "2009-12-14");
        for sql in [
            "UPDATE transitions SET seq = seq + 100",
            "DELETE FROM transitions",
            "UPDATE facts SET seq = seq + 100",
            "DELETE FROM facts",
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
