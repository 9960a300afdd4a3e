//! The trend of the board as a picture: week by week how many stood at 25, 50 and 90%, as entered beside as verified, each
//! stage on a strip of its own, all on one scale, so that the strips can be held against each other.

use chrono::NaiveDate;

use super::{Anchor, Fill, MARGIN, MIDDLE, Picture, ROOM, RULE, SMALL, WIDTH, layout};
use crate::domain::{
    method::stage::Stage,
    reports::{
        definition::Figure,
        shape::{BoardCounts, Boards},
    },
    values::text::{Language, Text},
};

/// Height of the longest bar.
const HIGH: f64 = 48.0;
/// Most weeks that fit side by side.
const MOST: usize = 8;

/// Draws it: the last eight of the weeks given, oldest first, each with the day on which it was counted. `caption` says
/// whose board it is.
pub fn trend(weeks: &[(NaiveDate, Boards)], caption: &str, language: Language) -> String {
    let weeks = &weeks[weeks.len().saturating_sub(MOST)..];
    let title = Text::new("The board week by week", "看板逐周走势");
    let mut picture = Picture::new("trend", &title, caption, language);
    let names = [Figure::ShapeEntered, Figure::ShapeVerified].map(|board| picture.tell(&board.label()));
    picture.legend(&[(Fill::Solid, names[0].clone()), (Fill::Striped, names[1].clone())]);
    let stages = [Stage::Stage25, Stage::Stage50, Stage::Stage90];
    let of = |stage: Stage| -> Vec<[i64; 2]> {
        weeks.iter().map(|(_, b)| [count(&b.entered, stage), count(&b.verified, stage)]).collect()
    };
    let most = stages.into_iter().flat_map(of).flatten().max().unwrap_or(0);
    for stage in stages {
        let values = of(stage);
        strip(&mut picture, &stage.label(), (&values, most));
        let label = picture.tell(&stage.label());
        let list = |which: usize, comma: &str| {
            values.iter().map(|pair| pair[which].to_string()).collect::<Vec<_>>().join(comma)
        };
        let said = Text::new(
            format!("{label}, oldest week first: {} as entered; {} verified.", list(0, ", "), list(1, ", ")),
            format!("{label}，由远及近：录入 {}；核实 {}。", list(0, "，"), list(1, "，")),
        );
        let said = picture.tell(&said);
        picture.say(&said);
    }
    let slot = slot(weeks.len());
    for (index, (on, _)) in weeks.iter().enumerate() {
        let x = MARGIN + slot * (index as f64 + 0.5);
        let day = on.format("%m-%d").to_string();
        picture.text((x, picture.y), SMALL, Anchor::Middle, false, &day);
    }
    picture.y += SMALL * layout::LINE;
    let under = picture.tell(&Text::new(
        "Above each pair as entered, below it as verified; counted on (month-day)",
        "柱上为录入人数，柱下为核实人数；统计日（月-日）",
    ));
    picture.paragraph(&under, SMALL, false);
    picture.finish()
}

fn count(counts: &BoardCounts, stage: Stage) -> i64 {
    match stage {
        Stage::Stage25 => counts.stage_25,
        Stage::Stage50 => counts.stage_50,
        _ => counts.stage_90,
    }
}

/// Width of a week.
fn slot(weeks: usize) -> f64 {
    ROOM / weeks.max(1) as f64
}

/// One stage: of each week a pair of bars, the first number above it and the second below.
fn strip(picture: &mut Picture, label: &Text, (values, most): (&[[i64; 2]], i64)) {
    let label = picture.tell(label);
    picture.paragraph(&label, MIDDLE, true);
    let slot = slot(values.len());
    let line = SMALL * layout::LINE;
    let ground = picture.y + line + HIGH;
    let width = (slot * 0.4).min(16.0);
    for (index, pair) in values.iter().enumerate() {
        let x = MARGIN + slot * (index as f64 + 0.5);
        let high = pair.map(|value| (layout::share(value, most) * HIGH).max(1.0));
        picture.bar((x - width, ground - high[0]), (width, high[0]), Fill::Solid);
        picture.bar((x, ground - high[1]), (width, high[1]), Fill::Striped);
        // The number stands on the higher bar, so a line's height is kept free above the highest.
        let above = (x, ground - high[0].max(high[1]) - line);
        picture.text(above, SMALL, Anchor::Middle, true, &layout::short(pair[0]));
        picture.text((x, ground + 2.0), SMALL, Anchor::Middle, false, &layout::short(pair[1]));
    }
    picture.rule((MARGIN, ground), (WIDTH - MARGIN, ground), (RULE, 1.0));
    picture.y = ground + line + 6.0;
}
