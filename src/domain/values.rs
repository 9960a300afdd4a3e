//! Plain values without a rule of the method: ids, texts, money, fractions, spans of days.

pub mod calendar;
pub mod fraction;
pub mod id;
pub mod money;
pub mod readings;
pub mod text;
pub mod timeline;
pub mod window;
pub mod words;
