//! What an agent does in a day (工作日志, method sections 2 and 7): calls, visits, messages, journal notes; single records,
//! or a day's tally for those who keep only numbers.
//!
//! *Worked* (section 8) is a contact on a day on which an activity of any kind names it, or a meeting with it was held.
//! Also a dial that nobody answered is work, and also a note: whoever keeps only a journal has no other trace of the day.
//! A tally names nobody and puts nobody on a sheet.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// How a call ended. Every call is a dial; the other three are also connects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// 拨打: dialled, and not reached.
    Dial,
    /// 接通: reached, and neither agreed nor refused.
    Connected,
    /// 约成: agreed to meet, with a date and time.
    AppointmentSet,
    /// 拒绝: reached, and refused.
    Refused,
}

impl CallOutcome {
    /// All four.
    pub const ALL: [CallOutcome; 4] =
        [CallOutcome::Dial, CallOutcome::Connected, CallOutcome::AppointmentSet, CallOutcome::Refused];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            CallOutcome::Dial => "dial",
            CallOutcome::Connected => "connected",
            CallOutcome::AppointmentSet => "appointment_set",
            CallOutcome::Refused => "refused",
        }
    }

    /// The outcome with this code.
    pub fn from_code(code: &str) -> Option<CallOutcome> {
        CallOutcome::ALL.into_iter().find(|o| o.code() == code)
    }

    /// Whether somebody answered.
    pub fn is_connect(self) -> bool {
        self != CallOutcome::Dial
    }
}

/// One thing an agent did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Activity {
    /// 电话.
    Call {
        /// How it ended.
        outcome: CallOutcome,
    },
    /// 拜访: saw the person outside a fixed appointment, or without recording one.
    Visit,
    /// 信息: wrote to the person.
    Message,
    /// 日志: a note in the journal.
    JournalNote,
}

impl Activity {
    /// The stable code of the kind.
    pub fn kind(self) -> &'static str {
        match self {
            Activity::Call { .. } => "call",
            Activity::Visit => "visit",
            Activity::Message => "message",
            Activity::JournalNote => "journal_note",
        }
    }

    /// How a call ended; none for everything else.
    pub fn outcome(self) -> Option<CallOutcome> {
        match self {
            Activity::Call { outcome } => Some(outcome),
            Activity::Visit | Activity::Message | Activity::JournalNote => None,
        }
    }

    /// Puts the two codes together: a call has an outcome, nothing else has one.
    pub fn from_codes(kind: &str, outcome: Option<CallOutcome>) -> Option<Activity> {
        match (kind, outcome) {
            ("call", Some(outcome)) => Some(Activity::Call { outcome }),
            ("visit", None) => Some(Activity::Visit),
            ("message", None) => Some(Activity::Message),
            ("journal_note", None) => Some(Activity::JournalNote),
            _ => None,
        }
    }
}

/// The counts of a day, or of several added up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DayCounts {
    /// Calls made, whatever came of them.
    pub dials: i64,
    /// Calls that were answered.
    pub connects: i64,
    /// Calls that ended with an appointment.
    pub appointments_set: i64,
    /// Calls that ended with a refusal.
    pub refused: i64,
    /// Visits.
    pub visits: i64,
    /// Messages.
    pub messages: i64,
}

/// Why a tally cannot be true.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum TallyFault {
    /// A count below nought.
    Negative,
    /// More connects than dials.
    ConnectsAboveDials,
    /// More appointments and refusals than connects.
    OutcomesAboveConnects,
}

impl DayCounts {
    /// Counts single records.
    pub fn of(activities: impl IntoIterator<Item = Activity>) -> Self {
        let mut counts = DayCounts::default();
        for activity in activities {
            match activity {
                Activity::Call { outcome } => {
                    counts.dials += 1;
                    counts.connects += i64::from(outcome.is_connect());
                    counts.appointments_set += i64::from(outcome == CallOutcome::AppointmentSet);
                    counts.refused += i64::from(outcome == CallOutcome::Refused);
                }
                Activity::Visit => counts.visits += 1,
                Activity::Message => counts.messages += 1,
                Activity::JournalNote => {}
            }
        }
        counts
    }

    /// Everything about a tally that cannot be true.
    pub fn faults(&self) -> Vec<TallyFault> {
        let mut faults = Vec::new();
        if self.in_order().iter().any(|count| *count < 0) {
            faults.push(TallyFault::Negative);
        }
        if self.connects > self.dials {
            faults.push(TallyFault::ConnectsAboveDials);
        }
        if self.appointments_set.saturating_add(self.refused) > self.connects {
            faults.push(TallyFault::OutcomesAboveConnects);
        }
        faults
    }

    /// One day's counts out of a tally and the single records of the same agent and day: a tally is the number of the
    /// *whole* day, so the single records are part of it and nothing is counted twice; and where more was recorded singly
    /// than the tally says, what was recorded counts. Hence the larger of the two, figure by figure.
    pub fn with_tally(self, tally: &DayCounts) -> Self {
        DayCounts {
            dials: self.dials.max(tally.dials),
            connects: self.connects.max(tally.connects),
            appointments_set: self.appointments_set.max(tally.appointments_set),
            refused: self.refused.max(tally.refused),
            visits: self.visits.max(tally.visits),
            messages: self.messages.max(tally.messages),
        }
    }

    /// Two days, or two agents, added up.
    pub fn plus(self, other: DayCounts) -> Self {
        DayCounts {
            dials: self.dials + other.dials,
            connects: self.connects + other.connects,
            appointments_set: self.appointments_set + other.appointments_set,
            refused: self.refused + other.refused,
            visits: self.visits + other.visits,
            messages: self.messages + other.messages,
        }
    }

    fn in_order(&self) -> [i64; 6] {
        [self.dials, self.connects, self.appointments_set, self.refused, self.visits, self.messages]
    }
}

/// One agent's counts over some days: single records and the last tally of each day.
pub fn total(
    singles: &BTreeMap<NaiveDate, DayCounts>,
    tallies: &BTreeMap<NaiveDate, DayCounts>,
) -> DayCounts {
    let nothing = DayCounts::default();
    let with_singles = singles.iter().map(|(day, counts)| {
        let tally = tallies.get(day).unwrap_or(&nothing);
        counts.with_tally(tally)
    });
    let tally_only = tallies.iter().filter(|(day, _)| !singles.contains_key(day)).map(|(_, counts)| *counts);
    with_singles.chain(tally_only).fold(nothing, DayCounts::plus)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn call(outcome: CallOutcome) -> Activity {
        Activity::Call { outcome }
    }

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    #[test]
    fn every_call_is_a_dial_and_every_answer_a_connect() {
        let counts = DayCounts::of([
            call(CallOutcome::Dial),
            call(CallOutcome::Connected),
            call(CallOutcome::Refused),
            call(CallOutcome::AppointmentSet),
            Activity::Visit,
            Activity::JournalNote,
        ]);
        assert_eq!(counts.in_order(), [4, 3, 1, 1, 1, 0]);
    }

    #[test]
    fn a_tally_stands_for_the_whole_day_and_counts_no_call_twice() {
        let singles = DayCounts::of([call(CallOutcome::AppointmentSet), call(CallOutcome::Dial)]);
        let tally = DayCounts { dials: 15, connects: 7, appointments_set: 0, ..DayCounts::default() };
        let both = singles.with_tally(&tally);
        assert_eq!((both.dials, both.connects, both.appointments_set), (15, 7, 1));
        let by_day = |pairs: &[(u32, DayCounts)]| pairs.iter().map(|(d, c)| (day(*d), *c)).collect();
        let sum = total(&by_day(&[(14, singles), (15, singles)]), &by_day(&[(14, tally), (16, tally)]));
        assert_eq!((sum.dials, sum.connects, sum.appointments_set), (32, 15, 2));
    }

    #[test]
    fn a_tally_that_cannot_be_true_says_everything_that_is_wrong() {
        let tally =
            DayCounts { dials: 5, connects: 6, appointments_set: 4, refused: 3, visits: -1, messages: 0 };
        let all = [TallyFault::Negative, TallyFault::ConnectsAboveDials, TallyFault::OutcomesAboveConnects];
        assert_eq!(tally.faults(), all);
        assert_eq!(
            DayCounts { dials: 15, connects: 7, appointments_set: 1, ..DayCounts::default() }.faults(),
            []
        );
    }

    #[test]
    fn only_a_call_has_an_outcome() {
        for activity in CallOutcome::ALL.map(call).into_iter().chain([
            Activity::Visit,
            Activity::Message,
            Activity::JournalNote,
        ]) {
            assert_eq!(Activity::from_codes(activity.kind(), activity.outcome()), Some(activity));
        }
        assert_eq!(Activity::from_codes("call", None), None);
        assert_eq!(Activity::from_codes("visit", Some(CallOutcome::Dial)), None);
    }

    proptest! {
        #[test]
        fn a_sound_tally_and_sound_records_give_sound_counts(
            outcomes in prop::collection::vec(0usize..4, 0..20), dials in 0i64..30, connected in 0i64..30, set in 0i64..30,
        ) {
            let singles = DayCounts::of(outcomes.into_iter().map(|o| call(CallOutcome::ALL[o])));
            let connects = connected.min(dials);
            let tally = DayCounts { dials, connects, appointments_set: set.min(connects), ..DayCounts::default() };
            let both = singles.with_tally(&tally);
            prop_assert!(both.connects <= both.dials && both.appointments_set <= both.connects);
            prop_assert!(both.dials >= singles.dials && both.dials >= tally.dials);
            prop_assert!(both.dials <= singles.dials + tally.dials);
        }
    }
}
