//! Null in the body of a request that is no patch: what may be left out may be null, which means the same.

use serde::{Deserialize, Deserializer};

/// Reads a field that has a default, for `#[serde(deserialize_with = …)]`: null is the default. Its description says so with
/// `#[schema(value_type = Option<T>)]`.
///
/// # Errors
/// Those of the type.
pub fn null_is_absent<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
