//! Where someone belongs on a day (section 6), without any grace.

use super::{Stage, Verdict, cooling_off, days_between};
use chrono::{DateTime, FixedOffset, NaiveDate};

/// The facts of the fixed body of `POST /v1/classify`.
#[derive(Clone, Debug)]
pub struct Facts {
    pub first_appointment: Option<FirstAppointment>,
    pub decision_maker_expected: bool,
    pub first_meeting_on: Option<NaiveDate>,
    pub clock_started_on: Option<NaiveDate>,
    pub extension_days: i64,
    pub fell_from_90_on: Option<NaiveDate>,
    pub further_cooperation_agreed: bool,
    pub next_appointment: Option<NextAppointment>,
    pub decision_maker: Verdict,
    pub plan_fits: Verdict,
    pub budget: Verdict,
    pub target_signing_on: Option<NaiveDate>,
    pub signed_on: Option<NaiveDate>,
    pub documents_submitted: bool,
    pub premium_received_on: Option<NaiveDate>,
    pub policy_issued_on: Option<NaiveDate>,
    pub receipt_signed_on: Option<NaiveDate>,
    pub cooling_off_days: i64,
    pub withdrawn_on: Option<NaiveDate>,
    pub exited_on: Option<NaiveDate>,
}

#[derive(Clone, Debug)]
pub struct FirstAppointment {
    pub fixed_on: NaiveDate,
    pub starts_at: DateTime<FixedOffset>,
}

#[derive(Clone, Debug)]
pub struct NextAppointment {
    pub starts_at: DateTime<FixedOffset>,
    pub agenda: Option<String>,
}

impl Facts {
    /// Nothing is known but a name.
    pub fn none() -> Self {
        Facts {
            first_appointment: None,
            decision_maker_expected: true,
            first_meeting_on: None,
            clock_started_on: None,
            extension_days: 0,
            fell_from_90_on: None,
            further_cooperation_agreed: false,
            next_appointment: None,
            decision_maker: Verdict::Unknown,
            plan_fits: Verdict::Unknown,
            budget: Verdict::Unknown,
            target_signing_on: None,
            signed_on: None,
            documents_submitted: false,
            premium_received_on: None,
            policy_issued_on: None,
            receipt_signed_on: None,
            cooling_off_days: 10,
            withdrawn_on: None,
            exited_on: None,
        }
    }
}

/// The calendar day of an instant where the team lives: Asia/Shanghai, eight hours ahead of UTC all year.
pub fn team_day(instant: DateTime<FixedOffset>) -> NaiveDate {
    let shanghai = FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset");
    instant.with_timezone(&shanghai).date_naive()
}

/// What counts on the day asked about, already stripped of everything that lies after it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub exited: bool,
    /// Days of first appointments that still stand.
    pub first_days: Vec<NaiveDate>,
    pub first_fixed_on: Option<NaiveDate>,
    pub met_on: Option<NaiveDate>,
    pub clock_started_on: Option<NaiveDate>,
    pub extension_days: i64,
    pub agreed: bool,
    /// The same as of the signature.
    pub agreed_at_signing: bool,
    /// Days of appointments after the first one that still stand.
    pub next_days: Vec<NaiveDate>,
    /// The five criteria, met (fresh) or not.
    pub five: [bool; 5],
    /// The three recorded criteria as of the signature.
    pub three_at_signing: bool,
    pub signed_on: Option<NaiveDate>,
    pub documents: bool,
    pub money_on: Option<NaiveDate>,
    pub issued_on: Option<NaiveDate>,
    pub receipt_on: Option<NaiveDate>,
    pub cooling_off_days: i64,
    pub withdrawn_on: Option<NaiveDate>,
}

impl Known {
    /// Issue, receipt and withdrawal follow the signature: one dated before it is not this sale's.
    pub fn leave_out_what_precedes_the_signature(&mut self) {
        let Some(signed_on) = self.signed_on else { return };
        self.issued_on = self.issued_on.filter(|on| *on >= signed_on);
        self.receipt_on = self.receipt_on.filter(|on| *on >= signed_on);
        self.withdrawn_on = self.withdrawn_on.filter(|on| *on >= signed_on);
    }
}

/// The ladder; the first rung that holds.
pub fn belongs(known: &Known, cycle_days: i64, as_of: NaiveDate) -> Stage {
    if known.exited {
        return Stage::Exited;
    }
    if ninety_holds(known) {
        return if closing_holds(known, as_of) { Stage::Closed } else { Stage::Stage90 };
    }
    let limit = cycle_days + known.extension_days;
    if known.clock_started_on.is_some_and(|start| days_between(start, as_of) > limit) {
        return Stage::Opportunity;
    }
    let within_a_cycle = |day: &NaiveDate| (0..=cycle_days).contains(&days_between(as_of, *day));
    if known.met_on.is_some() {
        // Five of five and the rules of 25, or the rules of 25 alone.
        return match known.agreed && known.next_days.iter().any(within_a_cycle) {
            true if known.five == [true; 5] => Stage::Stage50,
            true => Stage::Stage25,
            false => Stage::Opportunity,
        };
    }
    let recently_fixed = known.first_fixed_on.is_some_and(|fixed| days_between(fixed, as_of) <= cycle_days);
    if recently_fixed && known.first_days.iter().any(within_a_cycle) {
        return Stage::FirstAppointment;
    }
    Stage::Opportunity
}

/// Issued, receipt signed, cooling-off over, not withdrawn in it.
pub fn closing_holds(known: &Known, as_of: NaiveDate) -> bool {
    let Some(receipt) = known.receipt_on else { return false };
    let matured = as_of >= cooling_off::over_on(receipt, known.cooling_off_days);
    known.issued_on.is_some() && matured && !withdrawn_in_time(known)
}

fn withdrawn_in_time(known: &Known) -> bool {
    known.withdrawn_on.is_some_and(|withdrawn| {
        cooling_off::withdrawal_counts(withdrawn, known.receipt_on, known.cooling_off_days)
    })
}

fn ninety_holds(known: &Known) -> bool {
    let Some(signed_on) = known.signed_on else { return false };
    let met_by_then = known.met_on.is_some_and(|met| met <= signed_on);
    known.documents
        && known.money_on.is_some()
        && known.three_at_signing
        && known.agreed_at_signing
        && met_by_then
        && !withdrawn_in_time(known)
}

/// Strips the facts of everything dated after the day, and works out the two criteria that are dates.
pub fn known_from(facts: &Facts, cycle_days: i64, as_of: NaiveDate) -> Known {
    let past = |day: Option<NaiveDate>| day.filter(|day| *day <= as_of);
    let mut known = Known {
        exited: past(facts.exited_on).is_some(),
        met_on: past(facts.first_meeting_on),
        extension_days: facts.extension_days,
        agreed: facts.further_cooperation_agreed,
        agreed_at_signing: facts.further_cooperation_agreed,
        signed_on: past(facts.signed_on),
        documents: facts.documents_submitted,
        money_on: past(facts.premium_received_on),
        issued_on: past(facts.policy_issued_on),
        receipt_on: past(facts.receipt_signed_on),
        cooling_off_days: facts.cooling_off_days,
        withdrawn_on: past(facts.withdrawn_on),
        ..Known::default()
    };
    known.leave_out_what_precedes_the_signature();
    if let Some(first) = facts.first_appointment.as_ref().filter(|first| first.fixed_on <= as_of) {
        known.first_fixed_on = Some(first.fixed_on);
        known.first_days.push(team_day(first.starts_at));
    }
    if let Some(next) = &facts.next_appointment {
        known.next_days.push(team_day(next.starts_at));
    }
    let three = [facts.decision_maker, facts.plan_fits, facts.budget].map(|verdict| verdict == Verdict::Met);
    known.three_at_signing = three == [true; 3];

    // A fall from 90: what was signed and paid by then is history, the clock starts again, criteria 4 and 5 are stale.
    let mut fell_on = past(facts.fell_from_90_on);
    if ninety_fell_by_withdrawal(&known, fell_on) {
        fell_on = fell_on.max(known.withdrawn_on);
    }
    if let Some(fall) = fell_on {
        let later = |day: Option<NaiveDate>| day.filter(|day| *day > fall);
        known.signed_on = later(known.signed_on);
        known.money_on = later(known.money_on);
        known.issued_on = later(known.issued_on);
        known.receipt_on = later(known.receipt_on);
        known.withdrawn_on = later(known.withdrawn_on);
    }
    known.clock_started_on = past(facts.clock_started_on).or(known.met_on).max(fell_on);

    let limit = cycle_days + facts.extension_days;
    let timing = match (facts.target_signing_on, known.clock_started_on) {
        (Some(target), Some(start)) => {
            fell_on.is_none() && target >= as_of && days_between(start, target) <= limit
        }
        _ => false,
    };
    let next_step = facts.next_appointment.as_ref().is_some_and(|next| {
        let has_agenda = next.agenda.as_ref().is_some_and(|text| !text.trim().is_empty());
        fell_on.is_none() && has_agenda && team_day(next.starts_at) >= as_of
    });
    known.five = [three[0], three[1], three[2], timing, next_step];
    known
}

/// Whether a withdrawal took back a sale that stood at 90 on the withdrawal's own day.
fn ninety_fell_by_withdrawal(known: &Known, fell_before: Option<NaiveDate>) -> bool {
    let Some(withdrawn) = known.withdrawn_on else { return false };
    let by_then = |day: Option<NaiveDate>| {
        day.is_some_and(|day| day <= withdrawn && fell_before.is_none_or(|fall| day > fall))
    };
    let stood =
        by_then(known.signed_on) && by_then(known.money_on) && known.documents && known.three_at_signing;
    let stood = stood && known.agreed_at_signing;
    let met_by_then = known.met_on.is_some_and(|met| known.signed_on.is_some_and(|signed| met <= signed));
    stood
        && met_by_then
        && cooling_off::withdrawal_counts(withdrawn, known.receipt_on, known.cooling_off_days)
}

/// The stage that the facts amount to on a day.
pub fn classify(facts: &Facts, cycle_days: i64, as_of: NaiveDate) -> Stage {
    belongs(&known_from(facts, cycle_days, as_of), cycle_days, as_of)
}

/// Which of the five criteria are not met on a day, in the method's order.
pub fn criteria_missing(facts: &Facts, cycle_days: i64, as_of: NaiveDate) -> Vec<&'static str> {
    let five = known_from(facts, cycle_days, as_of).five;
    super::Criterion::ALL.iter().zip(five).filter(|(_, met)| !met).map(|(one, _)| one.code()).collect()
}
