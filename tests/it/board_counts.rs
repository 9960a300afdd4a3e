//! The counts behind the shape of the board are those of the prospects, after every kind of write.

use std::collections::BTreeMap;

use diesel::{dsl::count_star, prelude::*};
use prospector::{
    domain::{method::stage::Stage, values::id::Id},
    store::{
        Conn, StoreError,
        db::schema::{board_counts as rows, prospects},
    },
};
use serde_json::json;

use crate::harness::{World, both, given::Prospect};

/// Owner, stage as entered, stage as verified, whether it is claimed: how many.
pub type Counts = BTreeMap<(Id, &'static str, &'static str, bool), i64>;

/// The counts that are kept and those that the prospects give, place by place: they must be the same.
fn kept_and_counted(conn: &mut Conn) -> Result<[Counts; 2], StoreError> {
    let kept: Vec<(Id, Stage, Stage, bool, i32)> = rows::table.filter(rows::n.ne(0)).load(conn)?;
    let rows: Vec<(Id, Stage, Option<Stage>, bool, i64)> = prospects::table
        .filter(prospects::stage.eq_any(Stage::PURSUED))
        .filter(prospects::erased_at.is_null())
        .group_by((prospects::owner_id, prospects::stage, prospects::verified_stage, prospects::is_claimed))
        .select((
            prospects::owner_id,
            prospects::stage,
            prospects::verified_stage,
            prospects::is_claimed,
            count_star(),
        ))
        .load(conn)?;
    let mut counted = Counts::new();
    for (owner_id, entered, verified, claimed, n) in rows {
        let verified = verified.unwrap_or(entered);
        *counted.entry((owner_id, entered.code(), verified.code(), claimed)).or_default() += n;
    }
    let kept = kept.into_iter().map(|(owner_id, entered, verified, claimed, n)| {
        ((owner_id, entered.code(), verified.code(), claimed), i64::from(n))
    });
    Ok([kept.collect(), counted])
}

/// What is kept, which must be what the prospects give.
pub fn are_those_of_the_prospects(world: &World) -> Counts {
    let read: Result<_, StoreError> = world.app.db.read_blocking(kept_and_counted);
    let [kept, counted] = read.unwrap();
    assert_eq!(kept, counted);
    kept
}

/// Somebody at 25% who is then erased, a sale, a fall, a claim that is voided.
fn lives(world: &World) {
    let cast = world.cast();
    let agent = &cast.agent_a;
    let seen = || are_those_of_the_prospects(world);
    let mut gone = Prospect::named(world, agent, "王芳");
    gone.fix_first(world, agent, "2009-12-14");
    gone.meet(world, agent, "2009-12-14", "2009-12-16");
    assert_eq!(seen().values().sum::<i64>(), 1);
    world.delete(&gone.path("")).by(agent).if_match(gone.version).status(204);
    assert_eq!(seen().len(), 0);
    let mut sold = Prospect::named(world, agent, "赵敏");
    sold.fix_first(world, agent, "2009-12-14");
    sold.meet(world, agent, "2009-12-14", "2009-12-16");
    sold.reach_50(world, agent, "2009-12-16");
    sold.sign_and_pay(world, agent, "2009-12-14");
    assert_eq!(seen().keys().map(|(_, stage, ..)| *stage).collect::<Vec<_>>(), ["stage_90"]);
    let mut slip = Prospect::named(world, &cast.peer, "孙丽");
    slip.fix_first(world, &cast.peer, "2009-12-14");
    slip.meet(world, &cast.peer, "2009-12-14", "2009-12-16");
    slip.records(
        world,
        &cast.peer,
        "/corrections",
        json!({"kind": "void_latest_move", "reason_text": "slip"}),
    );
    seen();
    let mut stale = Prospect::named(world, &cast.peer, "李强");
    stale.fix_first(world, &cast.peer, "2009-12-14");
    stale.meet(world, &cast.peer, "2009-12-14", "2009-12-16");
    stale.reach_50(world, &cast.peer, "2009-12-18");
    // In grace: still entered at 50%, no longer verified there.
    world.on("2009-12-19");
    assert_eq!(stale.stage(world, &cast.peer), "stage_50");
    let in_grace = seen();
    assert!(
        in_grace.keys().any(|(_, entered, verified, _)| (*entered, *verified) == ("stage_50", "opportunity"))
    );
    world.on("2010-02-01");
    assert_eq!(stale.stage(world, &cast.peer), "opportunity");
    sold.issued(world, agent, "2009-12-15", "2009-12-16");
    assert_eq!(sold.stage(world, agent), "closed");
    assert_eq!(seen().len(), 0);
    let mut open = Prospect::named(world, agent, "周杰");
    open.fix_first(world, agent, "2010-02-03");
}

#[test]
fn the_board_counts_follow_every_kind_of_write() {
    both(|world| lives(&world));
}

#[test]
fn a_count_never_falls_below_nought() {
    both(|world| {
        let cast = world.cast();
        let mut p = Prospect::named(&world, &cast.agent_a, "王芳");
        p.fix_first(&world, &cast.agent_a, "2009-12-14");
        let emptied: Result<_, StoreError> = world.app.db.write_blocking(|conn| {
            Ok(diesel::update(rows::table).set(rows::n.eq(rows::n - 1)).execute(conn)?)
        });
        assert_eq!(emptied.unwrap(), 1);
        let below: Result<_, StoreError> = world.app.db.write_blocking(|conn| {
            Ok(diesel::update(rows::table).set(rows::n.eq(rows::n - 1)).execute(conn)?)
        });
        assert!(below.is_err());
        // And a write that would have to count nobody less is refused, whole.
        let exit = json!({"to": "exited", "reason": "other", "reason_text": "moved away"});
        world
            .post(&p.path("/transitions"), exit)
            .by(&cast.agent_a)
            .if_match(p.version)
            .problem(500, "internal");
        assert_eq!(p.stage(&world, &cast.agent_a), "first_appointment");
    });
}
