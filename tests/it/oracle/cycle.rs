//! An agent's sales cycle on a day (section 5).

use super::days_between;
use chrono::NaiveDate;

/// One pursuit that reached `closed`.
#[derive(Clone, Debug)]
pub struct Deal {
    pub pursuit: u64,
    pub first_meeting_on: NaiveDate,
    pub signed_on: NaiveDate,
    pub closed_on: NaiveDate,
    /// The day on which the last fact that made the closing due was recorded.
    pub known_on: NaiveDate,
    /// The day of a later closed → 50, from which the deal counts no more.
    pub compensated_on: Option<NaiveDate>,
}

impl Deal {
    pub fn days(&self) -> i64 {
        days_between(self.first_meeting_on, self.signed_on)
    }

    fn counts_on(&self, day: NaiveDate) -> bool {
        self.closed_on <= day && self.known_on <= day && self.compensated_on.is_none_or(|gone| day < gone)
    }
}

/// What the last deals say.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub sum: i64,
    pub n: i64,
    pub shortest: i64,
    pub longest: i64,
    /// Twice the median, so that it stays whole.
    pub median_doubled: i64,
    pub low_confidence: bool,
}

/// Rounds `numerator / denominator` half up (both not negative) and keeps the result within the bounds.
fn rounded(numerator: i128, denominator: i128, bounds: (i64, i64)) -> i64 {
    let mut whole = 0i128;
    // The largest whole number that is at most a half more than the quotient.
    while (2 * (whole + 1) - 1) * denominator <= 2 * numerator {
        whole += 1;
    }
    (whole as i64).clamp(bounds.0, bounds.1)
}

pub fn measured(deals: &[Deal], window: usize, day: NaiveDate) -> Option<Measure> {
    let mut counted: Vec<&Deal> = deals.iter().filter(|deal| deal.counts_on(day)).collect();
    counted.sort_by_key(|deal| (deal.closed_on, deal.signed_on, deal.pursuit));
    let from = counted.len().saturating_sub(window);
    let mut lengths: Vec<i64> = counted[from..].iter().map(|deal| deal.days()).collect();
    lengths.sort();
    let n = lengths.len();
    if n == 0 {
        return None;
    }
    let sum: i64 = lengths.iter().sum();
    Some(Measure {
        sum,
        n: n as i64,
        shortest: lengths[0],
        longest: lengths[n - 1],
        median_doubled: lengths[(n - 1) / 2] + lengths[n / 2],
        low_confidence: n < window,
    })
}

/// Where the value in force came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Measured,
    Declared,
    Default,
}

/// The value in force on a day. Whoever has no deals goes by the own word, else by what the organisation chose; whoever has
/// fewer than the window fills the rest of it up with that.
pub fn in_force(
    day: NaiveDate,
    own: &[Deal],
    declared: Option<i64>,
    chosen: i64,
    window: usize,
    bounds: (i64, i64),
) -> (i64, Source) {
    let (usual, source) = match declared {
        Some(value) => (value, Source::Declared),
        None => (chosen, Source::Default),
    };
    let Some(found) = measured(own, window, day) else { return (usual, source) };
    let mut total = found.sum as i128;
    for _ in found.n..window as i64 {
        total += usual as i128;
    }
    (rounded(total, window as i128, bounds), Source::Measured)
}
