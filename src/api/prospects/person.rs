//! The bodies by which a person is created and changed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::lists::{phone_list, tag_list};
use crate::{
    api::{
        extract::{Given, On, Patch, faults},
        problem::{Code, document::Problem},
    },
    domain::{
        prospects::{
            deciders::{CoDecider, DecisionRole},
            prospect::{Draft, DraftFault, Field, Person},
        },
        values::{id::Id, text::Text},
    },
};

/// Somebody who decides as well (criterion 1), e.g. a spouse.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoDeciderEntry {
    /// What they are to the person.
    #[schema(min_length = 1, max_length = 40, pattern = r"^[^\u0000-\u001F\u007F]*$", example = "spouse")]
    pub relation: String,
    /// The name, where it is known.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\u0000-\u001F\u007F]*$", example = "李雷")]
    pub name: Option<String>,
    /// Since when they take part in the talks; null while they do not. Not in the future.
    #[serde(default)]
    pub engaged_on: Option<On>,
}

impl From<CoDeciderEntry> for CoDecider {
    fn from(entry: CoDeciderEntry) -> Self {
        let CoDeciderEntry { relation, name, engaged_on } = entry;
        CoDecider { relation, name, engaged_on: engaged_on.map(|on| on.0) }
    }
}

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
    /// Whoever decides as well. Under `decides_jointly` the criterion `decision_maker` is met only while all of them are engaged.
    #[serde(default)]
    #[validate(length(max = 5))]
    #[schema(max_items = 5)]
    pub co_deciders: Vec<CoDeciderEntry>,
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
    /// Whoever decides as well; the list replaces the one before.
    #[validate(length(max = 5))]
    #[schema(value_type = Vec<CoDeciderEntry>, required = false, max_items = 5)]
    pub co_deciders: Given<Vec<CoDeciderEntry>>,
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
            co_deciders: self.co_deciders.into_iter().map(CoDecider::from).collect(),
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
            co_deciders: match self.co_deciders.0 {
                Some(given) => given.into_iter().map(CoDecider::from).collect(),
                None => before.co_deciders,
            },
            tags: self.tags.0.unwrap_or(before.tags),
            notes: self.notes.apply(before.notes),
            consent_given_on: self.consent_given_on.map(|on| on.0).apply(before.consent_given_on),
            consent_channel: self.consent_channel.apply(before.consent_channel),
        }
    }
}

/// Everything that is wrong with a person: 422 with one fault per field.
pub fn problem(faults: Vec<DraftFault>) -> Problem {
    faults.into_iter().fold(Problem::new(Code::ValidationFailed), |problem, fault| {
        problem.error(pointer(fault.field), fault.code, fault.detail, json!({}))
    })
}

/// Where a body has a field of the draft.
fn pointer(field: Field) -> Cow<'static, str> {
    match field {
        Field::Name => "/name".into(),
        Field::Phones => "/phones".into(),
        Field::Phone(index) => format!("/phones/{index}").into(),
        Field::Source => "/source".into(),
        Field::Referrer => "/referrer".into(),
        Field::Occupation => "/occupation".into(),
        Field::Birthday => "/birthday".into(),
        Field::CoDeciders => "/co_deciders".into(),
        Field::CoDeciderRelation(index) => format!("/co_deciders/{index}/relation").into(),
        Field::CoDeciderName(index) => format!("/co_deciders/{index}/name").into(),
        Field::CoDeciderEngagedOn(index) => format!("/co_deciders/{index}/engaged_on").into(),
        Field::Tag(index) => format!("/tags/{index}").into(),
        Field::Notes => "/notes".into(),
        Field::ConsentGivenOn => "/consent_given_on".into(),
        Field::ConsentChannel => "/consent_channel".into(),
    }
}
