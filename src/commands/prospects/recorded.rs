//! What people tell of a prospect, as the domain records it: facts, and their free texts kept apart (method section 11).

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::write::{Refused, check_joint_visit};
use crate::{
    clock::Occasion,
    domain::{
        method::{
            criteria::{Criterion, Verdict},
            stage::Stage,
        },
        prospects::{
            appointment::Outcome,
            decision::NewFact,
            fact::{AppointmentKind, FactBody},
            history::Cut,
        },
        values::{id::Id, words},
    },
    store::{
        Conn,
        ledger::{Evidence, Loaded},
    },
};

/// What comes with a move. Everything may be left out.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The first appointment.
    pub first_appointment: Option<Fixed>,
    /// Whether a decision maker is expected at it.
    pub decision_maker_expected: Option<bool>,
    /// When the first meeting was held: starts the clock.
    pub first_meeting_on: Option<NaiveDate>,
    /// Whether further co-operation is agreed.
    pub further_cooperation_agreed: Option<bool>,
    /// The next appointment.
    pub next_appointment: Option<Fixed>,
    /// Checks of the criteria.
    pub checks: Vec<Check>,
    /// Concrete signing date agreed with the client.
    pub target_signing_on: Option<NaiveDate>,
    /// Dates and amounts of the sale.
    pub sale: Sale,
}

/// An appointment to fix.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// Its id; a new one when absent.
    pub id: Option<Id>,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// Day on which it was fixed; today when absent.
    pub fixed_on: Option<NaiveDate>,
    /// What it is for.
    pub agenda: Option<String>,
    /// The supervisor who goes along.
    pub joint_visit_with: Option<Id>,
}

/// A check of a criterion.
#[derive(Clone, Debug)]
pub struct Check {
    /// Which one.
    pub criterion: Criterion,
    /// The verdict.
    pub verdict: Verdict,
    /// What it rests on.
    pub evidence: Option<String>,
    /// Day of the check; today when absent.
    pub checked_on: Option<NaiveDate>,
}

/// Dates and amounts of a sale, in fen.
#[derive(Clone, Debug, Default)]
pub struct Sale {
    /// Signature.
    pub signed_on: Option<NaiveDate>,
    /// When the documents were submitted.
    pub documents_submitted_on: Option<NaiveDate>,
    /// When the company received the money.
    pub premium_received_on: Option<NaiveDate>,
    /// Advance premium.
    pub advance_premium_minor: Option<i64>,
    /// When the policy was issued.
    pub policy_issued_on: Option<NaiveDate>,
    /// Standard premium.
    pub standard_premium_minor: Option<i64>,
    /// When the policyholder signed the receipt.
    pub receipt_signed_on: Option<NaiveDate>,
    /// Cooling-off period of this policy, natural days, where it differs from the setting.
    pub cooling_off_days: Option<i32>,
    /// The withdrawal's own date.
    pub withdrawn_on: Option<NaiveDate>,
    /// On what the dates rest.
    pub evidence: Option<String>,
}

/// Facts and their texts, ready for the domain.
#[derive(Default)]
pub(super) struct FactsAndWords {
    pub(super) facts: Vec<NewFact>,
    pub(super) words: Vec<Evidence>,
}

impl FactsAndWords {
    /// Adds a fact with its text.
    pub(super) fn add(&mut self, id: Id, on: Option<NaiveDate>, body: FactBody, text: Option<String>) {
        if let Some(content) = text {
            self.words.push(Evidence { subject_id: id, content });
        }
        self.facts.push(NewFact { id, occurred_on: on, body });
    }

    /// Adds an appointment, and who goes along.
    pub(super) fn fix(&mut self, new_id: impl Fn() -> Id, kind: AppointmentKind, new: Fixed, zone: Tz) -> Id {
        let appointment_id = new.id.unwrap_or_else(&new_id);
        let body = FactBody::AppointmentFixed {
            appointment_id,
            appointment_kind: kind,
            starts_at: new.starts_at,
            starts_on: new.starts_at.with_timezone(&zone).date_naive(),
            has_agenda: has_words(new.agenda.as_deref()),
        };
        self.add(new_id(), new.fixed_on, body, new.agenda);
        if new.joint_visit_with.is_some() {
            let body = FactBody::JointVisit { appointment_id, with: new.joint_visit_with };
            self.add(new_id(), new.fixed_on, body, None);
        }
        appointment_id
    }

    /// Adds the dates of a sale. What they rest on belongs to the first of them that is a claim, else to the last of them;
    /// without any it is a fact of its own, because every other fact may have words of its own.
    fn sell(&mut self, new_id: impl Fn() -> Id, sale: Sale) {
        let advance = sale.advance_premium_minor;
        let (standard, cooling_off_days) = (sale.standard_premium_minor, sale.cooling_off_days);
        let mut evidence = sale.evidence;
        let bodies = [
            sale.signed_on.map(|on| FactBody::Signed { on }),
            sale.documents_submitted_on.map(|on| FactBody::DocumentsSubmitted { on }),
            sale.premium_received_on.map(|on| FactBody::PremiumReceived { on, amount_minor: advance }),
            sale.policy_issued_on.map(|on| FactBody::PolicyIssued { on, standard_premium_minor: standard }),
            sale.receipt_signed_on.map(|on| FactBody::ReceiptSigned { on, cooling_off_days }),
            sale.withdrawn_on.map(|on| FactBody::Withdrawn { on }),
        ];
        let told_before = self.facts.len();
        for body in bodies.into_iter().flatten() {
            let text = match &body {
                FactBody::Signed { .. } | FactBody::DocumentsSubmitted { .. } => None,
                _ => evidence.take(),
            };
            self.add(new_id(), None, body, text);
        }
        let Some(content) = evidence else { return };
        match self.facts.get(told_before..).and_then(<[NewFact]>::last) {
            Some(last) => self.words.push(Evidence { subject_id: last.id, content }),
            None => self.add(new_id(), None, FactBody::EvidenceGiven, Some(content)),
        }
    }
}

/// Whether somebody wrote anything.
pub(super) fn has_words(text: Option<&str>) -> bool {
    text.is_some_and(|text| !words::is_blank(text))
}

impl Recorded {
    /// That whoever goes along is a supervisor above the owner.
    pub(super) fn check_joint_visits(&self, conn: &mut Conn, owner_id: Id) -> Result<(), Refused> {
        for (appointment, kind) in [
            (&self.first_appointment, AppointmentKind::First),
            (&self.next_appointment, AppointmentKind::Next),
        ] {
            let named = appointment.as_ref().and_then(|a| a.joint_visit_with);
            check_joint_visit(conn, owner_id, named, kind)?;
        }
        Ok(())
    }

    /// The facts as the domain records them.
    pub(super) fn recorded(self, loaded: &Loaded, occasion: &Occasion) -> FactsAndWords {
        let zone = loaded.context.time_zone;
        let mut recorded = FactsAndWords::default();
        let id = || occasion.ids.id();
        let mut fixed_here = None;
        if let Some(appointment) = self.first_appointment {
            let fixed_on = appointment.fixed_on;
            let possible = |met: &NaiveDate| fixed_on.is_none_or(|fixed| fixed <= *met);
            let appointment_id = recorded.fix(id, AppointmentKind::First, appointment, zone);
            fixed_here = self.first_meeting_on.filter(possible).map(|_| appointment_id);
        }
        if let Some(expected) = self.decision_maker_expected {
            recorded.add(id(), None, FactBody::DecisionMakerExpected { expected }, None);
        }
        if let Some(on) = self.first_meeting_on {
            // The meeting that was held is the first appointment: the one told of here, else one that is still open.
            if let Some(appointment_id) = fixed_here.or_else(|| open_first_appointment(loaded, on)) {
                let held = FactBody::AppointmentHeld { appointment_id, held_on: on };
                recorded.add(id(), Some(on), held, None);
            }
            recorded.add(id(), Some(on), FactBody::FirstMeeting { on }, None);
        }
        if let Some(agreed) = self.further_cooperation_agreed {
            recorded.add(id(), None, FactBody::CooperationAgreed { agreed }, None);
        }
        if let Some(appointment) = self.next_appointment {
            recorded.fix(id, AppointmentKind::Next, appointment, zone);
        }
        for Check { criterion, verdict, evidence, checked_on } in self.checks {
            recorded.add(id(), checked_on, FactBody::Check { criterion, verdict }, evidence);
        }
        if let Some(on) = self.target_signing_on {
            recorded.add(id(), None, FactBody::TargetSigning { on: Some(on) }, None);
        }
        recorded.sell(id, self.sale);
        recorded
    }
}

/// The open first appointment of the current pursuit that can have been the meeting of a day; none when the pursuit
/// had ended by then, for the move opens another.
fn open_first_appointment(loaded: &Loaded, met_on: NaiveDate) -> Option<Id> {
    if !loaded.history.stage_on(met_on).is_some_and(Stage::is_pursued) {
        return None;
    }
    let number = loaded.history.pursuit_number();
    loaded
        .history
        .appointments_on(number, Cut::EndOf(loaded.today))
        .into_iter()
        .rfind(|a| a.kind == AppointmentKind::First && a.outcome == Outcome::Open && a.fixed_on <= met_on)
        .map(|a| a.id)
}
