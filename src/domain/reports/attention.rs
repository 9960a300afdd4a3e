//! Who needs attention today (method section 5): over the cycle, an outcome not recorded, no next date, stuck at 90%, three
//! quarters of the limit gone. The flags are those of the board; here they get an order and advice.

use chrono::NaiveDate;

use super::board::{Card, Flag};
use crate::domain::{
    method::stage::Stage,
    values::{
        calendar::{days_between, plus_days},
        id::Id,
        text::Text,
    },
};

/// What brings somebody onto the list, the most pressing first.
pub const PRESSING: [Flag; 12] = [
    Flag::OverCycle,
    Flag::LastDay,
    Flag::OutcomeMissing,
    Flag::NoNextDate,
    Flag::CriterionStale,
    Flag::FallbackProposed,
    Flag::Stuck,
    Flag::ReceiptMissing,
    Flag::IssuePending,
    Flag::CycleWarning,
    Flag::ExtensionPending,
    Flag::Deferred,
];

/// Somebody who needs attention.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attention {
    /// Who.
    pub prospect_id: Id,
    /// Stage on the day.
    pub stage: Stage,
    /// Why, the most pressing first; never empty.
    pub flags: Vec<Flag>,
    /// The cycle in force on the day, days.
    pub cycle_days: i32,
    /// Cycle plus granted extension, days.
    pub limit_days: i64,
    /// Calendar days since the clock started; none where no clock runs.
    pub days_elapsed: Option<i64>,
    /// Days left within the limit, negative when over; none where no clock runs.
    pub days_left: Option<i64>,
    /// When the pursuit falls back if nothing is entered.
    pub falls_back_on: Option<NaiveDate>,
}

/// The list of a day: most pressing flag first, then whoever falls back soonest, then by id.
pub fn attention<'c>(
    board: impl IntoIterator<Item = (Id, Stage, &'c Card)>,
    day: NaiveDate,
) -> Vec<Attention> {
    let mut list: Vec<Attention> = board
        .into_iter()
        .filter_map(|(prospect_id, stage, card)| {
            let flags = card.pressing(stage, day);
            let clock = card.clock(stage, day);
            (!flags.is_empty()).then_some(Attention {
                prospect_id,
                stage,
                flags,
                cycle_days: clock.cycle_days,
                limit_days: clock.limit_days,
                days_elapsed: clock.days_elapsed,
                days_left: clock.days_left,
                falls_back_on: clock.falls_back_on,
            })
        })
        .collect();
    list.sort_by_key(|a| {
        let rank = a.flags.first().map(|flag| rank(*flag));
        (rank, a.falls_back_on.unwrap_or(NaiveDate::MAX), a.prospect_id)
    });
    list
}

/// Longest way ahead on which a picture that nothing changes is looked through: beyond the longest cycle, so that whoever
/// is stuck at 90% is found.
const AHEAD_DAYS: i64 = 367;

/// The first day from `today` on for which the picture of an open pursuit asks for attention by date alone, or `by`, the day
/// on which it is derived again, when there is none before.
pub fn attention_on(card: &Card, stage: Stage, today: NaiveDate, by: Option<NaiveDate>) -> Option<NaiveDate> {
    if !stage.is_pursued() {
        return None;
    }
    let end = by.unwrap_or(plus_days(today, AHEAD_DAYS));
    let mut days = (0..).map(|ahead| plus_days(today, ahead)).take_while(|day| *day < end);
    days.find(|day| !card.pressing(stage, *day).is_empty()).or(by)
}

impl Card {
    /// Those flags that ask for attention on a day, the most pressing first. A policy that is not issued is the company's
    /// affair until it has lasted as long as the setting says (method section 10).
    pub fn pressing(&self, stage: Stage, day: NaiveDate) -> Vec<Flag> {
        let flags = self.flags(stage, day);
        let lasted = days_between(self.entered_on, day) >= i64::from(self.issue_pending_days);
        let asks = |flag: &Flag| flags.contains(flag) && (*flag != Flag::IssuePending || lasted);
        PRESSING.into_iter().filter(asks).collect()
    }
}

fn rank(flag: Flag) -> usize {
    PRESSING.iter().position(|other| *other == flag).unwrap_or(PRESSING.len())
}

impl Flag {
    /// What it means and what to do, for a reader.
    pub fn advice(self) -> Text {
        match self {
            Flag::CycleWarning => Text::new(
                "Three quarters of the limit have gone: fix what is missing now.",
                "期限已过四分之三：请尽快补齐所缺的条件。",
            ),
            Flag::LastDay => {
                Text::new("Today is the last day within the limit.", "今天是期限之内的最后一天。")
            }
            Flag::OverCycle => Text::new(
                "Longer than the sales cycle: the person is an opportunity again.",
                "已超过销售周期：应退回销售机会。",
            ),
            Flag::NoNextDate => Text::new("No dated next step: fix one.", "没有约定下一步的日期：请约定。"),
            Flag::OutcomeMissing => Text::new(
                "An appointment has passed without an outcome: record what came of it.",
                "约见日期已过而没有记录结果：请补录。",
            ),
            Flag::Deferred => Text::new("The first appointment was put off.", "初次见面已延期。"),
            Flag::CriterionStale => Text::new(
                "A criterion of 50% has gone stale: set its date anew.",
                "50% 的一项标准已过期：请重新约定日期。",
            ),
            Flag::FallbackProposed => Text::new("A fallback waits for a decision.", "有一项退回等待决定。"),
            Flag::ExtensionPending => {
                Text::new("An extension waits for the supervisor.", "延长申请等待主管批准。")
            }
            Flag::Stuck => Text::new(
                "More than a cycle at 90%: find out what holds it up.",
                "停留在 90% 已超过一个周期：请查明原因。",
            ),
            Flag::IssuePending => Text::new(
                "The policy has not been issued yet: ask the company what it waits for.",
                "保单尚未承保：请向公司查询进度。",
            ),
            Flag::ReceiptMissing => Text::new(
                "The receipt is not signed: the cooling-off period has not started.",
                "回执尚未签收：犹豫期还没有开始。",
            ),
            Flag::Claimed => Text::new("The sale rests on the agent's word so far.", "目前仅凭代理人申报。"),
            Flag::Overridden => Text::new(
                "A supervisor's evidence stands for a missing record.",
                "以主管的证明代替缺失的记录。",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        prospects::{fact::AppointmentKind, facts::Facts},
        reports::{board::CardAppointment, definition::Figure},
    };

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    fn card(clock: u32, next: Option<u32>) -> Card {
        let appointment = |d: u32| CardAppointment {
            kind: AppointmentKind::Next,
            on: day(d),
            open: true,
            postponed: false,
            cancelled: false,
            joint_visit: false,
        };
        Card {
            entered_on: day(clock),
            facts: Facts { first_meeting_on: Some(day(clock)), ..Facts::default() },
            appointments: next.map(appointment).into_iter().collect(),
            cycle_days: 8,
            next: None,
            undecided: Vec::new(),
            extension_requested: None,
            overridden: false,
            issue_pending_days: 15,
        }
    }

    #[test]
    fn the_most_pressing_comes_first_and_who_is_well_is_left_out() {
        let id = |n| Id(Uuid::from_u128(n));
        let (well, warned, over, forgotten) =
            (card(14, Some(16)), card(8, Some(16)), card(1, Some(16)), card(14, Some(13)));
        let board = [
            (id(1), Stage::Stage25, &well),
            (id(2), Stage::Stage25, &warned),
            (id(3), Stage::Stage25, &over),
            (id(4), Stage::Stage25, &forgotten),
        ];
        let list: Vec<_> = attention(board, day(14)).into_iter().map(|a| (a.prospect_id, a.flags)).collect();
        let expected = [
            (id(3), vec![Flag::OverCycle]),
            (id(4), vec![Flag::OutcomeMissing, Flag::NoNextDate]),
            (id(2), vec![Flag::CycleWarning]),
        ];
        assert_eq!(list, expected);
    }

    #[test]
    fn the_warning_comes_at_three_quarters_rounded_up_and_the_last_day_is_named() {
        // A limit of 8: warned from day 6 to day 8, over from day 9.
        let at = |elapsed: u32| card(1, Some(31)).pressing(Stage::Stage25, day(1 + elapsed));
        assert_eq!(at(5), []);
        assert_eq!(at(6), [Flag::CycleWarning]);
        assert_eq!(at(8), [Flag::LastDay, Flag::CycleWarning]);
        assert_eq!(at(9), [Flag::OverCycle]);
    }

    #[test]
    fn the_definition_names_everything_that_brings_somebody_onto_the_list() {
        let text = Figure::Attention.text();
        for flag in PRESSING {
            let label = flag.label();
            assert!(text.en.contains(&*label.en) && text.zh.contains(&*label.zh), "{}", flag.code());
        }
        assert!(text.en.ends_with("extension pending, put off."), "{}", text.en);
    }

    #[test]
    fn a_receipt_is_missing_from_the_day_after_the_issue_and_an_issue_asks_after_fifteen_days() {
        let mut sold = card(1, None);
        sold.cycle_days = 60;
        let flags = |card: &Card, d: u32| {
            let of = |flag: &Flag| matches!(flag, Flag::IssuePending | Flag::ReceiptMissing);
            let shown: Vec<Flag> = card.flags(Stage::Stage90, day(d)).into_iter().filter(of).collect();
            (shown, card.pressing(Stage::Stage90, day(d)))
        };
        assert_eq!(flags(&sold, 1), (vec![Flag::IssuePending], vec![]));
        assert_eq!(flags(&sold, 15), (vec![Flag::IssuePending], vec![]));
        assert_eq!(flags(&sold, 16), (vec![Flag::IssuePending], vec![Flag::IssuePending]));
        assert_eq!(attention_on(&sold, Stage::Stage90, day(1), None), Some(day(16)));
        sold.facts.policy_issued_on = Some(day(5));
        assert_eq!(flags(&sold, 4), (vec![Flag::IssuePending], vec![]));
        assert_eq!(flags(&sold, 5), (vec![], vec![]));
        assert_eq!(flags(&sold, 6), (vec![Flag::ReceiptMissing], vec![Flag::ReceiptMissing]));
        sold.facts.receipt_signed_on = Some(day(8));
        assert_eq!(flags(&sold, 8), (vec![], vec![]));
    }

    #[test]
    fn ninety_is_stuck_after_more_than_a_cycle() {
        let at = |d: u32| card(1, None).flags(Stage::Stage90, day(d)).contains(&Flag::Stuck);
        assert!(!at(9) && at(10));
    }
}
