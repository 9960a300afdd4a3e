//! The bodies of `/v1/prospects`: what is asked, and how a prospect is shown.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    board::BoardView,
    extract::{At, Given, On, Patch, faults},
    problem::{Code, Problem},
};
use crate::{
    domain::{
        id::Id,
        prospect::{DecisionRole, Draft, Person, Phone},
        stage::Stage,
        text::{Language, Text},
    },
    store::{
        ledger::ProspectRow,
        prospects::{Filter, Order},
    },
};

/// A new prospect. A name, and a phone or a source, are enough.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "刘岩", "phones": ["138 0000 1234"], "source": "met at the fair", "tags": ["fair"]}))]
pub struct CreateProspect {
    /// An id of your own, for work offline; a new one when absent.
    #[serde(default)]
    pub id: Option<Id>,
    /// The day on which the contact came about; today when absent.
    #[serde(default)]
    pub occurred_on: Option<On>,
    /// The name.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\u0000-\u001F\u007F]*$", example = "刘岩")]
    pub name: String,
    /// Telephone numbers, as people write them.
    #[serde(default)]
    #[validate(length(max = 5), custom(function = "phone_lengths"))]
    #[schema(max_items = 5, schema_with = phone_list)]
    pub phones: Vec<String>,
    /// Where the contact comes from.
    #[serde(default)]
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\u0000-\u001F\u007F]*$")]
    pub source: Option<String>,
    /// Who recommended the person.
    #[serde(default)]
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\u0000-\u001F\u007F]*$")]
    pub referrer: Option<String>,
    /// Occupation.
    #[serde(default)]
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\u0000-\u001F\u007F]*$")]
    pub occupation: Option<String>,
    /// Birthday.
    #[serde(default)]
    pub birthday: Option<On>,
    /// Who decides about a purchase.
    #[serde(default)]
    pub decision_role: DecisionRole,
    /// Tags of your own.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20, schema_with = tag_list)]
    pub tags: Vec<String>,
    /// Notes.
    #[serde(default)]
    #[validate(length(min = 1, max = 4000))]
    #[schema(min_length = 1, max_length = 4000, pattern = r"^[^\u0000]*$")]
    pub notes: Option<String>,
    /// When the person agreed that the data are kept.
    #[serde(default)]
    pub consent_given_on: Option<On>,
    /// How the person agreed.
    #[serde(default)]
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\u0000-\u001F\u007F]*$")]
    pub consent_channel: Option<String>,
}

/// Changes to a prospect's personal data: absent keeps, null clears, a value sets.
#[derive(Deserialize, Validate, ToSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"occupation": "printer", "notes": null, "tags": ["fair", "vip"]}))]
pub struct UpdateProspect {
    /// The name.
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100, pattern = r"^[^\u0000-\u001F\u007F]*$")]
    pub name: Given<String>,
    /// Telephone numbers; the list replaces the one before.
    #[validate(length(max = 5), custom(function = "given_phone_lengths"))]
    #[schema(schema_with = phone_list, required = false)]
    pub phones: Given<Vec<String>>,
    /// Where the contact comes from.
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"^[^\u0000-\u001F\u007F]*$")]
    pub source: Patch<String>,
    /// Who recommended the person.
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^\u0000-\u001F\u007F]*$")]
    pub referrer: Patch<String>,
    /// Occupation.
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^\u0000-\u001F\u007F]*$")]
    pub occupation: Patch<String>,
    /// Birthday.
    #[schema(value_type = Option<NaiveDate>)]
    pub birthday: Patch<On>,
    /// Who decides about a purchase.
    #[schema(value_type = DecisionRole, required = false)]
    pub decision_role: Given<DecisionRole>,
    /// Tags; the list replaces the one before.
    #[validate(length(max = 20))]
    #[schema(schema_with = tag_list, required = false)]
    pub tags: Given<Vec<String>>,
    /// Notes.
    #[validate(length(min = 1, max = 4000))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000, pattern = r"^[^\u0000]*$")]
    pub notes: Patch<String>,
    /// When the person agreed that the data are kept.
    #[schema(value_type = Option<NaiveDate>)]
    pub consent_given_on: Patch<On>,
    /// How the person agreed.
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^\u0000-\u001F\u007F]*$")]
    pub consent_channel: Patch<String>,
}

fn phone_lengths(phones: &[String]) -> Result<(), validator::ValidationError> {
    if phones.iter().all(|phone| phone.chars().count() <= 30) {
        return Ok(());
    }
    Err(faults::invalid("too_long", Text::new("At most 30 characters each.", "每个至多 30 个字符。")))
}

fn given_phone_lengths(phones: &Given<Vec<String>>) -> Result<(), validator::ValidationError> {
    phones.0.as_deref().map_or(Ok(()), phone_lengths)
}

fn list_of(max_items: usize, max_length: usize, about: &str) -> utoipa::openapi::schema::Array {
    use utoipa::openapi::{ArrayBuilder, ObjectBuilder, schema::Type};
    ArrayBuilder::new()
        .description(Some(about))
        .max_items(Some(max_items))
        .items(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(max_length))
                .pattern(Some(r"^[^\u0000-\u001F\u007F]*$")),
        )
        .build()
}

fn phone_list() -> utoipa::openapi::schema::Array {
    list_of(5, 30, "Telephone numbers, as people write them; 5 to 15 digits each.")
}

fn tag_list() -> utoipa::openapi::schema::Array {
    list_of(20, 40, "Tags of your own.")
}

impl CreateProspect {
    /// The person as entered.
    pub fn draft(self) -> Draft {
        Draft {
            name: self.name,
            phones: self.phones,
            source: self.source,
            referrer: self.referrer,
            occupation: self.occupation,
            birthday: self.birthday.map(|on| on.0),
            decision_role: self.decision_role,
            tags: self.tags,
            notes: self.notes,
            consent_given_on: self.consent_given_on.map(|on| on.0),
            consent_channel: self.consent_channel,
        }
    }
}

impl UpdateProspect {
    /// The person after the change.
    pub fn draft(self, before: Person) -> Draft {
        let phones = || before.phones.iter().map(|phone| phone.as_str().to_owned()).collect();
        Draft {
            phones: self.phones.0.unwrap_or_else(phones),
            name: self.name.0.unwrap_or(before.name),
            source: self.source.apply(before.source),
            referrer: self.referrer.apply(before.referrer),
            occupation: self.occupation.apply(before.occupation),
            birthday: self.birthday.map(|on| on.0).apply(before.birthday),
            decision_role: self.decision_role.0.unwrap_or(before.decision_role),
            tags: self.tags.0.unwrap_or(before.tags),
            notes: self.notes.apply(before.notes),
            consent_given_on: self.consent_given_on.map(|on| on.0).apply(before.consent_given_on),
            consent_channel: self.consent_channel.apply(before.consent_channel),
        }
    }
}

/// Checks a draft, and says everything that is wrong with it.
///
/// # Errors
/// 422 with one fault per field.
pub fn checked(draft: Draft, today: NaiveDate) -> Result<Person, Problem> {
    Person::new(draft, today).map_err(|faults| {
        faults.into_iter().fold(Problem::new(Code::ValidationFailed), |problem, fault| {
            problem.error(fault.pointer, fault.code, fault.detail, json!({}))
        })
    })
}

/// The order of a list.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, Default, Debug)]
pub enum ProspectSort {
    /// Latest change first.
    #[default]
    #[serde(rename = "-updated_at")]
    UpdatedLast,
    /// Latest change last.
    #[serde(rename = "updated_at")]
    UpdatedFirst,
    /// Newest first.
    #[serde(rename = "-created_at")]
    CreatedLast,
    /// Oldest first.
    #[serde(rename = "created_at")]
    CreatedFirst,
    /// Whoever falls back first; only those that will.
    #[serde(rename = "falls_back_on")]
    FallsBackFirst,
    /// Whoever falls back last first; only those that will.
    #[serde(rename = "-falls_back_on")]
    FallsBackLast,
}

impl From<ProspectSort> for Order {
    fn from(sort: ProspectSort) -> Self {
        match sort {
            ProspectSort::UpdatedLast => Order::UpdatedLast,
            ProspectSort::UpdatedFirst => Order::UpdatedFirst,
            ProspectSort::CreatedLast => Order::CreatedLast,
            ProspectSort::CreatedFirst => Order::CreatedFirst,
            ProspectSort::FallsBackFirst => Order::FallsBackFirst,
            ProspectSort::FallsBackLast => Order::FallsBackLast,
        }
    }
}

/// What a list may add.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Include {
    /// How many the filters find in all.
    Total,
}

/// A cursor is bound to what is written out of the query: page and cursor themselves are not part of it.
fn is_no_filter<T>(_: &Option<T>) -> bool {
    true
}

/// Filters, order and page of a list of prospects. A repeated filter means "or", several filters mean "and".
#[derive(Deserialize, Serialize, Validate, ToSchema, IntoParams, Debug)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[schema(example = json!({"stage": ["stage_25", "stage_50"], "q": "ly", "limit": 20}))]
pub struct ProspectQuery {
    /// At one of these stages.
    #[serde(default)]
    #[validate(length(max = 7))]
    #[param(max_items = 7, required = false)]
    #[schema(max_items = 7)]
    pub stage: Vec<Stage>,
    /// Owned by one of these agents.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[param(max_items = 50, required = false)]
    #[schema(max_items = 50)]
    pub owner_id: Vec<Id>,
    /// With one of these tags.
    #[serde(default)]
    #[validate(length(max = 20), custom(function = "tag_lengths"))]
    #[param(schema_with = tag_list, required = false)]
    #[schema(schema_with = tag_list, required = false)]
    pub tag: Vec<String>,
    /// Part of the name, of its pinyin or initials, or the last four digits of a number.
    #[serde(default)]
    #[validate(length(min = 1, max = 50))]
    #[param(min_length = 1, max_length = 50, pattern = r"^[^\u0000]*$")]
    #[schema(min_length = 1, max_length = 50, pattern = r"^[^\u0000]*$")]
    pub q: Option<String>,
    /// Changed at or after this instant.
    #[serde(default)]
    pub updated_at_gte: Option<At>,
    /// Changed before this instant.
    #[serde(default)]
    pub updated_at_lt: Option<At>,
    /// Falling back on or after this date.
    #[serde(default)]
    pub falls_back_on_gte: Option<On>,
    /// Falling back before this date.
    #[serde(default)]
    pub falls_back_on_lt: Option<On>,
    /// The order.
    #[serde(default)]
    #[param(required = false)]
    pub sort: ProspectSort,
    /// `total` adds the number of all that the filters find, which costs time.
    #[serde(default)]
    #[validate(length(max = 1))]
    #[param(max_items = 1, required = false)]
    #[schema(max_items = 1)]
    pub include: Vec<Include>,
    /// Rows of the page.
    #[serde(default, skip_serializing_if = "is_no_filter")]
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    #[schema(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<i32>,
    /// `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "is_no_filter")]
    #[validate(length(min = 1, max = 500))]
    #[param(min_length = 1, max_length = 500, pattern = "^[A-Za-z0-9_-]+$")]
    #[schema(min_length = 1, max_length = 500, pattern = "^[A-Za-z0-9_-]+$")]
    pub cursor: Option<String>,
}

fn tag_lengths(tags: &[String]) -> Result<(), validator::ValidationError> {
    if tags.iter().all(|tag| (1..=40).contains(&tag.chars().count())) {
        return Ok(());
    }
    Err(faults::invalid("invalid_length", Text::new("1 to 40 characters each.", "每个 1 到 40 个字符。")))
}

impl ProspectQuery {
    /// The filters alone.
    pub fn filter(&self) -> Filter {
        Filter {
            stages: self.stage.clone(),
            owners: self.owner_id.clone(),
            tags: self.tag.clone(),
            search: self.q.clone(),
            updated_from: self.updated_at_gte.map(|at| at.0),
            updated_before: self.updated_at_lt.map(|at| at.0),
            falls_back_from: self.falls_back_on_gte.map(|on| on.0),
            falls_back_before: self.falls_back_on_lt.map(|on| on.0),
        }
    }
}

/// A prospect: the person, and where it stands on the board today.
#[derive(Serialize, ToSchema)]
#[schema(as = Prospect)]
pub struct ProspectView {
    /// The prospect.
    pub id: Id,
    /// Counts the writes; `If-Match` names it.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 3)]
    pub version: i32,
    /// The agent in whose book it stands.
    pub owner_id: Id,
    /// The name.
    #[schema(max_length = 100, example = "刘岩")]
    pub name: String,
    /// Telephone numbers in their normal form.
    #[schema(schema_with = phone_list)]
    pub phones: Vec<Phone>,
    /// Where the contact comes from.
    #[schema(max_length = 200)]
    pub source: Option<String>,
    /// Who recommended the person.
    #[schema(max_length = 100)]
    pub referrer: Option<String>,
    /// Occupation.
    #[schema(max_length = 100)]
    pub occupation: Option<String>,
    /// Birthday.
    pub birthday: Option<On>,
    /// Who decides about a purchase.
    pub decision_role: DecisionRole,
    /// Tags.
    #[schema(schema_with = tag_list)]
    pub tags: Vec<String>,
    /// Notes.
    #[schema(max_length = 4000)]
    pub notes: Option<String>,
    /// When the person agreed that the data are kept.
    pub consent_given_on: Option<On>,
    /// How the person agreed.
    #[schema(max_length = 100)]
    pub consent_channel: Option<String>,
    /// When it was entered.
    pub created_at: At,
    /// When it was last written.
    pub updated_at: At,
    /// The stage, the clock and the flags.
    #[serde(flatten)]
    pub board: BoardView,
    /// What to look at after this write; empty on a read.
    #[schema(max_items = 5)]
    pub warnings: Vec<ProspectWarning>,
}

/// Something that was accepted and may still be a mistake.
#[derive(Serialize, ToSchema)]
pub struct ProspectWarning {
    /// Stable code.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9_]*$", example = "possible_duplicate")]
    pub code: String,
    /// In words, in the reader's language.
    #[schema(max_length = 500)]
    pub detail: String,
    /// The other prospect.
    pub prospect_id: Id,
}

impl ProspectWarning {
    /// The same phone stands twice in one's own book.
    pub fn duplicate(other: Id, language: Language) -> Self {
        let detail = Text::new(
            "Another prospect in your book has the same phone.",
            "您的名册中另一位潜在客户使用相同的电话。",
        );
        ProspectWarning {
            code: "possible_duplicate".to_owned(),
            detail: detail.in_language(language).to_owned(),
            prospect_id: other,
        }
    }
}

impl ProspectView {
    /// The view of a row and its person on a day.
    pub fn new(row: &ProspectRow, person: Person, day: NaiveDate) -> Self {
        ProspectView {
            id: row.id,
            version: row.version,
            owner_id: row.owner_id,
            name: person.name,
            phones: person.phones,
            source: person.source,
            referrer: person.referrer,
            occupation: person.occupation,
            birthday: person.birthday.map(On),
            decision_role: person.decision_role,
            tags: person.tags,
            notes: person.notes,
            consent_given_on: person.consent_given_on.map(On),
            consent_channel: person.consent_channel,
            created_at: At(row.created_at.and_utc()),
            updated_at: At(row.updated_at.and_utc()),
            board: BoardView::of(row, day),
            warnings: Vec::new(),
        }
    }
}

/// A page of prospects.
#[derive(Serialize, ToSchema)]
pub struct ProspectPage {
    /// The rows.
    #[schema(max_items = 100)]
    pub data: Vec<ProspectView>,
    /// For the next page; null on the last one.
    #[schema(max_length = 500)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// How many the filters find in all; null unless asked for.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub total: Option<i64>,
}
