//! How a prospect is shown.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{board::BoardView, lists::tag_list, warnings::Warning};
use crate::{
    api::extract::{At, On},
    domain::{
        prospects::{
            deciders::{CoDecider, DecisionRole},
            phone::Phone,
            prospect::Person,
        },
        values::id::Id,
    },
    store::prospects::{prospect::Listed, prospect_row::ProspectRow},
};

/// Somebody who decides as well.
#[derive(Serialize, ToSchema)]
#[schema(as = CoDecider)]
pub struct CoDeciderView {
    /// What they are to the person.
    #[schema(max_length = 40, example = "spouse")]
    pub relation: String,
    /// The name; null where it is not known.
    #[schema(required = true, max_length = 100)]
    pub name: Option<String>,
    /// Since when they take part in the talks; null while they do not.
    #[schema(required = true)]
    pub engaged_on: Option<On>,
}

impl From<CoDecider> for CoDeciderView {
    fn from(one: CoDecider) -> Self {
        CoDeciderView { relation: one.relation, name: one.name, engaged_on: one.engaged_on.map(On) }
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
    pub agent_id: Id,
    /// The name.
    #[schema(max_length = 100, example = "刘岩")]
    pub name: String,
    /// Telephone numbers, as typed and as the world dials them.
    #[schema(max_items = 5)]
    pub phones: Vec<PhoneView>,
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
    /// Whoever decides as well.
    #[schema(max_items = 5)]
    pub co_deciders: Vec<CoDeciderView>,
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
    pub warnings: Vec<Warning>,
}

/// A telephone number.
#[derive(Serialize, ToSchema)]
#[schema(as = PhoneNumber)]
pub struct PhoneView {
    /// As it was typed.
    #[schema(max_length = 40, example = "021-5555 0000 转 801")]
    pub as_typed: String,
    /// In E.164: country code and number.
    #[schema(max_length = 16, pattern = r"^\+[0-9]{5,15}$", example = "+862155550000")]
    pub e164: String,
    /// The extension behind it; null when there is none.
    #[schema(max_length = 7, pattern = "^[0-9]+$", example = "801")]
    pub extension: Option<String>,
}

impl From<Phone> for PhoneView {
    fn from(phone: Phone) -> Self {
        PhoneView { as_typed: phone.as_typed, e164: phone.e164, extension: phone.extension }
    }
}

impl ProspectView {
    /// The view of a prospect today, which is a date where its owner belongs, whoever reads (method section 5).
    pub fn today(listed: Listed, business_now: DateTime<Utc>) -> Self {
        let today = listed.today(business_now);
        ProspectView::new(&listed.row, listed.person, today)
    }

    /// The view of a row and its person on a day.
    pub fn new(row: &ProspectRow, person: Person, day: NaiveDate) -> Self {
        ProspectView {
            id: row.id,
            version: row.version,
            agent_id: row.owner_id,
            name: person.name,
            phones: person.phones.into_iter().map(PhoneView::from).collect(),
            source: person.source,
            referrer: person.referrer,
            occupation: person.occupation,
            birthday: person.birthday.map(On),
            decision_role: person.decision_role,
            co_deciders: person.co_deciders.into_iter().map(CoDeciderView::from).collect(),
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
