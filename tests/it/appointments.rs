//! Appointments of a prospect: put off, changed, missed; nothing comes before what it rests on (method section 5).

use serde_json::{Value, json};

use crate::harness::{Person, World, app::Answer, both, given::Prospect};

/// Somebody at 25%, with a next appointment on the 18th that has an agenda.
fn at_25(world: &World, agent: &Person) -> (Prospect, String) {
    let mut p = Prospect::named(world, agent, "王芳");
    p.fix_first(world, agent, "2009-12-14");
    p.meet(world, agent, "2009-12-14", "2009-12-18");
    let id = next(world, agent, &p)["id"].as_str().unwrap().to_owned();
    (p, id)
}

fn next(world: &World, agent: &Person, p: &Prospect) -> Value {
    let page = world.get(&p.path("/appointments")).by(agent).status(200).json();
    page["data"].as_array().unwrap().iter().find(|a| a["kind"] == "next").unwrap().clone()
}

fn patch(world: &World, agent: &Person, p: &Prospect, id: &str, body: Value) -> Answer {
    world.patch(&p.path(&format!("/appointments/{id}")), body).by(agent).if_match(p.version).send()
}

fn refused(answer: &Answer, pointer: &str, code: &str) {
    let json = answer.json();
    assert_eq!(answer.status, 422, "{json}");
    assert_eq!((&json["errors"][0]["pointer"], &json["errors"][0]["code"]), (&json!(pointer), &json!(code)));
}

#[test]
fn an_appointment_that_is_put_off_keeps_its_agenda() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let (mut p, id) = at_25(&world, agent);
        p.version =
            patch(&world, agent, &p, &id, json!({"starts_at": "2009-12-21T09:00:00+08:00"})).version();
        let moved = next(&world, agent, &p);
        assert_eq!((&moved["agenda"], &moved["deferrals"]), (&json!("go through the plan"), &json!(1)));
        assert_eq!(p.read(&world, agent)["criteria"]["next_step"], "met");
    });
}

#[test]
fn the_agenda_changes_alone_and_puts_nothing_off() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let (mut p, id) = at_25(&world, agent);
        p.version = patch(&world, agent, &p, &id, json!({"agenda": "sign"})).version();
        let changed = next(&world, agent, &p);
        assert_eq!((&changed["agenda"], &changed["deferrals"]), (&json!("sign"), &json!(0)));
        assert_eq!(changed["starts_at"], "2009-12-18T06:00:00Z");
        p.version = patch(&world, agent, &p, &id, json!({"agenda": null})).version();
        assert_eq!(next(&world, agent, &p)["agenda"], Value::Null);
        assert_eq!(p.read(&world, agent)["criteria"]["next_step"], "unmet");
        refused(&patch(&world, agent, &p, &id, json!({})), "/outcome", "one_of");
    });
}

#[test]
fn an_appointment_never_lies_before_the_day_on_which_it_was_fixed_or_put_off() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let (mut p, id) = at_25(&world, agent);
        world.on("2009-12-17");
        let past = json!({"starts_at": "2009-12-16T10:00:00+08:00"});
        let new = || world.post(&p.path("/appointments"), past.clone()).by(agent).send();
        refused(&new(), "/starts_at", "before_it_was_fixed");
        refused(&patch(&world, agent, &p, &id, past.clone()), "/starts_at", "before_it_was_fixed");
        // Told late, with the day on which it was agreed, it is no contradiction.
        let told = json!({"starts_at": "2009-12-16T10:00:00+08:00", "fixed_on": "2009-12-15"});
        p.version = world.post(&p.path("/appointments"), told).by(agent).status(201).version();
        let moved = json!({"starts_at": "2009-12-16T10:00:00+08:00", "occurred_on": "2009-12-15"});
        p.version = patch(&world, agent, &p, &id, moved).version();
        assert_eq!(p.stage(&world, agent), "stage_25");
    });
}

#[test]
fn nobody_has_stayed_away_before_the_day() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let (mut p, id) = at_25(&world, agent);
        world.on("2009-12-16");
        let early = json!({"outcome": "no_show", "occurred_on": "2009-12-15"});
        refused(&patch(&world, agent, &p, &id, early), "/occurred_on", "before_its_day");
        world.on("2009-12-18");
        p.version = patch(&world, agent, &p, &id, json!({"outcome": "no_show"})).version();
        assert_eq!(next(&world, agent, &p)["outcome"], "no_show");
    });
}

#[test]
fn only_a_later_calendar_day_of_the_team_is_a_deferral() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-16");
        let page = world.get(&p.path("/appointments")).by(agent).status(200).json();
        let id = page["data"][0]["id"].as_str().unwrap().to_owned();
        let mut put = |starts_at: &str| {
            p.version = patch(&world, agent, &p, &id, json!({"starts_at": starts_at})).version();
            let flags = p.read(&world, agent)["flags"].clone();
            let page = world.get(&p.path("/appointments")).by(agent).status(200).json();
            let listed = world.get("/v1/appointments").by(agent).status(200).json();
            assert_eq!(listed["data"][0]["deferrals"], page["data"][0]["deferrals"]);
            (page["data"][0]["deferrals"].clone(), flags.as_array().unwrap().contains(&json!("deferred")))
        };
        assert_eq!(put("2009-12-16T15:00:00+08:00"), (json!(0), false), "another hour");
        // Half past eleven in the evening in Shanghai, though a later hour of the day before in London.
        assert_eq!(put("2009-12-16T15:30:00Z"), (json!(0), false), "another hour, told in another zone");
        assert_eq!(put("2009-12-15T10:00:00+08:00"), (json!(0), false), "an earlier day");
        assert_eq!(put("2009-12-15T16:00:00Z"), (json!(1), true), "midnight in Shanghai is the next day");
        assert_eq!(put("2009-12-18T10:00:00+08:00"), (json!(2), true));
        world.on("2009-12-18");
        p.version = patch(&world, agent, &p, &id, json!({"outcome": "held"})).version();
        let held = world.get("/v1/reports/ratios").by(agent).status(200).json();
        assert_eq!(
            (&held["measured"]["held_new"], &held["measured"]["held_deferred"]),
            (&json!(0), &json!(1))
        );
    });
}

#[test]
fn a_meeting_moved_within_its_day_counts_as_new_in_the_ratios() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-14");
        let page = world.get(&p.path("/appointments")).by(agent).status(200).json();
        let id = page["data"][0]["id"].as_str().unwrap().to_owned();
        p.version =
            patch(&world, agent, &p, &id, json!({"starts_at": "2009-12-14T15:00:00+08:00"})).version();
        p.version = patch(&world, agent, &p, &id, json!({"outcome": "held"})).version();
        let held = world.get("/v1/reports/ratios").by(agent).status(200).json();
        assert_eq!(
            (&held["measured"]["held_new"], &held["measured"]["held_deferred"]),
            (&json!(1), &json!(0))
        );
    });
}

/// What the ratios count as first appointments held, new and put off, up to today.
fn held(world: &World, agent: &Person) -> (Value, Value) {
    let path = "/v1/reports/ratios?from=2009-12-14&to=2009-12-16";
    let measured = world.get(path).by(agent).status(200).json()["measured"].clone();
    (measured["held_new"].clone(), measured["held_deferred"].clone())
}

#[test]
fn a_meeting_that_is_entered_again_is_the_same_meeting() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-15");
        let first = || {
            let page = world.get(&p.path("/appointments")).by(agent).status(200).json();
            page["data"][0]["id"].as_str().unwrap().to_owned()
        };
        let id = first();
        // A second one beside the open one, as a fact or with a move.
        let again = json!({"starts_at": "2009-12-16T09:00:00+08:00", "kind": "first"});
        let refused = world.post(&p.path("/appointments"), again.clone()).by(agent).problem(409, "conflict");
        let error = &refused.json()["errors"][0];
        assert_eq!(
            (&error["code"], &error["params"]),
            (&json!("first_appointment_exists"), &json!({"appointment_id": id, "on": "2009-12-15"}))
        );
        world.on("2009-12-16");
        let next = json!({"starts_at": "2009-12-18T14:00:00+08:00", "agenda": "go through the plan"});
        let met = json!({"to": "stage_25", "facts": {"first_meeting_on": "2009-12-16", "further_cooperation_agreed": true,
            "first_appointment": {"starts_at": "2009-12-16T09:00:00+08:00"}, "next_appointment": next}});
        let call = world.post(&p.path("/transitions"), met).by(agent).if_match(p.version);
        assert_eq!(call.problem(409, "conflict").error_codes(), ["first_appointment_exists"]);
        // Put off and held; a visit of that day is that meeting, and so is the same appointment entered again.
        p.version =
            patch(&world, agent, &p, &id, json!({"starts_at": "2009-12-16T09:00:00+08:00"})).version();
        p.version = patch(&world, agent, &p, &id, json!({"outcome": "held"})).version();
        assert_eq!(held(&world, agent), (json!(0), json!(1)));
        let visit = json!({"kind": "visit", "prospect_id": p.id, "occurred_on": "2009-12-16"});
        world.post("/v1/activities", visit).by(agent).status(201);
        let mut twin = again;
        twin["fixed_on"] = json!("2009-12-16");
        let answer = p.records(&world, agent, "/appointments", twin);
        let twin = answer.string("recorded_id");
        p.version = patch(&world, agent, &p, &twin, json!({"outcome": "held"})).version();
        assert_eq!(held(&world, agent), (json!(0), json!(1)));
    });
}
