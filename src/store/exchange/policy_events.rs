//! What the policy system told, as rows: what was told never changes, where it stands does. Read here by whoever holds its
//! numbers; people read through [`super::policy_event_queue`].

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::number_locks::HeldNumbers;
use crate::{
    domain::{
        exchange::{
            applications::Numbers,
            policy_event::PolicyEventType,
            policy_message::{EventStatus, MatchedBy, PolicyMessage, WaitsFor},
        },
        organisation::actor::ActedBy,
        values::id::Id,
    },
    store::{Conn, StoreError, db::schema::policy_events},
    text_enum,
};

text_enum!(PolicyEventType {
    ApplicationSubmitted => "application_submitted",
    PremiumReceived => "premium_received",
    PremiumFailed => "premium_failed",
    PremiumRefunded => "premium_refunded",
    UnderwritingDeclined => "underwriting_declined",
    PolicyIssued => "policy_issued",
    ReceiptSigned => "receipt_signed",
    CoolingOffWithdrawn => "cooling_off_withdrawn",
    PolicyVoided => "policy_voided",
});
text_enum!(EventStatus {
    Matched => "matched",
    Unmatched => "unmatched",
    Contradicting => "contradicting",
    Dismissed => "dismissed",
});
text_enum!(WaitsFor {
    NoMatch => "no_match",
    SeveralMatches => "several_matches",
    NoPursuit => "no_pursuit",
    Exited => "exited",
    OlderPursuit => "older_pursuit",
    AnotherProspect => "another_prospect",
    AnotherNumber => "another_number",
    AnotherEvent => "another_event",
    Refused => "refused",
    HeldBack => "held_back",
});
text_enum!(MatchedBy {
    ProspectId => "prospect_id",
    Numbers => "numbers",
    Phone => "phone",
    Supervisor => "supervisor",
});

/// An event.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = policy_events, treat_none_as_null = true)]
pub struct PolicyEventRow {
    /// Our id of it.
    pub id: Id,
    /// Who told it.
    pub client_id: Id,
    /// The teller's id of it.
    pub sender_id: String,
    /// Keyed digest of all that was told, to know a repetition by.
    pub digest: String,
    /// What happened.
    pub event_type: PolicyEventType,
    /// When.
    pub occurred_at: NaiveDateTime,
    /// Number of the application.
    pub application_number: Option<String>,
    /// Number of the policy.
    pub policy_number: Option<String>,
    /// Whom it is about, in the teller's word.
    pub named_prospect_id: Option<Id>,
    /// Whose client, as it was told.
    pub agent_code: Option<String>,
    /// The agent of that code when it came in; none where there was none.
    pub agent_id: Option<Id>,
    /// The product.
    pub product_code: Option<String>,
    /// The channel.
    pub channel: Option<String>,
    /// Payment term, years.
    pub payment_term_years: Option<i32>,
    /// Money, minor units.
    pub amount_minor: Option<i64>,
    /// Standard premium in the teller's figure, minor units.
    pub standard_premium_minor: Option<i64>,
    /// Signature of the application.
    pub signed_on: Option<NaiveDate>,
    /// When it came in.
    pub received_at: NaiveDateTime,
    /// Where it stands.
    pub status: EventStatus,
    /// Why it waits.
    pub waits_for: Option<WaitsFor>,
    /// By what it found its application.
    pub matched_by: Option<MatchedBy>,
    /// Whom it is about, in a supervisor's word.
    pub matched_prospect_id: Option<Id>,
    /// The application under which it stands.
    pub application_id: Option<Id>,
    /// A supervisor took its match back.
    pub held_back: bool,
}

impl PolicyEventRow {
    /// What was told, before anything is known of whom it is about.
    pub fn new(
        (id, client_id): (Id, Id),
        told: PolicyMessage,
        digest: String,
        received_at: NaiveDateTime,
    ) -> Self {
        PolicyEventRow {
            id,
            client_id,
            sender_id: told.sender_id,
            digest,
            event_type: told.event_type,
            occurred_at: told.occurred_at.naive_utc(),
            application_number: told.application_number,
            policy_number: told.policy_number,
            named_prospect_id: told.prospect_id,
            agent_code: told.agent_code,
            agent_id: None,
            product_code: told.product_code,
            channel: told.channel,
            payment_term_years: told.payment_term_years,
            amount_minor: told.amount_minor,
            standard_premium_minor: told.standard_premium_minor,
            signed_on: told.signed_on,
            received_at,
            status: EventStatus::Unmatched,
            waits_for: Some(WaitsFor::NoMatch),
            matched_by: None,
            matched_prospect_id: None,
            application_id: None,
            held_back: false,
        }
    }

    /// Its numbers.
    pub fn numbers(&self) -> Numbers {
        Numbers { application: self.application_number.clone(), policy: self.policy_number.clone() }
    }

    /// Who told it.
    pub fn told_by(&self) -> ActedBy {
        ActedBy::Integration(self.client_id)
    }

    /// Its place among the events of an application: by when it happened, never by when it came in.
    pub fn place(&self) -> (NaiveDateTime, PolicyEventType, &str, Id) {
        (self.occurred_at, self.event_type, &self.sender_id, self.client_id)
    }

    /// The same, waiting.
    pub fn waiting(self, for_what: WaitsFor) -> Self {
        PolicyEventRow {
            status: for_what.status(),
            waits_for: Some(for_what),
            matched_by: None,
            application_id: None,
            ..self
        }
    }

    /// The same, under an application.
    pub fn under(self, application_id: Id, by: MatchedBy) -> Self {
        PolicyEventRow {
            status: EventStatus::Matched,
            waits_for: None,
            matched_by: Some(by),
            application_id: Some(application_id),
            ..self
        }
    }
}

/// The event that a sender told under an id of its own.
///
/// # Errors
/// Those of the database.
pub fn of_sender(
    conn: &mut Conn,
    client_id: Id,
    sender_id: &str,
) -> Result<Option<PolicyEventRow>, StoreError> {
    Ok(policy_events::table
        .filter(policy_events::client_id.eq(client_id))
        .filter(policy_events::sender_id.eq(sender_id.to_owned()))
        .select(PolicyEventRow::as_select())
        .first(conn)
        .optional()?)
}

/// An event that is held.
///
/// # Errors
/// `NotFound`.
pub fn find(conn: &mut Conn, _held: &HeldNumbers, id: Id) -> Result<PolicyEventRow, StoreError> {
    Ok(policy_events::table.find(id).select(PolicyEventRow::as_select()).first(conn)?)
}

/// Adds an event.
///
/// # Errors
/// `Conflict` with `ux_policy_events__client_id__sender_id` when its sender told it before.
pub fn insert(conn: &mut Conn, row: &PolicyEventRow) -> Result<(), StoreError> {
    diesel::insert_into(policy_events::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes where an event stands. It is held.
///
/// # Errors
/// Those of the database.
pub fn place(conn: &mut Conn, row: &PolicyEventRow) -> Result<(), StoreError> {
    diesel::update(policy_events::table.find(row.id))
        .set((
            policy_events::status.eq(row.status),
            policy_events::waits_for.eq(row.waits_for),
            policy_events::matched_by.eq(row.matched_by),
            policy_events::matched_prospect_id.eq(row.matched_prospect_id),
            policy_events::application_id.eq(row.application_id),
            policy_events::held_back.eq(row.held_back),
        ))
        .execute(conn)?;
    Ok(())
}

/// Everything that could belong to a pursuit of a prospect: what stands under these applications of it, what shares a number
/// that is held, what names the prospect and waits, and the one that has just found it. What was dismissed is left out.
///
/// # Errors
/// Those of the database.
pub fn of_pursuit(
    conn: &mut Conn,
    held: &HeldNumbers,
    (prospect_id, found): (Id, Option<Id>),
    applications: &[Id],
) -> Result<Vec<PolicyEventRow>, StoreError> {
    let waits = || policy_events::application_id.is_null();
    let named = policy_events::named_prospect_id
        .eq(prospect_id)
        .or(policy_events::matched_prospect_id.eq(prospect_id))
        .and(waits());
    let numbered = policy_events::application_number
        .eq_any(held.applications())
        .or(policy_events::policy_number.eq_any(held.policies()))
        .and(waits());
    let under = policy_events::application_id.eq_any(applications.to_vec());
    let just_found = policy_events::id.eq_any(found.into_iter().collect::<Vec<Id>>());
    let mut rows: Vec<PolicyEventRow> = policy_events::table
        .filter(policy_events::status.ne(EventStatus::Dismissed))
        .filter(named.or(numbered).or(under).or(just_found))
        .select(PolicyEventRow::as_select())
        .load(conn)?;
    // Of what names the prospect by other numbers those are not held: its turn comes with them.
    let is_held = |row: &PolicyEventRow| {
        let numbers = row.numbers();
        numbers == Numbers::default() || held.covers(&numbers)
    };
    rows.retain(|row| row.application_id.is_some() || is_held(row));
    rows.sort_by(|a, b| a.place().cmp(&b.place()));
    Ok(rows)
}
