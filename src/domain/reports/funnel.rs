//! The funnel: who *entered* a stage in a period, and who stands *currently at* it (method sections 4 and 7). Two metrics,
//! two types; nothing adds one to the other.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{method::stage::Stage, values::window::Window};

/// A move that counts, as far as the funnel needs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FunnelMove {
    /// The business date.
    pub on: NaiveDate,
    /// Stage before; none for the first record of a prospect.
    pub from: Option<Stage>,
    /// Stage after.
    pub to: Stage,
}

impl FunnelMove {
    /// Whether it *enters* its stage: goes forward into one of the five. Passing through on the way counts, a
    /// reinstatement counts; a way back (90→50, 50→25, closed→50) does not, the stage was entered long before.
    pub fn is_entry(&self) -> bool {
        let before = match self.from {
            None | Some(Stage::Opportunity | Stage::Exited) => Stage::Opportunity,
            Some(stage) => stage,
        };
        Stage::LADDER.contains(&self.to) && before < self.to
    }
}

/// Entries of a period. Each entry counts, so two periods, or two agents, add up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Entered {
    /// Prospects recorded for the first time.
    pub new_contacts: i64,
    /// 约定初次见面: prospects developed.
    pub first_appointment: i64,
    /// 25%.
    pub stage_25: i64,
    /// 50%.
    pub stage_50: i64,
    /// 90%.
    pub stage_90: i64,
    /// 成交.
    pub closed: i64,
    /// Ways back to opportunity out of a pursuit.
    pub fell_back: i64,
    /// Ways out of the process.
    pub exited: i64,
}

impl Entered {
    /// Counts the moves of a period; those outside it are passed over.
    pub fn of(moves: &[FunnelMove], period: Window) -> Self {
        let mut entered = Entered::default();
        for step in moves.iter().filter(|m| period.contains(m.on)) {
            entered.count(step, 1);
        }
        entered
    }

    /// Counts the same step `n` times.
    pub fn count(&mut self, step: &FunnelMove, n: i64) {
        let prospect = step.from.is_some_and(Stage::is_prospect);
        let place = match step.to {
            Stage::FirstAppointment if step.is_entry() => &mut self.first_appointment,
            Stage::Stage25 if step.is_entry() => &mut self.stage_25,
            Stage::Stage50 if step.is_entry() => &mut self.stage_50,
            Stage::Stage90 if step.is_entry() => &mut self.stage_90,
            Stage::Closed if step.is_entry() => &mut self.closed,
            Stage::Opportunity if step.from.is_none() => &mut self.new_contacts,
            Stage::Opportunity if prospect => &mut self.fell_back,
            Stage::Exited => &mut self.exited,
            _ => return,
        };
        *place += n;
    }
}

/// Who stands where at the end of a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CurrentlyAt {
    /// 销售机会.
    pub opportunity: i64,
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
    /// 退出.
    pub exited: i64,
}

impl CurrentlyAt {
    /// Counts stages; a stage may come with the number of those who stand at it.
    pub fn of(stages: impl IntoIterator<Item = (Stage, i64)>) -> Self {
        let mut at = CurrentlyAt::default();
        for (stage, count) in stages {
            let place = match stage {
                Stage::Opportunity => &mut at.opportunity,
                Stage::FirstAppointment => &mut at.first_appointment,
                Stage::Stage25 => &mut at.stage_25,
                Stage::Stage50 => &mut at.stage_50,
                Stage::Stage90 => &mut at.stage_90,
                Stage::Closed => &mut at.closed,
                Stage::Exited => &mut at.exited,
            };
            *place += count;
        }
        at
    }

    /// The prospects (潜在客户): stages 2 to 5.
    pub fn prospects(&self) -> i64 {
        self.first_appointment + self.effective()
    }

    /// The effective prospects (有效潜在客户): 25, 50 and 90%.
    pub fn effective(&self) -> i64 {
        self.stage_25 + self.stage_50 + self.stage_90
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    fn step(d: u32, from: Option<Stage>, to: Stage) -> FunnelMove {
        FunnelMove { on: day(d), from, to }
    }

    #[test]
    fn only_a_way_forward_enters_a_stage() {
        use Stage::{Closed, Exited, FirstAppointment, Opportunity, Stage25, Stage50, Stage90};
        let moves = [
            step(1, None, Opportunity),
            step(1, Some(Opportunity), FirstAppointment),
            step(2, Some(FirstAppointment), Stage25),
            step(3, Some(Stage25), Stage50),
            step(4, Some(Stage50), Stage90),
            step(5, Some(Stage90), Stage50),
            step(6, Some(Stage50), Stage25),
            step(7, Some(Stage25), Opportunity),
            step(8, Some(Opportunity), Stage90),
            step(9, Some(Stage90), Closed),
            step(10, Some(Closed), Stage50),
            step(11, Some(Stage50), Exited),
            step(12, Some(Exited), Opportunity),
        ];
        let december = Window { from: day(1), to: day(31) };
        let expected = Entered {
            new_contacts: 1,
            first_appointment: 1,
            stage_25: 1,
            stage_50: 1,
            stage_90: 2,
            closed: 1,
            fell_back: 1,
            exited: 1,
        };
        assert_eq!(Entered::of(&moves, december), expected);
        let first_days = Window { from: day(2), to: day(3) };
        let expected = Entered { stage_25: 1, stage_50: 1, ..Entered::default() };
        assert_eq!(Entered::of(&moves, first_days), expected);
    }

    #[test]
    fn who_stands_where_adds_up_to_everybody() {
        let at = CurrentlyAt::of(Stage::ALL.into_iter().zip(1..));
        assert_eq!((at.opportunity, at.exited, at.prospects(), at.effective()), (1, 7, 14, 12));
    }
}
