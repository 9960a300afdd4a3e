//! What a supervisor signs at the check-in (method section 8): the figures of one agent's block, frozen. Later late entries
//! show beside them as restatements, never silently.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    premium_flow::PremiumKind,
    sheet::{Book, Columns, SheetEntry},
    sheet_week::Block,
    team_sheet::{MemberBlock, TeamRow},
};
use crate::domain::{
    method::stage::Stage,
    values::{
        id::Id,
        text::Text,
        window::{Span, hold_throughout, holds_on},
    },
};

/// The figures of a block as signed: ids and counts, so that erasing a person leaves them standing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedFigures {
    /// The last day they were computed over.
    pub counted_to: NaiveDate,
    /// Who stood where (`mode=activity`).
    pub columns: Columns,
    /// The member's row of the team sheet.
    pub row: TeamRow,
    /// What flowed, day by day, for an agent who changes teams within the block; none where it was signed before that was
    /// kept.
    #[serde(default)]
    pub flows: Option<SignedFlows>,
}

/// The flows of a block as signed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SignedFlows {
    /// The closings: day and contact.
    pub closings: Vec<(NaiveDate, Id)>,
    /// The premiums: day, kind, minor units.
    pub premiums: Vec<(NaiveDate, PremiumKind, i64)>,
}

impl SignedFigures {
    /// What is frozen when a block is signed on a day; none before its last day.
    pub fn of(book: &Book, block: &Block, today: NaiveDate) -> Option<Self> {
        let window = block.counted(today).filter(|_| block.may_be_signed_off(today))?;
        let MemberBlock { columns, row, .. } = MemberBlock::of(book, block, today, &[Span::ALWAYS]);
        let closings = book.closings.iter().filter(|c| window.contains(c.on));
        let premiums = book.premiums.iter().filter(|f| window.contains(f.on));
        let flows = SignedFlows {
            closings: closings.map(|c| (c.on, c.prospect_id)).collect(),
            premiums: premiums.map(|f| (f.on, f.kind, f.minor)).collect(),
        };
        Some(SignedFigures { counted_to: window.to, columns, row, flows: Some(flows) })
    }

    /// What of it belongs to a team that the agent was a member of during `member`: all of it for who was there
    /// throughout; for who came within the block the positions, and the flows of the days since (method section 11).
    /// None for a team that the agent had left by the block's end: its row is computed, and marked where it was told late.
    /// `now` is the block as that team would have it today; it gives the flows where none were kept.
    pub fn part(&self, block: &Block, member: &[Span], now: &MemberBlock) -> Option<Self> {
        if hold_throughout(member, block.window) {
            return Some(self.clone());
        }
        if !holds_on(member, block.window.to) {
            return None;
        }
        let mut part = self.clone();
        let Some(flows) = &mut part.flows else {
            part.columns.closed = now.columns.closed.clone();
            part.row = TeamRow { subtotals: part.columns.subtotals(), ..now.row };
            return Some(part);
        };
        flows.closings.retain(|(on, _)| holds_on(member, *on));
        flows.premiums.retain(|(on, ..)| holds_on(member, *on));
        part.columns.closed.retain(|entry| flows.closings.iter().any(|(_, id)| *id == entry.prospect_id));
        let sum = |of: PremiumKind| -> i64 {
            flows.premiums.iter().filter(|(_, kind, _)| *kind == of).map(|(.., minor)| minor).sum()
        };
        part.row = TeamRow {
            subtotals: part.columns.subtotals(),
            advance_premium_minor: sum(PremiumKind::Advance),
            standard_premium_minor: sum(PremiumKind::Standard),
        };
        Some(part)
    }
}

/// How often one block may be signed, revocations included: a bound for lists, not a rule of the method.
pub const MOST_ATTEMPTS: i32 = 20;

/// Why a block is not signed off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotSigned {
    /// Its last day has not come.
    NotOver {
        /// That day.
        last_day: NaiveDate,
    },
    /// A sign-off of it stands.
    Standing,
    /// It was signed and revoked too often.
    TooOften,
}

/// The number of the next sign-off of a block on a day, 1 and up. `revoked` says of each earlier one, in order, whether
/// it was revoked.
///
/// # Errors
/// Why it may not be signed.
pub fn next_attempt(block: &Block, today: NaiveDate, revoked: &[bool]) -> Result<i32, NotSigned> {
    if !block.may_be_signed_off(today) {
        return Err(NotSigned::NotOver { last_day: block.window.to });
    }
    if revoked.contains(&false) {
        return Err(NotSigned::Standing);
    }
    match i32::try_from(revoked.len()) {
        Ok(earlier) if earlier < MOST_ATTEMPTS => Ok(earlier + 1),
        _ => Err(NotSigned::TooOften),
    }
}

/// A figure of the team sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowFigure {
    /// Column 2.
    FirstAppointment,
    /// Column 3.
    #[serde(rename = "stage_25")]
    Stage25,
    /// Column 4.
    #[serde(rename = "stage_50")]
    Stage50,
    /// Column 5.
    #[serde(rename = "stage_90")]
    Stage90,
    /// Column 6.
    Closed,
    /// 预收保费, minor units.
    AdvancePremium,
    /// 承保标保, minor units.
    StandardPremium,
}

impl RowFigure {
    /// All seven, in the order of the paper.
    pub const ALL: [RowFigure; 7] = [
        RowFigure::FirstAppointment,
        RowFigure::Stage25,
        RowFigure::Stage50,
        RowFigure::Stage90,
        RowFigure::Closed,
        RowFigure::AdvancePremium,
        RowFigure::StandardPremium,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            RowFigure::FirstAppointment => "first_appointment",
            RowFigure::Stage25 => "stage_25",
            RowFigure::Stage50 => "stage_50",
            RowFigure::Stage90 => "stage_90",
            RowFigure::Closed => "closed",
            RowFigure::AdvancePremium => "advance_premium",
            RowFigure::StandardPremium => "standard_premium",
        }
    }

    /// What the paper calls it.
    pub fn label(self) -> Text {
        match self {
            RowFigure::FirstAppointment => Stage::FirstAppointment.label(),
            RowFigure::Stage25 => Stage::Stage25.label(),
            RowFigure::Stage50 => Stage::Stage50.label(),
            RowFigure::Stage90 => Stage::Stage90.label(),
            RowFigure::Closed => Stage::Closed.label(),
            RowFigure::AdvancePremium => Text::new("advance premium", "预收保费"),
            RowFigure::StandardPremium => Text::new("standard premium", "承保标保"),
        }
    }
}

/// A figure that late entries have changed since it was signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Restatement {
    /// Which.
    pub figure: RowFigure,
    /// As signed: a count, or minor units.
    pub signed: i64,
    /// As it would be now.
    pub restated: i64,
    /// Others stand in the column now than when it was signed, also where they are as many.
    pub others: bool,
}

/// What differs between the signed figures and those computed now, in the order of the paper: the figures, and who is
/// behind them.
pub fn restatements(signed: &SignedFigures, now: &MemberBlock) -> Vec<Restatement> {
    let who = |column: &Vec<SheetEntry>| column.iter().map(|e| e.prospect_id).collect::<BTreeSet<Id>>();
    let columns = signed.columns.entries().into_iter().zip(now.columns.entries());
    let others = columns.map(|(signed, now)| who(signed) != who(now)).chain([false; 2]);
    let pairs = signed.row.in_order().into_iter().zip(now.row.in_order());
    RowFigure::ALL
        .into_iter()
        .zip(pairs.zip(others))
        .filter(|(_, ((signed, restated), others))| signed != restated || *others)
        .map(|(figure, ((signed, restated), others))| Restatement { figure, signed, restated, others })
        .collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        reports::{
            premium_flow::PremiumFlow,
            sheet::{SheetClosing, Subtotals},
        },
        values::calendar::SheetWeekStart,
    };

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    fn at(n: u128) -> SheetEntry {
        let prospect_id = Id(Uuid::from_u128(n));
        SheetEntry { prospect_id, first_meeting_on: None, days_elapsed: None, over_cycle: false, late: false }
    }

    #[test]
    fn a_block_is_signed_from_its_last_day_and_again_only_after_a_revocation() {
        let block = Block::covering(day(13), SheetWeekStart::Friday);
        assert_eq!(next_attempt(&block, day(12), &[]), Err(NotSigned::NotOver { last_day: day(13) }));
        assert_eq!(next_attempt(&block, day(13), &[]), Ok(1));
        assert_eq!(next_attempt(&block, day(14), &[true, false]), Err(NotSigned::Standing));
        assert_eq!(next_attempt(&block, day(14), &[true, true]), Ok(3));
        assert_eq!(next_attempt(&block, day(14), &[true; 20]), Err(NotSigned::TooOften));
    }

    #[test]
    fn only_figures_that_changed_are_restated() {
        let row = TeamRow {
            subtotals: Subtotals { first_appointment: 3, closed: 2, ..Subtotals::default() },
            advance_premium_minor: 300_000,
            standard_premium_minor: 600_000,
        };
        let signed = SignedFigures { counted_to: day(13), columns: Columns::default(), row, flows: None };
        let mut now = MemberBlock { row, ..MemberBlock::default() };
        assert_eq!(restatements(&signed, &now), []);
        now.row.subtotals.closed = 3;
        now.row.standard_premium_minor = 700_000;
        let changed = |figure, signed, restated| Restatement { figure, signed, restated, others: false };
        let expected =
            [changed(RowFigure::Closed, 2, 3), changed(RowFigure::StandardPremium, 600_000, 700_000)];
        assert_eq!(restatements(&signed, &now), expected);
        assert_eq!(expected.map(|r| r.figure.code()), ["closed", "standard_premium"]);
    }

    #[test]
    fn two_who_changed_places_since_are_restated_though_every_count_stays() {
        let columns = |a, b| Columns { stage_25: vec![at(a)], stage_50: vec![at(b)], ..Columns::default() };
        let row = TeamRow { subtotals: columns(1, 2).subtotals(), ..TeamRow::default() };
        let signed = SignedFigures { counted_to: day(13), columns: columns(1, 2), row, flows: None };
        let now = |columns| MemberBlock { columns, row, late: false };
        assert_eq!(restatements(&signed, &now(columns(1, 2))), []);
        let others = |figure| Restatement { figure, signed: 1, restated: 1, others: true };
        assert_eq!(
            restatements(&signed, &now(columns(2, 1))),
            [others(RowFigure::Stage25), others(RowFigure::Stage50)]
        );
    }

    #[test]
    fn the_teams_of_a_member_who_changed_within_a_signed_block_share_its_flows_and_the_later_has_the_positions()
     {
        let block = Block::covering(day(11), SheetWeekStart::Friday);
        let id = |n| at(n).prospect_id;
        let closing =
            |n, d| SheetClosing { prospect_id: id(n), on: day(d), noted_on: day(d), first_meeting_on: None };
        let paid =
            |d, minor| PremiumFlow { on: day(d), kind: PremiumKind::Advance, minor, recorded_on: day(d) };
        let book = Book {
            closings: vec![closing(1, 11), closing(2, 13)],
            premiums: vec![paid(11, 5), paid(12, 7)],
            ..Book::default()
        };
        let mut signed = SignedFigures::of(&book, &block, day(13)).unwrap();
        signed.columns.stage_25.push(at(3));
        signed.row.subtotals.stage_25 = 1;
        let (old, new) = (Span { from: day(1), until: Some(day(12)) }, Span { from: day(12), until: None });
        // Of what is told later, neither reads anything.
        let now = MemberBlock::default();
        let part = |member: &[Span]| signed.part(&block, member, &now).map(|part| part.row.in_order());
        assert_eq!(part(&[old, new]), Some([0, 1, 0, 0, 2, 12, 0]), "a change below the team is none");
        assert_eq!(part(&[new]), Some([0, 1, 0, 0, 1, 7, 0]));
        assert_eq!(part(&[old]), None);
        signed.flows = None;
        let part = signed.part(&block, &[new], &now).map(|part| part.row.in_order());
        assert_eq!(part, Some([0, 1, 0, 0, 0, 0, 0]), "no flows were kept: those of now");
    }

    #[test]
    fn a_block_signed_when_column_1_kept_ids_alone_is_read_as_ever() {
        let kept = r#"{"counted_to": "2009-12-13", "columns": {"opportunity": ["00000000-0000-0000-0000-000000000001"],
            "first_appointment": [], "stage_25": [], "stage_50": [], "stage_90": [], "closed": []},
            "row": {"first_appointment": 0, "stage_25": 0, "stage_50": 0, "stage_90": 0, "closed": 0,
            "advance_premium_minor": 0, "standard_premium_minor": 0}}"#;
        let signed: SignedFigures = serde_json::from_str(kept).unwrap();
        assert_eq!((signed.columns.opportunity[0].late, signed.flows.is_none()), (false, true));
        let again = serde_json::to_string(&signed).unwrap();
        assert_eq!(serde_json::from_str::<SignedFigures>(&again).unwrap(), signed);
    }
}
