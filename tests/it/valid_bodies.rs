//! F7: every valid body is taken. Bodies are made from the document's own schemas: to the request of each row of the access
//! table every optional part is added, one after another, and kept when it is taken, so that in the end all stand together
//! that go together. A part that is not taken is refused by a rule that has a name: never by a bare 409, never by a 500.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    access::{
        callers::Company,
        document::{self, is, properties, resolved},
        table::{Ask, Row, Side, rows},
    },
    harness::{World, app::Answer, both, given::Prospect},
};

/// Every property below a body's schema, parents first: `(pointer, schema)`. What stands in arrays is left alone.
fn parts(schema: &'static Value, at: &str, found: &mut Vec<(String, &'static Value)>) {
    for (name, property) in properties(schema) {
        let place = format!("{at}/{name}");
        found.push((place.clone(), property));
        if is_object(property) {
            parts(property, &place, found);
        }
    }
}

fn is_object(schema: &Value) -> bool {
    is(schema, "object") || schema.get("allOf").is_some()
}

/// A value of a schema: of an object what it needs, of everything else what fits a Monday morning, 2009-12-14.
fn value(world: &World, side: &Side, name: &str, schema: &'static Value) -> Value {
    if is_object(schema) {
        let needed = schema["required"].as_array().into_iter().flatten();
        let needed: BTreeSet<&str> = needed.filter_map(Value::as_str).collect();
        let given = properties(schema).into_iter().filter(|(name, _)| needed.contains(name));
        return given.map(|(name, part)| (name.to_owned(), value(world, side, name, part))).collect();
    }
    if is(schema, "array") {
        return json!([value(world, side, name, resolved(&schema["items"]))]);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return first.clone();
    }
    match schema["format"].as_str() {
        Some("date") => json!("2009-12-14"),
        // What is fixed lies ahead, what was done lies behind.
        Some("date-time") if name == "starts_at" => json!("2009-12-16T10:00:00+08:00"),
        Some("date-time") => json!("2009-12-14T08:00:00+08:00"),
        Some("uuid") => match name {
            "joint_visit_with" => json!(side.supervisor.id),
            "agent_id" => json!(side.owner.id),
            "team_id" => json!(side.team.id),
            "prospect_id" => json!(Prospect::named(world, side.owner, "孙丽").id),
            _ => json!(world.app.ids.id()),
        },
        _ if is(schema, "boolean") => json!(true),
        _ if !schema["example"].is_null() => schema["example"].clone(),
        _ if is(schema, "integer") => schema["minimum"].clone(),
        _ => json!("some words"),
    }
}

/// The body with one more part; `None` when it is there already, or has no place.
fn with(body: &Value, place: &str, part: &Value) -> Option<Value> {
    let (parent, name) = place.rsplit_once('/')?;
    let mut body = body.clone();
    let object = body.pointer_mut(parent)?.as_object_mut()?;
    if object.contains_key(name) {
        return None;
    }
    object.insert(name.to_owned(), part.clone());
    Some(body)
}

/// Whether the answer to a body that the schema allows is one that it may get: taken, or refused by a rule with a name.
fn has_a_reason(answer: &Answer) -> bool {
    match answer.status {
        200..=299 => true,
        // A code of its own, as `id_taken` is, says as much as an entry of `errors[]`.
        400..=499 => answer.json()["code"] != "conflict" || !answer.error_codes().is_empty(),
        _ => false,
    }
}

/// One row, part by part; what was kept at the end.
fn grow(world: &World, row: &Row, side: &Side, backwards: bool, wrong: &mut Vec<String>) -> BTreeSet<String> {
    let Some(schema) = document::operation(row.operation).body() else { return BTreeSet::new() };
    let (mut all, mut kept, by) = (Vec::new(), Vec::new(), side.whoever_may(world, row.access));
    parts(schema, "", &mut all);
    if backwards {
        // From the end, but what stands within something comes after it.
        all.sort_by_key(|(place, _)| place.matches('/').count());
        all.sort_by(|(one, _), (other, _)| {
            let first = |place: &str| place.split('/').nth(1).unwrap_or_default().to_owned();
            first(other).cmp(&first(one))
        });
    }
    for (place, part) in all {
        let ask = (row.ask)(world, side);
        let Some(body) = grown(&ask, &kept) else { continue };
        let part = value(world, side, place.rsplit('/').next().unwrap_or_default(), part);
        let Some(body) = with(&body, &place, &part) else { continue };
        let answer = Ask { body: Some(body.clone()), ..ask }.call(world).by(by).send();
        if !has_a_reason(&answer) {
            wrong.push(format!("{} {place}: {} {}\n  {body}", row.operation, answer.status, answer.text()));
        }
        if answer.status < 300 {
            kept.push((place, part));
        }
    }
    kept.into_iter().map(|(place, _)| place).collect()
}

/// The body of a request with the parts kept so far.
fn grown(ask: &Ask, kept: &[(String, Value)]) -> Option<Value> {
    let body = ask.body.clone()?;
    Some(kept.iter().fold(body, |body, (place, part)| with(&body, place, part).unwrap_or(body)))
}

#[test]
fn every_valid_body_is_taken_or_refused_by_a_rule_that_has_a_name() {
    both(|world| {
        let (mut wrong, mut together) = (Vec::new(), 0);
        for (number, row) in rows().into_iter().enumerate() {
            for backwards in [false, true] {
                let company = Company::new(&world, &format!("-{number}-{backwards}"));
                together += grow(&world, &row, &company.side(), backwards, &mut wrong).len();
            }
        }
        assert!(wrong.is_empty(), "{} bodies:\n{}", wrong.len(), wrong.join("\n"));
        assert!(together > 150, "only {together} parts were taken");
        println!("F7 on {:?}: {together} optional parts taken together", world.engine);
    });
}

#[test]
fn what_a_move_rests_on_stands_beside_an_agenda_or_what_a_check_rests_on() {
    both(|world| {
        let cast = world.cast();
        let (agent, mut p) = (&cast.agent_a, Prospect::named(&world, &cast.agent_a, "王芳"));
        p.fix_first(&world, agent, "2009-12-14");
        let next = json!({"starts_at": "2009-12-18T14:00:00+08:00", "agenda": "go through the plan"});
        let facts = json!({"first_meeting_on": "2009-12-14", "further_cooperation_agreed": true,
            "next_appointment": next, "evidence": "her note of today"});
        p.moves(&world, agent, json!({"to": "stage_25", "reason_text": "she asked for it", "facts": facts}));
        let facts = json!({"criteria": crate::harness::given::five(), "target_signing_on": "2009-12-21",
            "evidence": "the letter of her bank"});
        p.moves(&world, agent, json!({"to": "stage_50", "facts": facts}));
        let facts = json!({"evidence": "a message", "criteria": {"budget": {"verdict": "met", "evidence": "1500"}},
            "signed_on": "2009-12-14", "documents_submitted_on": "2009-12-14", "premium_received_on": "2009-12-14"});
        p.moves(&world, agent, json!({"to": "stage_90", "facts": facts}));
        let page = world.get(&p.path("/timeline")).by(agent).status(200).json();
        let told = |kind: &str| -> Vec<String> {
            let entries = page["data"].as_array().unwrap().iter().filter(|entry| entry["kind"] == kind);
            entries.map(|entry| entry["text"].as_str().unwrap_or("-").to_owned()).collect()
        };
        assert_eq!(told("evidence_given"), ["her note of today", "the letter of her bank"]);
        assert_eq!(told("premium_received"), ["a message"]);
        assert_eq!(told("check"), ["he decides", "asked for it", "1500 a month", "1500"]);
    });
}

#[test]
fn a_constraint_that_no_rule_names_is_a_fault_of_ours_and_is_counted() {
    use prospector::{
        api::problem::{Code, defects::Defect, document::Problem},
        store::StoreError,
    };
    let before = Defect::Constraint.counted();
    let refused = StoreError::Conflict { constraint: "ux_nobody__knows".to_owned() };
    assert_eq!(Problem::from(refused).code(), Code::Internal);
    assert_eq!(Defect::Constraint.counted(), before + 1);
    both(|world| {
        let figures = world.figures();
        assert!(figures.contains("\nconstraint_defects_total "), "{figures}");
    });
}
