//! The one way in which a text that people write enters: of one line or of several, never blank, bounded, and as it is kept
//! ([`words`]). A field of another type is no free text.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::faults;
use crate::domain::{
    prospects::phone::{self, Phone},
    values::{
        text::Text,
        words::{self, WordsFault},
    },
};

/// The codes of what is wrong with a text that is one, [`Telephone`]'s own aside.
pub const RULES: [&str; 3] = ["blank", "too_long", "control_character"];

/// A text of one line, at most `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(String);

/// A text of any number of lines, at most `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Prose<const MAX: usize>(String);

/// A telephone number as people write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telephone(pub Phone);

macro_rules! text {
    ($type:ident, $read:path, $name:literal) => {
        impl<const MAX: usize> $type<MAX> {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> From<$type<MAX>> for String {
            fn from(text: $type<MAX>) -> String {
                text.0
            }
        }

        impl<'de, const MAX: usize> Deserialize<'de> for $type<MAX> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                $read(&text, MAX).map($type).map_err(|fault| D::Error::custom(told(fault)))
            }
        }

        /// `inline_scalars` puts what it is in its place.
        impl<const MAX: usize> PartialSchema for $type<MAX> {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).into()
            }
        }

        impl<const MAX: usize> ToSchema for $type<MAX> {
            fn name() -> Cow<'static, str> {
                format!(concat!($name, "{}"), MAX).into()
            }
        }
    };
}

text!(Line, words::line, "Line");
text!(Prose, words::prose, "Prose");

impl<'de> Deserialize<'de> for Telephone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Line(text) = Line::<{ phone::MAX }>::deserialize(deserializer)?;
        Phone::parse(&text).map(Telephone).ok_or_else(|| {
            D::Error::custom(faults::message(
                "invalid_phone",
                &Text::new(
                    "A telephone number that its region has, e.g. 138 0000 0000, 021 5555 0000 ext. 801 or +852 5123 4567.",
                    "应为该地区实有的电话号码，例如 138 0000 0000、021 5555 0000 转 801 或 +852 5123 4567。",
                ),
            ))
        })
    }
}

/// As for [`super::Patch`].
impl Serialize for Telephone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_typed.serialize(serializer)
    }
}

impl PartialSchema for Telephone {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).into()
    }
}

impl ToSchema for Telephone {}

/// The message of a fault, as a reader (serde) carries it.
fn told(fault: WordsFault) -> String {
    match fault {
        WordsFault::Blank => faults::message("blank", &Text::new("It must not be blank.", "不能为空白。")),
        WordsFault::TooLong { max } => faults::message_with(
            "too_long",
            &Text::new(format!("At most {max} characters."), format!("至多 {max} 个字符。")),
            &json!({"max": max}),
        ),
        WordsFault::NotOneLine => faults::message(
            "control_character",
            &Text::new("One line, without control characters.", "应为一行，不含控制字符。"),
        ),
    }
}

/// What shows nothing, as far as a pattern in the description can name it.
const INVISIBLE: &str = r"\s\u0000-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB";

/// How the description shows a text of this name, if it is the name of one.
pub fn described(name: &str) -> Option<Value> {
    let text = |max: &str, taken: &str| {
        let max: usize = max.parse().ok()?;
        let pattern = format!("^[{taken}]*[^{INVISIBLE}][{taken}]*$");
        Some(json!({"type": "string", "minLength": 1, "maxLength": max, "pattern": pattern}))
    };
    let one_line = r"^\u0000-\u001F\u007F-\u009F\u2028\u2029";
    if name == "Telephone" {
        let mut number = text(&phone::MAX.to_string(), one_line)?;
        number["example"] = json!("138 0000 1234");
        return Some(number);
    }
    match (name.strip_prefix("Line"), name.strip_prefix("Prose")) {
        (Some(max), _) => text(max, one_line),
        (None, Some(max)) => text(max, r"^\u0000"),
        (None, None) => None,
    }
}
