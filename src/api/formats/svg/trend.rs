//! The trend of the board as a picture: week by week how many stood at 25, 50 and 90%, each on a strip of its own, all on
//! one scale, so that the strips can be held against each other.

use chrono::NaiveDate;

use super::{Anchor, Fill, MARGIN, MIDDLE, Picture, ROOM, RULE, SMALL, WIDTH, layout};
use crate::domain::{
    shape::BoardCounts,
    stage::Stage,
    text::{Language, Text},
};

/// Height of the longest bar.
const HIGH: f64 = 48.0;
/// Most weeks that fit side by side.
const MOST: usize = 8;

/// Draws it: the last eight of the weeks given, oldest first, each with the day on which it was counted. `caption` says
/// whose board it is.
pub fn trend(weeks: &[(NaiveDate, BoardCounts)], caption: &str, language: Language) -> String {
    let weeks = &weeks[weeks.len().saturating_sub(MOST)..];
    let title = Text::new("The board week by week", "看板逐周走势");
    let mut picture = Picture::new("trend", &title, caption, language);
    let count = |counts: &BoardCounts, stage: Stage| match stage {
        Stage::Stage25 => counts.stage_25,
        Stage::Stage50 => counts.stage_50,
        _ => counts.stage_90,
    };
    let stages = [Stage::Stage25, Stage::Stage50, Stage::Stage90];
    let most =
        weeks.iter().flat_map(|(_, counts)| stages.map(|stage| count(counts, stage))).max().unwrap_or(0);
    for stage in stages {
        let values: Vec<i64> = weeks.iter().map(|(_, counts)| count(counts, stage)).collect();
        strip(&mut picture, &stage.label(), (&values, most));
        let list: Vec<String> = values.iter().map(i64::to_string).collect();
        let label = picture.tell(&stage.label());
        let said = Text::new(
            format!("{label}, oldest week first: {}.", list.join(", ")),
            format!("{label}，由远及近：{}。", list.join("，")),
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
    let under = picture.tell(&Text::new("As entered; counted on (month-day)", "录入人数；统计日（月-日）"));
    picture.paragraph(&under, SMALL, false);
    let as_entered = picture.tell(&Text::new("As entered.", "按录入统计。"));
    picture.say(&as_entered);
    picture.finish()
}

/// Width of a week.
fn slot(weeks: usize) -> f64 {
    ROOM / weeks.max(1) as f64
}

fn strip(picture: &mut Picture, label: &Text, (values, most): (&[i64], i64)) {
    let label = picture.tell(label);
    picture.paragraph(&label, MIDDLE, true);
    let slot = slot(values.len());
    // The number stands on its bar, so a line's height is kept free above the highest.
    let ground = picture.y + SMALL * layout::LINE + HIGH;
    for (index, value) in values.iter().enumerate() {
        let x = MARGIN + slot * (index as f64 + 0.5);
        let high = layout::share(*value, most) * HIGH;
        let width = (slot * 0.6).min(30.0);
        picture.bar((x - width / 2.0, ground - high.max(1.0)), (width, high), Fill::Solid);
        let above = (x, ground - high.max(1.0) - SMALL * layout::LINE);
        picture.text(above, SMALL, Anchor::Middle, true, &layout::short(*value));
    }
    picture.rule((MARGIN, ground), (WIDTH - MARGIN, ground), (RULE, 1.0));
    picture.y = ground + 8.0;
}
