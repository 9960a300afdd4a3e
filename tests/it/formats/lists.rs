//! The lists of a check-in as files: names that look like formulas, names as long as a name may be, nobody at all.

use serde_json::Value;

use super::{
    HOSTILE,
    expected::attention,
    figures::compare_csv,
    reading::{csv, sheets},
};
use crate::harness::{Person, World, both, given::Prospect};

/// As long as a name may be, and so wide that it takes several lines.
fn long() -> String {
    "欧阳司徒".repeat(15)
}

/// Contacts with these names, met on the sample's Monday, whose last day within the cycle has come.
fn on_their_last_day(world: &World, by: &Person, names: &[&str]) {
    for name in names {
        let mut p = Prospect::named(world, by, name);
        p.fix_first(world, by, "2009-12-14");
        p.meet(world, by, "2009-12-14", "2010-01-11");
    }
    world.on("2010-01-11");
}

fn names(of: &Value) -> Vec<String> {
    of["entries"].as_array().unwrap().iter().map(|e| e["name"].as_str().unwrap().to_owned()).collect()
}

/// The text as CSV has to show it.
fn neutral(name: &str) -> String {
    if name.starts_with(['=', '+', '@', '-', '＝']) { format!("'{name}") } else { name.to_owned() }
}

#[test]
fn no_name_on_a_list_is_a_formula() {
    both(|world| {
        let cast = world.cast();
        on_their_last_day(&world, &cast.agent_a, &HOSTILE);
        for report in ["attention", "over-cycle"] {
            let path = format!("/v1/reports/{report}?team_id={}", cast.north.id);
            let ask = |form: &str| world.get(&format!("{path}&format={form}")).by(&cast.head_a).status(200);
            let json = ask("json").json();
            let as_written = names(&json);
            assert_eq!(as_written.len(), HOSTILE.len(), "{report}");
            let file = ask("csv");
            compare_csv(report, &file, &json, &attention(&json));
            let (headings, rows) = csv(&file);
            let at = headings.iter().position(|h| h == "Name").unwrap();
            let shown: Vec<&String> = rows.iter().map(|row| &row[at]).collect();
            assert_eq!(
                shown,
                as_written.iter().map(|name| neutral(name)).collect::<Vec<_>>().iter().collect::<Vec<_>>()
            );
            for field in rows.iter().flatten() {
                assert!(!field.starts_with(['=', '+', '@', '\t', '\r', '＝']), "{report}: {field:?}");
                assert!(!field.starts_with('-') || field.parse::<i64>().is_ok(), "{report}: {field:?}");
            }
            let sheet = &sheets(&ask("xlsx"))[0];
            let stored: Vec<String> =
                (3..3 + HOSTILE.len()).map(|row| sheet.get((row, 0)).unwrap().to_string()).collect();
            assert_eq!(stored, as_written, "a workbook keeps the text as it is");
        }
        // What to do next names people too: back at column 1, they are to be called.
        world.on("2010-01-12");
        let shape = "/v1/reports/shape?format=csv";
        let (headings, rows) = csv(&world.get(shape).by(&cast.agent_a).status(200));
        let at = headings.iter().position(|h| h == "Name").unwrap();
        let named: Vec<&String> = rows.iter().map(|row| &row[at]).filter(|name| !name.is_empty()).collect();
        assert!(named.iter().any(|name| **name == neutral(HOSTILE[0])), "{named:?}");
        assert!(!named.iter().any(|name| name.starts_with(['=', '+', '@', '-'])), "{named:?}");
    });
}

#[test]
fn a_name_of_sixty_characters_is_whole_in_every_form() {
    both(|world| {
        let cast = world.cast();
        let long = long();
        on_their_last_day(&world, &cast.agent_a, &[&long]);
        let ask = |path: &str| world.get(&format!("/v1/reports/{path}")).by(&cast.agent_a).status(200);
        for report in ["attention", "over-cycle"] {
            let (headings, rows) = csv(&ask(&format!("{report}?format=csv")));
            let at = headings.iter().position(|h| h == "Name").unwrap();
            assert_eq!(rows[0][at], long);
            let sheet = &sheets(&ask(&format!("{report}?format=xlsx")))[0];
            assert_eq!(sheet.get((3, 0)).unwrap().to_string(), long);
        }
        let sheet = &sheets(&ask("action-sheet?week_of=2010-01-11&mode=board&format=xlsx"))[0];
        assert!(sheet.cells().any(|(.., cell)| cell.to_string() == long));
    });
}

#[test]
fn a_team_without_members_and_an_agent_without_anything_come_in_every_form() {
    both(|world| {
        let cast = world.cast();
        let empty = crate::harness::actors::team(&world, "=Empty", Some(&cast.north));
        for (path, formats) in prospector::api::formats::OFFERS {
            for format in *formats {
                let (name, of_agent) = (format.name(), path.ends_with("action-sheet"));
                if !of_agent {
                    let team = format!("{path}?team_id={}&format={name}", empty.id);
                    let answer = world.get(&team).by(&cast.head_a).status(200);
                    if name == "csv" {
                        assert!(!answer.text().contains("\"=Empty"), "{path}");
                    }
                }
                if !path.ends_with("team-sheet") {
                    world.get(&format!("{path}?format={name}")).by(&cast.agent_b).status(200);
                }
            }
        }
    });
}
