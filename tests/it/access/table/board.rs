//! Moving prospects, and the facts that moves rest on. Everybody's Monday is 2009-12-14.

use serde_json::{Value, json};

use super::{Access::*, Ask, Row, Side, prospects::noted, row};
use crate::harness::{World, given::Prospect};

/// With a first appointment fixed for tomorrow.
pub fn appointed(world: &World, side: &Side) -> Prospect {
    let mut prospect = noted(world, side);
    prospect.fix_first(world, side.owner, "2009-12-15");
    prospect
}

/// At 25%: met today, the next appointment is fixed.
fn met(world: &World, side: &Side) -> Prospect {
    let mut prospect = noted(world, side);
    prospect.fix_first(world, side.owner, "2009-12-14");
    prospect.meet(world, side.owner, "2009-12-14", "2009-12-18");
    prospect
}

/// At 50%: five of five.
fn convinced(world: &World, side: &Side) -> Prospect {
    let mut prospect = met(world, side);
    prospect.reach_50(world, side.owner, "2009-12-21");
    prospect
}

fn moved(prospect: &Prospect, body: Value) -> Ask {
    Ask::post(prospect.path("/transitions"), body).seen(prospect.version)
}

/// The id of the first row below a prospect.
fn first_of(world: &World, side: &Side, prospect: &Prospect, rest: &str) -> String {
    let page = world.get(&prospect.path(rest)).by(side.owner).status(200).json();
    page["data"][0]["id"].as_str().unwrap().to_owned()
}

fn fix_first() -> Value {
    json!({"to": "first_appointment", "reason_text": "he called back", "facts": {
        "first_appointment": {"starts_at": "2009-12-15T10:00:00+08:00", "agenda": "get to know him"},
        "decision_maker_expected": true}})
}

/// Asks for more days and answers the id of the request.
fn asked_for_days(world: &World, side: &Side) -> (Prospect, String) {
    let mut prospect = met(world, side);
    let body = json!({"prospect_id": prospect.id, "days": 7, "reason_text": "abroad until the 20th"});
    prospect.version = world.post("/v1/extensions", body).by(side.owner).status(201).version();
    let list = format!("/v1/extensions?prospect_id={}", prospect.id);
    let page = world.get(&list).by(side.owner).status(200).json();
    (prospect, page["data"][0]["id"].as_str().unwrap().to_owned())
}

pub fn rows() -> Vec<Row> {
    let mut rows = moves();
    rows.extend(facts());
    rows
}

fn moves() -> Vec<Row> {
    vec![
        row("createTransition", Owner, |w, s| moved(&noted(w, s), fix_first())),
        row("createTransition", Owner, |w, s| {
            let prospect = noted(w, s);
            Ask::post(prospect.path("/transitions?dry_run=true"), fix_first())
        }),
        row("createTransition", Owner, |w, s| {
            let unmet = |why: &str| json!({"verdict": "unmet", "evidence": why});
            let facts = json!({"first_meeting_on": "2009-12-14", "further_cooperation_agreed": true,
                "next_appointment": {"starts_at": "2009-12-18T14:00:00+08:00", "agenda": "go through the plan"},
                "criteria": {"timing": unmet("not before May"), "next_step": unmet("he hesitates")}});
            let mut prospect = noted(w, s);
            prospect.fix_first(w, s.owner, "2009-12-14");
            moved(&prospect, json!({"to": "stage_25", "reason_text": "said so", "facts": facts}))
        }),
        row("createTransition", Owner, |w, s| {
            let facts = json!({"criteria": crate::harness::given::five(), "target_signing_on": "2009-12-21"});
            moved(&met(w, s), json!({"to": "stage_50", "reason_text": "said so", "facts": facts}))
        }),
        row("createTransition", Owner, |w, s| {
            let on = "2009-12-14";
            let facts = json!({"signed_on": on, "documents_submitted_on": on, "premium_received_on": on,
                "advance_premium": {"amount": "3000.00", "currency": "CNY"}, "evidence": "bank slip"});
            moved(&convinced(w, s), json!({"to": "stage_90", "reason_text": "said so", "facts": facts}))
        }),
        row("createTransition", OwnerAndAbove, |w, s| {
            let why = json!({"to": "exited", "reason": "other", "reason_text": "he moved abroad"});
            moved(&appointed(w, s), why)
        }),
        row("getProspectTransition", OwnerAndAbove, |w, s| {
            let prospect = noted(w, s);
            let id = first_of(w, s, &prospect, "/transitions");
            Ask::get(prospect.path(&format!("/transitions/{id}")))
        }),
        row("createCorrection", OwnerAndAbove, |w, s| {
            let body = json!({"kind": "void_latest_move", "reason_text": "the wrong man"});
            let prospect = appointed(w, s);
            Ask::post(prospect.path("/corrections"), body).seen(prospect.version)
        }),
        row("createCorrection", OwnerAndAbove, |w, s| {
            let mut prospect = noted(w, s);
            prospect.fix_first(w, s.owner, "2009-12-14");
            let id = first_of(w, s, &prospect, "/appointments");
            let path = prospect.path(&format!("/appointments/{id}"));
            w.patch(&path, json!({"outcome": "cancelled"}))
                .by(s.owner)
                .if_match(prospect.version)
                .status(200);
            let body = json!({"kind": "appointment_outcome", "appointment_id": id, "reason_text": "it was another's"});
            Ask::post(prospect.path("/corrections"), body)
        }),
        row("listFallbackProposals", SignedIn, |_, _| Ask::get("/v1/fallback-proposals")),
        row("createConfirmation", Above, |w, s| {
            Ask::post(met(w, s).path("/confirmations"), json!({"reason_text": "went through the five"}))
        }),
    ]
}

fn facts() -> Vec<Row> {
    vec![
        row("createAppointment", Owner, |w, s| {
            let body = json!({"kind": "next", "starts_at": "2009-12-16T14:00:00+08:00", "agenda": "bring the spouse"});
            Ask::post(appointed(w, s).path("/appointments"), body)
        }),
        row("updateAppointment", Owner, |w, s| {
            let mut prospect = noted(w, s);
            prospect.fix_first(w, s.owner, "2009-12-14");
            let id = first_of(w, s, &prospect, "/appointments");
            let body = json!({"outcome": "held", "notes": "both were there"});
            Ask::patch(prospect.path(&format!("/appointments/{id}")), body).seen(prospect.version)
        }),
        row("updateAppointment", Owner, |w, s| {
            let prospect = appointed(w, s);
            let id = first_of(w, s, &prospect, "/appointments");
            let body = json!({"starts_at": "2009-12-17T10:00:00+08:00", "agenda": "at her office"});
            Ask::patch(prospect.path(&format!("/appointments/{id}")), body).seen(prospect.version)
        }),
        row("createCriteriaCheck", Owner, |w, s| {
            let body = json!({"criterion": "budget", "verdict": "met", "evidence": "at most 1500 a month"});
            Ask::post(met(w, s).path("/criteria-checks"), body)
        }),
        row("updatePursuit", Owner, |w, s| {
            let prospect = met(w, s);
            let id = first_of(w, s, &prospect, "/pursuits");
            let body = json!({"target_signing_on": "2009-12-22", "evidence": "she named the day"});
            Ask::patch(prospect.path(&format!("/pursuits/{id}")), body).seen(prospect.version)
        }),
        row("createExtension", Owner, |w, s| {
            let body =
                json!({"prospect_id": met(w, s).id, "days": 7, "reason_text": "abroad until the 20th"});
            Ask::post("/v1/extensions", body)
        }),
        row("listExtensions", SignedIn, |w, s| {
            let (prospect, _) = asked_for_days(w, s);
            Ask::get(format!("/v1/extensions?prospect_id={}", prospect.id))
        }),
        row("listExtensions", SignedIn, |_, _| Ask::get("/v1/extensions")),
        row("decideExtension", Above, |w, s| {
            let (prospect, id) = asked_for_days(w, s);
            let body = json!({"decision": "granted", "days": 5, "reason_text": "the date is fixed"});
            Ask::patch(format!("/v1/extensions/{id}"), body).seen(prospect.version)
        }),
    ]
}
