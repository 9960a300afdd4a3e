//! Filters, order and page of lists of prospects.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::extract::{At, Line, On, null_is_absent},
    domain::{method::stage::Stage, values::id::Id},
    store::prospects::prospect::{Filter, Order},
};

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
    /// Whoever falls back first; those that will not come last.
    #[serde(rename = "falls_back_on")]
    FallsBackFirst,
    /// Whoever falls back last first; those that will not come last.
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
#[schema(as = ListInclude)]
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
#[schema(as = SearchProspects, example = json!({"stage": ["stage_25", "stage_50"], "q": "ly", "limit": 20}))]
pub struct ProspectQuery {
    /// At one of these stages.
    #[serde(default, deserialize_with = "null_is_absent")]
    #[validate(length(max = 7))]
    #[param(max_items = 7, required = false)]
    #[schema(value_type = Option<Vec<Stage>>, max_items = 7)]
    pub stage: Vec<Stage>,
    /// Owned by one of these agents.
    #[serde(default, deserialize_with = "null_is_absent")]
    #[validate(length(max = 50))]
    #[param(max_items = 50, required = false)]
    #[schema(value_type = Option<Vec<Id>>, max_items = 50)]
    pub agent_id: Vec<Id>,
    /// With one of these tags.
    #[serde(default, deserialize_with = "null_is_absent")]
    #[validate(length(max = 20))]
    #[param(max_items = 20, required = false)]
    #[schema(value_type = Option<Vec<Line<40>>>, max_items = 20)]
    pub tag: Vec<Line<40>>,
    /// Part of the name, of its pinyin or initials, or the last four digits of a number.
    #[serde(default)]
    pub q: Option<Line<50>>,
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
    #[serde(default, deserialize_with = "null_is_absent")]
    #[param(required = false)]
    #[schema(value_type = Option<ProspectSort>)]
    pub sort: ProspectSort,
    /// `total` adds the number of all that the filters find, which costs time.
    #[serde(default, deserialize_with = "null_is_absent")]
    #[validate(length(max = 1))]
    #[param(max_items = 1, required = false)]
    #[schema(value_type = Option<Vec<Include>>, max_items = 1)]
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

impl ProspectQuery {
    /// The filters alone.
    pub fn filter(&self) -> Filter {
        Filter {
            stages: self.stage.clone(),
            owners: self.agent_id.clone(),
            tags: self.tag.iter().map(|tag| tag.as_str().to_owned()).collect(),
            search: self.q.as_ref().map(|wanted| wanted.as_str().to_owned()),
            updated_from: self.updated_at_gte.map(|at| at.0),
            updated_before: self.updated_at_lt.map(|at| at.0),
            falls_back_from: self.falls_back_on_gte.map(|on| on.0),
            falls_back_before: self.falls_back_on_lt.map(|on| on.0),
        }
    }
}
