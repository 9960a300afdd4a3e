//! What is known of one pursuit on one day: the input of every rule (method section 6).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{
    method::{
        cooling_off,
        criteria::{Verdict, Verdicts},
    },
    values::calendar::days_between,
};

/// The first appointment as fixed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FirstAppointment {
    /// Day on which it was first fixed.
    pub fixed_on: NaiveDate,
    /// Its own day, in the team's time zone.
    pub starts_on: NaiveDate,
}

/// The three criteria that people record.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RecordedVerdicts {
    /// 合适的人.
    pub decision_maker: Verdict,
    /// 计划符合需要.
    pub plan_fits: Verdict,
    /// 预算合理.
    pub budget: Verdict,
}

/// What is known of one pursuit on one day. Dates after that day are ignored by the rules.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Facts {
    /// The first appointment, if one was fixed.
    pub first_appointment: Option<FirstAppointment>,
    /// Whether a decision maker is expected at it.
    pub decision_maker_expected: bool,
    /// When the first meeting was held: starts the clock.
    pub first_meeting_on: Option<NaiveDate>,
    /// When the clock started, if not with the first meeting (after a 90→50).
    pub clock_started_on: Option<NaiveDate>,
    /// Extension granted, days.
    pub extension_days: i32,
    /// Day of the last 90→50.
    pub fell_from_90_on: Option<NaiveDate>,
    /// Further co-operation agreed.
    pub further_cooperation_agreed: bool,
    /// The same as of `signed_on`, where history tells; otherwise the present answer stands for it.
    pub cooperation_agreed_at_signing: Option<bool>,
    /// Day of the next appointment: the soonest not yet passed, else the last one.
    pub next_appointment_on: Option<NaiveDate>,
    /// Day of the last appointment with an agenda, set since the last 90→50.
    pub next_step_on: Option<NaiveDate>,
    /// The three recorded criteria.
    pub recorded: RecordedVerdicts,
    /// The same as of `signed_on`, where history tells; otherwise `recorded` stands for it.
    pub recorded_at_signing: Option<RecordedVerdicts>,
    /// Criterion 4 was posted `unmet` and its date has not been changed since.
    pub timing_overridden: bool,
    /// Criterion 5 was posted `unmet` and its date has not been changed since.
    pub next_step_overridden: bool,
    /// Concrete signing date the client agreed to, set since the last 90→50.
    pub target_signing_on: Option<NaiveDate>,
    /// Signature.
    pub signed_on: Option<NaiveDate>,
    /// Documents submitted.
    pub documents_submitted: bool,
    /// Money received by the company (预收到账).
    pub premium_received_on: Option<NaiveDate>,
    /// That rests on somebody's word: the policy system has not confirmed it.
    pub premium_claimed: bool,
    /// Policy issued (承保).
    pub policy_issued_on: Option<NaiveDate>,
    /// Receipt (回执) signed by the policyholder.
    pub receipt_signed_on: Option<NaiveDate>,
    /// Cooling-off period, natural days.
    pub cooling_off_days: i32,
    /// Withdrawal's own date.
    pub withdrawn_on: Option<NaiveDate>,
    /// Day on which the person left the process.
    pub exited_on: Option<NaiveDate>,
}

/// A computed verdict with the date that passed, if it is stale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dated {
    /// The verdict.
    pub verdict: Verdict,
    /// When stale: the date that passed.
    pub passed_on: Option<NaiveDate>,
}

impl Dated {
    fn plain(verdict: Verdict) -> Self {
        Dated { verdict, passed_on: None }
    }

    fn stale(passed_on: NaiveDate) -> Self {
        Dated { verdict: Verdict::Stale, passed_on: Some(passed_on) }
    }
}

fn by(date: Option<NaiveDate>, as_of: NaiveDate) -> Option<NaiveDate> {
    date.filter(|d| *d <= as_of)
}

impl Facts {
    /// The first meeting, if it was held by then.
    pub fn met_by(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        by(self.first_meeting_on, as_of)
    }

    /// Start of the clock: the last 90→50, else the first meeting (method section 5).
    pub fn clock_by(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        by(self.clock_started_on, as_of).or(self.met_by(as_of))
    }

    /// The signature, if given by then.
    pub fn signed_by(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        by(self.signed_on, as_of)
    }

    /// The money, if received by then.
    pub fn premium_by(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        by(self.premium_received_on, as_of)
    }

    /// The issue, if it happened by then; one dated before the signature is not this sale's.
    pub fn issued_by(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        self.since_signature(self.policy_issued_on, as_of)
    }

    /// The receipt, if signed by then; one dated before the signature is not this sale's.
    pub fn receipt_by(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        self.since_signature(self.receipt_signed_on, as_of)
    }

    fn since_signature(&self, date: Option<NaiveDate>, as_of: NaiveDate) -> Option<NaiveDate> {
        by(date, as_of).filter(|on| self.signed_by(as_of).is_none_or(|signed| *on >= signed))
    }

    /// The last 90→50, if by then.
    pub fn fell_by(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        by(self.fell_from_90_on, as_of)
    }

    /// A withdrawal by then that undoes the sale: its own date lies between the signature and the end of the cooling-off
    /// period (method sections 4 and 10).
    pub fn withdrawn_by(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        let withdrawn = self.since_signature(self.withdrawn_on, as_of)?;
        match self.receipt_by(as_of) {
            Some(receipt) if withdrawn > cooling_off::last_day(receipt, self.cooling_off_days) => None,
            _ => Some(withdrawn),
        }
    }

    /// Days since the clock started, in calendar dates; none before the first meeting.
    pub fn days_elapsed(&self, as_of: NaiveDate) -> Option<i64> {
        self.clock_by(as_of).map(|clock| days_between(clock, as_of))
    }

    /// The cycle plus the granted extension, days.
    pub fn limit(&self, cycle_days: i32) -> i64 {
        i64::from(cycle_days) + i64::from(self.extension_days)
    }

    /// Elapsed beyond the limit; equal is still in.
    pub fn is_over(&self, cycle_days: i32, as_of: NaiveDate) -> bool {
        self.days_elapsed(as_of).is_some_and(|elapsed| elapsed > self.limit(cycle_days))
    }

    /// Criterion 4 (合适的时间), computed from its date.
    pub fn timing(&self, cycle_days: i32, as_of: NaiveDate) -> Dated {
        if self.timing_overridden {
            return Dated::plain(Verdict::Unmet);
        }
        let Some(target) = self.target_signing_on else {
            return self.fell_by(as_of).map_or(Dated::plain(Verdict::Unmet), Dated::stale);
        };
        if target < as_of {
            return Dated::stale(target);
        }
        match self.clock_by(as_of) {
            Some(clock) if days_between(clock, target) <= self.limit(cycle_days) => {
                Dated::plain(Verdict::Met)
            }
            _ => Dated::plain(Verdict::Unmet),
        }
    }

    /// Criterion 5 (有更进一步发展), computed from its date.
    pub fn next_step(&self, as_of: NaiveDate) -> Dated {
        if self.next_step_overridden {
            return Dated::plain(Verdict::Unmet);
        }
        match self.next_step_on {
            Some(on) if on >= as_of => Dated::plain(Verdict::Met),
            Some(on) => Dated::stale(on),
            None => self.fell_by(as_of).map_or(Dated::plain(Verdict::Unmet), Dated::stale),
        }
    }

    /// All five on a day.
    pub fn verdicts(&self, cycle_days: i32, as_of: NaiveDate) -> Verdicts {
        Verdicts {
            decision_maker: self.recorded.decision_maker,
            plan_fits: self.recorded.plan_fits,
            budget: self.recorded.budget,
            timing: self.timing(cycle_days, as_of).verdict,
            next_step: self.next_step(as_of).verdict,
        }
    }

    /// The three recorded ones as of the signature.
    pub fn verdicts_at_signing(&self) -> RecordedVerdicts {
        self.recorded_at_signing.unwrap_or(self.recorded)
    }

    /// Whether further co-operation was agreed as of the signature.
    pub fn cooperation_at_signing(&self) -> bool {
        self.cooperation_agreed_at_signing.unwrap_or(self.further_cooperation_agreed)
    }

    /// Whether a sale stood at 90% at the end of a day, were it not for a withdrawal.
    fn stood_at_90_on(&self, day: NaiveDate) -> bool {
        let since = self.fell_by(day);
        let alive = |date: Option<NaiveDate>| date.filter(|on| since.is_none_or(|fall| *on > fall));
        let recorded = self.verdicts_at_signing();
        let three = [recorded.decision_maker, recorded.plan_fits, recorded.budget];
        alive(self.signed_by(day)).is_some_and(|signed| self.met_by(signed).is_some())
            && alive(self.premium_by(day)).is_some()
            && self.documents_submitted
            && self.cooperation_at_signing()
            && three.iter().all(|verdict| *verdict == Verdict::Met)
    }

    /// For facts told without their history: after a 90→50 on F, and after a withdrawal that takes back a standing 90,
    /// what was signed and paid up to then no longer counts, timing and next step are stale, and the clock starts
    /// again that day (method section 4).
    pub fn retire_fallen_sale(&mut self, as_of: NaiveDate) {
        let taken_back = self.withdrawn_by(as_of).filter(|on| self.stood_at_90_on(*on));
        let Some(fell_on) = self.fell_by(as_of).max(taken_back) else { return };
        let retired = |date: &mut Option<NaiveDate>| *date = date.filter(|on| *on > fell_on);
        retired(&mut self.signed_on);
        retired(&mut self.premium_received_on);
        retired(&mut self.policy_issued_on);
        retired(&mut self.receipt_signed_on);
        retired(&mut self.withdrawn_on);
        self.fell_from_90_on = Some(fell_on);
        self.target_signing_on = None;
        self.next_step_on = None;
        self.clock_started_on = self.clock_by(as_of).max(Some(fell_on));
    }
}
