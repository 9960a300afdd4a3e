//! The pictures: well formed, described in words, nothing fetched, nothing run. Every one drawn here is also written to
//! `target/tmp/pictures`, where `tools/check-pictures` measures it in a browser.

use std::{fs, path::Path};

use chrono::NaiveDate;
use prospector::{
    api::formats::svg::{funnel::funnel, ratios::ratios, shape::shape, trend::trend},
    domain::{
        journal::activity::DayCounts,
        method::stage::Stage,
        organisation::benchmark::Benchmarks,
        reports::{
            cohort::{self, Cohorts},
            funnel::{CurrentlyAt, Entered, FunnelMove},
            ratio::{self, Measured},
            shape::{BoardCounts, Boards, Experience, read},
        },
        values::{id::Id, text::Language, window::Window},
    },
};
use uuid::Uuid;

const BOTH: [Language; 2] = [Language::En, Language::ZhCn];
/// Whose board it is: as long as a name may be, and hostile.
const HOSTILE: &str = "</text><script>alert(1)</script> & \"<x>\"";

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
}

/// Checks what holds for every picture.
#[track_caller]
pub fn check(svg: &str, language: Language) {
    let document = roxmltree::Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "svg");
    assert_eq!(root.attribute("role"), Some("img"));
    let said: Vec<&str> = root.attribute("aria-labelledby").unwrap().split(' ').collect();
    let names = ["title", "desc"];
    for (id, name) in said.iter().zip(names) {
        let node = root.children().find(|node| node.attribute("id") == Some(id)).unwrap();
        assert_eq!(node.tag_name().name(), name);
        let text = node.text().unwrap_or_default();
        assert!(!text.trim().is_empty(), "{name}");
        let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(chinese || language == Language::En, "{name} in {language:?}: {text}");
    }
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        let known =
            ["svg", "title", "desc", "defs", "pattern", "rect", "line", "path", "text"].contains(&name);
        assert!(known, "<{name}> has no place in a picture");
        for attribute in node.attributes() {
            let value = attribute.value();
            assert!(!attribute.name().starts_with("on") && attribute.name() != "href", "{value}");
            assert!(!value.contains("url(") || value.starts_with("url(#"), "{value}");
        }
        if name == "text" {
            let size: f64 = node.attribute("font-size").unwrap().parse().unwrap();
            assert!(size >= 12.0, "letters of {size}");
        }
    }
}

fn drawn(name: &str, svg: &str, language: Language) {
    check(svg, language);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.{}.svg", language.tag())), svg).unwrap();
}

/// Every text of a picture, the description among them.
pub fn text_of(svg: &str) -> String {
    let document = roxmltree::Document::parse(svg).unwrap();
    let texts = document.descendants().filter(|node| ["text", "desc"].contains(&node.tag_name().name()));
    texts.filter_map(|node| node.text()).collect::<Vec<_>>().join("|")
}

fn boards(entered: [i64; 3], verified: [i64; 3]) -> Boards {
    let counts = |[stage_25, stage_50, stage_90]: [i64; 3]| BoardCounts { stage_25, stage_50, stage_90 };
    Boards { entered: counts(entered), verified: counts(verified), n_claimed: 1, n_misplaced: 2 }
}

#[test]
fn a_shape_shows_both_boards_and_says_what_they_mean() {
    for (name, boards, caption) in [
        ("shape", boards([4, 2, 1], [1, 2, 4]), "李明 · 2009-12-14"),
        ("shape-empty", Boards::default(), "2009-12-14"),
        ("shape-mixed", boards([3, 3, 3], [4, 3, 0]), HOSTILE),
        ("shape-huge", boards([1_000_000, 999_999, 1], [0, 1_000_000, 12_345]), &"王".repeat(100)),
    ] {
        for language in BOTH {
            for experience in [Experience::Beginner, Experience::Veteran] {
                let (e, v) = (read(&boards.entered, experience), read(&boards.verified, experience));
                drawn(name, &shape(&boards, (&e, &v), caption, language), language);
            }
        }
    }
    let boards = boards([4, 2, 1], [1, 2, 4]);
    let veteran = Experience::Veteran;
    let readings = (&read(&boards.entered, veteran), &read(&boards.verified, veteran));
    let text = text_of(&shape(&boards, readings, "", Language::ZhCn));
    for said in
        ["录入：理想形态", "按标准核实：坐吃山空", "25%：录入 4 人，核实 1 人。", "持续开发新的潜在客户"]
    {
        assert!(text.contains(said), "{said} in {text}");
    }
}

#[test]
fn a_funnel_keeps_its_two_groups_apart() {
    let entered =
        Entered { new_contacts: 20, first_appointment: 5, stage_25: 3, stage_50: 2, ..Entered::default() };
    let at = CurrentlyAt {
        opportunity: 8,
        first_appointment: 2,
        stage_25: 1,
        exited: 4,
        ..CurrentlyAt::default()
    };
    let most = i64::from(i32::MAX) * 100;
    let huge = Entered { new_contacts: most, first_appointment: 123_456, exited: 1, ..Entered::default() };
    let december = Window { from: day(1), to: day(14) };
    for language in BOTH {
        let draw = |entered: &Entered, at: &CurrentlyAt, caption: &str| {
            funnel((entered, december), (at, day(14)), caption, language)
        };
        drawn("funnel", &draw(&entered, &at, "李明"), language);
        drawn("funnel-empty", &draw(&Entered::default(), &CurrentlyAt::default(), ""), language);
        drawn("funnel-huge", &draw(&huge, &at, HOSTILE), language);
    }
    let text = text_of(&funnel((&entered, december), (&at, day(14)), "", Language::En));
    for said in [
        "Entered from 2009-12-01 to 2009-12-14: new contacts 20",
        "Currently at, on 2009-12-14: opportunity 8",
    ] {
        assert!(text.contains(said), "{said} in {text}");
    }
}

/// Somebody who entered 25% in the period, and has reached 50% by now or not.
fn came_to_50(who: u128, reached: bool) -> cohort::Path {
    cohort::Path {
        prospect_id: Id(Uuid::from_u128(who)),
        pursuit_number: 1,
        entry: FunnelMove { on: day(14), from: Some(Stage::FirstAppointment), to: Stage::Stage25 },
        later: reached.then_some((Some(Stage::Stage25), Stage::Stage50)),
    }
}

#[test]
fn ratios_stand_against_their_benchmarks_with_n_beside_each() {
    let measured = Measured {
        counts: DayCounts { dials: 75, connects: 50, appointments_set: 4, ..DayCounts::default() },
        held_new: 9,
        held_deferred: 1,
        new_contacts: 20,
        developed: 5,
        signed: 1,
        closed: 1,
        standard_premium_minor: 1_000_001,
        policies: 2,
        ..Measured::default()
    };
    let far = Measured {
        standard_premium_minor: 99_999_999_999,
        policies: 1,
        held_new: 9999,
        signed: 9999,
        ..measured
    };
    let benchmarks = Benchmarks::default();
    let cohorts = Cohorts::of(&[came_to_50(1, true), came_to_50(2, false)]);
    for language in BOTH {
        let draw = |m: &Measured, days, caption| {
            ratios((&ratio::ratios(m, days, &benchmarks), &cohorts), &benchmarks, caption, language)
        };
        drawn("ratios", &draw(&measured, 5, "李明 · 2009-12-11–2009-12-17"), language);
        drawn("ratios-empty", &draw(&Measured::default(), 0, ""), language);
        drawn("ratios-far", &draw(&far, 1, HOSTILE), language);
    }
    let figures = ratio::ratios(&measured, 5, &benchmarks);
    let text = text_of(&ratios((&figures, &cohorts), &benchmarks, "", Language::En));
    for said in [
        "66.7%",
        "benchmark 46.7%, n = 75 (50/75)",
        "benchmark 15.0, n = 5 working days (75/5)",
        "benchmark 8.0, n = 5 working days (10/5 × 5)",
        "¥5000.01",
        "n = 2 (¥10000.01/2)",
        "cohort 50.0%: of 2 who entered in the period, 1 by now",
    ] {
        assert!(text.contains(said), "{said} in {text}");
    }
    // Over an empty denominator there is no value, and what was counted is told all the same.
    let idle = ratio::ratios(&Measured { held_deferred: 3, ..Measured::default() }, 5, &benchmarks);
    let text = text_of(&ratios((&idle, &cohorts), &benchmarks, "", Language::ZhCn));
    assert!(text.contains("n = 0（3/0）") && text.contains("n = 5 个工作日（0/5）"), "{text}");
    assert!(text.contains("同批 50.0%：期内进入 2 人，至今 1 人到达"), "{text}");
}

#[test]
fn a_trend_shows_eight_weeks_of_each_stage() {
    let week = |index: i64, scale: i64| {
        let entered =
            BoardCounts { stage_25: index * scale, stage_50: (7 - index) * scale, stage_90: scale % 7 };
        let verified = BoardCounts { stage_50: entered.stage_50 / 2, ..entered };
        let boards = Boards { entered, verified, n_claimed: scale % 7, n_misplaced: 0 };
        (day(14) - chrono::Duration::days(7 * (7 - index)), boards)
    };
    for language in BOTH {
        let weeks = |scale| (0..8).map(|index| week(index, scale)).collect::<Vec<_>>();
        drawn("trend", &trend(&weeks(1), "李明", language), language);
        drawn("trend-huge", &trend(&weeks(143_000), HOSTILE, language), language);
        drawn("trend-empty", &trend(&[], "", language), language);
    }
    let weeks: Vec<_> = (-2..8).map(|index| week(index, 1)).collect();
    let text = text_of(&trend(&weeks, "", Language::ZhCn));
    assert!(
        text.contains("50%，由远及近：录入 7，6，5，4，3，2，1，0；核实 3，3，2，2，1，1，0，0。"),
        "{text}"
    );
    assert!(text.contains("|10-26|") && !text.contains("10-19"), "the last eight: {text}");
}
