//! The tables, written by hand, in the order of their columns. A test compares them with both live databases.

#![allow(missing_docs)] // a column says all there is to say

diesel::table! {
    meta (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    schema_compat (migration) {
        migration -> Text,
        serves_since -> Text,
    }
}
