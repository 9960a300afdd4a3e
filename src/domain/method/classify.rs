//! Where someone belongs on a day, and why (method section 6).
//!
//! The guards of every move, the next steps, the dry run and the classification endpoint are these rules
//! and no others. Strict: no grace, stale counts as unmet.

use chrono::NaiveDate;

use super::{
    cooling_off,
    criteria::{Criterion, Verdict, Verdicts},
    stage::Stage,
};
use crate::domain::{prospects::facts::Facts, values::calendar::days_between};

/// A rule a stage asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum RuleCode {
    /// A first appointment on or after the day, at most a cycle off, not yet met.
    FirstAppointmentDated,
    /// First fixed at most a cycle ago.
    FirstFixedInCycle,
    /// The first meeting was held.
    FirstMeetingHeld,
    /// Further co-operation agreed.
    CooperationAgreed,
    /// A dated next appointment on or after the day.
    NextAppointmentDated,
    /// … no further off than a cycle.
    NextAppointmentInCycle,
    /// Elapsed at most the limit.
    WithinCycle,
    /// One of the five criteria.
    Criterion(Criterion),
    /// The application is signed.
    Signed,
    /// Documents submitted.
    DocumentsSubmitted,
    /// Money received by the company.
    PremiumReceived,
    /// Policy issued.
    PolicyIssued,
    /// Receipt signed.
    ReceiptSigned,
    /// The cooling-off period is over.
    CoolingOffOver,
    /// Not withdrawn within it.
    NotWithdrawn,
    /// Confirmed by a supervisor, where the settings ask for it. A guard of the move to 50%, never of classification:
    /// that needs facts only.
    SupervisorConfirmation,
}

impl RuleCode {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            RuleCode::FirstAppointmentDated => "first_appointment_dated",
            RuleCode::FirstFixedInCycle => "first_fixed_in_cycle",
            RuleCode::FirstMeetingHeld => "first_meeting_held",
            RuleCode::CooperationAgreed => "further_cooperation_agreed",
            RuleCode::NextAppointmentDated => "next_appointment_dated",
            RuleCode::NextAppointmentInCycle => "next_appointment_in_cycle",
            RuleCode::WithinCycle => "within_cycle",
            RuleCode::Criterion(c) => c.code(),
            RuleCode::Signed => "signed",
            RuleCode::DocumentsSubmitted => "documents_submitted",
            RuleCode::PremiumReceived => "premium_received",
            RuleCode::PolicyIssued => "policy_issued",
            RuleCode::ReceiptSigned => "receipt_signed",
            RuleCode::CoolingOffOver => "cooling_off_over",
            RuleCode::NotWithdrawn => "not_withdrawn",
            RuleCode::SupervisorConfirmation => "supervisor_confirmation",
        }
    }
}

/// A rule, for the stage that asks for it, judged on one day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Which rule.
    pub code: RuleCode,
    /// The stage whose entry asks for it.
    pub for_stage: Stage,
    /// Whether it holds.
    pub satisfied: bool,
    /// The date at issue, if there is one.
    pub date: Option<NaiveDate>,
    /// The bound it is compared with, days or verdict.
    pub bound: Option<i64>,
    /// The verdict, for the criteria.
    pub verdict: Option<Verdict>,
}

/// The answer: a stage and every rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Classification {
    /// Where the person belongs.
    pub stage: Stage,
    /// The day asked about.
    pub as_of: NaiveDate,
    /// Every rule, in the order of the board.
    pub rules: Vec<Rule>,
    /// The five on that day.
    pub verdicts: Verdicts,
}

impl Classification {
    /// The rules of one stage that do not hold.
    pub fn unmet(&self, stage: Stage) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |r| r.for_stage == stage && !r.satisfied)
    }

    /// The rules of one stage.
    pub fn rules_for(&self, stage: Stage) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |r| r.for_stage == stage)
    }

    /// Codes of what the next stage still needs.
    pub fn missing_for_next(&self) -> Vec<RuleCode> {
        self.stage.next().map(|next| self.unmet(next).map(|r| r.code).collect()).unwrap_or_default()
    }

    /// Every rule that a way to a stage is judged by, each once: skipping forward leaves none of them out (method
    /// section 4). A meeting held stands for the first appointment; a signature for the next one, for timing and clock.
    pub fn guards(&self, to: Stage) -> Vec<&Rule> {
        let judged: &[Stage] = match to {
            Stage::Stage50 => &[Stage::Stage25, Stage::Stage50],
            Stage::Closed => &[Stage::Closed, Stage::Stage90],
            _ => &[to],
        };
        let mut guards: Vec<&Rule> = Vec::new();
        for rule in judged.iter().flat_map(|stage| self.rules_for(*stage)) {
            if guards.iter().all(|known| known.code != rule.code) {
                guards.push(rule);
            }
        }
        guards
    }

    /// Whether a move can enter a stage on these facts: every guard of it or of one beyond holds.
    pub fn reaches(&self, to: Stage) -> bool {
        let beyond = Stage::LADDER.into_iter().filter(|stage| *stage >= to);
        self.stage != Stage::Exited && beyond.rev().any(|stage| self.holds(stage))
    }

    fn holds(&self, stage: Stage) -> bool {
        self.guards(stage).iter().all(|rule| rule.satisfied)
    }
}

/// Classifies facts on a day. Pure; needs no stored data.
pub fn classify(facts: &Facts, cycle_days: i32, as_of: NaiveDate) -> Classification {
    let verdicts = facts.verdicts(cycle_days, as_of);
    let mut rules = Vec::with_capacity(24);
    first_appointment_rules(facts, cycle_days, as_of, &mut rules);
    stage_25_rules(facts, cycle_days, as_of, &mut rules);
    stage_50_rules(facts, cycle_days, as_of, &verdicts, &mut rules);
    stage_90_rules(facts, as_of, &mut rules);
    closed_rules(facts, as_of, &mut rules);
    let mut answer = Classification { stage: Stage::Opportunity, as_of, rules, verdicts };
    answer.stage = ladder(facts, cycle_days, &answer);
    answer
}

/// First match wins.
fn ladder(facts: &Facts, cycle_days: i32, judged: &Classification) -> Stage {
    let as_of = judged.as_of;
    if facts.exited_on.is_some_and(|on| on <= as_of) {
        Stage::Exited
    } else if judged.holds(Stage::Closed) {
        Stage::Closed
    } else if judged.holds(Stage::Stage90) {
        Stage::Stage90
    } else if facts.is_over(cycle_days, as_of) {
        Stage::Opportunity
    } else if judged.holds(Stage::Stage50) {
        Stage::Stage50
    } else if judged.holds(Stage::Stage25) {
        Stage::Stage25
    } else if judged.holds(Stage::FirstAppointment) {
        Stage::FirstAppointment
    } else {
        Stage::Opportunity
    }
}

fn rule(code: RuleCode, for_stage: Stage, satisfied: bool) -> Rule {
    Rule { code, for_stage, satisfied, date: None, bound: None, verdict: None }
}

fn first_appointment_rules(facts: &Facts, cycle_days: i32, as_of: NaiveDate, rules: &mut Vec<Rule>) {
    let stage = Stage::FirstAppointment;
    let cycle = i64::from(cycle_days);
    let fixed = facts.first_appointment.filter(|a| a.fixed_on <= as_of);
    let not_met = facts.met_by(as_of).is_none();
    let dated = fixed.is_some_and(|a| (0..=cycle).contains(&days_between(as_of, a.starts_on)));
    // Once they have met, nothing is said of a wait that is over.
    let bound = Some(cycle).filter(|_| not_met);
    rules.push(Rule {
        date: fixed.map(|a| a.starts_on),
        bound,
        ..rule(RuleCode::FirstAppointmentDated, stage, not_met && dated)
    });
    let recent = fixed.is_none_or(|a| days_between(a.fixed_on, as_of) <= cycle);
    rules.push(Rule {
        date: fixed.map(|a| a.fixed_on),
        bound,
        ..rule(RuleCode::FirstFixedInCycle, stage, recent || !not_met)
    });
}

fn within_cycle(facts: &Facts, cycle_days: i32, as_of: NaiveDate, stage: Stage) -> Rule {
    Rule {
        date: facts.clock_by(as_of),
        bound: Some(facts.limit(cycle_days)),
        ..rule(RuleCode::WithinCycle, stage, !facts.is_over(cycle_days, as_of))
    }
}

fn stage_25_rules(facts: &Facts, cycle_days: i32, as_of: NaiveDate, rules: &mut Vec<Rule>) {
    let stage = Stage::Stage25;
    let met = facts.met_by(as_of);
    rules.push(Rule { date: met, ..rule(RuleCode::FirstMeetingHeld, stage, met.is_some()) });
    rules.push(rule(RuleCode::CooperationAgreed, stage, facts.further_cooperation_agreed));
    let next = facts.next_appointment_on;
    let dated = next.is_some_and(|on| on >= as_of);
    rules.push(Rule { date: next, ..rule(RuleCode::NextAppointmentDated, stage, dated) });
    if let Some(on) = next {
        let near = days_between(as_of, on) <= i64::from(cycle_days);
        rules.push(Rule {
            date: next,
            bound: Some(i64::from(cycle_days)),
            ..rule(RuleCode::NextAppointmentInCycle, stage, near)
        });
    }
    rules.push(within_cycle(facts, cycle_days, as_of, stage));
}

fn stage_50_rules(
    facts: &Facts,
    cycle_days: i32,
    as_of: NaiveDate,
    verdicts: &Verdicts,
    rules: &mut Vec<Rule>,
) {
    let clock = facts.clock_by(as_of);
    if clock.is_none() {
        // Timing cannot be met before the clock runs: this is what is missing.
        rules.push(rule(RuleCode::FirstMeetingHeld, Stage::Stage50, false));
    }
    for criterion in Criterion::ALL {
        let verdict = verdicts.of(criterion);
        let (date, bound) = match criterion {
            Criterion::Timing => (facts.target_signing_on, clock.map(|_| facts.limit(cycle_days))),
            Criterion::NextStep => (facts.next_step_on, None),
            Criterion::DecisionMaker | Criterion::PlanFits | Criterion::Budget => (None, None),
        };
        rules.push(Rule {
            date,
            bound,
            verdict: Some(verdict),
            ..rule(RuleCode::Criterion(criterion), Stage::Stage50, verdict == Verdict::Met)
        });
    }
    rules.push(within_cycle(facts, cycle_days, as_of, Stage::Stage50));
}

fn stage_90_rules(facts: &Facts, as_of: NaiveDate, rules: &mut Vec<Rule>) {
    let stage = Stage::Stage90;
    let undone = facts.withdrawn_by(as_of);
    let at_signing = facts.verdicts_at_signing();
    let recorded = [
        (Criterion::DecisionMaker, at_signing.decision_maker),
        (Criterion::PlanFits, at_signing.plan_fits),
        (Criterion::Budget, at_signing.budget),
    ];
    for (criterion, verdict) in recorded {
        rules.push(Rule {
            verdict: Some(verdict),
            date: facts.signed_on,
            ..rule(RuleCode::Criterion(criterion), stage, verdict == Verdict::Met)
        });
    }
    rules.push(rule(RuleCode::CooperationAgreed, stage, facts.cooperation_at_signing()));
    let signed = facts.signed_by(as_of);
    let met_before = facts.met_by(signed.unwrap_or(as_of));
    rules.push(Rule {
        date: facts.first_meeting_on,
        ..rule(RuleCode::FirstMeetingHeld, stage, met_before.is_some())
    });
    rules.push(Rule { date: signed, ..rule(RuleCode::Signed, stage, signed.is_some()) });
    rules.push(rule(RuleCode::DocumentsSubmitted, stage, facts.documents_submitted));
    let premium = facts.premium_by(as_of);
    rules.push(Rule { date: premium, ..rule(RuleCode::PremiumReceived, stage, premium.is_some()) });
    rules.push(Rule { date: undone, ..rule(RuleCode::NotWithdrawn, stage, undone.is_none()) });
}

fn closed_rules(facts: &Facts, as_of: NaiveDate, rules: &mut Vec<Rule>) {
    let stage = Stage::Closed;
    let issued = facts.issued_by(as_of);
    // One that lies before the signature is named, so that its date can be mended.
    let told = issued.or(facts.policy_issued_on.filter(|on| *on <= as_of));
    rules.push(Rule { date: told, ..rule(RuleCode::PolicyIssued, stage, issued.is_some()) });
    let receipt = facts.receipt_by(as_of);
    let told = receipt.or(facts.receipt_signed_on.filter(|on| *on <= as_of));
    rules.push(Rule { date: told, ..rule(RuleCode::ReceiptSigned, stage, receipt.is_some()) });
    let last_day = receipt.map(|r| cooling_off::last_day(r, facts.cooling_off_days));
    rules.push(Rule {
        date: last_day,
        bound: Some(i64::from(facts.cooling_off_days)),
        ..rule(RuleCode::CoolingOffOver, stage, last_day.is_some_and(|last| as_of > last))
    });
    let undone = facts.withdrawn_by(as_of);
    rules.push(Rule { date: undone, ..rule(RuleCode::NotWithdrawn, stage, undone.is_none()) });
}
