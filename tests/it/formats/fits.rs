//! The workbooks on paper: no text is higher than its row, however long the names, and every sheet repeats its headings.
//! Those with the longest names are also written to `target/tmp/workbooks`, to be looked at.

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read as _},
    path::Path,
};

use prospector::{
    api::formats::{Format, OFFERS},
    domain::{
        reports::report::Report,
        values::text::{Language, Text},
    },
    store::db::connection::Engine,
};
use roxmltree::{Document, Node};
use serde_json::json;

use super::reading::text;
use crate::harness::{Person, World, app::Answer, given::Prospect};

/// Pixels of a point, and of a digit in which columns are measured.
const POINT: f64 = 96.0 / 72.0;
const DIGIT: f64 = 7.0;
/// What a program keeps free at both sides of a cell, and an indent takes, in pixels.
const SIDES: f64 = 4.0;
const INDENT: f64 = 9.0;
/// How high a row is that says nothing, in points.
const USUAL_ROW: f64 = 15.0;

struct Book {
    parts: BTreeMap<String, String>,
    strings: Vec<String>,
    /// Of each style: the size of its letters in points, and whether it is indented.
    styles: Vec<(f64, bool)>,
}

fn all<'a, 'd>(of: Node<'a, 'd>, name: &'static str) -> impl Iterator<Item = Node<'a, 'd>> {
    of.descendants().filter(move |node| node.tag_name().name() == name)
}

fn number(node: Node, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

impl Book {
    fn of(answer: &Answer) -> Book {
        let mut archive = zip::ZipArchive::new(Cursor::new(answer.body.clone())).unwrap();
        let mut parts = BTreeMap::new();
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).unwrap();
            let mut text = String::new();
            part.read_to_string(&mut text).unwrap();
            let name = part.name().unwrap().into_owned();
            parts.insert(name, text);
        }
        let strings = Document::parse(&parts["xl/sharedStrings.xml"]).unwrap();
        let words = |si: Node| all(si, "t").filter_map(|t| t.text()).collect::<String>();
        let strings = all(strings.root(), "si").map(words).collect();
        let styles = Document::parse(&parts["xl/styles.xml"]).unwrap();
        let sizes: Vec<f64> = all(styles.root(), "sz").map(|sz| number(sz, "val")).collect();
        let cells = all(styles.root(), "cellXfs").next().unwrap();
        let style = |xf: Node| {
            (sizes[number(xf, "fontId") as usize], all(xf, "alignment").any(|a| a.has_attribute("indent")))
        };
        let styles = all(cells, "xf").map(style).collect();
        Book { parts, strings, styles }
    }

    /// The sheets, as they stand in the file.
    fn sheets(&self) -> impl Iterator<Item = (&str, Document<'_>)> {
        let sheets = self.parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet"));
        sheets.map(|(name, text)| (name.as_str(), Document::parse(text).unwrap()))
    }

    /// Texts that need more lines than their rows have room for.
    fn clipped(&self) -> Vec<String> {
        let mut clipped = Vec::new();
        for (name, sheet) in self.sheets() {
            let mut widths = BTreeMap::new();
            for col in all(sheet.root(), "col") {
                for index in number(col, "min") as usize..=number(col, "max") as usize {
                    widths.insert(index - 1, number(col, "width") * DIGIT);
                }
            }
            let height = |row: Node| row.attribute("ht").map_or(USUAL_ROW, |ht| ht.parse().unwrap());
            let heights: BTreeMap<usize, f64> =
                all(sheet.root(), "row").map(|row| (number(row, "r") as usize - 1, height(row))).collect();
            let areas: BTreeMap<(usize, usize), (usize, usize)> = all(sheet.root(), "mergeCell")
                .map(|area| {
                    let (from, to) = area.attribute("ref").unwrap().split_once(':').unwrap();
                    (place(from), place(to))
                })
                .collect();
            for cell in all(sheet.root(), "c").filter(|cell| cell.attribute("t") == Some("s")) {
                let value = all(cell, "v").next().unwrap().text().unwrap();
                let said = &self.strings[value.parse::<usize>().unwrap()];
                let (size, indented) = self.styles[number(cell, "s") as usize];
                let (row, col) = place(cell.attribute("r").unwrap());
                let (bottom, right) = areas.get(&(row, col)).copied().unwrap_or((row, col));
                let wide: f64 = (col..=right).filter_map(|col| widths.get(&col)).sum();
                let room = wide - SIDES - if indented { INDENT } else { 0.0 };
                let high: f64 =
                    (row..=bottom).map(|row| heights.get(&row).copied().unwrap_or(USUAL_ROW)).sum();
                let lines = lines(said, room, size * POINT);
                if f64::from(lines) * size * 1.4 > high && high < 409.0 {
                    clipped.push(format!("{name} {row},{col}: {lines} lines in {high} points: {said}"));
                }
            }
        }
        clipped
    }
}

/// Row and column, from 0, of a place such as `B3`.
fn place(reference: &str) -> (usize, usize) {
    let digits = reference.find(|c: char| c.is_ascii_digit()).unwrap();
    let col = reference[..digits].bytes().fold(0, |col, letter| col * 26 + usize::from(letter - b'A') + 1);
    (reference[digits..].parse::<usize>().unwrap() - 1, col - 1)
}

/// Lines that a text takes at least: a Chinese character is as wide as high, a slim letter a quarter of it, every other half.
fn lines(text: &str, room: f64, em: f64) -> u32 {
    let mut lines = 0;
    for paragraph in text.split('\n') {
        let (mut used, mut here) = (0.0, 1);
        for c in paragraph.chars() {
            let wide = match c {
                '\u{2e80}'.. => em,
                _ if "ijlI.,:;'|! ()".contains(c) => em / 4.0,
                _ => em / 2.0,
            };
            if used + wide > room {
                (used, here) = (0.0, here + 1);
            }
            used += wide;
        }
        lines += here;
    }
    lines
}

/// A team, an agent and a prospect with names as long as names may be.
fn with_long_names(world: &World, letters: &str) -> (Person, String) {
    let cast = world.cast();
    let long = |first: &str| format!("{first}{}", letters.repeat(100)).chars().take(100).collect::<String>();
    let renames = |path: String, body| {
        let seen = world.get(&path).by(&cast.head_a).status(200).version();
        world.patch(&path, body).by(&cast.head_a).if_match(seen).status(200);
    };
    renames(format!("/v1/teams/{}", cast.north.id), json!({"name": long("T")}));
    renames(format!("/v1/agents/{}", cast.agent_a.id), json!({"display_name": long("A")}));
    for number in 0..3 {
        let mut p = Prospect::named(world, &cast.agent_a, &long(&number.to_string()));
        p.fix_first(world, &cast.agent_a, "2009-12-14");
        p.meet(world, &cast.agent_a, "2009-12-14", "2010-01-11");
    }
    world.on("2010-01-11");
    let team = format!("team_id={}&include_subteams=true", cast.north.id);
    (cast.head_a, format!("{team}|agent_id={}", cast.agent_a.id))
}

fn workbooks(world: &World, by: &Person, whose: &str) -> Vec<(&'static str, Language, Answer)> {
    let mut books = Vec::new();
    for (path, _) in OFFERS.iter().filter(|(_, formats)| formats.contains(&Format::Xlsx)) {
        for language in [Language::En, Language::ZhCn] {
            for of in whose.split('|') {
                let one_sided = [("action-sheet", "team_id"), ("team-sheet", "agent_id")];
                if one_sided.iter().any(|(report, not)| path.ends_with(report) && of.starts_with(not)) {
                    continue;
                }
                let call = world.get(&format!("{path}?{of}&format=xlsx")).by(by);
                books.push((*path, language, call.header("Accept-Language", language.tag()).status(200)));
            }
        }
    }
    books
}

#[test]
fn no_row_is_too_low_for_its_texts_however_long_the_names() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("workbooks");
    fs::create_dir_all(&folder).unwrap();
    for letters in ["浦东新区陆家嘴营业部", "Wilhelmina "] {
        let world = World::new(Engine::Sqlite).unwrap();
        let (by, whose) = with_long_names(&world, letters);
        for (number, (path, language, answer)) in workbooks(&world, &by, &whose).into_iter().enumerate() {
            let name = format!("{}-{number}-{}.xlsx", path.rsplit('/').next().unwrap(), letters.trim_end());
            fs::write(folder.join(name), &answer.body).unwrap();
            let clipped = Book::of(&answer).clipped();
            assert!(clipped.is_empty(), "{path} in {language:?}:\n{}", clipped.join("\n"));
        }
    }
}

#[test]
fn the_last_sheet_says_which_figure_it_explains_and_every_sheet_repeats_its_headings() {
    let world = World::new(Engine::Sqlite).unwrap();
    let cast = world.cast();
    let team = format!("team_id={}|agent_id={}", cast.north.id, cast.agent_a.id);
    for (path, language, answer) in workbooks(&world, &cast.head_a, &team) {
        let report = path.rsplit('/').next().unwrap().replace('-', "_");
        let report = Report::ALL.into_iter().find(|known| known.code() == report).unwrap();
        let mut book: calamine::Xlsx<_> = calamine::Reader::new(Cursor::new(answer.body.clone())).unwrap();
        let names = calamine::Reader::sheet_names(&book);
        let sheet = calamine::Reader::worksheet_range(&mut book, names.last().unwrap()).unwrap();
        let say = |said: Text| said.in_language(language).to_owned();
        let head = [say(Text::new("Figure", "指标")), say(Text::new("What it means", "含义"))];
        assert_eq!([text(&sheet, 1, 0), text(&sheet, 1, 1)], head, "{path}");
        for (row, figure) in (2..).zip(report.figures()) {
            let said = [text(&sheet, row, 0), text(&sheet, row, 1)];
            assert_eq!(said, [say(figure.label()), say(figure.text())], "{path}");
        }
        let book = Book::of(&answer);
        let workbook = Document::parse(&book.parts["xl/workbook.xml"]).unwrap();
        let titles = all(workbook.root(), "definedName")
            .filter(|name| name.attribute("name") == Some("_xlnm.Print_Titles"));
        assert_eq!(titles.count(), book.sheets().count(), "{path} repeats no headings on some sheet");
    }
}
