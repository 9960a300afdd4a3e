//! The forms of the reports: who asks for what gets what, and no file runs anything (reliability F5, P4).

mod expected;
mod figures;
mod fits;
mod lists;
pub mod reading;

use std::io::Cursor;

use calamine::{Data, Range, Reader as _, Xlsx};
use prospector::{
    api::formats::{Format, OFFERS},
    demo::{self, Outcome},
    domain::values::{id::Id, text::Language},
};
use serde_json::{Value, json};

use crate::{
    harness::{Person, World, both, given::Prospect},
    pictures,
};
use reading::{date, demo_token, exports, fields, first_sheet, media_type, number, text};

const SHEET: &str = "/v1/reports/action-sheet?week_of=2009-12-14&sheet_week_start=SAT";
const TEAM: &str = "/v1/reports/team-sheet?week_of=2009-12-14&sheet_week_start=SAT";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Names that a spreadsheet would run, and one that would begin a new cell where cells end at semicolons.
const HOSTILE: [&str; 7] = [
    "=HYPERLINK(\"http://evil.example\",\"win\")",
    "+86 13900000000",
    "@x",
    "-1",
    "＝1+1",
    "张;=1",
    "刘\"岩\"",
];

#[test]
fn a_report_comes_in_the_form_that_is_asked_for() {
    both(|world| {
        let cast = world.cast();
        let json = "application/json";
        for (accept, query, expected) in [
            (None, "", json),
            (Some("*/*"), "", json),
            (Some("text/csv"), "", "text/csv"),
            (Some(XLSX), "", XLSX),
            (Some("text/csv;q=0.3, application/json;q=0.2"), "", "text/csv"),
            (Some("text/html,*/*;q=0.8"), "", json),
            (Some("application/json"), "&format=csv", "text/csv"),
            (Some("application/pdf"), "&format=xlsx", XLSX),
            (Some("text/csv"), "&format=json", json),
        ] {
            let mut call = world.get(&format!("{SHEET}{query}")).by(&cast.agent_a);
            if let Some(accept) = accept {
                call = call.header("Accept", accept);
            }
            let answer = call.status(200);
            assert_eq!(media_type(&answer), expected, "{accept:?} {query}");
            let varies = answer.header("vary").unwrap();
            for name in ["Accept,", "Accept-Language", "Authorization"] {
                assert!(varies.contains(name), "{varies}");
            }
            let file = answer.header("content-disposition");
            assert_eq!(file.is_some(), expected != json, "{accept:?} {query}");
            if expected != json {
                assert_eq!(answer.header("cache-control"), Some("no-store"));
                assert!(
                    file.unwrap().starts_with("attachment; filename=\"action-sheet_2009-12-12_2009-12-18.")
                );
            }
        }
    });
}

#[test]
fn what_is_not_offered_is_refused_with_what_is() {
    both(|world| {
        let cast = world.cast();
        let ask = |query: &str| world.get(&format!("{SHEET}{query}")).by(&cast.agent_a);
        for (call, pointer) in [
            (ask("").header("Accept", "application/pdf"), "/header/Accept"),
            (ask("").header("Accept", "image/svg+xml"), "/header/Accept"),
            (ask("").header("Accept", "text/csv;q=0"), "/header/Accept"),
            (ask("&format=svg"), "/query/format"),
            (ask("&format=pdf"), "/query/format"),
            (ask("&format="), "/query/format"),
        ] {
            let fault = call.problem(406, "not_acceptable").json()["errors"][0].clone();
            assert_eq!(fault["pointer"], pointer);
            assert_eq!(fault["params"]["formats"], json!("json, csv, xlsx"));
            assert_eq!(
                fault["params"]["media_types"],
                json!(["application/json", "text/csv", XLSX].join(", "))
            );
        }
        let twice = ask("&format=csv&format=csv").problem(400, "invalid_parameter").json();
        assert_eq!(twice["errors"][0]["pointer"], "/query/format");
        ask("&form=csv").problem(400, "unknown_parameter");
        // Where there is one form only, the parameter is unknown.
        world.get("/v1/me?format=csv").by(&cast.agent_a).problem(400, "unknown_parameter");
    });
}

/// Every report, in every form it is offered in, and in both languages.
#[test]
fn whatever_is_offered_is_given() {
    both(|world| {
        let cast = world.cast();
        Prospect::named(&world, &cast.agent_a, HOSTILE[0]);
        for (path, formats) in OFFERS {
            for format in *formats {
                for language in [Language::En, Language::ZhCn] {
                    let call = world.get(&format!("{path}?format={}", format.name())).by(&cast.head_a);
                    let answer = call.header("Accept-Language", language.tag()).status(200);
                    assert_eq!(media_type(&answer), format.media_type(), "{path}");
                    match format {
                        Format::Svg => pictures::check(&answer.text(), language),
                        Format::Xlsx => assert!(Xlsx::new(Cursor::new(answer.body)).is_ok(), "{path}"),
                        Format::Csv => assert!(answer.body.starts_with(b"\xef\xbb\xbf"), "{path}"),
                        Format::Json => {}
                    }
                }
            }
        }
    });
}

/// Everything that looks like an id, by one word.
fn without_ids(text: &str) -> String {
    let pieces = text.split('"').map(|piece| if piece.parse::<Id>().is_ok() { "id" } else { piece });
    pieces.collect::<Vec<_>>().join("\"")
}

#[test]
fn the_sample_sheet_comes_as_csv_byte_for_byte() {
    both(|world| {
        assert_eq!(demo::prepare(&world.app, None).unwrap(), Outcome::Loaded);
        let call = world.get(&format!("{SHEET}&format=csv")).token(&demo_token(&world, "agent-a"));
        let answer = call.header("Accept-Language", "zh-CN").status(200);
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
        assert_eq!(
            answer.header("content-disposition").unwrap().split("; ").nth(2).unwrap(),
            "filename*=UTF-8''%E6%BD%9C%E5%9C%A8%E5%AE%A2%E6%88%B7%E7%AE%A1%E7%90%86%E8%A1%8C%E5%8A%A8%E5%B7%A5\
             %E5%85%B7%E8%A1%A8_2009-12-12_2009-12-18.csv"
        );
        let monday = "\"李明\",28,\"周一\",\"2009-12-12\",\"2009-12-14\"";
        let opportunities = ["何建国", "刘岩", "范学东", "艾新华", "刘兵", "张三"];
        let mut expected = String::from(
            "\u{feff}\"部分\",\"代理人\",\"销售周期（天）\",\"检视日\",\"起\",\"止\",\"阶段\",\"姓名\",\"初次见面\",\"已过天数\",\
             \"超过周期\",\"补录\",\"联系人编号\",\
             \"约定初次见面\",\"25%\",\"50%\",\"90%\",\"成交\",\"未列出\",\"已签核\",\"更正后\"\r\n",
        );
        for name in opportunities {
            let row = format!("\"行动工具表\",{monday},\"销售机会\",\"{name}\",\"\",\"\",\"\",\"否\",\"id\"");
            expected += &format!("{row},{}\r\n", ["\"\""; 8].join(","));
        }
        for (stage, name, met, days) in [
            ("约定初次见面", "何建国", 15, "\"\""),
            ("25%", "刘岩", 12, "2"),
            ("50%", "范学东", 13, "1"),
            ("90%", "艾新华", 14, "0"),
        ] {
            let row = format!(
                "\"行动工具表\",{monday},\"{stage}\",\"{name}\",\"2009-12-{met}\",{days},\"否\",\"否\",\"id\""
            );
            expected += &format!("{row},{}\r\n", ["\"\""; 8].join(","));
        }
        // A row for the block that has begun: its subtotals, nobody left out, not signed, nothing restated.
        let names = ["\"\""; 7].join(",");
        expected += &format!("\"小计\",{monday},{names},1,1,1,1,0,0,\"否\",\"\"\r\n");
        assert_eq!(without_ids(&answer.text()), expected);
    });
}

/// Agents with hostile names among their contacts, worked on the sample's Monday.
fn hostile(world: &World, by: &Person) {
    for name in HOSTILE {
        Prospect::named(world, by, name);
    }
}

#[test]
fn no_cell_of_a_csv_file_is_a_formula() {
    both(|world| {
        let cast = world.cast();
        hostile(&world, &cast.agent_a);
        let answer = world.get(&format!("{SHEET}&format=csv")).by(&cast.agent_a).status(200);
        let text = answer.text();
        let rows = fields(&text);
        let names: Vec<&str> =
            rows.iter().filter(|row| row[0] == "Action sheet").map(|row| row[7].as_str()).collect();
        assert_eq!(
            names,
            [
                "'=HYPERLINK(\"http://evil.example\",\"win\")",
                "'+86 13900000000",
                "'@x",
                "'-1",
                "'＝1+1",
                "张;=1",
                "刘\"岩\"",
            ]
        );
        for field in rows.iter().flatten() {
            assert!(!field.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{field:?}");
        }
        // Cut at semicolons too, no cell begins with a sign: every text is quoted.
        assert!(text.contains("\"张;=1\""), "{text}");
        assert!(text.contains("\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"win\"\")\""), "{text}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        // JSON keeps the text as it was written.
        let json = world.get(SHEET).by(&cast.agent_a).status(200).json();
        assert_eq!(json["blocks"][0]["columns"]["opportunity"][0]["name"], HOSTILE[0]);
    });
}

const COLUMNS: [&str; 5] = ["first_appointment", "stage_25", "stage_50", "stage_90", "closed"];

/// Compares a paper action sheet with the JSON; answers how many names it found.
fn compare_action_sheet(sheet: &Range<Data>, json: &Value) -> usize {
    let mut found = 0;
    let mut top = 4;
    for block in json["blocks"].as_array().unwrap() {
        let columns = &block["columns"];
        let height = (0..).find(|row| text(sheet, top + row, 1) == "小计").unwrap();
        assert!(text(sheet, top, 0).starts_with("周"));
        for row in 0..height {
            let name = |of: &Value| of["name"].as_str().unwrap_or_default().to_owned();
            let opportunity = &columns["opportunity"][row];
            assert_eq!(text(sheet, top + row, 1), name(opportunity));
            found += usize::from(opportunity.is_object());
            for (column, left) in COLUMNS.iter().zip((2..).step_by(2)) {
                let entry = &columns[column][row];
                assert_eq!(text(sheet, top + row, left), name(entry), "{column}");
                let met = entry["first_meeting_on"].as_str().map(|day| day.parse().unwrap());
                assert_eq!(date(sheet, top + row, left + 1), met, "{column}");
                found += usize::from(entry.is_object());
            }
        }
        for (column, left) in COLUMNS.iter().zip((2..).step_by(2)) {
            if block["state"] == "not_begun" {
                assert_eq!(text(sheet, top + height, left), "", "to be filled in by hand");
            } else {
                let count = block["subtotals"][column].as_i64().unwrap();
                assert_eq!(number(sheet, top + height, left), count as f64, "{column}");
            }
        }
        top += height + 1;
    }
    found
}

#[test]
fn the_paper_action_sheet_says_what_the_json_says_cell_for_cell() {
    both(|world| {
        assert_eq!(demo::prepare(&world.app, None).unwrap(), Outcome::Loaded);
        let ask = |query: &str| {
            let call = world.get(&format!("{SHEET}{query}")).token(&demo_token(&world, "agent-a"));
            call.header("Accept-Language", "zh-CN").status(200)
        };
        let (sheet, _) = first_sheet(ask("&format=xlsx"));
        let head = [(0, 0), (1, 0), (1, 4), (1, 8), (2, 0), (2, 1), (2, 2), (2, 10), (3, 3)];
        assert_eq!(
            head.map(|(row, col)| text(&sheet, row, col)),
            [
                "潜在客户管理行动工具表",
                "姓名：李明",
                "我的销售周期：28 天",
                "2009-12-12 至 2009-12-18",
                "检视日",
                "1 销售机会",
                "2 约定初次见面",
                "6 成交 (100%)",
                "初见"
            ]
        );
        assert_eq!(compare_action_sheet(&sheet, &ask("").json()), 10);
        let (board, _) = first_sheet(ask("&format=xlsx&mode=board"));
        assert_eq!(compare_action_sheet(&board, &ask("&mode=board").json()), 10);
        // The same report is the same file, byte for byte.
        assert_eq!(ask("&format=xlsx").body, ask("&format=xlsx").body);
    });
}

#[test]
fn the_paper_team_sheet_says_what_the_json_says_cell_for_cell() {
    both(|world| {
        assert_eq!(demo::prepare(&world.app, None).unwrap(), Outcome::Loaded);
        let path = TEAM.replace("&sheet_week_start=SAT", "");
        let token = demo_token(&world, "supervisor-a");
        let (sheet, _) = first_sheet(world.get(&format!("{path}&format=xlsx")).token(&token).status(200));
        let json = world.get(&path).token(&token).status(200).json();
        assert_eq!(text(&sheet, 0, 0), "Team tracking sheet");
        assert_eq!(text(&sheet, 1, 0), "Team: 营业一组");
        let line = |row: usize| (2..9).map(|col| number(&sheet, row, col)).collect::<Vec<_>>();
        let figures = |of: &Value| {
            let amount = |name: &str| of[name]["amount"].as_str().unwrap().parse::<f64>().unwrap();
            let counts = COLUMNS.iter().map(|column| of[column].as_i64().unwrap() as f64);
            counts.chain([amount("advance_premium"), amount("standard_premium")]).collect::<Vec<_>>()
        };
        let mut row = 3;
        for block in json["blocks"].as_array().unwrap() {
            let written = block["state"] != "not_begun";
            for member in block["rows"].as_array().unwrap() {
                assert_eq!(text(&sheet, row, 1), member["name"].as_str().unwrap());
                if written {
                    assert_eq!(line(row), figures(member));
                }
                row += 1;
            }
            assert_eq!(text(&sheet, row, 1), "subtotal");
            if written {
                assert_eq!(line(row), figures(&block["subtotal"]));
            }
            row += 1;
        }
        assert_eq!(line(5), [7.0, 7.0, 5.0, 3.0, 5.0, 13_000.0, 14_000.0], "the method's own sample");
        assert_eq!(row, 12);
    });
}

#[test]
fn no_cell_of_a_workbook_is_a_formula_and_its_text_is_exact() {
    both(|world| {
        let cast = world.cast();
        hostile(&world, &cast.agent_a);
        let (sheet, formulas) =
            first_sheet(world.get(&format!("{SHEET}&format=xlsx")).by(&cast.agent_a).status(200));
        let names: Vec<String> = (4..4 + HOSTILE.len()).map(|row| text(&sheet, row, 1)).collect();
        assert_eq!(names, HOSTILE);
        assert!(formulas.used_cells().all(|(.., formula)| formula.is_empty()));
    });
}

#[test]
fn whoever_takes_personal_data_away_leaves_an_audit_row() {
    both(|world| {
        let cast = world.cast();
        hostile(&world, &cast.agent_a);
        let of_agent = format!("{SHEET}&agent_id={}", cast.agent_a.id);
        world.get(&of_agent).by(&cast.head_a).status(200);
        world.get(&format!("{of_agent}&format=csv")).by(&cast.agent_b).problem(404, "not_found");
        world.get(&format!("{of_agent}&format=pdf")).by(&cast.head_a).problem(406, "not_acceptable");
        assert_eq!(exports(&world), [], "nothing was taken away yet");
        world.get(&format!("{of_agent}&format=csv")).by(&cast.head_a).status(200);
        world.get(&format!("{TEAM}&format=xlsx")).by(&cast.head_a).status(200);
        let details = |report: &str, format: &str, rows: usize| json!({"report": report, "format": format, "rows": rows, "from": "2009-12-12", "to": "2009-12-18"});
        let head = Some(cast.head_a.id);
        assert_eq!(
            exports(&world),
            [
                (head, "user".to_owned(), cast.agent_a.id, details("action_sheet", "csv", HOSTILE.len() + 1)),
                (head, "team".to_owned(), cast.north.id, details("team_sheet", "xlsx", 6)),
            ]
        );
    });
}
