//! Dates and instants as the API takes them: strict in form, and within the years a prospect can live in.

use chrono::{DateTime, Datelike, NaiveDate, SubsecRound, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::faults;
use crate::domain::values::text::Text;

/// First and last year taken.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// A calendar date `YYYY-MM-DD`, from 1900 to 2199.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct On(pub NaiveDate);

/// An instant as in RFC 3339, any offset, from 1900 to 2199, truncated to microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct At(pub DateTime<Utc>);

impl<'de> Deserialize<'de> for On {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let date = if text.len() == 10 { NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok() } else { None };
        date.filter(|date| YEARS.contains(&date.year())).map(On).ok_or_else(|| {
            D::Error::custom(faults::message(
                "invalid_date",
                &Text::new(
                    "A date YYYY-MM-DD between 1900 and 2199.",
                    "应为 1900 至 2199 年间的日期 YYYY-MM-DD。",
                ),
            ))
        })
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // A second 60 is one that cannot be kept: no database has it.
        let instant = DateTime::parse_from_rfc3339(&text)
            .ok()
            .filter(|at| at.nanosecond() < 1_000_000_000)
            .map(|at| at.with_timezone(&Utc).trunc_subsecs(6));
        instant.filter(|at| YEARS.contains(&at.year())).map(At).ok_or_else(|| {
            D::Error::custom(faults::message(
                "invalid_instant",
                &Text::new(
                    "An instant as in RFC 3339 between 1900 and 2199, e.g. 2009-12-15T02:00:00Z.",
                    "应为 1900 至 2199 年间的 RFC 3339 时间，例如 2009-12-15T02:00:00Z。",
                ),
            ))
        })
    }
}
