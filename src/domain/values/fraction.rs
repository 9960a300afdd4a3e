//! Exact fractions: what the method reckons with, before anything is rounded for the eye (method section 7).

use std::cmp::Ordering;

/// A non-negative fraction in lowest terms. Arithmetic answers none instead of wrapping around.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    /// Nought.
    pub const ZERO: Fraction = Fraction { numerator: 0, denominator: 1 };
    /// One.
    pub const ONE: Fraction = Fraction { numerator: 1, denominator: 1 };

    /// `numerator / denominator`; none over an empty denominator, or below nought.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if numerator < 0 || denominator <= 0 {
            return None;
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        Some(Fraction { numerator: numerator / divisor, denominator: denominator / divisor })
    }

    /// A whole number, 0 or more.
    pub fn whole(number: i64) -> Option<Self> {
        Fraction::new(i128::from(number), 1)
    }

    /// Reads a decimal number with at most nine places, e.g. `0.4667` or `15`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((upper, lower)) = text.split_once('/') {
            let whole = |text: &str| Fraction::parse(text).filter(|_| !text.contains(['/', '.']));
            return whole(upper)?.over(whole(lower)?);
        }
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 12 || places.len() > 9 || text.ends_with('.') {
            return None;
        }
        if !digits(whole) || !digits(places) {
            return None;
        }
        let scale = 10_i128.checked_pow(u32::try_from(places.len()).ok()?)?;
        Fraction::new(format!("{whole}{places}").parse().ok()?, scale)
    }

    /// The sum.
    pub fn plus(self, other: Fraction) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Fraction::new(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?)
    }

    /// The product.
    pub fn times(self, other: Fraction) -> Option<Self> {
        // Crosswise first: what cancels cannot overflow.
        let (a, d) = reduced(self.numerator, other.denominator);
        let (c, b) = reduced(other.numerator, self.denominator);
        Fraction::new(a.checked_mul(c)?, b.checked_mul(d)?)
    }

    /// The quotient; none over nought.
    pub fn over(self, other: Fraction) -> Option<Self> {
        self.times(Fraction::new(other.denominator, other.numerator)?)
    }

    /// Rounded half up to so many decimal places, as a whole number of the last place: 71.4285… to one place is 714.
    pub fn rounded(self, places: u32) -> Option<i64> {
        let scaled = self.numerator.checked_mul(10_i128.checked_pow(places)?)?;
        let twice = scaled.checked_mul(2)?.checked_add(self.denominator)?;
        i64::try_from(twice.div_euclid(self.denominator.checked_mul(2)?)).ok()
    }

    /// The smallest whole number that is not below it.
    #[cfg(test)]
    pub fn ceiling(self) -> Option<i64> {
        let whole = self.numerator.div_euclid(self.denominator);
        let more = i128::from(self.numerator.rem_euclid(self.denominator) > 0);
        i64::try_from(whole.checked_add(more)?).ok()
    }

    /// As written: rounded half up to so many places, e.g. `71.4`.
    pub fn written(self, places: u32) -> Option<String> {
        let units = self.rounded(places)?;
        let scale = 10_i64.checked_pow(places)?;
        let width = usize::try_from(places).ok()?;
        if width == 0 {
            return Some(units.to_string());
        }
        Some(format!("{}.{:0width$}", units / scale, units % scale))
    }

    /// As a JSON number, rounded half up to so many places: the nearest binary number prints as the same decimal.
    pub fn shown(self, places: u32) -> Option<f64> {
        self.written(places)?.parse().ok()
    }

    /// Upper part.
    pub fn numerator(self) -> i128 {
        self.numerator
    }

    /// Lower part, 1 or more.
    pub fn denominator(self) -> i128 {
        self.denominator
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    /// By continued fractions: cross-multiplying could overflow.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b, mut c, mut d) =
            (self.numerator, self.denominator, other.numerator, other.denominator);
        let mut flipped = false;
        loop {
            let (left, right) = (a.div_euclid(b), c.div_euclid(d));
            let (rest_left, rest_right) = (a.rem_euclid(b), c.rem_euclid(d));
            let order = if left != right || rest_left == 0 || rest_right == 0 {
                left.cmp(&right).then(rest_left.cmp(&0).cmp(&rest_right.cmp(&0)))
            } else {
                // The rests are compared by their reciprocals, which turns the order round.
                (a, b, c, d) = (b, rest_left, d, rest_right);
                flipped = !flipped;
                continue;
            };
            return if flipped { order.reverse() } else { order };
        }
    }
}

fn greatest_common_divisor(a: i128, b: i128) -> i128 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    x.max(1)
}

fn reduced(a: i128, b: i128) -> (i128, i128) {
    let divisor = greatest_common_divisor(a, b);
    (a / divisor, b / divisor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fraction(n: i128, d: i128) -> Fraction {
        Fraction::new(n, d).unwrap()
    }

    #[test]
    fn half_is_rounded_up_and_nothing_drifts() {
        assert_eq!(fraction(500, 7).written(1).unwrap(), "71.4");
        assert_eq!(fraction(1, 8).written(2).unwrap(), "0.13");
        assert_eq!(fraction(1, 8).written(0).unwrap(), "0");
        assert_eq!(fraction(1, 2).written(0).unwrap(), "1");
        assert_eq!(fraction(7, 1).written(4).unwrap(), "7.0000");
        assert_eq!(fraction(1, 3).shown(4), Some(0.3333));
        assert_eq!((fraction(7, 2).ceiling(), fraction(8, 2).ceiling()), (Some(4), Some(4)));
    }

    #[test]
    fn over_an_empty_denominator_there_is_no_value() {
        assert_eq!(Fraction::new(3, 0), None);
        assert_eq!(Fraction::new(0, 0), None);
        assert_eq!(Fraction::ONE.over(Fraction::ZERO), None);
        assert_eq!(Fraction::new(-1, 2), None);
        assert_eq!(fraction(i128::MAX, 1).times(fraction(3, 1)), None, "no wrapping around");
    }

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(Fraction::parse("0.125"), Fraction::new(1, 8));
        assert_eq!(Fraction::parse("15"), Fraction::whole(15));
        for text in ["", ".5", "1.", "-1", "1e3", "1.0000000001", "1,5"] {
            assert_eq!(Fraction::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn arithmetic_and_order_agree_with_whole_numbers(
            a in 0i128..10_000, b in 1i128..10_000, c in 0i128..10_000, d in 1i128..10_000,
        ) {
            let (x, y) = (fraction(a, b), fraction(c, d));
            prop_assert_eq!(x.plus(y), Fraction::new(a * d + c * b, b * d));
            prop_assert_eq!(x.times(y), Fraction::new(a * c, b * d));
            prop_assert_eq!(x.over(y), Fraction::new(a * d, b * c));
            prop_assert_eq!(x.cmp(&y), (a * d).cmp(&(c * b)));
        }
    }
}
