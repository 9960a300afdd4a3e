//! What supervisors are shown of the policy system's events, and how they ask for it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::{
        extract::{At, On},
        respond::{money::MoneyBody, page},
    },
    domain::{
        exchange::{
            policy_event::PolicyEventType,
            policy_message::{EventStatus, MatchedBy, WaitsFor},
        },
        values::id::Id,
    },
    store::exchange::{
        policy_event_decisions::{DecisionKind, DecisionRow},
        policy_event_queue::Queued,
    },
};

/// What a supervisor decided about an event.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyEventDecision)]
pub struct DecisionView {
    /// Id.
    pub id: Id,
    /// The event.
    pub event_id: Id,
    /// What was decided.
    pub kind: PolicyEventDecisionKind,
    /// Whom the event is about; of a revocation, whom it was about; null for a dismissal, and for whoever may not see that one.
    #[schema(required = true)]
    pub prospect_id: Option<Id>,
    /// Who decided.
    pub decided_by: Id,
    /// When.
    pub decided_at: At,
}

/// A kind of decision.
#[derive(Serialize, ToSchema, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum PolicyEventDecisionKind {
    /// Whom it is about.
    Match,
    /// That it counts for nobody.
    Dismissal,
    /// That its match or dismissal was wrong.
    Revocation,
}

impl DecisionView {
    /// The view of a decision.
    pub fn new(row: &DecisionRow) -> Self {
        DecisionView {
            id: row.id,
            event_id: row.event_id,
            kind: match row.kind {
                DecisionKind::Match => PolicyEventDecisionKind::Match,
                DecisionKind::Dismissal => PolicyEventDecisionKind::Dismissal,
                DecisionKind::Revocation => PolicyEventDecisionKind::Revocation,
            },
            prospect_id: row.prospect_id,
            decided_by: row.decided_by,
            decided_at: At(row.decided_at.and_utc()),
        }
    }
}

/// A decision with why it was taken.
#[derive(Serialize, ToSchema)]
#[schema(as = ReasonedPolicyEventDecision)]
pub struct ReasonedDecisionView {
    /// The decision.
    pub decision: DecisionView,
    /// Why; null for a match, and once it was erased.
    #[schema(required = true, max_length = 1000)]
    pub reason: Option<String>,
}

/// An event as supervisors see it.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyEvent)]
pub struct PolicyEventView {
    /// Our id of it.
    pub id: Id,
    /// The machine client that told it.
    pub client_id: Id,
    /// The id that the client gave it.
    #[schema(max_length = 128, example = "ev-20091219-0001")]
    pub client_event_id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: PolicyEventType,
    /// When.
    pub occurred_at: At,
    /// When it was taken in.
    pub received_at: At,
    /// Where it stands.
    pub status: EventStatus,
    /// Why it waits; null when it does not.
    #[schema(required = true)]
    pub waits_for: Option<WaitsFor>,
    /// By what it found its application; null when it has none.
    #[schema(required = true)]
    pub matched_by: Option<MatchedBy>,
    /// Whom it is about; null while nobody.
    #[schema(required = true)]
    pub prospect_id: Option<Id>,
    /// The application under which it stands.
    #[schema(required = true)]
    pub application_id: Option<Id>,
    /// The number of the application that it names.
    #[schema(required = true, max_length = 64, example = "A-7781")]
    pub application_number: Option<String>,
    /// The number of the policy that it names.
    #[schema(required = true, max_length = 64, example = "P-20091221-01")]
    pub policy_number: Option<String>,
    /// The prospect that the client named, whether or not there is one.
    #[schema(required = true)]
    pub named_prospect_id: Option<Id>,
    /// The code of the agent that it names (工号).
    #[schema(required = true, max_length = 40, example = "10017")]
    pub agent_code: Option<String>,
    /// The agent of that code.
    #[schema(required = true)]
    pub agent_id: Option<Id>,
    /// The last four digits of the client's telephone.
    #[schema(required = true, max_length = 4, example = "1234")]
    pub client_phone_last_four: Option<String>,
    /// The product.
    #[schema(required = true, max_length = 40, example = "TL20")]
    pub product_code: Option<String>,
    /// The channel.
    #[schema(required = true, max_length = 40, example = "agency")]
    pub channel: Option<String>,
    /// Over how many years premiums are paid.
    #[schema(required = true, minimum = 1, maximum = 100, example = 20)]
    pub payment_term_years: Option<i32>,
    /// The money that it is about.
    #[schema(required = true)]
    pub amount: Option<MoneyBody>,
    /// Standard premium in the client's own figure.
    #[schema(required = true)]
    pub standard_premium: Option<MoneyBody>,
    /// When the application was signed.
    #[schema(required = true)]
    pub signed_on: Option<On>,
    /// Why it happened, in the client's words.
    #[schema(required = true, max_length = 500)]
    pub reason: Option<String>,
}

impl PolicyEventView {
    /// The view of an event.
    pub fn new(queued: Queued) -> Self {
        let Queued { row, personal, application } = queued;
        let (last_four, reason) = personal.map_or((None, None), |p| (p.last_four, p.reason));
        PolicyEventView {
            id: row.id,
            client_id: row.client_id,
            client_event_id: row.sender_id,
            event_type: row.event_type,
            occurred_at: At(row.occurred_at.and_utc()),
            received_at: At(row.received_at.and_utc()),
            status: row.status,
            waits_for: row.waits_for,
            matched_by: row.matched_by,
            prospect_id: application.map(|one| one.prospect_id),
            application_id: row.application_id,
            application_number: row.application_number,
            policy_number: row.policy_number,
            named_prospect_id: row.named_prospect_id,
            agent_code: row.agent_code,
            agent_id: row.agent_id,
            client_phone_last_four: last_four,
            product_code: row.product_code,
            channel: row.channel,
            payment_term_years: row.payment_term_years,
            amount: row.amount_minor.map(MoneyBody::from_minor),
            standard_premium: row.standard_premium_minor.map(MoneyBody::from_minor),
            signed_on: row.signed_on.map(On),
            reason,
        }
    }
}

/// An event with what was decided about it.
#[derive(Serialize, ToSchema)]
pub struct PolicyEventWithDecisions {
    /// The event.
    pub policy_event: PolicyEventView,
    /// What supervisors decided about it, in order of time.
    #[schema(max_items = 1000)]
    pub decisions: Vec<ReasonedDecisionView>,
}

/// An event in the export of a person.
#[derive(Serialize, ToSchema)]
pub struct ExportedPolicyEvent {
    /// The event.
    pub policy_event: PolicyEventView,
    /// The client's telephone as it was told.
    #[schema(required = true, max_length = 40, example = "138 0000 1234")]
    pub client_phone: Option<String>,
    /// What supervisors decided about it, in order of time.
    #[schema(max_items = 1000)]
    pub decisions: Vec<ReasonedDecisionView>,
}

/// The events of a person's export, without what was decided about somebody else.
pub fn exported(
    events: Vec<Queued>,
    decisions: Vec<(DecisionRow, Option<String>)>,
    prospect_id: Id,
) -> Vec<ExportedPolicyEvent> {
    let of = |event: Id| -> Vec<ReasonedDecisionView> {
        let about = |named: Option<Id>| named.is_none_or(|id| id == prospect_id);
        let mine = decisions.iter().filter(|(row, _)| row.event_id == event && about(row.prospect_id));
        let view = |(row, reason): &(DecisionRow, Option<String>)| ReasonedDecisionView {
            decision: DecisionView::new(row),
            reason: reason.clone(),
        };
        mine.map(view).collect()
    };
    let one = |queued: Queued| ExportedPolicyEvent {
        decisions: of(queued.row.id),
        client_phone: queued.personal.as_ref().and_then(|personal| personal.client_phone.clone()),
        policy_event: PolicyEventView::new(queued),
    };
    events.into_iter().map(one).collect()
}

/// A page of events.
#[derive(Serialize, ToSchema)]
pub struct PolicyEventPage {
    /// The latest received first.
    #[schema(max_items = 100)]
    pub data: Vec<PolicyEventView>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

/// Which events.
#[derive(Deserialize, Serialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PolicyEventQuery {
    /// That stand so.
    #[serde(default)]
    #[validate(length(max = 4))]
    #[param(max_items = 4, required = false)]
    pub status: Vec<EventStatus>,
    /// Of these types.
    #[serde(default, rename = "type")]
    #[validate(length(max = 9))]
    #[param(max_items = 9, required = false)]
    pub event_type: Vec<PolicyEventType>,
    /// Taken in from this instant on.
    pub received_at_gte: Option<At>,
    /// Taken in before this instant.
    pub received_at_lt: Option<At>,
    /// Size of a page.
    #[serde(default = "page::default_limit")]
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20, required = false)]
    pub limit: i32,
    /// `next_cursor` of the page before.
    #[validate(length(min = 1, max = 1000))]
    #[param(min_length = 1, max_length = 1000)]
    pub cursor: Option<String>,
}
