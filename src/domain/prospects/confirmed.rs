//! Which words of people the policy system's own have replaced, and what it says of money (method section 10): a confirmed
//! fact replaces the claimed one of the same kind and application, and figures count events, not rows.

use chrono::NaiveDate;

use super::{
    application::in_order,
    fact::{Fact, FactBody},
    history::History,
    policy_fact::{PolicyFact, signature},
};
use crate::domain::{exchange::policy_event::PolicyEventType, values::id::Id};

/// The applications of a pursuit, each with what was told of it, in the order in which it happened.
pub struct Told<'h> {
    applications: Vec<(Id, Vec<(&'h Fact, &'h PolicyFact)>)>,
    /// The ways back from 90% that people recorded: position in the log and date.
    falls: Vec<(i32, NaiveDate)>,
}

/// An amount that came or went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Money<'h> {
    /// Its day.
    pub on: NaiveDate,
    /// Minor units; negative where it went back.
    pub minor: i64,
    /// The fact that told it.
    pub told_by: &'h Fact,
}

impl<'h> Told<'h> {
    /// What was told of a pursuit.
    pub fn of(history: &'h History, pursuit_number: i32) -> Self {
        let mut applications: Vec<(Id, Vec<(&Fact, &PolicyFact)>)> = Vec::new();
        for told in in_order(history.pursuit_facts(pursuit_number).into_iter()) {
            let id = told.1.application_id;
            match applications.iter_mut().find(|(of, _)| *of == id) {
                Some((_, events)) => events.push(told),
                None => applications.push((id, vec![told])),
            }
        }
        let by_hand = history
            .effective()
            .into_iter()
            .filter(|t| t.is_fall_by_hand() && t.pursuit_number == pursuit_number);
        Told { applications, falls: by_hand.map(|t| (t.seq, t.occurred_on)).collect() }
    }

    /// Whether somebody's word is replaced: what people type in without a number belongs to the first application of the
    /// attempt.
    pub fn replaces(&self, word: &Fact) -> bool {
        let Some((_, events)) = self.applications.first() else { return false };
        let Some((_, first)) = events.first() else { return false };
        let attempt = self.falls.iter().filter(|(_, on)| *on < first.on).count();
        if self.falls.iter().filter(|(seq, _)| *seq <= word.after_transition).count() != attempt {
            return false;
        }
        let tells = |of: &[PolicyEventType]| events.iter().any(|(_, told)| of.contains(&told.event_type));
        match word.body {
            FactBody::Signed { .. } => signed(events).is_some(),
            FactBody::PremiumReceived { .. } => tells(&[
                PolicyEventType::PremiumReceived,
                PolicyEventType::PremiumFailed,
                PolicyEventType::PremiumRefunded,
            ]),
            FactBody::PolicyIssued { .. } => tells(&[PolicyEventType::PolicyIssued]),
            _ => false,
        }
    }

    /// The signatures, one an application.
    pub fn signatures(&self) -> Vec<NaiveDate> {
        self.applications.iter().filter_map(|(_, events)| signed(events)).collect()
    }

    /// Advance premium (预收保费) as it came and went. What is told again, with nothing undone in between, came once.
    pub fn advances(&self) -> Vec<Money<'h>> {
        self.applications.iter().flat_map(|(_, events)| advances(events)).collect()
    }

    /// Standard premium (标准保费) of the policies issued, one an attempt of an application: the first telling counts.
    pub fn issues(&self) -> Vec<Money<'h>> {
        self.applications.iter().flat_map(|(_, events)| issues(events)).collect()
    }
}

fn signed(events: &[(&Fact, &PolicyFact)]) -> Option<NaiveDate> {
    let told: Vec<&PolicyFact> = events.iter().map(|(_, told)| *told).collect();
    signature(&told)
}

fn advances<'h>(events: &[(&'h Fact, &'h PolicyFact)]) -> Vec<Money<'h>> {
    let mut flows = Vec::new();
    let mut held = 0;
    let mut told_already = false;
    for (fact, told) in events {
        let received = told.event_type == PolicyEventType::PremiumReceived;
        let minor = match told.event_type {
            PolicyEventType::PremiumReceived if !told_already => told.amount_minor.unwrap_or_default(),
            PolicyEventType::PremiumFailed | PolicyEventType::PremiumRefunded => {
                -told.amount_minor.unwrap_or(held).min(held)
            }
            _ => 0,
        };
        held += minor;
        told_already = (told_already || received) && !told.event_type.undoes_a_sale();
        if minor != 0 {
            flows.push(Money { on: told.on, minor, told_by: fact });
        }
    }
    flows
}

fn issues<'h>(events: &[(&'h Fact, &'h PolicyFact)]) -> Vec<Money<'h>> {
    let mut flows = Vec::new();
    let mut issued = false;
    for (fact, told) in events {
        let again = issued && told.event_type == PolicyEventType::PolicyIssued;
        issued =
            (issued || told.event_type == PolicyEventType::PolicyIssued) && !told.event_type.undoes_a_sale();
        let minor = told.standard_premium_minor.filter(|_| issued && !again);
        flows.extend(minor.map(|minor| Money { on: told.on, minor, told_by: fact }));
    }
    flows
}
