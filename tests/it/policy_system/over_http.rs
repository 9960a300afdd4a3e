//! A policy system at work: it plays the lives of many policies against three instances at once, over HTTP, and repeats,
//! reorders and delays what it tells (reliability C6). `POLICY_LIVES` says how many lives.

use std::{collections::BTreeMap, env};

use chrono::{Days, NaiveDate};
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};
use serde_json::{Value, json};

use super::{
    lives::{Life, first_day, life},
    oracle::{self, Client, End, Happening, Kind, Place},
};
use crate::harness::{Person, World, app::Instance, on_each_engine};

fn lives_asked_for() -> usize {
    #[allow(clippy::disallowed_methods)] // how much to play is not a setting of the service
    let asked = env::var("POLICY_LIVES").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(12)
}

fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::Submitted => "application_submitted",
        Kind::Received => "premium_received",
        Kind::Failed => "premium_failed",
        Kind::Refunded => "premium_refunded",
        Kind::Declined => "underwriting_declined",
        Kind::Issued => "policy_issued",
        Kind::Receipt => "receipt_signed",
        Kind::Withdrawn => "cooling_off_withdrawn",
        Kind::Voided => "policy_voided",
    }
}

/// What the policy system says of it. The person is named with the submission alone: the rest is found by its number.
fn message(nth: usize, prospect: &str, what: &Happening) -> Value {
    let (hour, minute) = (what.minute / 60, what.minute % 60);
    let yuan = |fen: i64| json!({"amount": format!("{}.00", fen / 100), "currency": "CNY"});
    let mut body = json!({
        "id": format!("{nth}-{}-{}", what.application, what.minute),
        "type": code(what.kind),
        "occurred_at": format!("{}T{hour:02}:{minute:02}:00+08:00", what.on),
        "application_number": format!("A-{nth}-{}", what.application),
    });
    match what.kind {
        Kind::Submitted => body["prospect_id"] = json!(prospect),
        Kind::Received => body["amount"] = yuan(oracle::AMOUNT),
        Kind::Issued => body["standard_premium"] = yuan(oracle::STANDARD),
        _ => {}
    }
    body
}

/// Until the submission has come nobody knows whose the rest is: it counts from then on.
fn as_known(life: &Life) -> Vec<Happening> {
    let submitted = |of: usize| {
        let first = life.happened.iter().find(|w| w.application == of && w.kind == Kind::Submitted);
        first.unwrap().arrives
    };
    let known =
        |what: &Happening| Happening { arrives: what.arrives.max(submitted(what.application)), ..*what };
    life.happened.iter().map(known).collect()
}

/// Somebody at 50% whose next date and signing date lie beyond everything.
fn at_50(world: &World, agent: &Person, nth: usize, on: NaiveDate) -> String {
    let far = on + Days::new(250);
    let body = json!({"name": format!("客户{nth}"), "source": "referral"});
    let created = world.post("/v1/prospects", body).by(agent).status(201);
    let id = created.string("id");
    let met = json!({"verdict": "met", "evidence": "discussed"});
    let facts = json!({
        "first_meeting_on": on.to_string(), "further_cooperation_agreed": true,
        "next_appointment": {"starts_at": format!("{far}T14:00:00+08:00"), "agenda": "go through the plan"},
        "criteria": {"decision_maker": met, "plan_fits": met, "budget": met},
        "target_signing_on": far.to_string(),
    });
    let call =
        world.post(&format!("/v1/prospects/{id}/transitions"), json!({"to": "stage_50", "facts": facts}));
    call.by(agent).if_match(created.version()).status(201);
    id
}

fn place(stage: &str) -> Place {
    match stage {
        "stage_25" => Place::At25,
        "stage_50" => Place::At50,
        "stage_90" => Place::At90,
        "closed" => Place::Closed,
        other => panic!("at {other}"),
    }
}

/// Where the prospect stands by its log: the last move that was not taken back.
fn stands(world: &World, agent: &Person, id: &str) -> (Place, NaiveDate) {
    let log = world.get(&format!("/v1/prospects/{id}/transitions")).by(agent).status(200).json();
    let records = log["data"].as_array().unwrap();
    let cancelled: Vec<&Value> = records.iter().map(|r| &r["cancels"]).filter(|c| !c.is_null()).collect();
    let stands = |r: &&Value| r["kind"] == "move" && !cancelled.contains(&&r["id"]);
    let last = records.iter().filter(stands).max_by_key(|r| r["seq"].as_i64()).unwrap();
    (place(last["to"].as_str().unwrap()), last["occurred_on"].as_str().unwrap().parse().unwrap())
}

/// Fen of the team's two premiums over all weeks.
fn money(world: &World, head: &Person, team: &str, from: NaiveDate, until: NaiveDate) -> (i64, i64) {
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut day = from;
    while day <= until + Days::new(7) {
        let path = format!("/v1/reports/team-sheet?team_id={team}&week_of={day}");
        let sheet = world.get(&path).by(head).status(200).json();
        let fen = |m: &Value| m["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        for block in sheet["blocks"].as_array().unwrap() {
            let s = &block["subtotal"];
            let key = format!("{}{}", sheet["from"], block["check_in"]);
            sums.insert(key, (fen(&s["advance_premium"]), fen(&s["standard_premium"])));
        }
        day = day + Days::new(7);
    }
    sums.values().fold((0, 0), |(a, s), (advance, standard)| (a + advance, s + standard))
}

struct Client50 {
    prospect: String,
    life: Life,
}

fn tells(
    world: &World,
    others: &[Instance],
    (nth, client): (usize, &Client50),
    what: &Happening,
    turn: usize,
) {
    let mut call = world.call("POST", "/v1/policy-events").json(message(nth, &client.prospect, what));
    if let Some(instance) = others.get(turn % (others.len() + 1)) {
        call = call.at(instance);
    }
    call.by(&world.above().machine).status(201);
}

#[test]
fn a_policy_system_that_repeats_reorders_and_delays_leaves_everybody_where_the_oracle_does() {
    let count = lives_asked_for();
    on_each_engine(|engine| {
        let Some(world) = World::with(engine, |_| {}) else { return };
        let others = [world.another(), world.another()];
        let day_of_50 = first_day() - Days::new(4);
        world.on(&day_of_50.to_string());
        world.above();
        let cast = world.cast_below("");
        let agent = &cast.agent_a;
        let patch = world.patch("/v1/settings", json!({"cycle_min_days": 300, "default_cycle_days": 300}));
        patch.by(&world.above().head).header("If-Match", "*").status(200);
        let mut random = TestRunner::deterministic();
        let clients: Vec<Client50> = (0..count)
            .map(|nth| {
                let life = life().new_tree(&mut random).unwrap().current();
                Client50 { prospect: at_50(&world, agent, nth, day_of_50), life }
            })
            .collect();
        let mut arrivals: Vec<((NaiveDate, u32), usize, Happening)> = Vec::new();
        for (nth, client) in clients.iter().enumerate() {
            arrivals.extend(client.life.arrivals().into_iter().map(|what| (what.arrives, nth, what)));
        }
        arrivals.sort_by_key(|(at, nth, _)| (*at, *nth));
        for (turn, ((day, _), nth, what)) in arrivals.iter().enumerate() {
            world.on(&day.to_string());
            tells(&world, &others, (*nth, &clients[*nth]), what, turn);
        }
        let until = clients.iter().map(|c| c.life.last_day()).max().unwrap();
        world.on(&until.to_string());
        let client = Client { at_50_on: day_of_50, cooling_off_days: 10 };
        let mut expected = (0, 0);
        for (nth, one) in clients.iter().enumerate() {
            let End { place, since, advance, standard } = oracle::end(client, &as_known(&one.life), until);
            expected = (expected.0 + advance, expected.1 + standard);
            let there = stands(&world, agent, &one.prospect);
            assert_eq!(there, (place, since), "{engine:?}, life {nth}: {:#?}", one.life.arrivals());
        }
        let told = money(&world, &cast.head_a, &cast.north.id.to_string(), day_of_50, until);
        assert_eq!(told, expected, "advance and standard premium on {engine:?}");
        println!("C6 on {engine:?}: {count} lives, {} events told", arrivals.len());
    });
}
