//! Merge patch (RFC 7396) field by field: absent keeps, null clears, a value sets.
//!
//! Put `#[serde(default, deny_unknown_fields)]` on the body and `#[schema(value_type = Option<T>, …)]` on a [`Patch`]
//! field, `#[schema(value_type = T, required = false, …)]` on a [`Given`] field: the description allows null where it is taken.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use validator::{Validate, ValidateLength, ValidateRange, ValidationErrors};

/// A field that may be kept, cleared or set.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Not in the body.
    #[default]
    Keep,
    /// `null` in the body.
    Clear,
    /// A value in the body.
    Set(T),
}

impl<T> Patch<T> {
    /// The value after the patch, from the value before.
    pub fn apply(self, before: Option<T>) -> Option<T> {
        match self {
            Patch::Keep => before,
            Patch::Clear => None,
            Patch::Set(value) => Some(value),
        }
    }

    /// The value to set, if there is one.
    pub fn as_set(&self) -> Option<&T> {
        match self {
            Patch::Set(value) => Some(value),
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// What the patch tells: nothing, none or a value.
    pub fn told(self) -> Option<Option<T>> {
        match self {
            Patch::Keep => None,
            Patch::Clear => Some(None),
            Patch::Set(value) => Some(Some(value)),
        }
    }

    /// The same patch with the value changed.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(value) => Patch::Set(f(value)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<T>::deserialize(deserializer)? {
            Some(value) => Patch::Set(value),
            None => Patch::Clear,
        })
    }
}

/// Only the validation library reads this: it hands the offending value to its error.
impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_set().serialize(serializer)
    }
}

impl<T: Validate> Validate for Patch<T> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.as_set().map_or(Ok(()), Validate::validate)
    }
}

impl<T: ValidateLength<u64>> ValidateLength<u64> for Patch<T> {
    fn length(&self) -> Option<u64> {
        self.as_set().and_then(ValidateLength::length)
    }
}

impl<N, T: ValidateRange<N>> ValidateRange<N> for Patch<T> {
    fn greater_than(&self, max: N) -> Option<bool> {
        self.as_set().and_then(|value| value.greater_than(max))
    }

    fn less_than(&self, min: N) -> Option<bool> {
        self.as_set().and_then(|value| value.less_than(min))
    }
}

/// A field that may be kept or set, but not cleared: null is refused as a wrong type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given<T>(pub Option<T>);

impl<T> Default for Given<T> {
    fn default() -> Self {
        Given(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(|value| Given(Some(value)))
    }
}

/// As for [`Patch`].
impl<T: Serialize> Serialize for Given<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: ValidateLength<u64>> ValidateLength<u64> for Given<T> {
    fn length(&self) -> Option<u64> {
        self.0.as_ref().and_then(ValidateLength::length)
    }
}

impl<N, T: ValidateRange<N>> ValidateRange<N> for Given<T> {
    fn greater_than(&self, max: N) -> Option<bool> {
        self.0.as_ref().and_then(|value| value.greater_than(max))
    }

    fn less_than(&self, min: N) -> Option<bool> {
        self.0.as_ref().and_then(|value| value.less_than(min))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Default, PartialEq, Debug)]
    #[serde(default, deny_unknown_fields)]
    struct Body {
        note: Patch<String>,
        name: Given<String>,
    }

    #[test]
    fn absent_keeps_null_clears_and_a_value_sets() {
        let body = |text: &str| serde_json::from_str::<Body>(text);
        assert_eq!(body("{}").unwrap(), Body::default());
        assert_eq!(body(r#"{"note":null}"#).unwrap().note, Patch::Clear);
        assert_eq!(body(r#"{"note":"a"}"#).unwrap().note, Patch::Set("a".to_owned()));
        assert_eq!(body(r#"{"name":"b"}"#).unwrap().name, Given(Some("b".to_owned())));
        assert!(body(r#"{"name":null}"#).is_err());
    }
}
