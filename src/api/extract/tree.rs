//! A JSON document in memory, read more strictly than serde reads by itself: no name twice in an object, and no
//! array where an object belongs (serde takes the fields of a struct from an array, too).

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
        value::BorrowedStrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, Map, Value};

/// A value whose objects name nothing twice.
pub struct Tree(pub Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Tree)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Tree(item)) = items.next_element()? {
            found.push(item);
        }
        Ok(Value::Array(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let Tree(value) = fields.next_value()?;
            if found.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            found.insert(name, value);
        }
        Ok(Value::Object(found))
    }
}

/// The values of a tree that a reading takes no offence at.
#[derive(Default)]
pub struct Passed<'a> {
    /// Read as if they were not there.
    pub left_out: Vec<&'a Value>,
    /// Texts that are against a rule of theirs: read as if another stood there, so that no field is missed.
    pub replaced: Vec<&'a Value>,
}

/// What is read in the place of a text: it keeps every rule that a text may have.
const ANOTHER_TEXT: &str = "x";

impl Passed<'_> {
    /// Whether a value is passed over.
    pub fn has_left_out(&self, value: &Value) -> bool {
        self.left_out.iter().any(|one| std::ptr::eq(*one, value))
    }

    /// Whether another text is read in the place of a value.
    pub fn has_replaced(&self, value: &Value) -> bool {
        self.replaced.iter().any(|one| std::ptr::eq(*one, value))
    }
}

/// Reads a type from a part of a tree.
pub struct Node<'a> {
    value: &'a Value,
    passed: &'a Passed<'a>,
}

impl<'de> Node<'de> {
    /// The reader of a value.
    pub fn new(value: &'de Value, passed: &'de Passed<'de>) -> Self {
        Node { value, passed }
    }

    fn unexpected(&self) -> Unexpected<'de> {
        match self.value {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(*value),
            Value::Number(_) => Unexpected::Other("number"),
            Value::String(_) => Unexpected::Other("string"),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        }
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => {
                if let Some(whole) = number.as_i64() {
                    visitor.visit_i64(whole)
                } else if let Some(whole) = number.as_u64() {
                    visitor.visit_u64(whole)
                } else {
                    // To JSON, 1.0 is an integer.
                    let value = number.as_f64().unwrap_or_default();
                    let whole = value.fract() == 0.0 && value.abs() < 9.0e15;
                    if whole { visitor.visit_i64(value as i64) } else { visitor.visit_f64(value) }
                }
            }
            Value::String(_) if self.passed.has_replaced(self.value) => {
                visitor.visit_borrowed_str(ANOTHER_TEXT)
            }
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(Items { rest: items.iter(), passed: self.passed }),
            Value::Object(fields) => {
                visitor.visit_map(Fields { rest: fields.iter(), value: &Value::Null, passed: self.passed })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.value.is_object() {
            self.deserialize_any(visitor)
        } else {
            Err(Error::invalid_type(self.unexpected(), &"struct"))
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.value {
            Value::String(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Object(_) => self.value.deserialize_enum(name, variants, visitor),
            _ => Err(Error::invalid_type(self.unexpected(), &"a string")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct Items<'a> {
    rest: std::slice::Iter<'a, Value>,
    passed: &'a Passed<'a>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let passed = self.passed;
        let next = self.rest.find(|item| !passed.has_left_out(item));
        next.map(|item| seed.deserialize(Node::new(item, passed))).transpose()
    }
}

struct Fields<'a> {
    rest: serde_json::map::Iter<'a>,
    value: &'a Value,
    passed: &'a Passed<'a>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let passed = self.passed;
        let next = self.rest.find(|(_, value)| !passed.has_left_out(value));
        let Some((name, value)) = next else { return Ok(None) };
        self.value = value;
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(Node::new(self.value, self.passed))
    }
}
