//! The funnel as a picture: two groups, each with a frame, a pattern and a scale of its own, because who *entered* a stage
//! and who *stands* at it are never added up.

use chrono::NaiveDate;

use super::{Fill, MARGIN, MIDDLE, Picture, RULE, SMALL, WIDTH, widest};
use crate::domain::{
    reports::{
        funnel::{CurrentlyAt, Entered},
        report::Report,
    },
    values::{
        text::{Language, Text},
        window::Window,
    },
};

/// Draws it. `caption` says whose funnel it is.
pub fn funnel(
    (entered, period): (&Entered, Window),
    (at, as_of): (&CurrentlyAt, NaiveDate),
    caption: &str,
    language: Language,
) -> String {
    let mut picture = Picture::new("funnel", &Report::Funnel.title(), caption, language);
    let Window { from, to } = period;
    let title = Text::new(format!("Entered from {from} to {to}"), format!("{from} 至 {to} 进入"));
    group(&mut picture, &title, &entered.labelled(), Fill::Solid);
    let title = Text::new(format!("Currently at, on {as_of}"), format!("{as_of} 当前所处"));
    group(&mut picture, &title, &at.labelled(), Fill::Striped);
    let apart = Text::new(
        "The two groups count different things and are never added up.",
        "两组数字含义不同，不可相加。",
    );
    let apart = picture.tell(&apart);
    picture.paragraph(&apart, SMALL, false);
    picture.say(&apart);
    picture.finish()
}

fn group(picture: &mut Picture, title: &Text, rows: &[(Text, i64)], fill: Fill) {
    let top = picture.y;
    picture.y += 4.0;
    let title = picture.tell(title);
    // Inside the frame.
    let colon = picture.tell(&Text::new(": ", "："));
    let labels: Vec<String> = rows.iter().map(|(label, _)| picture.tell(label)).collect();
    let left = MARGIN + widest(labels.iter().map(String::as_str), SMALL) + 8.0;
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or(0);
    picture.paragraph(&title, MIDDLE, true);
    for (label, (_, count)) in labels.iter().zip(rows) {
        picture.counted(label, (*count, most), left, fill);
    }
    picture.y += 4.0;
    let (bottom, right) = (picture.y, WIDTH - 4.0);
    for (from, to) in [
        ((4.0, top), (right, top)),
        ((right, top), (right, bottom)),
        ((right, bottom), (4.0, bottom)),
        ((4.0, bottom), (4.0, top)),
    ] {
        picture.rule(from, to, (RULE, 1.0));
    }
    picture.y += 12.0;
    let said: Vec<String> =
        labels.iter().zip(rows).map(|(label, (_, count))| format!("{label} {count}")).collect();
    let (comma, stop) = (Text::new(", ", "，"), Text::new(".", "。"));
    let sentence = format!("{title}{colon}{}{}", said.join(&picture.tell(&comma)), picture.tell(&stop));
    picture.say(&sentence);
}
