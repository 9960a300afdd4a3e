//! A serde reader over `name=value&…`: a map of names to one value, or to several where the type is an array.

use std::fmt;

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor},
    forward_to_deserialize_any,
};

use super::faults;
use crate::domain::values::text::Text;

/// The names in order of appearance, each with its values.
pub struct Query(Vec<(String, Vec<String>)>);

impl Query {
    /// Splits and decodes; nothing when it is not percent-encoded UTF-8.
    pub fn split(text: &str) -> Option<Query> {
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            match found.iter_mut().find(|(known, _)| *known == name) {
                Some((_, values)) => values.push(value),
                None => found.push((name, vec![value])),
            }
        }
        Some(Query(found))
    }

    /// A name whose name or value holds NUL.
    pub fn name_with_nul(&self) -> Option<String> {
        let holds = |(name, values): &&(String, Vec<String>)| {
            name.contains('\0') || values.iter().any(|value| value.contains('\0'))
        };
        self.0.iter().find(holds).map(|(name, _)| name.replace('\0', ""))
    }
}

impl Query {
    /// The only value of a name; none when the name is not there.
    ///
    /// # Errors
    /// The rule, when there are several.
    pub fn only_value(&self, name: &str) -> Result<Option<String>, Text> {
        let values = self.0.iter().find(|(known, _)| known == name).map(|(_, values)| values.as_slice());
        match values {
            None => Ok(None),
            Some([value]) => Ok(Some(value.clone())),
            Some(_) => Err(only_once()),
        }
    }

    /// Leaves a name out.
    pub fn take_out(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }
}

fn only_once() -> Text {
    Text::new("This parameter may stand only once.", "该参数只能出现一次。")
}

/// What a percent-encoded text says; nothing when it is none.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let digit = |byte: u8| char::from(byte).to_digit(16);
                (digit(digits[0])? * 16 + digit(digits[1])?) as u8
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// The message of a reader's complaint.
#[derive(Debug)]
pub struct Complaint(pub String);

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Complaint {}

impl de::Error for Complaint {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Complaint(message.to_string())
    }
}

/// Reads a whole query.
pub struct Reader<'a>(pub &'a Query);

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Complaint;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Complaint> {
        visitor.visit_map(Pairs { rest: self.0.0.iter(), values: &[] })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Pairs<'a> {
    rest: std::slice::Iter<'a, (String, Vec<String>)>,
    values: &'a [String],
}

impl<'de> MapAccess<'de> for Pairs<'_> {
    type Error = Complaint;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Complaint> {
        let Some((name, values)) = self.rest.next() else { return Ok(None) };
        self.values = values;
        seed.deserialize(name.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Complaint> {
        seed.deserialize(Values(self.values))
    }
}

/// The values of one name.
struct Values<'a>(&'a [String]);

impl Values<'_> {
    fn only(&self) -> Result<&str, Complaint> {
        match self.0 {
            [value] => Ok(value),
            _ => Err(Complaint(faults::message("repeated", &only_once()))),
        }
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Complaint> {
            let value = self.only()?;
            match value.parse::<$type>() {
                Ok(number) if !value.starts_with('+') => visitor.$visit(number),
                _ => Err(de::Error::invalid_type(Unexpected::Str(""), &stringify!($type))),
            }
        }
    )+};
}

impl<'de> Deserializer<'de> for Values<'_> {
    type Error = Complaint;

    numbers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_f64 visit_f64 f64;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Complaint> {
        visitor.visit_str(self.only()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Complaint> {
        match self.only()? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(de::Error::invalid_type(Unexpected::Str(""), &"a boolean")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Complaint> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Complaint> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Complaint> {
        visitor.visit_seq(Items(self.0.iter()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Complaint> {
        visitor.visit_enum(self.only()?.into_deserializer())
    }

    forward_to_deserialize_any! {
        i128 u128 f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}

struct Items<'a>(std::slice::Iter<'a, String>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Complaint;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Complaint> {
        self.0.next().map(|value| seed.deserialize(Values(std::slice::from_ref(value)))).transpose()
    }
}
