//! What is put to people where nothing falls back by itself (section 5): each reason by itself, day by day.

use super::{Fallback, Simulation, State};
use crate::oracle::{Stage, days_between, plus};
use chrono::NaiveDate;

/// A reason why somebody should not stay, judged for a day on the facts up to another.
type Holds = fn(&Simulation, &State, NaiveDate, NaiveDate) -> bool;

const REASONS: [(Stage, Holds); 3] = [
    (Stage::Opportunity, Simulation::over),
    (Stage::Stage25, |life, state, day, until| {
        state.stage == Stage::Stage50 && life.beyond_grace(&life.verdicts(state, day, until), day)
    }),
    (Stage::Opportunity, Simulation::lapsed),
];

impl Simulation {
    /// The fallbacks that wait for a decision today: since when each is due, and where it leads.
    pub fn proposals(&self) -> Vec<(NaiveDate, Stage)> {
        let today = self.today;
        let state = self.walk(self.latest(), today).1;
        let asked = matches!(state.stage, Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50);
        if !asked || self.in_force(today).fallback.on(today) != Fallback::Propose {
            return Vec::new();
        }
        let entered_on = self.log().last().expect("somebody moved there").on;
        let mut found = Vec::new();
        for (to, holds) in REASONS {
            // It has to hold with what was told today as well.
            if !holds(self, &state, today, today) {
                continue;
            }
            let mut since = None;
            let mut day = today;
            while day > entered_on && holds(self, &state, day, plus(day, -1)) {
                let kept_waiting = self.request_holds(&state, day)
                    || self.handed_over.iter().any(|on| *on <= day && days_between(*on, day) <= 7);
                if !kept_waiting {
                    since = Some(day);
                }
                day = plus(day, -1);
            }
            found.extend(since.map(|since| (since, to)));
        }
        found.sort_by_key(|(since, _)| *since);
        found
    }
}
