//! Applications (投保申请): how a sale stands by what the policy system told of it, beside what people typed in (method
//! section 10).
//!
//! A pure fold of the events in the order in which they happened: the order in which they arrived changes nothing.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    fact::Fact,
    policy_fact::PolicyFact,
    transition::{Reason, Transition},
};
use crate::domain::{exchange::policy_event::PolicyEventType, method::cooling_off, values::id::Id};

/// Something that undid a sale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::domain) struct Undone {
    /// Its own date.
    pub(in crate::domain) on: NaiveDate,
    /// Why.
    pub(in crate::domain) reason: Reason,
    /// When it was written down.
    pub(in crate::domain) told_at: DateTime<Utc>,
    /// The client that told it; none where people did.
    pub(in crate::domain) client: Option<Id>,
}

impl Undone {
    /// A way back from 90% that somebody recorded.
    pub(in crate::domain) fn recorded(record: &Transition) -> Self {
        Undone { on: record.occurred_on, reason: record.reason, told_at: record.recorded_at, client: None }
    }
}

/// What a fact undoes, if it does.
fn undoing(fact: &Fact) -> Option<Undone> {
    let told = fact.body.policy_fact()?;
    let reason = match told.event_type {
        PolicyEventType::PremiumFailed => Reason::PaymentFailed,
        PolicyEventType::PremiumRefunded => Reason::Refunded,
        PolicyEventType::UnderwritingDeclined => Reason::Declined,
        PolicyEventType::CoolingOffWithdrawn | PolicyEventType::PolicyVoided => Reason::Withdrawn,
        PolicyEventType::ApplicationSubmitted
        | PolicyEventType::PremiumReceived
        | PolicyEventType::PolicyIssued
        | PolicyEventType::ReceiptSigned => return None,
    };
    Some(Undone { on: told.on, reason, told_at: fact.recorded_at, client: fact.by.id() })
}

/// The dates of one sale, typed in or told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::domain) struct Sale {
    /// The application; none for what people typed in where the policy system has told nothing.
    pub(in crate::domain) application_id: Option<Id>,
    /// Signature.
    pub(in crate::domain) signed_on: Option<NaiveDate>,
    /// Submission of the documents.
    pub(in crate::domain) documents_on: Option<NaiveDate>,
    /// The money, while it stands.
    pub(in crate::domain) premium_on: Option<NaiveDate>,
    /// That rests on somebody's word.
    pub(in crate::domain) premium_claimed: bool,
    /// Issue of the policy.
    pub(in crate::domain) issued_on: Option<NaiveDate>,
    /// Signature of the receipt.
    pub(in crate::domain) receipt_on: Option<NaiveDate>,
    /// Cooling-off period of this policy, if it is known apart from the settings.
    pub(in crate::domain) cooling_off_days: Option<i32>,
    /// Cooling-off period by the settings, days.
    pub(in crate::domain) default_days: i32,
    /// Withdrawal that somebody typed in.
    pub(in crate::domain) withdrawn_on: Option<NaiveDate>,
    /// What undid it last, unless money has come since.
    pub(in crate::domain) undone: Option<Undone>,
    /// What undid it last after money had stood, also where money has come since.
    pub(in crate::domain) fell: Option<Undone>,
}

impl Sale {
    /// Whether signature, documents and money stand.
    pub(in crate::domain) fn stands(&self) -> bool {
        self.signed_on.is_some() && self.documents_on.is_some() && self.premium_on.is_some()
    }

    /// The day from whose 00:00 it is closed, once issue and receipt are there.
    pub(in crate::domain) fn matures_on(&self) -> Option<NaiveDate> {
        let days = self.cooling_off_days.unwrap_or(self.default_days);
        self.issued_on.and(self.receipt_on).map(|on| cooling_off::matures_on(on, days))
    }
}

/// One application while its events are taken in.
struct Application {
    sale: Sale,
    submitted_on: Option<NaiveDate>,
    /// The receipt that somebody typed in, with the last day of its cooling-off period.
    claimed_last_day: Option<NaiveDate>,
}

impl Application {
    fn take(&mut self, fact: &Fact, told: &PolicyFact) {
        let sale = &mut self.sale;
        sale.signed_on = sale.signed_on.or(told.signed_on);
        let first = |date: &mut Option<NaiveDate>| *date = date.or(Some(told.on));
        match told.event_type {
            PolicyEventType::ApplicationSubmitted => {
                first(&mut self.submitted_on);
                first(&mut sale.documents_on);
            }
            PolicyEventType::PremiumReceived => {
                first(&mut sale.premium_on);
                sale.undone = None;
            }
            PolicyEventType::PolicyIssued => first(&mut sale.issued_on),
            PolicyEventType::ReceiptSigned => {
                if sale.receipt_on.is_none() {
                    sale.cooling_off_days = told.cooling_off_days;
                }
                first(&mut sale.receipt_on);
            }
            PolicyEventType::PremiumFailed
            | PolicyEventType::PremiumRefunded
            | PolicyEventType::UnderwritingDeclined
            | PolicyEventType::CoolingOffWithdrawn
            | PolicyEventType::PolicyVoided => undoing(fact).into_iter().for_each(|undone| self.undo(undone)),
        }
    }

    fn signed_on(&self) -> Option<NaiveDate> {
        self.sale.signed_on.or(self.submitted_on)
    }

    /// What comes before the signature is not of this sale; what comes after the cooling-off period changes figures only.
    fn undo(&mut self, undone: Undone) {
        let own = self.sale.receipt_on.zip(self.sale.cooling_off_days);
        let last_day = own.map(|(on, days)| cooling_off::last_day(on, days)).or(self.claimed_last_day);
        let too_early = self.signed_on().is_some_and(|signed| undone.on < signed);
        if !too_early && last_day.is_none_or(|last| undone.on <= last) {
            self.retire(undone);
        }
    }

    /// What a 90 rested on retires with it; a later premium of the same application revives signature and documents
    /// (method section 4).
    fn retire(&mut self, undone: Undone) {
        let sale = &mut self.sale;
        if sale.premium_on.take().is_some() {
            (sale.issued_on, sale.receipt_on, sale.cooling_off_days) = (None, None, None);
            sale.fell = Some(undone);
        }
        sale.undone = Some(undone);
    }
}

/// What people typed in, for the fold.
pub(in crate::domain) struct Typed {
    /// The sale that they typed in.
    pub(in crate::domain) sale: Sale,
    /// The ways back from 90% that somebody recorded by hand: what was received until then has to come anew.
    pub(in crate::domain) falls: Vec<Undone>,
}

/// The sales of a pursuit as known by its facts, each application one; without any, what people typed in. In order of
/// their first events: what people typed in without a number belongs to the first of them.
pub(in crate::domain) fn sales(facts: &[&Fact], typed: &Typed) -> Vec<Sale> {
    let told = in_order(facts.iter().copied());
    if told.is_empty() {
        return vec![typed.sale];
    }
    let claimed_days = typed.sale.cooling_off_days.unwrap_or(typed.sale.default_days);
    let claimed_last_day = typed.sale.receipt_on.map(|on| cooling_off::last_day(on, claimed_days));
    let mut all: Vec<Application> = Vec::new();
    let mut falls = typed.falls.iter().peekable();
    for (fact, event) in told {
        while let Some(fall) = falls.next_if(|fall| fall.on < event.on) {
            all.iter_mut().for_each(|application| application.retire(*fall));
        }
        let place =
            all.iter().position(|application| application.sale.application_id == Some(event.application_id));
        let place = place.unwrap_or_else(|| {
            let claimed_last_day = claimed_last_day.filter(|_| all.is_empty());
            all.push(Application {
                sale: Sale { application_id: Some(event.application_id), ..Sale::default() },
                submitted_on: None,
                claimed_last_day,
            });
            all.len() - 1
        });
        if let Some(application) = all.get_mut(place) {
            application.take(fact, event);
        }
    }
    for fall in falls {
        all.iter_mut().for_each(|application| application.retire(*fall));
    }
    let mut sales: Vec<Sale> = all
        .iter()
        .map(|a| Sale { signed_on: a.signed_on(), default_days: typed.sale.default_days, ..a.sale })
        .collect();
    if let Some(first) = sales.first_mut() {
        *first = beside_words(first, &typed.sale);
    }
    sales
}

/// What the policy system told, and people's word for what it has not told yet.
fn beside_words(told: &Sale, typed: &Sale) -> Sale {
    let refuted = |on: &NaiveDate| told.undone.is_some_and(|undone| undone.on >= *on);
    let word = typed.premium_on.filter(|on| told.premium_on.is_none() && !refuted(on));
    if told.premium_on.or(word).is_none() && told.undone.is_some() && told.fell.is_some() {
        // What that 90 rested on has retired: what people typed in since is a new attempt.
        let Sale { application_id, undone, fell, .. } = *told;
        return Sale { application_id, premium_on: None, undone, fell, ..*typed };
    }
    let days = if told.receipt_on.is_some() { told.cooling_off_days } else { typed.cooling_off_days };
    Sale {
        application_id: told.application_id,
        signed_on: told.signed_on.or(typed.signed_on),
        documents_on: told.documents_on.or(typed.documents_on),
        premium_on: told.premium_on.or(word),
        premium_claimed: word.is_some(),
        issued_on: told.issued_on.or(typed.issued_on),
        receipt_on: told.receipt_on.or(typed.receipt_on),
        cooling_off_days: days,
        default_days: typed.default_days,
        withdrawn_on: typed.withdrawn_on,
        undone: told.undone.filter(|_| word.is_none()),
        fell: told.fell,
    }
}

/// The sale that says where the pursuit stands: of those that stand the first to mature, then the first that was paid; where
/// none stands, the one that was undone last, else the first (method section 10).
pub(in crate::domain) fn leading(sales: &[Sale]) -> Sale {
    let standing = sales.iter().filter(|sale| sale.stands());
    let soonest = standing.min_by_key(|sale| {
        let matures_on = sale.matures_on();
        (matures_on.is_none(), matures_on, sale.premium_on)
    });
    let undone =
        || sales.iter().filter(|sale| sale.undone.is_some()).max_by_key(|sale| sale.undone.map(|u| u.on));
    soonest.or_else(undone).or(sales.first()).copied().unwrap_or_default()
}

/// What the policy system told, in the order in which it happened.
pub(in crate::domain) fn in_order<'f>(
    facts: impl Iterator<Item = &'f Fact>,
) -> Vec<(&'f Fact, &'f PolicyFact)> {
    let mut told: Vec<(&Fact, &PolicyFact)> =
        facts.filter_map(|fact| Some((fact, fact.body.policy_fact()?))).collect();
    told.sort_by(|(_, a), (_, b)| a.place().cmp(&b.place()));
    told
}
