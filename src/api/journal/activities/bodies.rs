//! The bodies of the journal.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::{
        extract::{At, On, Prose, null_is_absent},
        prospects::batch::{About, batch_results},
        respond::page,
    },
    domain::{
        journal::activity::{Activity, CallOutcome},
        values::id::Id,
    },
    store::{StoreError, journal::activities::Noted},
};

/// What kind of activity.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// 电话.
    Call,
    /// 拜访.
    Visit,
    /// 信息.
    Message,
    /// 日志: a note in the journal.
    JournalNote,
}

impl ActivityKind {
    pub(super) fn code(self) -> &'static str {
        match self {
            ActivityKind::Call => "call",
            ActivityKind::Visit => "visit",
            ActivityKind::Message => "message",
            ActivityKind::JournalNote => "journal_note",
        }
    }

    pub(super) fn of(activity: Activity) -> Self {
        match activity {
            Activity::Call { .. } => ActivityKind::Call,
            Activity::Visit => ActivityKind::Visit,
            Activity::Message => ActivityKind::Message,
            Activity::JournalNote => ActivityKind::JournalNote,
        }
    }
}

/// Something the caller did.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "call", "outcome": "appointment_set", "text": "Tuesday at ten, at her shop"}))]
pub struct CreateActivity {
    /// An id of your own, for work offline; a new one when absent.
    #[serde(default)]
    pub id: Option<Id>,
    /// What kind.
    pub kind: ActivityKind,
    /// How a call ended; calls need it, nothing else has one.
    #[serde(default)]
    pub outcome: Option<CallOutcome>,
    /// With whom, if it is somebody you may see: the contact counts as worked on that day.
    #[serde(default)]
    pub prospect_id: Option<Id>,
    /// Business date; that of `occurred_at`, else today, when absent. Never in the future.
    #[serde(default)]
    pub occurred_on: Option<On>,
    /// The instant, where it matters.
    #[serde(default)]
    pub occurred_at: Option<At>,
    /// In words; a journal note needs them.
    #[serde(default)]
    #[schema(example = "Tuesday at ten, at her shop")]
    pub text: Option<Prose<2000>>,
}

/// Several activities, for instance a day's calls.
// The document's word for it: `batch::BatchJson` reads each item for itself, in the same bounds.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"items": [{"kind": "call", "outcome": "dial"}, {"kind": "call", "outcome": "refused"}]}))]
pub struct CreateActivityBatch {
    /// The activities, 1 to 100.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<CreateActivity>,
    /// All of them or none; otherwise each stands on its own.
    #[serde(default, deserialize_with = "null_is_absent")]
    #[schema(value_type = Option<bool>)]
    pub atomic: bool,
}

/// An activity.
#[derive(Serialize, ToSchema)]
#[schema(as = ActivityRecord, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "agent_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f",
    "prospect_id": null, "prospect_withheld": false, "kind": "call", "outcome": "dial", "occurred_on": "2009-12-14", "occurred_at": null, "text": null,
    "recorded_at": "2009-12-14T09:00:00Z", "version": 1}))]
pub struct ActivityView {
    /// Id.
    pub id: Id,
    /// Who did it.
    pub agent_id: Id,
    /// With whom; null when it names nobody, or nobody you may see now.
    #[schema(required = true)]
    pub prospect_id: Option<Id>,
    /// Whom it names, and its words, are withheld: the prospect has been handed to somebody out of your reach.
    pub prospect_withheld: bool,
    /// What kind.
    pub kind: ActivityKind,
    /// How a call ended; null for everything else.
    #[schema(required = true)]
    pub outcome: Option<CallOutcome>,
    /// Business date.
    pub occurred_on: On,
    /// The instant; null where it was not given.
    #[schema(required = true)]
    pub occurred_at: Option<At>,
    /// In words.
    #[schema(required = true, max_length = 2000)]
    pub text: Option<String>,
    /// When it was written down.
    pub recorded_at: At,
    /// Version; the ETag carries it.
    #[schema(minimum = 1, maximum = 1, example = 1)]
    pub version: i32,
}

impl ActivityView {
    /// The view of an activity as its reader sees it.
    ///
    /// # Errors
    /// `Corrupt` for a row that is no activity.
    pub fn new(noted: Noted) -> Result<Self, StoreError> {
        let Noted { row, text, withheld } = noted;
        let activity = row.activity()?;
        Ok(ActivityView {
            id: row.id,
            agent_id: row.agent_id,
            prospect_id: row.prospect_id,
            prospect_withheld: withheld,
            kind: ActivityKind::of(activity),
            outcome: activity.outcome(),
            occurred_on: On(row.occurred_on),
            occurred_at: row.occurred_at.map(|at| At(at.and_utc())),
            text,
            recorded_at: At(row.recorded_at.and_utc()),
            // It is written once, and taken back whole.
            version: 1,
        })
    }
}

impl About for ActivityView {
    fn prospect_id(&self) -> Option<Id> {
        self.prospect_id
    }
}

batch_results! {
    /// What came of several activities.
    pub struct ActivityBatch of ActivityBatchResult { activity: ActivityView }
}

/// A page of activities.
#[derive(Serialize, ToSchema)]
pub struct ActivityPage {
    /// Latest day first.
    #[schema(max_items = 100)]
    pub data: Vec<ActivityView>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

/// Which activities.
#[derive(Deserialize, Serialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActivityQuery {
    /// Of this agent.
    pub agent_id: Option<Id>,
    /// With this prospect.
    pub prospect_id: Option<Id>,
    /// Of these kinds.
    #[serde(default)]
    #[validate(length(max = 4))]
    #[param(max_items = 4, required = false)]
    pub kind: Vec<ActivityKind>,
    /// From this day on.
    pub occurred_on_gte: Option<On>,
    /// Before this day.
    pub occurred_on_lt: Option<On>,
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

/// Which activities with one prospect.
#[derive(Deserialize, Serialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProspectActivityQuery {
    /// Of these kinds.
    #[serde(default)]
    #[validate(length(max = 4))]
    #[param(max_items = 4, required = false)]
    pub kind: Vec<ActivityKind>,
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
