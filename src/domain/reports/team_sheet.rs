//! The team tracking sheet (小组追踪表, method section 8): one row a member, a subtotal row, block by block.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    premium_flow::Premiums,
    sheet::{Book, Columns, SheetMode, Subtotals, columns},
    sheet_week::Block,
};
use crate::domain::values::window::{Span, holds_on};

/// The figures of one member, or of several together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TeamRow {
    /// Positions at the window's end, and closings in it: the subtotals of the member's own sheet.
    #[serde(flatten)]
    pub subtotals: Subtotals,
    /// 预收保费 in the window, net of what went back, minor units.
    pub advance_premium_minor: i64,
    /// 承保标保 in the window, minor units.
    pub standard_premium_minor: i64,
}

impl TeamRow {
    /// A member's row: the subtotals of the member's own sheet (`mode=activity`) and the premiums of the window, for the
    /// days on which the agent was a member. For one who was a member throughout, the row equals the own sheet.
    pub fn of_member(book: &Book, block: &Block, today: NaiveDate, member: &[Span]) -> Self {
        MemberBlock::of(book, block, today, member).row
    }

    /// The subtotal row.
    pub fn sum(rows: impl IntoIterator<Item = TeamRow>) -> Self {
        rows.into_iter().fold(TeamRow::default(), TeamRow::plus)
    }

    fn plus(self, other: TeamRow) -> TeamRow {
        let (a, b) = (self.subtotals, other.subtotals);
        TeamRow {
            subtotals: Subtotals {
                first_appointment: a.first_appointment + b.first_appointment,
                stage_25: a.stage_25 + b.stage_25,
                stage_50: a.stage_50 + b.stage_50,
                stage_90: a.stage_90 + b.stage_90,
                closed: a.closed + b.closed,
            },
            advance_premium_minor: self.advance_premium_minor + other.advance_premium_minor,
            standard_premium_minor: self.standard_premium_minor + other.standard_premium_minor,
        }
    }

    /// In the order of the paper: five counts, advance premium, standard premium (minor units).
    pub fn in_order(&self) -> [i64; 7] {
        let [first, s25, s50, s90, closed] = self.subtotals.in_order();
        [first, s25, s50, s90, closed, self.advance_premium_minor, self.standard_premium_minor]
    }
}

/// One member's block: the figures, who is behind them, and whether any of it was told late.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MemberBlock {
    /// Who stands where (`mode=activity`), for the days on which the agent was a member.
    pub columns: Columns,
    /// The figures.
    pub row: TeamRow,
    /// Something of the block was written down after its check-in: an entry, a closing or money.
    pub late: bool,
}

impl MemberBlock {
    /// A block for the days on which the agent was a member; nothing of one that has not begun.
    pub fn of(book: &Book, block: &Block, today: NaiveDate, member: &[Span]) -> Self {
        let Some(window) = block.counted(today) else { return MemberBlock::default() };
        let premiums = Premiums::within(&book.premiums, window, member);
        let columns = columns(book, block, SheetMode::Activity, today, member);
        let row = TeamRow {
            subtotals: columns.subtotals(),
            advance_premium_minor: premiums.advance_minor,
            standard_premium_minor: premiums.standard_minor,
        };
        let mut flows = book.premiums.iter().filter(|f| window.contains(f.on) && holds_on(member, f.on));
        let late = columns.has_late() || flows.any(|flow| block.is_late(flow.recorded_on));
        MemberBlock { columns, row, late }
    }
}
