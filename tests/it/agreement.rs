//! The real rules against the oracle: the same facts, the same lives, the same answers.
//!
//! `AGREEMENT_CASES` sets how many random cases each property takes; without it few enough for every build, and always
//! the same, so that a build is red for its own reasons only.

mod as_of;
mod calculations;
mod classification;
mod driver;
mod front_end;
mod lives;
mod over_http;
mod tables;
mod words;

use proptest::test_runner::{Config, RngSeed};

/// How many random cases a property takes, and no files left behind.
fn cases(usual: u32) -> Config {
    #[allow(clippy::disallowed_methods)] // how many cases to run is not a setting of the service
    let asked = std::env::var("AGREEMENT_CASES").ok().and_then(|text| text.parse().ok());
    let rng_seed = if asked.is_some() { RngSeed::Random } else { RngSeed::Fixed(1) };
    Config { cases: asked.unwrap_or(usual), rng_seed, failure_persistence: None, ..Config::default() }
}
