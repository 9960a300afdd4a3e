//! The test suite: one binary, so that everything is linked once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod oracle;
