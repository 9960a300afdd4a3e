//! How long cooling-off lasts, by product and channel (method section 10).

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    prelude::*,
    sql_types::{Bool, Date, Text},
};

use super::rows::{Filter, MOST_AT_ONCE, Stamp, TableRow, reads_and_writes};
use crate::{
    domain::{
        exchange::{insurer_tables::CoolingOffRule, table_change::InsurerTable},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            connection::MultiBackend,
            dialect::{before, insert_rows},
            schema::cooling_off_rules,
        },
    },
};
use aliases::later;

/// A rule from a day on.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = cooling_off_rules)]
pub struct RuleRow {
    /// Id.
    pub id: Id,
    /// The product; empty for any.
    pub product_code: String,
    /// The channel; empty for any.
    pub channel: String,
    /// Natural days.
    pub days: i32,
    /// First day.
    pub valid_from: NaiveDate,
    /// Counts the writes.
    pub version: i32,
    /// When it was last written.
    pub updated_at: NaiveDateTime,
}

impl From<RuleRow> for CoolingOffRule {
    fn from(row: RuleRow) -> Self {
        let code = |text: String| (!text.is_empty()).then_some(text);
        CoolingOffRule {
            product_code: code(row.product_code),
            channel: code(row.channel),
            days: row.days,
            valid_from: row.valid_from,
        }
    }
}

mod aliases {
    #![allow(missing_docs)]
    use super::cooling_off_rules;
    diesel::alias!(cooling_off_rules as later: Later);
}

type OnRules = Box<dyn BoxableExpression<cooling_off_rules::table, MultiBackend, SqlType = Bool>>;

fn in_force(day: NaiveDate) -> OnRules {
    let replaced = later
        .filter(later.field(cooling_off_rules::product_code).eq(cooling_off_rules::product_code))
        .filter(later.field(cooling_off_rules::channel).eq(cooling_off_rules::channel))
        .filter(later.field(cooling_off_rules::valid_from).gt(cooling_off_rules::valid_from))
        .filter(later.field(cooling_off_rules::valid_from).le(day));
    Box::new(cooling_off_rules::valid_from.le(day).and(diesel::dsl::not(diesel::dsl::exists(replaced))))
}

/// Those of any product concern it as well.
fn of_product(code: &str) -> OnRules {
    Box::new(cooling_off_rules::product_code.eq_any([code.to_owned(), String::new()]))
}

impl TableRow for RuleRow {
    type Content = CoolingOffRule;

    const TABLE: InsurerTable = InsurerTable::CoolingOffRules;

    fn of(Stamp { id, version, updated_at }: Stamp, content: CoolingOffRule) -> Self {
        let (product_code, channel) = Self::key(&content);
        let CoolingOffRule { days, valid_from, .. } = content;
        RuleRow { id, product_code, channel, days, valid_from, version, updated_at }
    }

    fn content(self) -> Result<CoolingOffRule, StoreError> {
        Ok(self.into())
    }

    fn valid_from(content: &CoolingOffRule) -> NaiveDate {
        content.valid_from
    }

    fn key(content: &CoolingOffRule) -> (String, String) {
        let text = |code: &Option<String>| code.clone().unwrap_or_default();
        (text(&content.product_code), text(&content.channel))
    }

    fn named(content: &CoolingOffRule) -> (Option<&str>, Option<i32>) {
        (content.product_code.as_deref(), None)
    }

    fn figure(content: &CoolingOffRule) -> Option<String> {
        Some(content.days.to_string())
    }

    reads_and_writes!(cooling_off_rules);
}
