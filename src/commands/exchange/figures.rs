//! What the events of an application say in figures: the facts that they are for the pursuit, with cooling-off and standard
//! premium by the insurer's tables in force on the signature (method section 10).

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::{
    clock::Occasion,
    domain::{
        exchange::{insurer_tables::InsurerTables, policy_event::PolicyEventType},
        prospects::{
            fact::FactBody,
            policy_fact::{PolicyFact, signature},
            policy_facts::Told,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        exchange::{insurer_tables, policy_events::PolicyEventRow},
        ledger::Loaded,
    },
};

/// What the figures of a pursuit's applications rest on.
pub(super) struct Figures {
    tables: InsurerTables,
    /// The signature that somebody typed in, for applications of which the system has told none.
    typed: Option<NaiveDate>,
    zone: Tz,
}

impl Figures {
    /// Loads it for the events of a pursuit.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn load(
        conn: &mut Conn,
        loaded: &Loaded,
        pursuit_number: i32,
        events: &[PolicyEventRow],
        zone: Tz,
    ) -> Result<Self, StoreError> {
        let mut codes: Vec<String> = events.iter().filter_map(|event| event.product_code.clone()).collect();
        codes.sort_unstable();
        codes.dedup();
        let facts = loaded.history.pursuit_facts(pursuit_number);
        let typed = facts.iter().rev().find_map(|fact| match fact.body {
            FactBody::Signed { on } => Some(on),
            _ => None,
        });
        Ok(Figures { tables: insurer_tables::of_products(conn, &codes)?, typed, zone })
    }

    /// The facts of one application, from its events in order.
    pub(super) fn told<'e>(
        &self,
        application_id: Id,
        events: impl Iterator<Item = &'e PolicyEventRow>,
        occasion: &Occasion,
    ) -> Vec<Told> {
        let events: Vec<&PolicyEventRow> = events.collect();
        let mut told: Vec<Told> = events
            .iter()
            .map(|event| Told {
                fact_id: occasion.ids.id(),
                by: event.told_by(),
                fact: self.as_told(application_id, event),
            })
            .collect();
        let known: Vec<&PolicyFact> = told.iter().map(|told| &told.fact).collect();
        let Some(signed_on) = signature(&known).or(self.typed) else { return told };
        let product = events.iter().find_map(|event| event.product_code.as_deref());
        let channel = events.iter().find_map(|event| event.channel.as_deref());
        let term = events.iter().find_map(|event| event.payment_term_years);
        let stated = events.iter().find_map(|event| event.standard_premium_minor);
        let received = events
            .iter()
            .filter(|event| event.event_type == PolicyEventType::PremiumReceived)
            .find_map(|event| event.amount_minor);
        for one in &mut told {
            let fact = &mut one.fact;
            match fact.event_type {
                PolicyEventType::ReceiptSigned => {
                    fact.cooling_off_days = self.tables.cooling_off_days(product, channel, signed_on);
                }
                PolicyEventType::PolicyIssued => {
                    let premium = fact.amount_minor.or(received);
                    let by_factor = || {
                        let (premium, product, term) = (premium?, product?, term?);
                        self.tables.standard_premium(premium, product, term, signed_on)
                    };
                    // The system's own figure wins.
                    fact.standard_premium_minor = fact.standard_premium_minor.or(stated).or_else(by_factor);
                }
                _ => {}
            }
        }
        told
    }

    fn as_told(&self, application_id: Id, event: &PolicyEventRow) -> PolicyFact {
        let at = event.occurred_at.and_utc();
        PolicyFact {
            application_id,
            event_id: event.id,
            event: event.sender_id.clone(),
            event_type: event.event_type,
            at,
            on: at.with_timezone(&self.zone).date_naive(),
            signed_on: event.signed_on,
            amount_minor: event.amount_minor,
            standard_premium_minor: event.standard_premium_minor,
            cooling_off_days: None,
        }
    }
}
