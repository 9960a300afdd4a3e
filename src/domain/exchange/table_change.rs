//! Changes of the insurer's tables, as the rest of the service is told of them.

use chrono::NaiveDate;

use super::change::{Audience, Change, Topic};
use crate::domain::values::id::Id;

/// One of the insurer's tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InsurerTable {
    /// Products.
    Products,
    /// Cooling-off rules.
    CoolingOffRules,
    /// Premium factors.
    PremiumFactors,
}

impl InsurerTable {
    /// The stable code of one of its rows.
    pub fn subject(self) -> &'static str {
        match self {
            InsurerTable::Products => "product",
            InsurerTable::CoolingOffRules => "cooling_off_rule",
            InsurerTable::PremiumFactors => "premium_factor",
        }
    }
}

/// What became of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowFate {
    /// It was added.
    Added,
    /// Another took its place.
    Replaced,
    /// It was taken out.
    TakenOut,
}

/// A row that was written or taken out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableChange {
    /// Which table.
    pub table: InsurerTable,
    /// Which row.
    pub row_id: Id,
    /// What became of it.
    pub fate: RowFate,
    /// Its version, as it is now or was last.
    pub version: i32,
    /// The first day of the row, as it is now or was last.
    pub valid_from: NaiveDate,
    /// The figure that the row gives: days, or a factor; none for a product.
    pub figure: Option<String>,
}

impl TableChange {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self.fate {
            RowFate::Added => "table_row_added",
            RowFate::Replaced => "table_row_replaced",
            RowFate::TakenOut => "table_row_removed",
        }
    }

    /// What those are told who follow: everybody reads these tables.
    pub fn told(&self) -> Change {
        let topic = match (self.table, self.fate) {
            (InsurerTable::Products, RowFate::TakenOut) => Topic::ProductRemoved,
            (InsurerTable::Products, _) => Topic::ProductChanged,
            (InsurerTable::CoolingOffRules, RowFate::TakenOut) => Topic::CoolingOffRuleRemoved,
            (InsurerTable::CoolingOffRules, _) => Topic::CoolingOffRuleChanged,
            (InsurerTable::PremiumFactors, RowFate::TakenOut) => Topic::PremiumFactorRemoved,
            (InsurerTable::PremiumFactors, _) => Topic::PremiumFactorChanged,
        };
        Change { version: Some(self.version), ..Change::new(topic, self.row_id, Audience::Everybody) }
    }
}
