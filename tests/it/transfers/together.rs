//! Transfers and other writes at the same moment.

use std::{sync::Barrier, thread};

use diesel::{connection::SimpleConnection as _, prelude::*};
use prospector::store::{
    StoreError,
    db::{
        connection::AnyConnection,
        schema::{audit, ownerships},
    },
};
use serde_json::json;

use super::{hand_over, hands, request, two_cycles};
use crate::harness::{World, both, given::Prospect};

#[test]
fn of_two_transfers_at_once_exactly_one_hands_over() {
    both(|world| {
        let cast = world.cast();
        for round in 0..8 {
            let p = Prospect::named(&world, &cast.agent_a, &format!("{round}"));
            let start = Barrier::new(2);
            let mut statuses: Vec<u16> = thread::scope(|scope| {
                let racers: Vec<_> = [&cast.peer, &cast.agent_a1]
                    .into_iter()
                    .map(|to| {
                        let (world, p, start, head) = (&world, &p, &start, &cast.head_a);
                        scope.spawn(move || {
                            let call = hands(world, head, to, &[p]);
                            start.wait();
                            call.send().status
                        })
                    })
                    .collect();
                racers.into_iter().map(|racer| racer.join().unwrap()).collect()
            });
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 412]);
        }
    });
}

#[test]
fn a_move_and_a_transfer_at_once_never_both_rest_on_one_version() {
    both(|world| {
        let cast = world.cast();
        for round in 0..8 {
            let p = Prospect::named(&world, &cast.agent_a, &format!("{round}"));
            let start = Barrier::new(2);
            let facts = json!({"first_appointment": {"starts_at": "2009-12-15T10:00:00+08:00"}});
            let body = json!({"to": "first_appointment", "facts": facts});
            let (moved, handed) = thread::scope(|scope| {
                let (world, p, start, cast) = (&world, &p, &start, &cast);
                let moves = scope.spawn(move || {
                    let call =
                        world.post(&p.path("/transitions"), body).by(&cast.agent_a).if_match(p.version);
                    start.wait();
                    call.send().status
                });
                let hands_over = scope.spawn(move || {
                    let call = hands(world, &cast.head_a, &cast.agent_a1, &[p]);
                    start.wait();
                    call.send().status
                });
                (moves.join().unwrap(), hands_over.join().unwrap())
            });
            // Who comes second finds another version, or that the prospect is no longer there.
            assert!(matches!((moved, handed), (201, 412) | (404, 201)), "{moved} {handed}");
        }
    });
}

#[test]
fn swaps_between_two_teams_at_once_do_not_wait_for_each_other_for_ever() {
    both(|world| {
        let cast = world.cast();
        let mine: Vec<Prospect> =
            (0..6).map(|i| Prospect::named(&world, &cast.agent_a, &format!("a{i}"))).collect();
        let theirs: Vec<Prospect> =
            (0..6).map(|i| Prospect::named(&world, &cast.agent_a1, &format!("b{i}"))).collect();
        thread::scope(|scope| {
            let (world, cast) = (&world, &cast);
            let one = scope.spawn(|| {
                mine.iter().map(|p| hands(world, &cast.head_a, &cast.agent_a1, &[p]).send().status).collect()
            });
            let other = scope.spawn(|| {
                theirs.iter().map(|p| hands(world, &cast.head_a, &cast.agent_a, &[p]).send().status).collect()
            });
            let (one, other): (Vec<u16>, Vec<u16>) = (one.join().unwrap(), other.join().unwrap());
            assert_eq!((one, other), (vec![201; 6], vec![201; 6]));
        });
    });
}

#[test]
fn all_prospects_of_a_transfer_are_handed_over_or_none_once_per_key() {
    both(|world| {
        let cast = world.cast();
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let all: Vec<Prospect> = (0..3).map(|i| Prospect::named(&world, old, &format!("{i}"))).collect();
        let mut body = request(new, &all.iter().collect::<Vec<_>>());
        body["prospects"][2]["version"] = json!(7);
        world.post("/v1/transfers", body.clone()).by(head).status(412);
        assert!(all.iter().all(|p| world.get(&p.path("")).by(old).send().status == 200));
        body["prospects"][2]["version"] = json!(1);
        let once = |replayed: Option<&str>| {
            let call = world.call("POST", "/v1/transfers").json(body.clone()).by(head);
            let answer = call.header("Idempotency-Key", "once").status(201);
            assert_eq!(answer.header("idempotency-replayed"), replayed);
            answer.json()
        };
        assert_eq!(once(None), once(Some("true")));
        assert!(all.iter().all(|p| world.get(&p.path("")).by(new).status(200).version() == 2));
        let told: Result<Vec<String>, StoreError> = world.app.db.read_blocking(|conn| {
            let rows = audit::table.filter(audit::action.eq("prospect_transferred"));
            Ok(rows.order(audit::id).select(audit::subject_id).load(conn)?)
        });
        let mut told = told.unwrap();
        told.sort();
        let mut ids: Vec<String> = all.iter().map(|p| p.id.clone()).collect();
        ids.sort();
        assert_eq!(told, ids);
    });
}

#[test]
fn what_was_written_of_a_transfer_is_never_changed() {
    both(|world: World| {
        let cast = two_cycles(&world);
        let mut p = Prospect::named(&world, &cast.agent_a, "刘岩");
        hand_over(&world, &cast.head_a, &cast.peer, &mut p);
        for sql in [
            "UPDATE ownerships SET valid_from = '2009-01-01'",
            "DELETE FROM ownerships",
            "UPDATE transfers SET transferred_on = '2009-01-01'",
            "DELETE FROM transfers",
        ] {
            let refused = world.app.db.write_blocking(|conn| -> Result<(), StoreError> {
                match conn {
                    AnyConnection::Sqlite(c) => c.batch_execute(sql)?,
                    AnyConnection::Postgres(c) => c.batch_execute(sql)?,
                }
                Ok(())
            });
            assert!(refused.is_err(), "{sql}");
        }
        let kept: Result<i64, StoreError> =
            world.app.db.read_blocking(|conn| Ok(ownerships::table.count().get_result(conn)?));
        assert_eq!(kept.unwrap(), 1);
    });
}
