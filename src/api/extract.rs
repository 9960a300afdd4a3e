//! The doors of a request: every handler takes what it needs through one of these, already checked.
//!
//! A door reads, bounds and names what is wrong; it decides nothing and knows no database.

pub mod caller;
pub mod client_address;
pub mod csv_rows;
pub mod dates;
pub mod faults;
pub mod form;
pub mod idempotency_key;
pub mod if_match;
pub mod json;
pub mod language;
pub mod limits;
pub mod machine_caller;
pub mod nulls;
pub mod patch;
pub mod path;
pub mod query;
mod query_values;
mod shape_errors;
pub mod texts;
mod tree;

pub use caller::{Caller, Calls, supervisor};
pub use dates::{At, On};
pub use idempotency_key::IdempotencyKey;
pub use if_match::{IfMatch, IfNoneMatch, digest, etag, etag_of};
pub use json::ValidJson;
pub use language::ReaderLanguage;
pub use machine_caller::{AnyCaller, Head, MachineCaller, Party};
pub use nulls::null_is_absent;
pub use patch::{Given, Patch};
pub use path::{PathId, PathPair};
pub use query::{StrictQuery, one_of};
pub use texts::{Line, Prose, Telephone};
