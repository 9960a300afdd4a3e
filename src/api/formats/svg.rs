//! Pictures for a phone: 360 wide, letters of 12 and more, a title and a description for those who do not see them.
//!
//! Colours are told apart by the colour-blind, and never say anything alone: there is a pattern, a label or a number.
//! Nothing is fetched, nothing runs, every text is escaped.

pub mod funnel;
mod layout;
pub mod ratios;
pub mod shape;
pub mod trend;

use std::fmt::Write as _;

use crate::domain::values::text::{Language, Text};
use layout::{LINE, lines, text_width};

/// Width of every picture.
const WIDTH: f64 = 360.0;
/// Room left at both sides.
const MARGIN: f64 = 12.0;
/// Width between the margins.
const ROOM: f64 = WIDTH - 2.0 * MARGIN;
/// Sizes of letters.
const SMALL: f64 = 12.0;
const MIDDLE: f64 = 14.0;
const LARGE: f64 = 18.0;

/// Black on white, and two colours that no common colour blindness confuses.
const INK: &str = "#1a1a1a";
const PAPER: &str = "#ffffff";
const BLUE: &str = "#0072b2";
const ORANGE: &str = "#b34700";
const RULE: &str = "#8c8c8c";

const FONTS: &str = "system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif";

/// How a bar is filled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// Blue, all over.
    Solid,
    /// Orange stripes.
    Striped,
}

/// Where a text's `x` is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture in the making; everything is added below what is there.
struct Picture {
    id: &'static str,
    language: Language,
    title: String,
    said: Vec<String>,
    body: String,
    y: f64,
}

impl Picture {
    /// Begins with the title and what it is about, e.g. a name and a date.
    fn new(id: &'static str, title: &Text, caption: &str, language: Language) -> Self {
        let title = title.in_language(language).to_owned();
        let mut picture =
            Picture { id, language, title: title.clone(), said: Vec::new(), body: String::new(), y: 6.0 };
        picture.paragraph(&title, LARGE, true);
        if !caption.is_empty() {
            picture.paragraph(caption, SMALL, false);
            picture.say(caption);
        }
        picture.y += 6.0;
        picture
    }

    fn tell(&self, text: &Text) -> String {
        text.in_language(self.language).to_owned()
    }

    /// Adds a sentence to the description.
    fn say(&mut self, sentence: &str) {
        self.said.push(sentence.to_owned());
    }

    /// Writes text over the whole width, in as many lines as it takes.
    fn paragraph(&mut self, text: &str, size: f64, bold: bool) {
        for line in lines(text, size, ROOM, bold) {
            self.text((MARGIN, self.y), size, Anchor::Start, bold, &line);
            self.y += size * LINE;
        }
    }

    /// Writes one line whose box begins at a height.
    fn text(&mut self, (x, top): (f64, f64), size: f64, anchor: Anchor, bold: bool, text: &str) {
        // The middle of the letters stands in the middle of the line, whatever the font's own metrics are.
        let baseline = top + size * (LINE / 2.0 + 0.35);
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if bold { " font-weight=\"700\"" } else { "" };
        self.draw(format_args!(
            "<text x=\"{x:.1}\" y=\"{baseline:.1}\" font-size=\"{size}\"{anchor}{weight}>{}</text>",
            escaped(text)
        ));
    }

    /// Draws a bar; one of no length is a thin line, so that a nought is seen.
    fn bar(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: Fill) {
        let (width, height) = (width.max(1.0), height.max(1.0));
        let (paint, line) = match fill {
            Fill::Solid => (BLUE.to_owned(), BLUE),
            Fill::Striped => (format!("url(#{}-stripes)", self.id), ORANGE),
        };
        self.draw(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{paint}\" stroke=\"{line}\"/>"
        ));
    }

    /// Draws a straight line.
    fn rule(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), (colour, width): (&str, f64)) {
        self.draw(format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
        ));
    }

    /// Shows what a fill means.
    fn legend(&mut self, entries: &[(Fill, String)]) {
        for (fill, label) in entries {
            let first = self.y;
            for line in lines(label, SMALL, ROOM - 24.0, false) {
                self.text((MARGIN + 24.0, self.y), SMALL, Anchor::Start, false, &line);
                self.y += SMALL * LINE;
            }
            self.bar((MARGIN, first + 3.0), (16.0, 12.0), *fill);
        }
        self.y += 6.0;
    }

    /// A label, a bar and its number, side by side.
    fn counted(&mut self, label: &str, (count, most): (i64, i64), left: f64, fill: Fill) {
        let number = layout::short(count);
        let room = WIDTH - MARGIN - left - layout::NUMBER;
        let long = layout::share(count, most) * room;
        let height = SMALL * LINE;
        self.text((MARGIN, self.y), SMALL, Anchor::Start, false, label);
        self.bar((left, self.y + 3.0), (long, height - 6.0), fill);
        self.text((left + long.max(1.0) + 6.0, self.y), SMALL, Anchor::Start, true, &number);
        self.y += height;
    }

    fn draw(&mut self, what: std::fmt::Arguments) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "{what}");
    }

    /// The file.
    fn finish(self) -> String {
        let Picture { id, language, title, said, body, y } = self;
        let height = (y + 10.0).ceil();
        let between = if language == Language::En { " " } else { "" };
        let description = said.join(between);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" xml:lang=\"{tag}\" \
             font-family=\"{FONTS}\" fill=\"{INK}\">\n<title id=\"{id}-title\">{title}</title>\n\
             <desc id=\"{id}-desc\">{description}</desc>\n\
             <defs><pattern id=\"{id}-stripes\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"{PAPER}\"/>\
             <rect width=\"3\" height=\"6\" fill=\"{ORANGE}\"/></pattern></defs>\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"{PAPER}\"/>\n{body}</svg>\n",
            tag = language.tag(),
            title = escaped(&title),
            description = escaped(&description),
        )
    }
}

/// Text that means itself in XML; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() && !['\t', '\n', '\r'].contains(&c) => {}
            c => safe.push(c),
        }
    }
    safe
}

/// The width of the widest of some labels.
fn widest<'a>(labels: impl IntoIterator<Item = &'a str>, size: f64) -> f64 {
    labels.into_iter().map(|label| text_width(label, size, false)).fold(0.0, f64::max)
}
