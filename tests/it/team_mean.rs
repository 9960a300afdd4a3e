//! Whoever has no deals of the own goes by the team's mean (method section 5): whose closing is found first never matters.

use prospector::store::{StoreError, catch_up, ledger::Occasion};
use serde_json::json;

use crate::harness::{Person, World, actors::Cast, both, given::Prospect};

/// The peer's deal took 50 days and closes on 27 December, from when on 50 days is the mean of the team. The agent's
/// prospect, met on the 1st, would be over 28 days on the 30th. Nobody has looked since the 19th.
fn nobody_looks_over_the_new_year(world: &World, cast: &Cast) -> Prospect {
    let (agent, peer) = (&cast.agent_a, &cast.peer);
    world.on("2009-10-20");
    let path = format!("/v1/agents/{}/cycle", peer.id);
    world.put(&path, json!({"declared_days": 60})).by(peer).header("If-Match", "*").status(200);
    let mut sold = Prospect::named(world, peer, "成交");
    sold.fix_first(world, peer, "2009-10-20");
    sold.meet(world, peer, "2009-10-20", "2009-12-09");
    world.on("2009-12-01");
    let mut waits = Prospect::named(world, agent, "王芳");
    waits.fix_first(world, agent, "2009-12-01");
    waits.meet(world, agent, "2009-12-01", "2009-12-19");
    world.on("2009-12-09");
    sold.reach_50(world, peer, "2009-12-09");
    sold.sign_and_pay(world, peer, "2009-12-09");
    world.on("2009-12-16");
    sold.issued(world, peer, "2009-12-10", "2009-12-16");
    world.on("2009-12-19");
    let next = json!({"starts_at": "2010-01-15T10:00:00+08:00", "agenda": "sign"});
    waits.records(world, agent, "/appointments", next);
    world.on("2010-01-05");
    waits
}

fn sweeps(world: &World, agent: &Person) {
    let occasion = Occasion::of(&world.clock, world.app.ids);
    let id = agent.id;
    let swept: Result<_, StoreError> =
        world.app.db.write_blocking(move |conn| catch_up::sweep_owner(conn, id, &occasion));
    swept.unwrap();
}

#[test]
fn a_fallback_that_was_written_before_a_mates_closing_was_found_is_taken_back() {
    both(|world| {
        let cast = world.cast();
        let mut p = nobody_looks_over_the_new_year(&world, &cast);
        sweeps(&world, &cast.agent_a);
        sweeps(&world, &cast.peer);
        let board = p.read(&world, &cast.agent_a);
        assert_eq!((&board["stage"], &board["clock"]["cycle_days"]), (&json!("stage_25"), &json!(50)));
        let kinds: Vec<String> = p.log(&world, &cast.agent_a).into_iter().map(|[kind, ..]| kind).collect();
        assert!(kinds.contains(&"superseded".to_owned()), "{kinds:?}");
    });
}

#[test]
fn a_move_is_judged_with_a_mates_closing_that_nobody_has_written_down_yet() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = nobody_looks_over_the_new_year(&world, &cast);
        p.reach_50(&world, agent, "2010-01-15");
        let kinds: Vec<String> = p.log(&world, agent).into_iter().map(|[kind, ..]| kind).collect();
        assert!(!kinds.contains(&"superseded".to_owned()), "{kinds:?}");
        assert_eq!(p.read(&world, agent)["clock"]["days_left"], 15);
    });
}
