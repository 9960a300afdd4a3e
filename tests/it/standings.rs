//! What the reports read follows from the log, at every moment.

use chrono::NaiveDate;
use diesel::prelude::*;
use prospector::{
    domain::{
        method::stage::Stage,
        organisation::actor::Scope,
        reports::{placement::placements, standing::standings},
        values::id::Id,
    },
    store::{
        StoreError,
        db::schema::{appointments, placements as placed, prospects, sale_flows, standings as rows},
        ledger::{
            self, Loaded,
            placements::PlacementRow,
            projections::{AppointmentRow, SaleFlow, SaleFlowRow, StandingRow},
        },
        prospects::prospect_row::ProspectRow,
    },
};
use serde_json::json;

use crate::harness::{World, both, given::Prospect};

type Stored = (Vec<StandingRow>, Vec<AppointmentRow>, Vec<SaleFlowRow>, Vec<PlacementRow>);

fn stored(world: &World) -> Stored {
    let read: Result<_, StoreError> = world.app.db.read_blocking(|conn| {
        let standings = rows::table.order((rows::prospect_id, rows::position)).load(conn)?;
        let met =
            appointments::table.order((appointments::prospect_id, appointments::position)).load(conn)?;
        let flows = sale_flows::table.order((sale_flows::prospect_id, sale_flows::position)).load(conn)?;
        let places = placed::table.order((placed::prospect_id, placed::position)).load(conn)?;
        Ok((standings, met, flows, places))
    });
    read.unwrap()
}

/// Every stored interval against the history it follows from, when what is due has been written down; intervals join
/// without gaps.
fn follow_from_the_log(world: &World) {
    let now = world.clock.business_now();
    let read: Result<_, StoreError> = world.app.db.read_blocking(move |conn| {
        let all: Vec<ProspectRow> = prospects::table.select(ProspectRow::as_select()).load(conn)?;
        let mut made = Vec::new();
        for row in all {
            let scope = Scope::Own { user_id: row.owner_id };
            let loaded = ledger::load(conn, &scope, row.id, now)?;
            let Loaded { history, owners, context, today, .. } = &loaded;
            let places = placements(history, &context.env, owners, (NaiveDate::MIN, *today));
            made.push((row.id, standings(history, owners), places, row.stage));
        }
        Ok(made)
    });
    let (kept, _, _, placed) = stored(world);
    for (id, made, places, stage) in read.unwrap() {
        let of_it: Vec<_> =
            placed.iter().filter(|r| r.prospect_id == id).map(PlacementRow::placement).collect();
        assert_eq!(of_it, places);
        let of_it: Vec<_> = kept.iter().filter(|r| r.prospect_id == id).map(StandingRow::standing).collect();
        assert_eq!(of_it, made);
        assert!(made.windows(2).all(|pair| pair[0].until == Some(pair[1].from)), "{made:#?}");
        assert_eq!(made.last().map(|s| (s.stage, s.until)), Some((stage, None)));
    }
}

/// A closed deal, a fallback that a late entry undid, a fall from 90% that another agent takes over.
fn lives(world: &World) {
    let cast = world.cast();
    let agent = &cast.agent_a;
    let mut sold = Prospect::named(world, agent, "王芳");
    sold.fix_first(world, agent, "2009-12-14");
    sold.meet(world, agent, "2009-12-14", "2009-12-16");
    let mut late = Prospect::named(world, agent, "赵敏");
    late.fix_first(world, agent, "2009-12-14");
    late.meet(world, agent, "2009-12-14", "2009-12-16");
    sold.reach_50(world, agent, "2009-12-16");
    sold.sign_and_pay(world, agent, "2009-12-14");
    world.on("2009-12-17");
    sold.issued(world, agent, "2009-12-15", "2009-12-16");
    world.on("2009-12-21");
    assert_eq!(late.stage(world, agent), "opportunity");
    let date =
        json!({"starts_at": "2009-12-23T10:00:00+08:00", "agenda": "answer", "fixed_on": "2009-12-16"});
    late.records(world, agent, "/appointments", date);
    world.on("2010-01-10");
    assert_eq!(sold.stage(world, agent), "closed");
    let mut fallen = Prospect::named(world, agent, "孙丽");
    fallen.fix_first(world, agent, "2010-01-11");
    world.on("2010-01-11");
    fallen.meet(world, agent, "2010-01-11", "2010-01-13");
    fallen.reach_50(world, agent, "2010-01-13");
    fallen.sign_and_pay(world, agent, "2010-01-11");
    world.on("2010-01-12");
    let fall = json!({"to": "stage_50", "reason": "declined", "reason_text": "health"});
    fallen.moves(world, agent, fall);
    let handed = json!({"prospect_id": fallen.id, "version": fallen.version});
    let transfer = json!({"to_agent_id": cast.peer.id, "prospects": [handed], "reason_text": "on leave"});
    world.post("/v1/transfers", transfer).by(&cast.head_a).status(201);
}

#[test]
fn standings_appointments_and_money_follow_from_the_log_after_every_kind_of_write() {
    both(|world| {
        lives(&world);
        follow_from_the_log(&world);
        let (_, met, flows, places) = stored(&world);
        assert_eq!(met.len(), 7, "{met:#?}");
        let of = |kinds: &[SaleFlow]| {
            let of_kind = flows.iter().filter(|f| kinds.contains(&f.kind));
            of_kind.map(|f| (f.day.to_string(), f.amount_minor)).collect::<Vec<_>>()
        };
        let expected = [("2009-12-14", 300_000), ("2010-01-11", 300_000), ("2010-01-12", -300_000)];
        assert_eq!(of(&[SaleFlow::Advance]), expected.map(|(day, minor)| (day.to_owned(), minor)));
        let signed = ["2009-12-14", "2010-01-11"].map(|day| (day.to_owned(), 0));
        assert_eq!(of(&[SaleFlow::Signed]), signed);
        // In grace from the day after the date that passed, and back where the late entry puts it.
        let late: Vec<_> =
            places.iter().filter(|p| p.stage == Stage::Stage25 && p.verified_stage != p.stage).collect();
        assert!(!late.is_empty(), "{places:#?}");
    });
}

#[test]
fn nobody_takes_the_id_of_anothers_appointment() {
    both(|world| {
        let cast = world.cast();
        let id = world.app.ids.id();
        let body = |id: Id| {
            json!({"to": "first_appointment", "facts": {"decision_maker_expected": true,
            "first_appointment": {"id": id, "starts_at": "2009-12-15T10:00:00+08:00"}}})
        };
        Prospect::named(&world, &cast.agent_a, "王芳").moves(&world, &cast.agent_a, body(id));
        let other = Prospect::named(&world, &cast.agent_b, "李强");
        let call = world.post(&other.path("/transitions"), body(id)).by(&cast.agent_b).if_match(1);
        call.problem(409, "id_taken");
    });
}
