//! Money as JSON: a decimal string and a currency.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::problem::{Code, document::Problem},
    domain::values::{
        money::{CURRENCY, format_minor, parse_minor},
        text::Text,
    },
};

/// An amount of money.
#[derive(Deserialize, Serialize, Validate, ToSchema, Clone, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[schema(as = Money)]
pub struct MoneyBody {
    /// Decimal amount with at most two places.
    #[validate(length(min = 1, max = 16))]
    #[schema(
        min_length = 1,
        max_length = 16,
        pattern = "^[0-9]{1,12}([.][0-9]{1,2})?$",
        example = "1200.50"
    )]
    pub amount: String,
    /// ISO 4217 code of the organisation's currency.
    #[validate(length(min = 3, max = 3))]
    #[schema(min_length = 3, max_length = 3, pattern = "^CNY$", example = "CNY")]
    pub currency: String,
}

impl MoneyBody {
    /// From minor units.
    pub fn from_minor(minor: i64) -> Self {
        MoneyBody { amount: format_minor(minor), currency: CURRENCY.to_owned() }
    }

    /// In minor units.
    ///
    /// # Errors
    /// 422 at `pointer` for what is no amount in the organisation's currency.
    pub fn minor_units(&self, pointer: &str) -> Result<i64, Problem> {
        if self.currency != CURRENCY {
            return Err(Problem::new(Code::ValidationFailed).error(
                format!("{pointer}/currency"),
                "unknown_currency",
                Text::new(
                    format!("The organisation's currency is {CURRENCY}."),
                    format!("本组织的货币为 {CURRENCY}。"),
                ),
                json!({"currency": CURRENCY}),
            ));
        }
        parse_minor(&self.amount).ok_or_else(|| {
            Problem::new(Code::ValidationFailed).error(
                format!("{pointer}/amount"),
                "invalid_amount",
                Text::new(
                    "A decimal amount with at most two places, e.g. \"1200.50\".",
                    "应为至多两位小数的金额，例如 \"1200.50\"。",
                ),
                json!({}),
            )
        })
    }
}

/// A sum of money that flowed; negative where more went back than came.
#[derive(Serialize, ToSchema, Clone, Debug, PartialEq, Eq)]
pub struct NetMoney {
    /// Decimal amount with two places.
    #[schema(max_length = 20, pattern = "^-?[0-9]{1,17}[.][0-9]{2}$", example = "3000.00")]
    pub amount: String,
    /// ISO 4217 code of the organisation's currency.
    #[schema(min_length = 3, max_length = 3, pattern = "^CNY$", example = "CNY")]
    pub currency: String,
    #[serde(skip)]
    minor: i64,
}

impl NetMoney {
    /// From minor units.
    pub fn from_minor(minor: i64) -> Self {
        NetMoney { amount: format_minor(minor), currency: CURRENCY.to_owned(), minor }
    }

    /// In minor units.
    pub fn minor_units(&self) -> i64 {
        self.minor
    }
}
