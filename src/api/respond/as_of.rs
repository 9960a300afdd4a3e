//! Asking about a past day.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use crate::{
    api::{
        extract::On,
        problem::{Code, document::Problem},
    },
    domain::values::text::Text,
};

/// The day that a question is about.
#[derive(Clone, Copy, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// The day asked about; today when absent. Facts dated after it are ignored.
    #[serde(default)]
    #[param(required = false)]
    pub as_of: Option<On>,
}

impl AsOf {
    /// The day asked about.
    ///
    /// # Errors
    /// 400 for a day that has not come.
    pub fn day(&self, today: NaiveDate) -> Result<NaiveDate, Problem> {
        match self.as_of {
            Some(On(day)) if day > today => Err(future(day, today)),
            Some(On(day)) => Ok(day),
            None => Ok(today),
        }
    }
}

/// 400 for a day that has not come.
pub fn future(day: NaiveDate, today: NaiveDate) -> Problem {
    Problem::new(Code::InvalidParameter).error(
        "/query/as_of",
        "in_the_future",
        Text::new(format!("{day} lies after today, {today}."), format!("{day} 晚于今天 {today}。")),
        serde_json::json!({"today": today}),
    )
}
