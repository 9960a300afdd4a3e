//! What a supervisor signs at the check-in (method section 8): the figures of one agent's block, frozen. Later late entries
//! show beside them as restatements, never silently.

use serde::{Deserialize, Serialize};

use super::{
    premium_flow::Premiums,
    sheet::{Book, Columns, SheetMode, columns},
    sheet_week::Block,
    team_sheet::TeamRow,
    window::Span,
};
use chrono::NaiveDate;

/// The figures of a block as signed: ids and counts, so that erasing a person leaves them standing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedFigures {
    /// The last day they were computed over.
    pub counted_to: NaiveDate,
    /// Who stood where (`mode=activity`).
    pub columns: Columns,
    /// The member's row of the team sheet.
    pub row: TeamRow,
}

impl SignedFigures {
    /// What is frozen when a block is signed on a day; none before its last day.
    pub fn of(book: &Book, block: &Block, today: NaiveDate) -> Option<Self> {
        let window = block.counted(today).filter(|_| block.may_be_signed_off(today))?;
        let columns = columns(book, block, SheetMode::Activity, today, &[Span::ALWAYS]);
        let premiums = Premiums::within(&book.premiums, window, &[Span::ALWAYS]);
        let row = TeamRow {
            subtotals: columns.subtotals(),
            advance_premium_minor: premiums.advance_minor,
            standard_premium_minor: premiums.standard_minor,
        };
        Some(SignedFigures { counted_to: window.to, columns, row })
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
}

/// What differs between the signed figures and those computed now, in the order of the paper.
pub fn restatements(signed: &TeamRow, now: &TeamRow) -> Vec<Restatement> {
    let pairs = signed.in_order().into_iter().zip(now.in_order());
    RowFigure::ALL
        .into_iter()
        .zip(pairs)
        .filter(|(_, (signed, restated))| signed != restated)
        .map(|(figure, (signed, restated))| Restatement { figure, signed, restated })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{calendar::SheetWeekStart, sheet::Subtotals, team_sheet::TeamRow};

    #[test]
    fn a_block_is_signed_from_its_last_day_and_again_only_after_a_revocation() {
        let day = |d| NaiveDate::from_ymd_opt(2009, 12, d).unwrap();
        let block = Block::covering(day(13), SheetWeekStart::Friday);
        assert_eq!(next_attempt(&block, day(12), &[]), Err(NotSigned::NotOver { last_day: day(13) }));
        assert_eq!(next_attempt(&block, day(13), &[]), Ok(1));
        assert_eq!(next_attempt(&block, day(14), &[true, false]), Err(NotSigned::Standing));
        assert_eq!(next_attempt(&block, day(14), &[true, true]), Ok(3));
        assert_eq!(next_attempt(&block, day(14), &[true; 20]), Err(NotSigned::TooOften));
    }

    #[test]
    fn only_figures_that_changed_are_restated() {
        let signed = TeamRow {
            subtotals: Subtotals { first_appointment: 3, closed: 2, ..Subtotals::default() },
            advance_premium_minor: 300_000,
            standard_premium_minor: 600_000,
        };
        assert_eq!(restatements(&signed, &signed), []);
        let mut now = signed;
        now.subtotals.closed = 3;
        now.standard_premium_minor = 700_000;
        let expected = [
            Restatement { figure: RowFigure::Closed, signed: 2, restated: 3 },
            Restatement { figure: RowFigure::StandardPremium, signed: 600_000, restated: 700_000 },
        ];
        assert_eq!(restatements(&signed, &now), expected);
        assert_eq!(expected.map(|r| r.figure.code()), ["closed", "standard_premium"]);
    }
}
