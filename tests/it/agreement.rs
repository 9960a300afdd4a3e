//! The real rules against the oracle: the same facts, the same lives, the same answers.
//!
//! `AGREEMENT_CASES` sets how many random cases each property takes; without it few enough for every build.

mod calculations;
mod classification;
mod driver;
mod lives;
mod tables;

use proptest::test_runner::Config;

/// How many random cases a property takes, and no files left behind.
fn cases(usual: u32) -> Config {
    #[allow(clippy::disallowed_methods)] // how many cases to run is not a setting of the service
    let cases = std::env::var("AGREEMENT_CASES").ok().and_then(|text| text.parse().ok());
    Config { cases: cases.unwrap_or(usual), failure_persistence: None, ..Config::default() }
}
