//! Entries and settings in the words of the API.

use chrono::NaiveDate;
use prospector::domain::values::id::Id;
use serde_json::{Value, json};

use crate::oracle::Verdict;
use crate::oracle::calendar::WeekStart;
use crate::oracle::simulation::{Entry, Fact, FactKind, Fallback, Settings, Simulation, What};

/// The facts of a move; each appointment among them gets an id of the caller's making.
pub fn move_facts(told: &[Fact], mut new_id: impl FnMut() -> Id) -> Value {
    let mut facts = json!({});
    for fact in told {
        let on = fact.on;
        match &fact.what {
            FactKind::FirstAppointment { day } => {
                let id = new_id();
                facts["first_appointment"] = json!({"id": id, "starts_at": noon(*day), "fixed_on": on});
            }
            FactKind::NextAppointment { day, .. } => {
                let id = new_id();
                facts["next_appointment"] = json!({"id": id, "starts_at": noon(*day), "fixed_on": on,
                    "agenda": "go through the plan"});
            }
            FactKind::Held { .. } | FactKind::FirstMeeting => facts["first_meeting_on"] = json!(on),
            FactKind::CooperationAgreed => facts["further_cooperation_agreed"] = json!(true),
            FactKind::CooperationRefused => facts["further_cooperation_agreed"] = json!(false),
            FactKind::Check { criterion, verdict } => {
                facts["criteria"][criterion.code()] =
                    json!({"verdict": verdict.code(), "checked_on": on, "evidence": "she said so"});
            }
            FactKind::TargetSigning { on: target } => facts["target_signing_on"] = json!(target),
            FactKind::Signed => facts["signed_on"] = json!(on),
            FactKind::DocumentsSubmitted => facts["documents_submitted_on"] = json!(on),
            FactKind::PremiumReceived => {
                facts["premium_received_on"] = json!(on);
                facts["evidence"] = json!("bank slip");
            }
            FactKind::PolicyIssued => facts["policy_issued_on"] = json!(on),
            FactKind::ReceiptSigned => facts["receipt_signed_on"] = json!(on),
            FactKind::Withdrawn => facts["withdrawn_on"] = json!(on),
            FactKind::Postponed { .. } | FactKind::NoShow { .. } | FactKind::Cancelled { .. } => {
                panic!("told alone only: {fact:?}")
            }
        }
    }
    facts
}

/// Noon in Shanghai.
pub fn noon(day: NaiveDate) -> String {
    format!("{day}T12:00:00+08:00")
}

fn fallback(mode: Fallback) -> &'static str {
    match mode {
        Fallback::Auto => "auto",
        Fallback::Propose => "propose",
        Fallback::Off => "off",
    }
}

fn week_start(start: WeekStart) -> Value {
    json!(start.code())
}

/// The settings in force from the beginning.
pub fn first_choice(settings: &Settings) -> Value {
    json!({"fallback": fallback(settings.fallback.first), "criteria_grace_days": settings.grace_days.first,
        "sheet_week_start": week_start(settings.week_start.first),
        "cooling_off_days": settings.cooling_off_days.first})
}

/// Each change on its day: a choice of settings, and a declared cycle.
pub fn later_choices(settings: &Settings) -> Vec<(NaiveDate, Value, Option<i64>)> {
    let mut all: Vec<(NaiveDate, Value, Option<i64>)> = Vec::new();
    for (day, days) in &settings.cycle_days.changes {
        all.push((*day, json!({}), Some(*days)));
    }
    for (day, mode) in &settings.fallback.changes {
        all.push((*day, json!({"fallback": fallback(*mode)}), None));
    }
    for (day, days) in &settings.grace_days.changes {
        all.push((*day, json!({"criteria_grace_days": days}), None));
    }
    for (day, start) in &settings.week_start.changes {
        all.push((*day, json!({"sheet_week_start": week_start(*start)}), None));
    }
    for (day, days) in &settings.cooling_off_days.changes {
        all.push((*day, json!({"cooling_off_days": days}), None));
    }
    all.sort_by_key(|choice| choice.0);
    all
}

/// An entry as a front-end can tell it; none when there is no call for it.
pub fn as_told(entry: Entry, life: &Simulation) -> Option<Entry> {
    let Entry { recorded_on, what } = entry;
    let what = match what {
        What::Fact(Fact {
            what: FactKind::PremiumReceived | FactKind::Withdrawn | FactKind::FirstMeeting,
            ..
        }) => {
            return None;
        }
        What::Fact(Fact { what: FactKind::Check { verdict: Verdict::Stale, .. }, .. }) => return None,
        What::Move { to, occurred_on, facts } => {
            What::Move { to, occurred_on, facts: with_the_meeting_held(facts, life) }
        }
        what => what,
    };
    Some(Entry { recorded_on, what })
}

/// A move names the day of the first meeting; the service finds the appointment that it was.
fn with_the_meeting_held(facts: Vec<Fact>, life: &Simulation) -> Vec<Fact> {
    let fixes_one = facts.iter().any(|fact| matches!(fact.what, FactKind::FirstAppointment { .. }));
    let held = |on: NaiveDate| {
        let pursued = life.stage_on(on).is_open();
        let open = life.open_first_appointment(on).filter(|_| pursued);
        let nth = if fixes_one { Some(life.appointment_count()) } else { open };
        nth.map_or(FactKind::FirstMeeting, |nth| FactKind::Held { nth })
    };
    facts
        .into_iter()
        .map(|fact| match fact.what {
            FactKind::Held { .. } => Fact { on: fact.on, what: held(fact.on) },
            _ => fact,
        })
        .collect()
}
