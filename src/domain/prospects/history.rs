//! Everything recorded about one prospect, and what follows from it on a date.
//! Knows the log and the facts; never who may see them, never where they are stored.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    application::{self, Sale, Typed, Undone, in_order},
    appointment::{self, Appointment},
    fact::Fact,
    facts::Facts,
    facts_fold::{Fall, assemble, typed_sale},
    transfer_hold::held_until,
    transition::{RecordKind, Transition},
};
use crate::domain::{
    method::{cycle::Cycle, stage::Stage},
    organisation::settings::Settings,
    values::{id::Id, timeline::Timeline},
};

/// What surrounds a prospect: cycle and settings by date, each day those of its owner and the owner's team of that day.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The owner's cycle.
    pub cycle: Timeline<Cycle>,
    /// The team's settings.
    pub settings: Timeline<Settings>,
    /// The days on which the prospect was handed to another agent.
    pub handed_over_on: Vec<NaiveDate>,
}

impl Environment {
    /// What surrounds the prospects that one agent has always owned.
    pub fn of_owner(cycle: Timeline<Cycle>, settings: Timeline<Settings>) -> Self {
        Environment { cycle, settings, handed_over_on: Vec::new() }
    }

    /// The cycle in force, days.
    pub fn cycle_days(&self, date: NaiveDate) -> i32 {
        self.cycle.on(date).cycle_days
    }

    /// Whether the prospect changed hands so shortly before a date that nothing falls due (method section 11).
    pub fn is_held_after_transfer(&self, date: NaiveDate) -> bool {
        self.handed_over_on.iter().any(|on| *on <= date && date <= held_until(*on))
    }
}

/// Which facts count for a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    /// Everything dated up to and including the day.
    EndOf(NaiveDate),
    /// What automatic moves of the day are judged on: facts dated before it, policy facts up to and including it.
    StartOf(NaiveDate),
    /// Everything dated up to and including the day, but of what the policy system told of the day only so many events, in
    /// the order in which they happened.
    Through {
        /// The day.
        day: NaiveDate,
        /// How many events of it.
        events: usize,
    },
}

impl Cut {
    /// The day.
    pub fn day(self) -> NaiveDate {
        match self {
            Cut::EndOf(day) | Cut::StartOf(day) | Cut::Through { day, .. } => day,
        }
    }

    fn admits(self, fact: &Fact) -> bool {
        match self {
            Cut::EndOf(day) | Cut::Through { day, .. } => fact.occurred_on <= day,
            Cut::StartOf(day) => fact.occurred_on < day || (fact.body.is_policy() && fact.occurred_on == day),
        }
    }
}

/// The log and the facts of one prospect.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// The log in order of `seq`.
    pub transitions: Vec<Transition>,
    /// The facts in order of `seq`.
    pub facts: Vec<Fact>,
}

impl History {
    fn cancelled(&self) -> HashSet<Id> {
        self.transitions.iter().filter_map(|t| t.cancels).collect()
    }

    /// The moves that count: neither superseded nor voided, in order.
    pub fn effective(&self) -> Vec<&Transition> {
        let cancelled = self.cancelled();
        self.transitions.iter().filter(|t| t.kind == RecordKind::Move && !cancelled.contains(&t.id)).collect()
    }

    /// The current stage: the fold of the log. A prospect without a log is an opportunity in the making.
    pub fn stage(&self) -> Stage {
        self.effective().last().map_or(Stage::Opportunity, |t| t.to)
    }

    /// The history as far as it is dated up to and including a day: late entries count on their own date, and what was
    /// taken back or corrected since does not. None before the first record.
    pub fn as_of(&self, day: NaiveDate) -> Option<History> {
        let transitions: Vec<Transition> =
            self.effective().into_iter().filter(|t| t.occurred_on <= day).cloned().collect();
        let mut facts: Vec<Fact> = self.counting_facts().filter(|f| f.occurred_on <= day).cloned().collect();
        facts.sort_by_key(|f| f.seq);
        (!transitions.is_empty()).then_some(History { transitions, facts })
    }

    /// The stage at the end of a date.
    pub fn stage_on(&self, date: NaiveDate) -> Option<Stage> {
        self.effective().iter().rev().find(|t| t.occurred_on <= date).map(|t| t.to)
    }

    /// The move from which automatic moves are derived.
    pub fn anchor(&self) -> Option<&Transition> {
        self.effective().into_iter().rev().find(|t| t.is_anchor())
    }

    /// The last record's position.
    pub fn last_seq(&self) -> i32 {
        self.transitions.last().map_or(0, |t| t.seq)
    }

    /// The last fact's position.
    pub fn last_fact_seq(&self) -> i32 {
        self.facts.last().map_or(0, |f| f.seq)
    }

    /// Number of the current or last pursuit; 0 before the first.
    pub fn pursuit_number(&self) -> i32 {
        self.effective().last().map_or(0, |t| t.pursuit_number)
    }

    /// Number of the pursuit that was current or last at the end of a day; 0 before the first.
    pub fn pursuit_on(&self, day: NaiveDate) -> i32 {
        self.effective().iter().rev().find(|t| t.occurred_on <= day).map_or(0, |t| t.pursuit_number)
    }

    /// The highest number a pursuit ever had, voided ones too, so that numbers are never used twice.
    pub fn highest_pursuit(&self) -> i32 {
        self.transitions.iter().map(|t| t.pursuit_number).max().unwrap_or(0)
    }

    /// The facts of a pursuit that count, in order of business date, then of recording.
    pub fn pursuit_facts(&self, pursuit_number: i32) -> Vec<&Fact> {
        let voided: HashSet<Id> = {
            let cancelled: HashSet<Id> = self
                .transitions
                .iter()
                .filter(|t| t.kind == RecordKind::Voided)
                .filter_map(|t| t.cancels)
                .collect();
            self.transitions.iter().filter(|t| cancelled.contains(&t.id)).map(|t| t.group_id).collect()
        };
        // A correction of what was taken back is void with it.
        let alive =
            |f: &&Fact| f.pursuit_number == pursuit_number && !voided.contains(&self.first_group_of(f));
        let replaced: HashSet<Id> = self.facts.iter().filter(alive).filter_map(|f| f.replaces).collect();
        let mut facts: Vec<&Fact> =
            self.facts.iter().filter(alive).filter(|f| !replaced.contains(&f.id)).collect();
        facts.sort_by_key(|f| (f.occurred_on, f.seq));
        facts
    }

    /// The facts of all pursuits that count, pursuit by pursuit.
    pub fn counting_facts(&self) -> impl Iterator<Item = &Fact> {
        (0..=self.highest_pursuit()).flat_map(|number| self.pursuit_facts(number))
    }

    /// The request in which a fact was first recorded: corrections of its date come in requests of their own.
    pub fn first_group_of(&self, fact: &Fact) -> Id {
        let mut first = fact;
        while let Some(before) = first.replaces.and_then(|id| self.facts.iter().find(|f| f.id == id)) {
            first = before;
        }
        first.group_id
    }

    /// One pursuit, for many days in a row.
    pub fn dossier(&self, pursuit_number: i32) -> Dossier<'_> {
        let facts = self.pursuit_facts(pursuit_number);
        Dossier { pursuit_number, moves: self.effective(), facts, fell: None }
    }

    /// What was known of a pursuit on a day.
    pub fn facts_on(&self, pursuit_number: i32, cut: Cut, settings: &Timeline<Settings>) -> Facts {
        self.dossier(pursuit_number).facts_on(cut, settings)
    }

    /// The appointments of a pursuit as known on a day.
    pub fn appointments_on(&self, pursuit_number: i32, cut: Cut) -> Vec<Appointment> {
        self.dossier(pursuit_number).appointments_on(cut)
    }
}

/// What counts of one pursuit, sorted once: the walk through the days asks for every day anew.
pub struct Dossier<'h> {
    pursuit_number: i32,
    moves: Vec<&'h Transition>,
    facts: Vec<&'h Fact>,
    /// A way back from 90% that the walk has come to and nothing has written down.
    fell: Option<Fall>,
}

impl<'h> Dossier<'h> {
    /// The facts that count, in order of business date, then of recording.
    pub fn facts(&self) -> &[&'h Fact] {
        &self.facts
    }

    /// Whether the policy system has told anything of the pursuit.
    pub(in crate::domain) fn has_policy_facts(&self) -> bool {
        self.facts.iter().any(|fact| fact.body.policy_fact().is_some())
    }

    /// The moves that count.
    pub(in crate::domain) fn moves(&self) -> &[&'h Transition] {
        &self.moves
    }

    /// The same as if nothing had been derived since a record.
    pub(in crate::domain) fn up_to(mut self, seq: i32) -> Self {
        self.moves.retain(|t| t.seq <= seq);
        self
    }

    /// A way back from 90% that follows from what is recorded.
    pub(in crate::domain) fn fall(&mut self, fall: Fall) {
        self.fell = Some(fall);
    }

    /// The facts that count up to a cut.
    pub(in crate::domain) fn admitted(&self, cut: Cut) -> Vec<&'h Fact> {
        let admitted: Vec<&Fact> = self.facts.iter().copied().filter(|f| cut.admits(f)).collect();
        let Cut::Through { day, events } = cut else { return admitted };
        let later: Vec<Id> = in_order(admitted.iter().copied().filter(|f| f.occurred_on == day))
            .iter()
            .skip(events)
            .map(|(f, _)| f.id)
            .collect();
        admitted.into_iter().filter(|f| !later.contains(&f.id)).collect()
    }

    /// The last way back from 90% by the end of a day.
    fn fell_by(&self, day: NaiveDate) -> Option<Fall> {
        let is_fall = |t: &&&Transition| {
            t.occurred_on <= day && t.is_fall_from_90() && t.pursuit_number == self.pursuit_number
        };
        self.fell.filter(|fall| fall.on <= day).or_else(|| {
            self.moves.iter().rev().find(is_fall).map(|record| Fall::recorded(record, &self.facts))
        })
    }

    /// What was known on a day.
    pub fn facts_on(&self, cut: Cut, settings: &Timeline<Settings>) -> Facts {
        let day = cut.day();
        let facts = self.admitted(cut);
        let sale = self.sale_of(&facts, day, settings);
        let mut known = assemble(&facts, self.fell_by(day).as_ref(), &sale, day, settings);
        let last = self.moves.iter().rev().find(|t| t.occurred_on <= day);
        known.exited_on = last.filter(|t| t.to == Stage::Exited).map(|t| t.occurred_on);
        known
    }

    /// How the sale stood on a day.
    pub(in crate::domain) fn sale_on(&self, cut: Cut, settings: &Timeline<Settings>) -> Sale {
        self.sale_of(&self.admitted(cut), cut.day(), settings)
    }

    fn sale_of(&self, facts: &[&'h Fact], day: NaiveDate, settings: &Timeline<Settings>) -> Sale {
        application::leading(&self.sales_of(facts, day, settings))
    }

    /// All sales on a day, of what had been told by an instant, if one is given.
    pub(in crate::domain) fn sales_on(
        &self,
        cut: Cut,
        told_by: Option<DateTime<Utc>>,
        settings: &Timeline<Settings>,
    ) -> Vec<Sale> {
        let mut facts = self.admitted(cut);
        facts.retain(|fact| told_by.is_none_or(|at| fact.recorded_at <= at));
        self.sales_of(&facts, cut.day(), settings)
    }

    fn sales_of(&self, facts: &[&'h Fact], day: NaiveDate, settings: &Timeline<Settings>) -> Vec<Sale> {
        let mut sale = typed_sale(facts, self.fell_by(day).as_ref());
        sale.default_days = settings.on(sale.signed_on.unwrap_or(day)).cooling_off_days;
        let by_hand = |t: &&&Transition| {
            t.is_fall_by_hand() && t.pursuit_number == self.pursuit_number && t.occurred_on <= day
        };
        let falls = self.moves.iter().filter(by_hand).map(|t| Undone::recorded(t)).collect();
        application::sales(facts, &Typed { sale, falls })
    }

    /// The appointments as known on a day.
    pub fn appointments_on(&self, cut: Cut) -> Vec<Appointment> {
        appointment::fold(&self.admitted(cut))
    }
}
