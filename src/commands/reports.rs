//! Writes on the sheets: signing a block off, and taking that back.

pub mod sign_off;
