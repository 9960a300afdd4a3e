//! The personal action sheet and the team tracking sheet, figure for figure (method section 8).

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
