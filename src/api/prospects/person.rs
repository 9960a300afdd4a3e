//! The bodies by which a person is created and changed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::{
        extract::{Given, Line, On, Patch, Prose, Telephone, null_is_absent},
        problem::{Code, document::Problem},
    },
    domain::{
        prospects::{
            deciders::{CoDecider, DecisionRole},
            prospect::{Draft, DraftFault, Field, Person},
        },
        values::id::Id,
    },
};

/// Somebody who decides as well (criterion 1), e.g. a spouse.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoDeciderEntry {
    /// What they are to the person.
    #[schema(example = "spouse")]
    pub relation: Line<40>,
    /// The name, where it is known.
    #[serde(default)]
    #[schema(example = "李雷")]
    pub name: Option<Line<100>>,
    /// Since when they take part in the talks; null while they do not. Not in the future.
    #[serde(default)]
    pub engaged_on: Option<On>,
}

impl From<CoDeciderEntry> for CoDecider {
    fn from(entry: CoDeciderEntry) -> Self {
        let CoDeciderEntry { relation, name, engaged_on } = entry;
        CoDecider {
            relation: relation.into(),
            name: name.map(String::from),
            engaged_on: engaged_on.map(|on| on.0),
        }
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
    #[schema(example = "刘岩")]
    pub name: Line<100>,
    /// Telephone numbers, as people write them.
    #[serde(default, deserialize_with = "null_is_absent")]
    #[validate(length(max = 5))]
    #[schema(value_type = Option<Vec<Telephone>>, max_items = 5)]
    pub phones: Vec<Telephone>,
    /// Where the contact comes from.
    #[serde(default)]
    pub source: Option<Line<200>>,
    /// Who recommended the person.
    #[serde(default)]
    pub referrer: Option<Line<100>>,
    /// Occupation.
    #[serde(default)]
    pub occupation: Option<Line<100>>,
    /// Birthday.
    #[serde(default)]
    pub birthday: Option<On>,
    /// Who decides about a purchase.
    #[serde(default, deserialize_with = "null_is_absent")]
    #[schema(value_type = Option<DecisionRole>)]
    pub decision_role: DecisionRole,
    /// Whoever decides as well. Under `decides_jointly` the criterion `decision_maker` is met only while all of them are engaged.
    #[serde(default, deserialize_with = "null_is_absent")]
    #[validate(length(max = 5))]
    #[schema(value_type = Option<Vec<CoDeciderEntry>>, max_items = 5)]
    pub co_deciders: Vec<CoDeciderEntry>,
    /// Tags of your own.
    #[serde(default, deserialize_with = "null_is_absent")]
    #[validate(length(max = 20))]
    #[schema(value_type = Option<Vec<Line<40>>>, max_items = 20)]
    pub tags: Vec<Line<40>>,
    /// Notes.
    #[serde(default)]
    pub notes: Option<Prose<4000>>,
    /// When the person agreed that the data are kept.
    #[serde(default)]
    pub consent_given_on: Option<On>,
    /// How the person agreed.
    #[serde(default)]
    pub consent_channel: Option<Line<100>>,
}

/// Changes to a prospect's personal data: absent keeps, null clears, a value sets.
#[derive(Deserialize, Validate, ToSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"occupation": "printer", "notes": null, "tags": ["fair", "vip"]}))]
pub struct UpdateProspect {
    /// The name.
    #[schema(value_type = Line<100>, required = false)]
    pub name: Given<Line<100>>,
    /// Telephone numbers; the list replaces the one before.
    #[validate(length(max = 5))]
    #[schema(value_type = Vec<Telephone>, required = false, max_items = 5)]
    pub phones: Given<Vec<Telephone>>,
    /// Where the contact comes from.
    #[schema(value_type = Option<Line<200>>)]
    pub source: Patch<Line<200>>,
    /// Who recommended the person.
    #[schema(value_type = Option<Line<100>>)]
    pub referrer: Patch<Line<100>>,
    /// Occupation.
    #[schema(value_type = Option<Line<100>>)]
    pub occupation: Patch<Line<100>>,
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
    #[schema(value_type = Vec<Line<40>>, required = false, max_items = 20)]
    pub tags: Given<Vec<Line<40>>>,
    /// Notes.
    #[schema(value_type = Option<Prose<4000>>)]
    pub notes: Patch<Prose<4000>>,
    /// When the person agreed that the data are kept.
    #[schema(value_type = Option<NaiveDate>)]
    pub consent_given_on: Patch<On>,
    /// How the person agreed.
    #[schema(value_type = Option<Line<100>>)]
    pub consent_channel: Patch<Line<100>>,
}

impl CreateProspect {
    /// The person as entered.
    pub fn draft(self) -> Draft {
        Draft {
            name: self.name.into(),
            phones: self.phones.into_iter().map(|phone| phone.0).collect(),
            source: self.source.map(String::from),
            referrer: self.referrer.map(String::from),
            occupation: self.occupation.map(String::from),
            birthday: self.birthday.map(|on| on.0),
            decision_role: self.decision_role,
            co_deciders: self.co_deciders.into_iter().map(CoDecider::from).collect(),
            tags: self.tags.into_iter().map(String::from).collect(),
            notes: self.notes.map(String::from),
            consent_given_on: self.consent_given_on.map(|on| on.0),
            consent_channel: self.consent_channel.map(String::from),
        }
    }
}

impl UpdateProspect {
    /// The person after the change.
    pub fn draft(self, before: Person) -> Draft {
        let phones = self.phones.0.map(|given| given.into_iter().map(|phone| phone.0).collect());
        let tags = self.tags.0.map(|given| given.into_iter().map(String::from).collect());
        Draft {
            phones: phones.unwrap_or(before.phones),
            name: self.name.0.map_or(before.name, String::from),
            source: self.source.map(String::from).apply(before.source),
            referrer: self.referrer.map(String::from).apply(before.referrer),
            occupation: self.occupation.map(String::from).apply(before.occupation),
            birthday: self.birthday.map(|on| on.0).apply(before.birthday),
            decision_role: self.decision_role.0.unwrap_or(before.decision_role),
            co_deciders: match self.co_deciders.0 {
                Some(given) => given.into_iter().map(CoDecider::from).collect(),
                None => before.co_deciders,
            },
            tags: tags.unwrap_or(before.tags),
            notes: self.notes.map(String::from).apply(before.notes),
            consent_given_on: self.consent_given_on.map(|on| on.0).apply(before.consent_given_on),
            consent_channel: self.consent_channel.map(String::from).apply(before.consent_channel),
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
