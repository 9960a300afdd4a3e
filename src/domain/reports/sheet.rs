//! The personal action sheet (潜在客户管理行动工具表, method section 8): six columns and their subtotals, block by block.
//!
//! Knows ids, dates and stages; never names, never where the values come from. Everything goes by business date, so
//! a past week is shown as it was then.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    premium_flow::PremiumFlow,
    sheet_contact::SheetContact,
    sheet_week::{Block, BlockState, SheetWeek},
};
use crate::domain::{
    method::{
        cycle::{Cycle, CycleSource},
        stage::Stage,
    },
    organisation::settings::DEFAULT_CYCLE_DAYS,
    values::{
        id::Id,
        timeline::Timeline,
        window::{Span, Window, holds_on},
    },
};

/// Whom a sheet shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetMode {
    /// Contacts with an activity or move in the window, at their stage at its end.
    #[default]
    Activity,
    /// All open contacts at the window's end.
    Board,
}

impl SheetMode {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            SheetMode::Activity => "activity",
            SheetMode::Board => "board",
        }
    }
}

/// A closing that counts for the agent: the owner at `signed_on` (method section 11). One that was compensated later
/// stays; one that was voided never was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SheetClosing {
    /// The contact.
    pub prospect_id: Id,
    /// Date of the closing.
    pub on: NaiveDate,
    /// Day on which the last fact that made it due was written down; never before `on`.
    pub noted_on: NaiveDate,
    /// First meeting of the pursuit.
    pub first_meeting_on: Option<NaiveDate>,
}

/// Everything one agent's sheet is made from: the range of one week, or more of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Book {
    /// Contacts that were the agent's on some day of the range, in the order in which they are to be shown.
    /// For `activity` those with a move or an activity in it are enough.
    pub contacts: Vec<SheetContact>,
    /// The closings dated in the range that count for the agent.
    pub closings: Vec<SheetClosing>,
    /// The premiums that flowed in the range while the contact was the agent's.
    pub premiums: Vec<PremiumFlow>,
    /// The agent's cycle by date.
    pub cycle: Timeline<Cycle>,
}

impl Default for Book {
    fn default() -> Self {
        Book {
            contacts: Vec::new(),
            closings: Vec::new(),
            premiums: Vec::new(),
            cycle: Timeline::constant(Cycle::unmeasured(DEFAULT_CYCLE_DAYS, CycleSource::Default)),
        }
    }
}

impl Book {
    /// Whether there is nothing in it that a sheet could show.
    pub fn is_empty(&self) -> bool {
        self.contacts.is_empty() && self.closings.is_empty() && self.premiums.is_empty()
    }
}

/// One name in column 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "StoredOpportunity")]
pub struct OpportunityEntry {
    /// The contact.
    pub prospect_id: Id,
    /// Something of this window was written down after its check-in.
    pub late: bool,
}

/// Column 1 as sign-offs keep it; the first ones kept the ids alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredOpportunity {
    Id(Id),
    Entry { prospect_id: Id, late: bool },
}

impl From<StoredOpportunity> for OpportunityEntry {
    fn from(stored: StoredOpportunity) -> Self {
        match stored {
            StoredOpportunity::Id(prospect_id) => OpportunityEntry { prospect_id, late: false },
            StoredOpportunity::Entry { prospect_id, late } => OpportunityEntry { prospect_id, late },
        }
    }
}

/// One name in columns 2 to 6.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SheetEntry {
    /// The contact.
    pub prospect_id: Id,
    /// The date beside the name: first meeting held or planned.
    pub first_meeting_on: Option<NaiveDate>,
    /// Days on the clock at the window's end; none before the first meeting, and for a closing.
    pub days_elapsed: Option<i64>,
    /// Beyond the limit at the window's end, by the cycle in force then.
    pub over_cycle: bool,
    /// Something of this window was written down after its check-in.
    pub late: bool,
}

/// The six columns of a block.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Columns {
    /// 销售机会: everyone who was one at some time in the window and was worked, also those promoted since.
    pub opportunity: Vec<OpportunityEntry>,
    /// 约定初次见面.
    pub first_appointment: Vec<SheetEntry>,
    /// 25%.
    pub stage_25: Vec<SheetEntry>,
    /// 50%.
    pub stage_50: Vec<SheetEntry>,
    /// 90%.
    pub stage_90: Vec<SheetEntry>,
    /// 成交: closings of the window, whatever came after.
    pub closed: Vec<SheetEntry>,
}

/// The subtotals (小计) of columns 2 to 6; column 1 has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Subtotals {
    /// 约定初次见面.
    pub first_appointment: i64,
    /// 25%.
    pub stage_25: i64,
    /// 50%.
    pub stage_50: i64,
    /// 90%.
    pub stage_90: i64,
    /// 成交.
    pub closed: i64,
}

impl Subtotals {
    /// All columns together.
    pub fn sum(&self) -> i64 {
        self.in_order().into_iter().sum()
    }

    /// In the order of the columns.
    pub fn in_order(&self) -> [i64; 5] {
        [self.first_appointment, self.stage_25, self.stage_50, self.stage_90, self.closed]
    }
}

impl Columns {
    /// How many names stand in columns 2 to 6.
    pub fn subtotals(&self) -> Subtotals {
        let count = |column: &[SheetEntry]| i64::try_from(column.len()).unwrap_or(i64::MAX);
        Subtotals {
            first_appointment: count(&self.first_appointment),
            stage_25: count(&self.stage_25),
            stage_50: count(&self.stage_50),
            stage_90: count(&self.stage_90),
            closed: count(&self.closed),
        }
    }

    /// Everybody in the six columns, each once.
    pub fn contacts(&self) -> Vec<Id> {
        let entries = self.entries().into_iter().flatten().map(|entry| entry.prospect_id);
        let mut ids: Vec<Id> =
            self.opportunity.iter().map(|entry| entry.prospect_id).chain(entries).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Columns 2 to 6.
    pub fn entries(&self) -> [&Vec<SheetEntry>; 5] {
        [&self.first_appointment, &self.stage_25, &self.stage_50, &self.stage_90, &self.closed]
    }

    /// Whether something of this window was written down after its check-in.
    pub fn has_late(&self) -> bool {
        self.opportunity.iter().any(|entry| entry.late)
            || self.entries().into_iter().flatten().any(|entry| entry.late)
    }

    /// Leaves out whoever may not be seen.
    pub fn keep(&mut self, seen: impl Fn(Id) -> bool) {
        self.opportunity.retain(|entry| seen(entry.prospect_id));
        for column in [
            &mut self.first_appointment,
            &mut self.stage_25,
            &mut self.stage_50,
            &mut self.stage_90,
            &mut self.closed,
        ] {
            column.retain(|entry| seen(entry.prospect_id));
        }
    }

    fn column_of(&mut self, stage: Stage) -> Option<&mut Vec<SheetEntry>> {
        match stage {
            Stage::FirstAppointment => Some(&mut self.first_appointment),
            Stage::Stage25 => Some(&mut self.stage_25),
            Stage::Stage50 => Some(&mut self.stage_50),
            Stage::Stage90 => Some(&mut self.stage_90),
            // Closings are a flow with a rule of their own; who left the process stands nowhere.
            Stage::Opportunity | Stage::Closed | Stage::Exited => None,
        }
    }
}

/// One block of the sheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SheetBlock {
    /// Which days, which check-in.
    pub block: Block,
    /// Whether it is ended, partial or ahead.
    pub state: BlockState,
    /// The days it was computed over; none when it lies ahead.
    pub counted: Option<Window>,
    /// The names.
    pub columns: Columns,
    /// Their number.
    pub subtotals: Subtotals,
}

/// A personal action sheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sheet {
    /// Its seven days.
    pub window: Window,
    /// Whom it shows.
    pub mode: SheetMode,
    /// "My sales cycle: N days": the value on the earlier of the last day and today.
    pub cycle_days: i32,
    /// Its three blocks.
    pub blocks: Vec<SheetBlock>,
}

/// Fills in one agent's sheet of a week as of a day.
pub fn sheet(book: &Book, week: &SheetWeek, mode: SheetMode, today: NaiveDate) -> Sheet {
    let window = week.window();
    let blocks = week.blocks().into_iter().map(|block| {
        let columns = columns(book, &block, mode, today, &[Span::ALWAYS]);
        SheetBlock {
            block,
            state: block.state(today),
            counted: block.counted(today),
            subtotals: columns.subtotals(),
            columns,
        }
    });
    Sheet {
        window,
        mode,
        cycle_days: book.cycle.on(window.to.min(today)).cycle_days,
        blocks: blocks.collect(),
    }
}

/// The columns of one block, as far as they belong to a team that the agent was a member of during `member`: positions
/// where the agent stood at the window's end, closings on their own days (method section 11). A block that has not
/// begun is empty.
pub fn columns(book: &Book, block: &Block, mode: SheetMode, today: NaiveDate, member: &[Span]) -> Columns {
    let mut columns = Columns::default();
    let Some(window) = block.counted(today) else { return columns };
    let at_end = window.to;
    let cycle_days = book.cycle.on(at_end).cycle_days;
    let here = holds_on(member, at_end);
    for contact in book.contacts.iter().filter(|c| here && c.is_owned_on(at_end)) {
        let Some(stage) = contact.stage_on(at_end) else { continue };
        let worked = contact.was_worked(window);
        let late = contact.entered_after(window, block.check_in_on);
        let on_board = mode == SheetMode::Board && stage.is_open();
        if (worked && contact.was_opportunity(window)) || (on_board && stage == Stage::Opportunity) {
            columns.opportunity.push(OpportunityEntry { prospect_id: contact.prospect_id, late });
        }
        if !worked && !on_board {
            continue;
        }
        if let Some(column) = columns.column_of(stage) {
            let dates = contact.dates.on(at_end);
            column.push(SheetEntry {
                prospect_id: contact.prospect_id,
                first_meeting_on: dates.first_meeting_on,
                days_elapsed: dates.days_elapsed(at_end),
                over_cycle: dates.is_over(stage, cycle_days, at_end),
                late,
            });
        }
    }
    columns.closed = closed(book, window, block, member);
    columns
}

fn closed(book: &Book, window: Window, block: &Block, member: &[Span]) -> Vec<SheetEntry> {
    let late = |prospect_id: Id| {
        let of_it = book.contacts.iter().filter(|c| c.prospect_id == prospect_id);
        of_it.into_iter().any(|c| c.entered_after(window, block.check_in_on))
    };
    book.closings
        .iter()
        .filter(|c| window.contains(c.on) && holds_on(member, c.on))
        .map(|c| SheetEntry {
            prospect_id: c.prospect_id,
            first_meeting_on: c.first_meeting_on,
            days_elapsed: None,
            over_cycle: false,
            late: block.is_late(c.noted_on) || late(c.prospect_id),
        })
        .collect()
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
