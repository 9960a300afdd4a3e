//! The types of messages: what a webhook may be told of.

use std::{borrow::Cow, sync::LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::domain::exchange::change::Topic;

/// The codes that can be chosen.
static CODES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| Topic::ALL.iter().filter(|topic| topic.is_told()).map(|topic| topic.code()).collect());

/// A type of message, by its code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MessageType(pub Topic);

impl Serialize for MessageType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.code())
    }
}

impl<'de> Deserialize<'de> for MessageType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = Topic::ALL.iter().find(|topic| topic.is_told() && topic.code() == text);
        known.copied().map(MessageType).ok_or_else(|| D::Error::unknown_variant(&text, &CODES))
    }
}

impl PartialSchema for MessageType {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A type of message; each is described under `webhooks`."))
            .enum_values(Some(CODES.clone()))
            .into()
    }
}

impl ToSchema for MessageType {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("MessageType")
    }
}
