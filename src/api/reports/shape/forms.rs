//! The shape as tables and as a picture: both boards, each member's, eight weeks, and what to do next.

use super::{BoardReading, CodedText, Drawable, ShapePicture, ShapeView, TrendPoint};
use crate::{
    api::formats::{About, Cell, Column, Kind, Table, Tables, report_forms::Forms, svg, table::columns},
    domain::{
        reports::{definition::Figure, report::Report},
        values::{
            id::Id,
            text::{Language, Text},
        },
    },
};

const BOARD: [(Kind, &str, &str); 10] = [
    (Kind::Text, "Board", "看板"),
    (Kind::Integer, "25%", "25%"),
    (Kind::Integer, "50%", "50%"),
    (Kind::Integer, "90%", "90%"),
    (Kind::Integer, "Effective prospects", "有效潜在客户"),
    (Kind::Text, "Shape", "形态"),
    (Kind::Text, "Nearest to", "接近"),
    (Kind::Text, "Confidence", "可信程度"),
    (Kind::Text, "Where it comes from", "原因"),
    (Kind::Text, "What to do", "怎么做"),
];

const MEMBER: [(Kind, &str, &str); 2] =
    [(Kind::Text, "Member", "组员"), (Kind::Key, "Member id", "组员编号")];

const TREND: [(Kind, &str, &str); 7] = [
    (Kind::Date, "Counted on", "统计日"),
    (Kind::Text, "Board", "看板"),
    (Kind::Integer, "25%", "25%"),
    (Kind::Integer, "50%", "50%"),
    (Kind::Integer, "90%", "90%"),
    (Kind::Integer, "Effective prospects", "有效潜在客户"),
    (Kind::Text, "Shape", "形态"),
];

const NEXT: [(Kind, &str, &str); 4] = [
    (Kind::Text, "What to do", "怎么做"),
    (Kind::Text, "Name", "姓名"),
    (Kind::Date, "By", "截止"),
    (Kind::Key, "Prospect id", "联系人编号"),
];

impl Forms for Drawable {
    type View = ShapeView;

    fn about(&self) -> About {
        self.view.subject.about(Report::Shape, self.view.subject.day())
    }

    fn people(&self) -> Vec<Id> {
        self.view.next_actions.iter().filter_map(|action| action.prospect_id).collect()
    }

    fn view(self, _: Language) -> ShapeView {
        self.view
    }

    fn tables(&self, language: Language) -> Tables {
        let v = &self.view;
        let mut tables = vec![Table::new(
            language,
            ("Board", "看板"),
            &BOARD,
            both((&v.entered, &v.verified), language).to_vec(),
        )];
        if !v.members.is_empty() {
            let rows = v.members.iter().flat_map(|m| {
                let who = [Cell::Text(m.agent_name.clone()), m.agent_id.into()];
                both((&m.entered, &m.verified), language).map(|row| [who.to_vec(), row].concat())
            });
            let headings = [&MEMBER[..], &BOARD].concat();
            tables.push(Table::new(language, ("Each member", "各组员"), &headings, rows.collect()));
        }
        tables.push(Table::new(
            language,
            ("Eight weeks", "最近八周"),
            &TREND,
            v.trend.iter().flat_map(|week| trend(week, language)).collect(),
        ));
        if !v.next_actions.is_empty() {
            let next = v.next_actions.iter().map(|action| {
                vec![
                    Cell::Text(action.text.clone()),
                    Cell::text(action.name.clone()),
                    Cell::date(action.by.map(|on| on.0)),
                    action.prospect_id.map_or(Cell::Empty, Cell::from),
                ]
            });
            tables.push(Table::new(language, ("What to do next", "下一步"), &NEXT, next.collect()));
        }
        let above = self.above(language);
        Tables { report: Report::Shape, as_of: v.subject.as_of.0, language, above, tables }
    }

    fn picture(&self, language: Language) -> Option<String> {
        let caption = self.view.subject.caption(self.view.subject.day(), language);
        let (entered, verified) = &self.readings;
        Some(match self.picture {
            ShapePicture::Board => svg::shape::shape(&self.boards, (entered, verified), &caption, language),
            ShapePicture::Trend => svg::trend::trend(&self.weeks, &caption, language),
        })
    }
}

impl Drawable {
    fn above(&self, language: Language) -> Vec<(Column, Cell)> {
        let v = &self.view;
        let headings = [
            (Kind::Integer, "On the agent's word", "凭代理人申报"),
            (Kind::Integer, "Elsewhere than the rules say", "与标准不符"),
        ];
        let cells = [v.n_claimed, v.n_misplaced].map(Cell::Integer);
        let mut above = v.subject.above(v.subject.day(), language);
        above.extend(columns(language, &headings).into_iter().zip(cells));
        above
    }
}

/// A board as entered, and as verified.
fn both((entered, verified): (&BoardReading, &BoardReading), language: Language) -> [Vec<Cell>; 2] {
    let [as_entered, as_verified] = names();
    [board(&as_entered, entered, language), board(&as_verified, verified, language)]
}

fn names() -> [Text; 2] {
    [Figure::ShapeEntered, Figure::ShapeVerified].map(Figure::label)
}

fn board(name: &Text, r: &BoardReading, language: Language) -> Vec<Cell> {
    let remedies: Vec<&str> = r.remedies.iter().map(|CodedText { text, .. }| text.as_str()).collect();
    vec![
        Cell::said(name, language),
        Cell::Integer(r.stage_25),
        Cell::Integer(r.stage_50),
        Cell::Integer(r.stage_90),
        Cell::Integer(r.n),
        Cell::said(&r.shape.label(), language),
        r.nearest.map_or(Cell::Empty, |shape| Cell::said(&shape.label(), language)),
        Cell::said(&r.confidence.label(), language),
        Cell::Text(r.cause.text.clone()),
        Cell::Text(remedies.join(Text::new(" ", "").in_language(language))),
    ]
}

/// A week as entered, and as verified.
fn trend(week: &TrendPoint, language: Language) -> [Vec<Cell>; 2] {
    let [as_entered, as_verified] = names();
    [(as_entered, &week.entered), (as_verified, &week.verified)].map(|(name, board)| {
        vec![
            Cell::Date(week.on.0),
            Cell::said(&name, language),
            Cell::Integer(board.stage_25),
            Cell::Integer(board.stage_50),
            Cell::Integer(board.stage_90),
            Cell::Integer(board.n),
            Cell::said(&board.shape.label(), language),
        ]
    })
}
