//! The personal action sheet and the team tracking sheet, figure for figure (method section 8).

mod marks;

use prospector::demo::{self, Outcome, PASSWORD};
use serde_json::{Value, json};

use crate::harness::{Person, World, both, given::Prospect};

/// Somebody of the demo.
fn token(world: &World, username: &str) -> String {
    let body = json!({"username": username, "password": PASSWORD});
    world.call("POST", "/v1/auth/login").json(body).status(200).string("access_token")
}

fn demo_sheet(world: &World, path: &str, username: &str) -> Value {
    world.get(path).token(&token(world, username)).status(200).json()
}

const COLUMNS: [&str; 6] = ["opportunity", "first_appointment", "stage_25", "stage_50", "stage_90", "closed"];

/// The names of one column, with the day of the month of the first meeting where one stands beside them.
fn names(block: &Value, column: &str) -> Vec<String> {
    let name = |row: &Value| match row["first_meeting_on"].as_str() {
        Some(day) => format!("{} {}", row["name"].as_str().unwrap(), &day[5..]),
        None => row["name"].as_str().unwrap().to_owned(),
    };
    block["columns"][column].as_array().unwrap().iter().map(name).collect()
}

fn subtotals(block: &Value) -> Vec<i64> {
    COLUMNS[1..].iter().map(|column| block["subtotals"][column].as_i64().unwrap()).collect()
}

#[test]
fn the_sample_action_sheet_comes_out_name_for_name() {
    both(|world| {
        assert_eq!(demo::prepare(&world.app, None).unwrap(), Outcome::Loaded);
        let sheet = demo_sheet(&world, "/v1/reports/action-sheet?week_of=2009-12-14", "agent-a");
        assert_eq!((&sheet["cycle_days"], &sheet["mode"]), (&json!(28), &json!("activity")));
        assert_eq!(sheet["n"], 6, "ten names, six people");
        assert_eq!((&sheet["from"], &sheet["to"]), (&json!("2009-12-12"), &json!("2009-12-18")));
        let block = &sheet["blocks"][0];
        assert_eq!(
            (&block["check_in"], &block["from"], &block["to"]),
            (&json!("monday"), &json!("2009-12-12"), &json!("2009-12-14"))
        );
        let mut opportunities = names(block, "opportunity");
        opportunities.sort();
        assert_eq!(opportunities, ["何建国", "刘兵", "刘岩", "张三", "艾新华", "范学东"]);
        assert_eq!(names(block, "first_appointment"), ["何建国 12-15"]);
        assert_eq!(names(block, "stage_25"), ["刘岩 12-12"]);
        assert_eq!(names(block, "stage_50"), ["范学东 12-13"]);
        assert_eq!(names(block, "stage_90"), ["艾新华 12-14"]);
        assert_eq!(names(block, "closed"), Vec::<String>::new());
        assert_eq!(subtotals(block), [1, 1, 1, 1, 0]);
        // The blocks of Wednesday and Friday have not begun.
        for later in [&sheet["blocks"][1], &sheet["blocks"][2]] {
            assert_eq!(later["state"], "not_begun");
            assert_eq!(subtotals(later), [0; 5]);
        }
        assert!(sheet["definition"]["figures"].as_array().unwrap().len() > 5);
    });
}

#[test]
fn the_sample_team_sheet_comes_out_figure_for_figure() {
    both(|world| {
        assert_eq!(demo::prepare(&world.app, None).unwrap(), Outcome::Loaded);
        let sheet = demo_sheet(&world, "/v1/reports/team-sheet?week_of=2009-12-14", "supervisor-a");
        let line = |row: &Value| {
            let counts = COLUMNS[1..].iter().map(|c| row[c].to_string());
            let money = ["advance_premium", "standard_premium"]
                .map(|m| row[m]["amount"].as_str().unwrap().to_owned());
            counts.chain(money).collect::<Vec<_>>().join(" ")
        };
        let monday = &sheet["blocks"][0];
        let rows: Vec<String> = monday["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| format!("{}: {}", row["name"].as_str().unwrap(), line(row)))
            .collect();
        assert_eq!(rows, ["施海兵: 4 3 2 2 3 10000.00 8000.00", "杨晓玲: 3 4 3 1 2 3000.00 6000.00"]);
        assert_eq!(line(&monday["subtotal"]), "7 7 5 3 5 13000.00 14000.00");
        assert_eq!(sheet["n"], 2, "the supervisor does not sell");
    });
}

/// A contact entered on one day up to a stage, everything dated that day.
fn entered(world: &World, by: &Person, name: &str, stage: &str, day: &str) -> Prospect {
    let answer = world.post("/v1/prospects", json!({"name": name, "source": "fair", "occurred_on": day}));
    let answer = answer.by(by).status(201);
    let mut p = Prospect { id: answer.string("id"), version: answer.version() };
    let next = json!({"starts_at": "2009-12-18T14:00:00+08:00", "agenda": "go through the plan"});
    let met = json!({"first_meeting_on": day, "further_cooperation_agreed": true, "next_appointment": next,
        "first_appointment": {"starts_at": format!("{day}T09:00:00+08:00")}});
    let mut facts = met.as_object().unwrap().clone();
    let more = match stage {
        "opportunity" => return p,
        "first_appointment" => {
            let fixed = json!({"first_appointment": {"starts_at": "2009-12-15T10:00:00+08:00"}});
            p.moves(world, by, json!({"to": stage, "occurred_on": day, "facts": fixed}));
            return p;
        }
        "stage_25" => json!({}),
        "stage_50" => json!({"criteria": crate::harness::given::five(), "target_signing_on": "2009-12-22"}),
        _ => {
            json!({"criteria": crate::harness::given::five(), "signed_on": day, "documents_submitted_on": day,
            "premium_received_on": day, "evidence": "bank slip"})
        }
    };
    facts.extend(more.as_object().unwrap().clone());
    let mut body = json!({"to": stage, "facts": facts});
    if stage != "stage_90" {
        body["occurred_on"] = json!(day);
    }
    p.moves(world, by, body);
    p
}

fn sample_by_http(world: &World, agent: &Person) {
    for (name, stage, day) in [
        ("何建国", "first_appointment", "2009-12-14"),
        ("刘岩", "stage_25", "2009-12-12"),
        ("范学东", "stage_50", "2009-12-13"),
        ("艾新华", "stage_90", "2009-12-14"),
        ("刘兵", "opportunity", "2009-12-13"),
        ("张三", "opportunity", "2009-12-14"),
    ] {
        entered(world, agent, name, stage, day);
    }
}

#[test]
fn the_sample_entered_by_http_gives_the_sample_sheet_and_under_fri_what_the_rule_says() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        sample_by_http(&world, agent);
        let sheet = |start: &str| {
            let path = format!("/v1/reports/action-sheet?week_of=2009-12-14&sheet_week_start={start}");
            world.get(&path).by(agent).status(200).json()
        };
        let saturday = sheet("SAT");
        let block = &saturday["blocks"][0];
        assert_eq!(names(block, "opportunity"), ["何建国", "刘岩", "范学东", "艾新华", "刘兵", "张三"]);
        assert_eq!(names(block, "stage_50"), ["范学东 12-13"]);
        assert_eq!(subtotals(block), [1, 1, 1, 1, 0]);
        assert_eq!(block["state"], "partial", "its last day is today");

        // Friday to Sunday: whoever was worked on Monday the 14th stands in Wednesday's block.
        let friday = sheet("FRI");
        assert_eq!((&friday["from"], &friday["to"]), (&json!("2009-12-11"), &json!("2009-12-17")));
        let blocks = friday["blocks"].as_array().unwrap();
        assert_eq!(names(&blocks[0], "opportunity"), ["刘岩", "范学东", "刘兵"]);
        assert_eq!(subtotals(&blocks[0]), [0, 1, 1, 0, 0]);
        assert_eq!(names(&blocks[1], "opportunity"), ["何建国", "艾新华", "张三"]);
        assert_eq!(subtotals(&blocks[1]), [1, 0, 0, 1, 0]);
        assert_eq!(subtotals(&blocks[2]), [0; 5]);
        // Every day of the range selects the same sheet.
        for day in ["2009-12-11", "2009-12-17"] {
            let path = format!("/v1/reports/action-sheet?week_of={day}&sheet_week_start=FRI");
            assert_eq!(world.get(&path).by(agent).status(200).json(), friday);
        }
    });
}

/// A sale of 28 days, closed on the day after the cooling-off of a receipt on 2 December: the 13th.
fn closed_on_the_13th(world: &World, by: &Person, name: &str) {
    let mut p = entered(world, by, name, "opportunity", "2009-10-23");
    let sale = json!({"first_meeting_on": "2009-10-23", "further_cooperation_agreed": true, "criteria": crate::harness::given::five(),
        "signed_on": "2009-11-20", "documents_submitted_on": "2009-11-20", "premium_received_on": "2009-11-20",
        "evidence": "bank slip"});
    let early = |check: &mut Value| check["checked_on"] = json!("2009-11-20");
    let mut sale = sale;
    sale["criteria"].as_object_mut().unwrap().values_mut().for_each(early);
    p.moves(world, by, json!({"to": "stage_90", "facts": sale}));
    p.issued(world, by, "2009-12-01", "2009-12-02");
    assert_eq!(p.stage(world, by), "closed");
}

fn money(yuan: i64) -> Value {
    json!({"amount": format!("{yuan}.00"), "currency": "CNY"})
}

/// A sale paid and issued in the window.
fn paid(world: &World, by: &Person, name: &str, advance: i64, standard: i64) {
    let mut p = entered(world, by, name, "stage_50", "2009-12-12");
    let sale = json!({"signed_on": "2009-12-12", "documents_submitted_on": "2009-12-12",
        "premium_received_on": "2009-12-12", "advance_premium": money(advance), "evidence": "slip"});
    p.moves(world, by, json!({"to": "stage_90", "facts": sale}));
    let page = world.get(&p.path("/pursuits")).by(by).status(200).json();
    let id = page["data"][0]["id"].as_str().unwrap().to_owned();
    let body = json!({"policy_issued_on": "2009-12-13", "standard_premium": money(standard)});
    world.patch(&p.path(&format!("/pursuits/{id}")), body).by(by).if_match(p.version).status(200);
}

fn team_rows(world: &World, by: &Person, query: &str) -> Vec<String> {
    let path = format!("/v1/reports/team-sheet?week_of=2009-12-14&sheet_week_start=SAT{query}");
    let sheet = world.get(&path).by(by).status(200).json();
    let line = |row: &Value| {
        let counts: Vec<String> = COLUMNS[1..].iter().map(|c| row[c].to_string()).collect();
        let money = |m: &str| row[m]["amount"].as_str().unwrap().to_owned();
        format!("{} {} {}", counts.join(" "), money("advance_premium"), money("standard_premium"))
    };
    let block = &sheet["blocks"][0];
    let rows = block["rows"].as_array().unwrap().iter().map(line);
    rows.chain([line(&block["subtotal"])]).collect()
}

#[test]
fn the_sample_team_sheet_entered_by_http_comes_out_figure_for_figure() {
    both(|world| {
        let cast = world.cast();
        for (agent, [first, s25, s50, s90, closed], advance, standard) in
            [(&cast.agent_a, [3, 4, 3, 1, 2], 3000, 6000), (&cast.peer, [4, 3, 2, 2, 3], 10_000, 8000)]
        {
            for (count, stage) in [(first, "first_appointment"), (s25, "stage_25"), (s50, "stage_50")] {
                for i in 0..count {
                    entered(&world, agent, &format!("{stage} {i}"), stage, "2009-12-12");
                }
            }
            for i in 0..s90 {
                if i == 0 {
                    paid(&world, agent, "90", advance, standard);
                } else {
                    entered(&world, agent, "another 90", "stage_90", "2009-12-12");
                }
            }
            for i in 0..closed {
                closed_on_the_13th(&world, agent, &format!("closed {i}"));
            }
        }
        let rows = team_rows(&world, &cast.head_a, "");
        assert_eq!(
            rows,
            ["3 4 3 1 2 3000.00 6000.00", "4 3 2 2 3 10000.00 8000.00", "7 7 5 3 5 13000.00 14000.00"]
        );
        // The same figures as on the member's own sheet.
        let path = "/v1/reports/action-sheet?week_of=2009-12-14&sheet_week_start=SAT";
        let own = world.get(path).by(&cast.agent_a).status(200).json();
        assert_eq!(subtotals(&own["blocks"][0]), [3, 4, 3, 1, 2]);
        // The team below is only in it when asked for.
        entered(&world, &cast.agent_a1, "below", "stage_25", "2009-12-12");
        assert_eq!(team_rows(&world, &cast.head_a, "").last(), rows.last());
        let all = team_rows(&world, &cast.head_a, "&include_subteams=true");
        assert_eq!(all.last().unwrap(), "7 8 5 3 5 13000.00 14000.00");
    });
}

#[test]
fn a_past_week_is_shown_as_it_was_then() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        sample_by_http(&world, agent);
        let path = "/v1/reports/action-sheet?week_of=2009-12-14&sheet_week_start=SAT";
        let sheet = |mode: &str| {
            let answer = world.get(&format!("{path}&mode={mode}")).by(agent).status(200).json();
            answer["blocks"].as_array().unwrap().iter().map(|b| b["columns"].clone()).collect::<Vec<_>>()
        };
        world.on("2009-12-18");
        let (then, board) = (sheet("activity"), sheet("board"));
        // Everybody falls back, one is sold anew: nothing of it is in that week.
        world.on("2010-02-01");
        entered(&world, agent, "新人", "opportunity", "2010-01-30");
        assert_eq!(sheet("activity"), then);
        assert_eq!(sheet("board"), board);
        // An activity written down late is in it, and marked.
        let id = then[0]["first_appointment"][0]["prospect_id"].clone();
        let late =
            json!({"kind": "call", "outcome": "connected", "prospect_id": id, "occurred_on": "2009-12-16"});
        world.post("/v1/activities", late).by(agent).status(201);
        let wednesday = &sheet("activity")[1];
        assert_ne!(*wednesday, then[1]);
    });
}

#[test]
fn sheets_are_for_those_who_may_see_the_agent() {
    both(|world| {
        let cast = world.cast();
        let own = format!("/v1/reports/action-sheet?agent_id={}", cast.agent_a.id);
        let team = format!("/v1/reports/team-sheet?team_id={}", cast.agent_a.team_id);
        world.get(&own).by(&cast.agent_a).status(200);
        world.get(&own).by(&cast.head_a).status(200);
        world.get(&own).by(&cast.peer).problem(404, "not_found");
        world.get(&own).by(&cast.supervisor_b).problem(404, "not_found");
        world.get(&team).by(&cast.head_a).status(200);
        world.get(&team).by(&cast.agent_a).problem(403, "forbidden");
        world.get(&team).by(&cast.supervisor_a1).problem(404, "not_found");
        world.get("/v1/reports/action-sheet?mode=all").by(&cast.agent_a).problem(400, "invalid_parameter");
    });
}
