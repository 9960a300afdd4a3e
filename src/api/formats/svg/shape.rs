//! The shape of the board as a picture: how many stand at 25, 50 and 90% as entered beside as verified, what that is
//! called, and what to do about it.

use super::{Anchor, Fill, MARGIN, MIDDLE, Picture, SMALL, layout::LINE};
use crate::domain::{
    method::stage::Stage,
    reports::{
        definition::Figure,
        report::Report,
        shape::{BoardCounts, Boards, Reading},
    },
    values::text::{Language, Text},
};

/// Where the bars begin.
const LEFT: f64 = 60.0;

/// Draws it. `caption` says whose board it is, and of which day.
pub fn shape(
    boards: &Boards,
    (entered, verified): (&Reading, &Reading),
    caption: &str,
    language: Language,
) -> String {
    let mut picture = Picture::new("shape", &Report::Shape.title(), caption, language);
    let [as_entered, as_verified] =
        [Figure::ShapeEntered, Figure::ShapeVerified].map(|board| picture.tell(&board.label()));
    picture.legend(&[(Fill::Solid, as_entered.clone()), (Fill::Striped, as_verified.clone())]);
    let most = counts(&boards.entered).into_iter().chain(counts(&boards.verified)).max().unwrap_or(0);
    for ((stage, e), v) in [Stage::Stage25, Stage::Stage50, Stage::Stage90]
        .iter()
        .zip(counts(&boards.entered))
        .zip(counts(&boards.verified))
    {
        let label = picture.tell(&stage.label());
        let middle = picture.y + SMALL * LINE - MIDDLE * LINE / 2.0;
        picture.text((MARGIN, middle), MIDDLE, Anchor::Start, true, &label);
        picture.counted("", (e, most), LEFT, Fill::Solid);
        picture.counted("", (v, most), LEFT, Fill::Striped);
        picture.y += 8.0;
        let said = Text::new(
            format!("{label}: {e} as entered, {v} verified."),
            format!("{label}：录入 {e} 人，核实 {v} 人。"),
        );
        let said = picture.tell(&said);
        picture.say(&said);
    }
    name(&mut picture, &as_entered, entered);
    name(&mut picture, &as_verified, verified);
    let claimed = Text::new(
        format!("{} of the verified rest on the agent's word.", boards.n_claimed),
        format!("核实人数中有 {} 人凭代理人申报。", boards.n_claimed),
    );
    let misplaced = Text::new(
        format!("{} stand elsewhere than the rules put them.", boards.n_misplaced),
        format!("{} 人的归类与标准不符。", boards.n_misplaced),
    );
    for (count, text) in [(boards.n_claimed, claimed), (boards.n_misplaced, misplaced)] {
        if count > 0 {
            remark(&mut picture, &text);
        }
    }
    picture.y += 4.0;
    remark(&mut picture, &verified.cause.text());
    for remedy in &verified.remedies {
        let remedy = remedy.text();
        remark(&mut picture, &Text::new(format!("• {}", remedy.en), format!("• {}", remedy.zh)));
    }
    picture.finish()
}

fn counts(counts: &BoardCounts) -> [i64; 3] {
    [counts.stage_25, counts.stage_50, counts.stage_90]
}

/// The name of a shape, and how much it says.
fn name(picture: &mut Picture, board: &str, reading: &Reading) {
    let (label, sure) = (reading.shape.label(), reading.confidence.label());
    let near = reading.nearest.map(|shape| shape.label());
    let text = Text::new(
        match near.as_ref() {
            Some(near) => format!("{board}: {}, nearest to {} ({})", label.en, near.en, sure.en),
            None => format!("{board}: {} ({})", label.en, sure.en),
        },
        match near.as_ref() {
            Some(near) => format!("{board}：{}，接近{}（{}）", label.zh, near.zh, sure.zh),
            None => format!("{board}：{}（{}）", label.zh, sure.zh),
        },
    );
    let text = picture.tell(&text);
    picture.paragraph(&text, MIDDLE, true);
    let stop = picture.tell(&Text::new(".", "。"));
    picture.say(&format!("{text}{stop}"));
}

fn remark(picture: &mut Picture, text: &Text) {
    let text = picture.tell(text);
    picture.paragraph(&text, SMALL, false);
    picture.say(text.trim_start_matches("• "));
}
