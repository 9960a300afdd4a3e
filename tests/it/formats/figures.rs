//! Every report that has no paper form: what stands in its CSV, its workbook and its picture is what its JSON says.

use std::collections::BTreeSet;

use calamine::Data;
use chrono::NaiveDate;
use prospector::{
    api::formats::Format,
    demo::{self, Outcome},
    domain::values::{id::Id, text::Language},
};
use serde_json::{Value, json};

use super::{
    expected::{Expected, REPORTS, above, list},
    reading::{csv, demo_token, exports, media_type, sheets},
};
use crate::{
    harness::{World, app::Answer, both},
    pictures,
};

/// The demo, with a day of calls.
struct Demo<'w> {
    world: &'w World,
    supervisor: String,
    agent: String,
    team: Id,
}

impl<'w> Demo<'w> {
    fn new(world: &'w World) -> Self {
        assert_eq!(demo::prepare(&world.app, None).unwrap(), Outcome::Loaded);
        let (supervisor, agent) = (demo_token(world, "supervisor-a"), demo_token(world, "yang.xiaoling"));
        let tally = json!({"on": "2009-12-11", "dials": 15, "connects": 7, "appointments_set": 2, "refused": 1, "visits": 0, "messages": 0});
        world.post("/v1/activity-tallies", tally).token(&agent).status(201);
        let me = world.get("/v1/me").token(&supervisor).status(200).json();
        let team = me["team_id"].as_str().unwrap().parse().unwrap();
        Demo { world, supervisor, agent, team }
    }

    /// Whose token, and which query: a team and those below it, and an agent.
    fn views(&self) -> [(&str, String); 2] {
        [
            (&self.supervisor, format!("team_id={}&include_subteams=true", self.team)),
            (&self.agent, "include_subteams=false".to_owned()),
        ]
    }

    fn ask(&self, (token, query): (&str, &str), report: &str, language: Language, form: &str) -> Answer {
        let more = if report == "levers" { "&basis=measured&policies_a_year=60" } else { "" };
        let call = self.world.get(&format!("/v1/reports/{report}?{query}{more}&format={form}")).token(token);
        call.header("Accept-Language", language.tag()).status(200)
    }
}

/// Whether a field says what the JSON says.
fn says(field: &str, value: &Value) -> bool {
    match value {
        Value::Null => field.is_empty(),
        Value::Bool(yes) => field == if *yes { "yes" } else { "no" },
        Value::Number(number) => field.parse().ok() == number.as_f64(),
        Value::String(text) => field == text,
        Value::Object(money) => Some(field) == money["amount"].as_str(),
        Value::Array(_) => false,
    }
}

/// Compares a CSV file with the JSON, in English.
pub fn compare_csv(report: &str, file: &Answer, json: &Value, expected: &[Expected]) {
    let (headings, rows) = csv(file);
    let once: BTreeSet<&String> = headings.iter().collect();
    assert_eq!(once.len(), headings.len(), "{report}: {headings:?}");
    assert_eq!(rows.len(), expected.len(), "{report}");
    let field = |row: &[String], heading: &str| {
        headings.iter().position(|h| h == heading).map_or_else(String::new, |at| row[at].clone())
    };
    for (row, expected) in rows.iter().zip(expected) {
        let own: BTreeSet<&str> = expected.iter().map(|(heading, _)| *heading).collect();
        let above = above(json);
        let above = above.iter().filter(|(heading, _)| !own.contains(heading));
        for (heading, value) in expected.iter().chain(above) {
            let field = field(row, heading);
            assert!(says(&field, value), "{report}, {heading}: {field:?} for {value}\n{row:?}");
        }
    }
}

/// Whether a cell is what a field of the CSV says: a number as a number, a date as a date.
fn is(cell: &Data, field: &str) -> bool {
    match cell {
        Data::Empty => field.is_empty(),
        Data::Float(number) => field.parse() == Ok(*number),
        Data::Int(number) => field.parse() == Ok(*number),
        Data::DateTime(date) => date.as_datetime().is_some_and(|at| at.date().to_string() == field),
        Data::String(text) => {
            let other = field.parse::<f64>().is_ok() || field.parse::<NaiveDate>().is_ok();
            text == field && !other
        }
        _ => false,
    }
}

/// Compares a workbook with the CSV file, row by row: every cell that is printed stands in the CSV.
fn compare_book(report: &str, book: &Answer, csv_file: &Answer) {
    let (headings, rows) = csv(csv_file);
    let at = |heading: &str| headings.iter().position(|h| h == heading);
    let part = ["Part", "部分"].iter().find_map(|name| at(name));
    let parts: BTreeSet<&str> = rows.iter().filter_map(|row| Some(row[part?].as_str())).collect();
    let mut left = rows.iter();
    let mut printed = BTreeSet::new();
    for sheet in sheets(book) {
        let mut lines = sheet.rows().skip(2);
        let columns: Vec<&str> =
            lines.next().unwrap().iter().filter_map(calamine::DataType::get_string).collect();
        printed.extend(columns.iter().map(|c| (*c).to_owned()));
        for line in lines {
            let first = calamine::DataType::get_string(&line[0]).unwrap_or_default();
            let alone = line[1..].iter().all(|cell| *cell == Data::Empty);
            if alone && (parts.contains(first) || ["None.", "无。"].contains(&first)) {
                continue;
            }
            let row = left.next().unwrap_or_else(|| panic!("{report}: a row more: {line:?}"));
            for (cell, heading) in line.iter().zip(&columns) {
                let field = &row[at(heading).unwrap_or_else(|| panic!("{report}: no {heading}"))];
                assert!(is(cell, field), "{report}, {heading}: {cell:?} for {field:?}");
            }
        }
    }
    assert_eq!(left.next(), None, "{report}: a row less");
    assert!(
        headings.iter().filter(|h| h.ends_with(" id") || h.ends_with("编号")).all(|h| !printed.contains(h))
    );
}

#[test]
fn every_report_says_in_csv_what_its_json_says() {
    both(|world| {
        let demo = Demo::new(&world);
        for (report, expected) in REPORTS {
            for (token, query) in demo.views() {
                let ask = |form| demo.ask((token, &query), report, Language::En, form);
                let json = ask("json").json();
                compare_csv(report, &ask("csv"), &json, &expected(&json));
            }
        }
    });
}

#[test]
fn every_workbook_says_what_the_csv_says_with_real_numbers_and_dates() {
    both(|world| {
        let demo = Demo::new(&world);
        for (report, _) in REPORTS {
            for (token, query) in demo.views() {
                for language in [Language::En, Language::ZhCn] {
                    let ask = |form| demo.ask((token, &query), report, language, form);
                    compare_book(report, &ask("xlsx"), &ask("csv"));
                }
                // The same report is the same file, byte for byte.
                let book = || demo.ask((token, &query), report, Language::En, "xlsx").body;
                assert_eq!(book(), book(), "{report}");
            }
        }
    });
}

#[test]
fn headings_and_labels_are_in_the_readers_language() {
    both(|world| {
        let demo = Demo::new(&world);
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for (report, _) in REPORTS {
            for (token, query) in demo.views() {
                let (headings, _) = csv(&demo.ask((token, &query), report, Language::ZhCn, "csv"));
                for heading in headings {
                    assert!(chinese(&heading) || heading.ends_with('%'), "{report}: {heading}");
                }
                let english = demo.ask((token, &query), report, Language::En, "csv");
                let (headings, rows) = csv(&english);
                assert!(!headings.iter().any(|heading| chinese(heading)), "{report}: {headings:?}");
                let people = ["Team", "Agent", "Name", "Member", "Owner"];
                for (heading, field) in rows.iter().flat_map(|row| headings.iter().zip(row)) {
                    assert!(
                        !chinese(field) || people.contains(&heading.as_str()),
                        "{report}, {heading}: {field}"
                    );
                }
                let title =
                    |language| sheets(&demo.ask((token, &query), report, language, "xlsx"))[0].clone();
                let of = |language| title(language).get((0, 0)).unwrap().to_string();
                assert!(chinese(&of(Language::ZhCn)) && !chinese(&of(Language::En)), "{report}");
            }
        }
    });
}

/// Everything a picture says, on it and to those who do not see it.
fn words(picture: &Answer, language: Language) -> String {
    let svg = picture.text();
    pictures::check(&svg, language);
    pictures::text_of(&svg)
}

#[test]
fn every_picture_says_what_the_json_says() {
    both(|world| {
        let demo = Demo::new(&world);
        for (token, query) in demo.views() {
            let ask = |report, form| demo.ask((token, &query), report, Language::En, form);
            let shape = ask("shape", "json").json();
            let board = words(&ask("shape", "svg"), Language::En);
            let trend = words(&ask("shape", "svg&picture=trend"), Language::En);
            for (stage, code) in [("25%", "stage_25"), ("50%", "stage_50"), ("90%", "stage_90")] {
                let (e, v) = (&shape["entered"][code], &shape["verified"][code]);
                assert!(board.contains(&format!("{stage}: {e} as entered, {v} verified.")), "{board}");
                let weeks = |board: &str| {
                    let counts = list(&shape, "trend").iter().map(|week| week[board][code].to_string());
                    counts.collect::<Vec<_>>().join(", ")
                };
                let (e, v) = (weeks("entered"), weeks("verified"));
                let said = format!("{stage}, oldest week first: {e} as entered; {v} verified.");
                assert!(trend.contains(&said), "{trend}");
            }
            assert!(board.contains(shape["verified"]["cause"]["text"].as_str().unwrap()), "{board}");
            let funnel = ask("funnel", "json").json();
            let drawn = words(&ask("funnel", "svg"), Language::En);
            let (from, to) = (funnel["from"].as_str().unwrap(), funnel["to"].as_str().unwrap());
            let entered = format!(
                "Entered from {from} to {to}: new contacts {}, first appointment {}",
                funnel["entered"]["new_contacts"], funnel["entered"]["first_appointment"]
            );
            let at = format!("Currently at, on {to}: opportunity {}", funnel["currently_at"]["opportunity"]);
            assert!(drawn.contains(&entered) && drawn.contains(&at), "{drawn}");
            let ratios = ask("ratios", "json").json();
            let drawn = words(&ask("ratios", "svg"), Language::En);
            for r in list(&ratios, "ratios")
                .iter()
                .filter(|r| r["code"] == "connect_rate" || r["code"] == "closing_rate")
            {
                let percent = r["value"].as_f64().map_or("–".to_owned(), |v| format!("{:.1}%", v * 100.0));
                let (a, b) = (&r["numerator"], &r["denominator"]);
                assert!(drawn.contains(&percent) && drawn.contains(&format!("n = {b} ({a}/{b})")), "{drawn}");
            }
            for picture in [&board, &trend, &drawn] {
                assert!(picture.contains(shape["subject"]["name"].as_str().unwrap()), "{picture}");
            }
        }
        let chinese =
            demo.ask((&demo.agent, "include_subteams=false"), "shape", Language::ZhCn, "svg&picture=trend");
        assert!(words(&chinese, Language::ZhCn).contains("由远及近"));
        let odd = world.get("/v1/reports/shape?picture=funnel").token(&demo.agent);
        odd.problem(400, "invalid_parameter");
    });
}

#[test]
fn a_file_is_kept_by_nobody_and_named_after_its_report_and_days() {
    both(|world| {
        let demo = Demo::new(&world);
        for (report, _) in REPORTS {
            let path = format!("/v1/reports/{report}");
            let drawn = ["shape", "funnel", "ratios"].contains(&report);
            for form in [Format::Csv, Format::Xlsx, Format::Svg] {
                let call = world.get(&path).token(&demo.agent).header("Accept", form.media_type());
                if form == Format::Svg && !drawn {
                    let fault = call.problem(406, "not_acceptable").json()["errors"][0].clone();
                    assert_eq!(fault["params"]["formats"], json!("json, csv, xlsx"), "{report}");
                    continue;
                }
                let file = call.status(200);
                assert_eq!(media_type(&file), form.media_type(), "{report}");
                assert_eq!(file.header("cache-control"), Some("no-store"), "{report}");
                let name = file.header("content-disposition").unwrap();
                let kind = if form == Format::Svg { "inline" } else { "attachment" };
                assert!(name.starts_with(&format!("{kind}; filename=\"{report}_20")), "{name}");
                assert!(name.contains("2009-12-14"), "{name}");
            }
        }
    });
}

#[test]
fn every_report_taken_away_leaves_an_audit_row_with_its_rows() {
    both(|world| {
        let demo = Demo::new(&world);
        let mut expected = Vec::new();
        for (report, _) in REPORTS {
            for ((token, query), kind) in demo.views().into_iter().zip(["team", "user"]) {
                let ask = |form| demo.ask((token, &query), report, Language::En, form);
                let rows = csv(&ask("csv")).1.len();
                ask("xlsx");
                ask("json");
                for form in ["csv", "xlsx"] {
                    expected.push((kind.to_owned(), report.replace('-', "_"), form, rows));
                }
                if ["shape", "funnel", "ratios"].contains(&report) {
                    ask("svg");
                }
            }
        }
        let left: Vec<_> = exports(&world)
            .into_iter()
            .map(|(_, kind, _, d)| (kind, d["report"].clone(), d["format"].clone(), d["rows"].clone()))
            .collect();
        let expected: Vec<_> =
            expected.into_iter().map(|(k, r, f, n)| (k, json!(r), json!(f), json!(n))).collect();
        assert_eq!(left, expected);
    });
}
