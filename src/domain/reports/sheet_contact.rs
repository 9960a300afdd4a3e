//! What a sheet needs to know of one contact: where it stood before the range, and what happened within
//! (method section 8). Small on purpose: a whole team's week is loaded without reading anybody's whole life.

use chrono::NaiveDate;

use crate::domain::{
    method::stage::Stage,
    prospects::facts::Facts,
    values::{
        calendar::{days_between, plus_days},
        id::Id,
        timeline::Timeline,
        window::{Span, Window, holds_on},
    },
};

/// A move that counts: neither superseded nor voided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StageMove {
    /// Its business date.
    pub on: NaiveDate,
    /// Stage after it.
    pub to: Stage,
    /// Day on which somebody wrote it down; none for an automatic move, which nobody enters and which is never late.
    pub entered_on: Option<NaiveDate>,
}

/// A day on which somebody worked on the contact: an activity of any kind that names the contact, or a meeting held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WorkDay {
    /// The business date.
    pub on: NaiveDate,
    /// Day on which it was written down; of several the earliest.
    pub entered_on: NaiveDate,
}

/// The dates shown beside a name, and those its clock is judged by (method section 5), as known on some day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MeetingDates {
    /// Day on which the first appointment of the pursuit was first fixed.
    pub first_fixed_on: Option<NaiveDate>,
    /// 首次面谈日期: when the first meeting was held; before that, the day it is planned for.
    pub first_meeting_on: Option<NaiveDate>,
    /// Start of the clock: the first meeting held, or the last 90→50.
    pub clock_started_on: Option<NaiveDate>,
    /// Extension granted, days.
    pub extension_days: i32,
}

impl MeetingDates {
    /// Those of a pursuit whose facts are known on a day.
    pub fn of(facts: &Facts, day: NaiveDate) -> Self {
        MeetingDates {
            first_fixed_on: facts.first_appointment.map(|a| a.fixed_on),
            first_meeting_on: facts.met_by(day).or(facts.first_appointment.map(|a| a.starts_on)),
            clock_started_on: facts.clock_by(day),
            extension_days: facts.extension_days,
        }
    }

    /// Calendar days on the clock; none before the first meeting.
    pub fn days_elapsed(&self, day: NaiveDate) -> Option<i64> {
        self.clock_started_on.filter(|clock| *clock <= day).map(|clock| days_between(clock, day))
    }

    /// Whether a contact at this stage has been there too long: beyond the limit, or, before the first meeting, beyond
    /// a cycle since the appointment was first fixed. The clock takes nobody out of 90% (method section 5).
    pub fn is_over(&self, stage: Stage, cycle_days: i32, day: NaiveDate) -> bool {
        let cycle = i64::from(cycle_days);
        let elapsed = self.days_elapsed(day);
        match stage {
            Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50 => match (elapsed, self.first_fixed_on)
            {
                (Some(elapsed), _) => elapsed > cycle + i64::from(self.extension_days),
                (None, Some(fixed)) => stage == Stage::FirstAppointment && days_between(fixed, day) > cycle,
                (None, None) => false,
            },
            Stage::Opportunity | Stage::Stage90 | Stage::Closed | Stage::Exited => false,
        }
    }
}

/// One contact in the range of a sheet. Whose name it is, nobody here knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SheetContact {
    /// The contact.
    pub prospect_id: Id,
    /// Stage at the end of the day before the range; none for one who did not exist yet.
    pub before: Option<Stage>,
    /// The moves that count and are dated in the range, in the order of the log.
    pub moves: Vec<StageMove>,
    /// The days in the range on which somebody worked on the contact, in any order.
    pub worked: Vec<WorkDay>,
    /// The dates beside the name, by day, for the pursuit that was the current one on each day.
    pub dates: Timeline<MeetingDates>,
    /// When the contact was this agent's.
    pub owned: Vec<Span>,
}

impl SheetContact {
    /// The stage at the end of a day of the range.
    pub fn stage_on(&self, day: NaiveDate) -> Option<Stage> {
        self.moves.iter().rev().find(|m| m.on <= day).map_or(self.before, |m| Some(m.to))
    }

    /// Whether the contact was this agent's on a day.
    pub fn is_owned_on(&self, day: NaiveDate) -> bool {
        holds_on(&self.owned, day)
    }

    /// Whether there is an activity or a move in the window; a fallback that fell due counts as a move.
    pub fn was_worked(&self, window: Window) -> bool {
        self.worked.iter().any(|w| window.contains(w.on)) || self.moved(window).next().is_some()
    }

    /// Whether the contact was an opportunity (销售机会) at some time in the window.
    pub fn was_opportunity(&self, window: Window) -> bool {
        self.stage_on(plus_days(window.from, -1)) == Some(Stage::Opportunity)
            || self.moved(window).any(|m| m.to == Stage::Opportunity)
    }

    /// Whether something in the window was written down after `deadline`.
    pub fn entered_after(&self, window: Window, deadline: NaiveDate) -> bool {
        self.moved(window).filter_map(|m| m.entered_on).any(|on| on > deadline)
            || self.worked.iter().any(|w| window.contains(w.on) && w.entered_on > deadline)
    }

    fn moved(&self, window: Window) -> impl Iterator<Item = &StageMove> {
        self.moves.iter().filter(move |m| window.contains(m.on))
    }
}

#[cfg(test)]
mod whole;

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::domain::prospects::{
        fact::{AppointmentKind, FactBody},
        story::Story,
        transition::Path,
    };

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    fn fixed(d: u32) -> FactBody {
        FactBody::AppointmentFixed {
            appointment_id: Id(Uuid::nil()),
            appointment_kind: AppointmentKind::First,
            starts_at: DateTime::<Utc>::UNIX_EPOCH,
            starts_on: day(d),
            has_agenda: false,
        }
    }

    fn postponed(d: u32) -> FactBody {
        let starts_at = DateTime::<Utc>::UNIX_EPOCH;
        FactBody::AppointmentPostponed {
            appointment_id: Id(Uuid::nil()),
            starts_at,
            starts_on: day(d),
            has_agenda: false,
        }
    }

    fn contact() -> SheetContact {
        let history = Story::default()
            .moved(day(1), Stage::Opportunity, Path::Created)
            .fact(day(2), fixed(5))
            .moved(day(2), Stage::FirstAppointment, Path::Manual)
            .fact(day(5), postponed(9))
            .fact(day(10), FactBody::FirstMeeting { on: day(10) })
            .moved(day(10), Stage::Stage25, Path::Manual)
            .moved(day(12), Stage::Stage90, Path::Manual)
            .moved(day(20), Stage::Stage50, Path::Manual)
            .moved(day(21), Stage::Stage25, Path::Automatic)
            .told();
        let range = Window { from: day(3), to: day(21) };
        SheetContact::from_history(Id(Uuid::nil()), &history, range, Vec::new(), vec![Span::ALWAYS])
    }

    #[test]
    fn the_date_beside_a_name_is_the_one_known_on_that_day() {
        let contact = contact();
        let on = |d: u32| {
            let dates = contact.dates.on(day(d));
            (dates.first_meeting_on, dates.clock_started_on)
        };
        assert_eq!(on(4), (Some(day(5)), None), "as first planned");
        assert_eq!(on(5), (Some(day(9)), None), "put off");
        assert_eq!(on(9), (Some(day(9)), None), "planned, not held");
        assert_eq!(on(12), (Some(day(10)), Some(day(10))), "held a day later");
        assert_eq!(on(20), (Some(day(10)), Some(day(20))), "the clock restarts with the fall from 90");
        assert_eq!(contact.dates.on(day(4)).first_fixed_on, Some(day(2)));
        assert_eq!(contact.dates.on(day(21)).days_elapsed(day(21)), Some(1));
    }

    #[test]
    fn only_what_happened_in_the_range_is_carried_and_automatic_moves_are_nobodys_entries() {
        let contact = contact();
        assert_eq!(contact.before, Some(Stage::FirstAppointment));
        let moves: Vec<_> = contact.moves.iter().map(|m| (m.on, m.to, m.entered_on)).collect();
        assert_eq!(moves[0], (day(10), Stage::Stage25, Some(day(10))));
        assert_eq!(moves[3], (day(21), Stage::Stage25, None));
        assert_eq!(moves.len(), 4);
        let window = |from: u32, to: u32| Window { from: day(from), to: day(to) };
        assert!(!contact.was_worked(window(3, 9)) && contact.was_worked(window(21, 21)));
        assert!(!contact.was_opportunity(window(3, 21)));
    }
}
