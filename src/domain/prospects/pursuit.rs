//! Pursuits: one attempt to sell to one person (method section 2), folded from the log; and the deals among them.

use chrono::NaiveDate;
use serde::Serialize;

use super::{
    confirmed::Told,
    fact::{Fact, FactBody},
    history::{Cut, History},
    transition::Transition,
};
use crate::domain::{
    method::{cycle::Deal, stage::Stage},
    organisation::settings::Settings,
    values::{id::Id, timeline::Timeline},
};

/// How a pursuit ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PursuitOutcome {
    /// Closed.
    Won,
    /// Back to opportunity.
    FellBack,
    /// Left the process.
    Exited,
    /// Its opening was taken back.
    Voided,
}

impl PursuitOutcome {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            PursuitOutcome::Won => "won",
            PursuitOutcome::FellBack => "fell_back",
            PursuitOutcome::Exited => "exited",
            PursuitOutcome::Voided => "voided",
        }
    }
}

/// One pursuit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pursuit {
    /// 1, 2, 3, … in the order of opening.
    pub number: i32,
    /// When it was opened.
    pub opened_on: NaiveDate,
    /// When it ended; none while it goes on.
    pub ended_on: Option<NaiveDate>,
    /// How it ended.
    pub outcome: Option<PursuitOutcome>,
}

/// All pursuits a history ever had, in order of number.
pub fn pursuits(history: &History) -> Vec<Pursuit> {
    let effective = history.effective();
    (1..=history.highest_pursuit())
        .filter_map(|number| {
            let mine = |t: &&&Transition| t.pursuit_number == number && t.from.is_some();
            let moves: Vec<&Transition> = effective.iter().filter(mine).copied().collect();
            let opening = moves.iter().find(|t| t.to.is_pursued());
            let Some(opening) = opening else {
                let voided = history.transitions.iter().find(|t| t.pursuit_number == number)?;
                return Some(Pursuit {
                    number,
                    opened_on: voided.occurred_on,
                    ended_on: Some(voided.occurred_on),
                    outcome: Some(PursuitOutcome::Voided),
                });
            };
            // Whoever leaves the process as an opportunity leaves no pursuit: the last one has ended already.
            let relevant = |t: &&&Transition| t.from.is_some_and(Stage::is_pursued) || t.to.is_pursued();
            let last = moves.iter().rfind(|t| relevant(t)).copied().unwrap_or(opening);
            let outcome = match last.to {
                Stage::Closed => Some(PursuitOutcome::Won),
                Stage::Opportunity => Some(PursuitOutcome::FellBack),
                Stage::Exited => Some(PursuitOutcome::Exited),
                _ => None,
            };
            Some(Pursuit {
                number,
                opened_on: opening.occurred_on,
                ended_on: outcome.map(|_| last.occurred_on),
                outcome,
            })
        })
        .collect()
}

/// From which day on a pursuit takes what is told of it, where there was another one before: from the day on which that one
/// ended for what came with the opening, from its own beginning for what is told later. What is dated before belongs to
/// the time of the other one, and would age this one (method section 4).
pub fn takes_from(history: &History, fact: &Fact) -> Option<NaiveDate> {
    let number = fact.pursuit_number;
    if number <= 1 {
        return None;
    }
    let all = pursuits(history);
    let before = all.iter().filter(|p| p.number < number && p.outcome != Some(PursuitOutcome::Voided));
    let ended_on = before.filter_map(|p| p.ended_on).max()?;
    let opens = |t: &&Transition| t.pursuit_number == number && t.from.is_some() && t.to.is_pursued();
    let opening = history.effective().into_iter().find(opens)?;
    let came_with_it = history.first_group_of(fact) == opening.group_id;
    Some(if came_with_it { ended_on } else { opening.occurred_on.max(ended_on) })
}

/// The signatures of all sales, one an attempt: after a way back from 90% the next one is a new one. Of several in one
/// attempt the latest counts, as it does for the rules; each application that the policy system tells of is signed once.
pub fn signings(history: &History) -> Vec<NaiveDate> {
    let falls: Vec<&Transition> = history.effective().into_iter().filter(|t| t.is_fall_from_90()).collect();
    let mut days = Vec::new();
    for number in 1..=history.highest_pursuit() {
        let told = Told::of(history, number);
        days.extend(told.signatures());
        let mut attempts: Vec<(usize, NaiveDate)> = Vec::new();
        for fact in history.pursuit_facts(number).into_iter().filter(|f| !told.replaces(f)) {
            let FactBody::Signed { on } = fact.body else { continue };
            let attempt = falls.iter().filter(|fall| fall.seq <= fact.after_transition).count();
            match attempts.iter_mut().find(|(of, _)| *of == attempt) {
                Some((_, last)) => *last = on.max(*last),
                None => attempts.push((attempt, on)),
            }
        }
        days.extend(attempts.into_iter().map(|(_, on)| on));
    }
    days
}

/// A closing of one pursuit, before it has the ids the store knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closing {
    /// Number of the pursuit.
    pub pursuit_number: i32,
    /// Original first meeting.
    pub first_meeting_on: NaiveDate,
    /// Last signature.
    pub signed_on: NaiveDate,
    /// Date of the closing.
    pub closed_on: NaiveDate,
    /// From when on it counts for the cycle (method section 5).
    pub counts_from: NaiveDate,
    /// From when on it no longer does.
    pub counts_until: Option<NaiveDate>,
}

impl Closing {
    /// The closing as a deal of the cycle.
    pub fn deal(&self, prospect_id: Id, pursuit_id: Id) -> Deal {
        Deal {
            prospect_id,
            pursuit_number: self.pursuit_number,
            pursuit_id,
            first_meeting_on: self.first_meeting_on,
            signed_on: self.signed_on,
            closed_on: self.closed_on,
            counts_from: self.counts_from,
            counts_until: self.counts_until,
        }
    }
}

/// Every closing that stands in the log, compensated ones too.
pub fn closings(history: &History, settings: &Timeline<Settings>) -> Vec<Closing> {
    let effective = history.effective();
    effective
        .iter()
        .filter(|t| t.to == Stage::Closed)
        .filter_map(|closing| {
            let number = closing.pursuit_number;
            // As known when it closed: a later fall has retired these facts for the pursuit, not for the deal.
            let then = History {
                transitions: history.transitions.iter().filter(|t| t.seq <= closing.seq).cloned().collect(),
                facts: history.facts.iter().filter(|f| f.after_transition <= closing.seq).cloned().collect(),
            };
            let known = then.facts_on(number, Cut::EndOf(closing.occurred_on), settings);
            let recorded_on = then
                .pursuit_facts(number)
                .iter()
                .filter(|f| f.body.is_policy() && !f.body.undoes_a_sale())
                // What is noted down after it had closed did not make it due.
                .filter(|f| f.after_transition < closing.seq)
                .map(|f| f.recorded_on)
                .chain((!closing.is_automatic()).then_some(closing.recorded_on))
                .max();
            let undone = effective
                .iter()
                .find(|t| t.seq > closing.seq && t.from == Some(Stage::Closed) && t.to == Stage::Stage50);
            Some(Closing {
                pursuit_number: number,
                first_meeting_on: known.first_meeting_on?,
                signed_on: known.signed_on?,
                closed_on: closing.occurred_on,
                counts_from: closing.occurred_on.max(recorded_on.unwrap_or(closing.occurred_on)),
                counts_until: undone.map(|t| t.occurred_on),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::prospects::{story::Story, transition::Path};

    #[test]
    fn a_closing_was_known_when_the_last_fact_that_made_it_due_was_told_and_later_notes_change_nothing() {
        let day = |d: u32| NaiveDate::from_ymd_opt(2009, 12, d).unwrap();
        let issued = || FactBody::PolicyIssued { on: day(5), standard_premium_minor: None };
        let sold = |receipt_told_on: u32| {
            Story::default()
                .moved(day(1), Stage::Opportunity, Path::Created)
                .fact(day(2), FactBody::FirstMeeting { on: day(2) })
                .moved(day(2), Stage::Stage25, Path::Manual)
                .fact(day(4), FactBody::Signed { on: day(4) })
                .moved(day(4), Stage::Stage90, Path::Manual)
                .fact(day(5), issued())
                .fact(day(receipt_told_on), FactBody::ReceiptSigned { on: day(6), cooling_off_days: None })
                .moved(day(17), Stage::Closed, Path::Automatic)
        };
        let known_on = |story: Story| {
            let all = closings(&story.told(), &Timeline::constant(Settings::default()));
            all.into_iter().map(|c| c.counts_from).collect::<Vec<_>>()
        };
        assert_eq!(known_on(sold(6)), [day(17)]);
        assert_eq!(known_on(sold(28)), [day(28)], "told long after it was due");
        assert_eq!(known_on(sold(6).fact(day(30), issued())), [day(17)]);
    }
}
