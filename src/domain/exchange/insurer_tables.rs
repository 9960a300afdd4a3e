//! The tables of the insurer (method section 10): the products, how long their cooling-off lasts, and what their premiums count.
//!
//! Every row is in force from a day on, until another row of the same key begins. What counts for a sale is what was in force
//! on the day of its signature.

use chrono::NaiveDate;

use crate::domain::values::fraction::Fraction;

/// Longest cooling-off period, natural days.
pub const COOLING_OFF_DAYS_MAX: i32 = 60;

/// Longest payment term, years; a premium that is paid at once has a term of 1.
pub const TERM_YEARS_MAX: i32 = 100;

/// A product from a day on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    /// The insurer's code, told apart by the case of its letters.
    pub code: String,
    /// Name.
    pub name: String,
    /// Over how many years its premiums may be paid, each once and the shortest first.
    pub payment_terms: Vec<i32>,
    /// First day.
    pub valid_from: NaiveDate,
}

/// How long cooling-off lasts from a day on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CoolingOffRule {
    /// For this product; for any when absent.
    pub product_code: Option<String>,
    /// For what is sold through this channel; through any when absent.
    pub channel: Option<String>,
    /// Natural days, 0 to [`COOLING_OFF_DAYS_MAX`].
    pub days: i32,
    /// First day, compared with the day of the signature.
    pub valid_from: NaiveDate,
}

/// What a premium counts from a day on (折标系数).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PremiumFactor {
    /// The product.
    pub product_code: String,
    /// Payment term, years.
    pub payment_term_years: i32,
    /// By what the premium is multiplied.
    pub factor: Factor,
    /// First day, compared with the day of the signature.
    pub valid_from: NaiveDate,
}

/// An exact decimal number with at most six places, from 0 to [`Factor::MAX`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Factor {
    millionths: i32,
}

impl Factor {
    /// Decimal places.
    pub const PLACES: u32 = 6;
    /// The largest: a hundred.
    pub const MAX: Factor = Factor { millionths: 100 * Factor::ONE };
    /// One, in millionths.
    const ONE: i32 = 1_000_000;

    /// Of so many millionths.
    pub fn of_millionths(millionths: i32) -> Option<Self> {
        (0..=Factor::MAX.millionths).contains(&millionths).then_some(Factor { millionths })
    }

    /// In millionths.
    pub fn millionths(self) -> i32 {
        self.millionths
    }

    /// Reads a decimal number, e.g. `0.55`.
    pub fn parse(text: &str) -> Option<Self> {
        let places = text.split_once('.').map_or(0, |(_, places)| places.len());
        // A fraction with a stroke is no decimal number.
        if places > 6 || text.contains('/') {
            return None;
        }
        Factor::of_millionths(i32::try_from(Fraction::parse(text)?.rounded(Factor::PLACES)?).ok()?)
    }

    /// As a decimal number without needless places, e.g. `0.55` or `1`.
    pub fn written(self) -> String {
        let places = format!("{:06}", self.millionths % Factor::ONE);
        format!("{}.{places}", self.millionths / Factor::ONE)
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned()
    }

    /// The premium times the factor, rounded half up to the minor unit; none below nought.
    pub fn of_premium(self, premium_minor: i64) -> Option<i64> {
        let factor = Fraction::new(self.millionths.into(), Factor::ONE.into())?;
        Fraction::whole(premium_minor)?.times(factor)?.rounded(0)
    }
}

/// The rows that some sales need.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InsurerTables {
    /// Cooling-off rules, in any order.
    pub rules: Vec<CoolingOffRule>,
    /// Premium factors, in any order.
    pub factors: Vec<PremiumFactor>,
}

impl InsurerTables {
    /// Natural days of cooling-off for what was signed on a day. The rule that says most counts: one of product and channel
    /// before one of the product, that before one of the channel, and one of neither last. Without any the setting counts.
    pub fn cooling_off_days(
        &self,
        product: Option<&str>,
        channel: Option<&str>,
        signed_on: NaiveDate,
    ) -> Option<i32> {
        let fits = |wanted: &Option<String>, given| wanted.as_deref().is_none_or(|code| given == Some(code));
        self.rules
            .iter()
            .filter(|rule| rule.valid_from <= signed_on)
            .filter(|rule| fits(&rule.product_code, product) && fits(&rule.channel, channel))
            .max_by_key(|rule| (rule.product_code.is_some(), rule.channel.is_some(), rule.valid_from))
            .map(|rule| rule.days)
    }

    /// The factor of a product and payment term for what was signed on a day.
    pub fn factor(&self, product: &str, payment_term_years: i32, signed_on: NaiveDate) -> Option<Factor> {
        let of_it =
            |f: &&PremiumFactor| f.product_code == product && f.payment_term_years == payment_term_years;
        let in_force = self.factors.iter().filter(of_it).filter(|f| f.valid_from <= signed_on);
        in_force.max_by_key(|f| f.valid_from).map(|f| f.factor)
    }

    /// The standard premium (标准保费) of a premium, minor units: times the factor, rounded half up. None when no factor is in
    /// force.
    pub fn standard_premium(
        &self,
        premium_minor: i64,
        product: &str,
        payment_term_years: i32,
        signed_on: NaiveDate,
    ) -> Option<i64> {
        self.factor(product, payment_term_years, signed_on)?.of_premium(premium_minor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{method::cooling_off, values::money::MAX_MINOR};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(product: &str, channel: &str, days: i32, from: &str) -> CoolingOffRule {
        let code = |text: &str| (text != "*").then(|| text.to_owned());
        CoolingOffRule { product_code: code(product), channel: code(channel), days, valid_from: day(from) }
    }

    fn of_rules(rules: &[CoolingOffRule]) -> InsurerTables {
        InsurerTables { rules: rules.to_vec(), factors: Vec::new() }
    }

    #[test]
    fn the_rule_that_says_most_counts_whichever_began_last() {
        let all = [
            rule("TL20", "bank", 20, "2009-01-01"),
            rule("TL20", "*", 15, "2009-02-01"),
            rule("*", "bank", 12, "2009-03-01"),
            rule("*", "*", 11, "2009-04-01"),
        ];
        let asked = [(Some("TL20"), Some("bank")), (Some("TL20"), None), (None, Some("bank")), (None, None)];
        // Which of the four stand, and what each of the four questions is then answered.
        let table: [([bool; 4], [Option<i32>; 4]); 8] = [
            ([true, true, true, true], [Some(20), Some(15), Some(12), Some(11)]),
            ([false, true, true, true], [Some(15), Some(15), Some(12), Some(11)]),
            ([false, false, true, true], [Some(12), Some(11), Some(12), Some(11)]),
            ([false, false, false, true], [Some(11), Some(11), Some(11), Some(11)]),
            ([false, true, true, false], [Some(15), Some(15), Some(12), None]),
            ([true, false, true, false], [Some(20), None, Some(12), None]),
            ([true, false, false, false], [Some(20), None, None, None]),
            ([false, false, false, false], [None; 4]),
        ];
        for (stand, answers) in table {
            let rules: Vec<_> =
                all.iter().zip(stand).filter(|(_, here)| *here).map(|(r, _)| r.clone()).collect();
            for order in [rules.clone(), rules.iter().rev().cloned().collect()] {
                let tables = of_rules(&order);
                let told = asked.map(|(p, c)| tables.cooling_off_days(p, c, day("2009-12-31")));
                assert_eq!(told, answers, "{order:?}");
            }
        }
        let others = of_rules(&all[..3]).cooling_off_days(Some("WL"), Some("agency"), day("2009-12-31"));
        assert_eq!(others, None, "neither the product nor the channel");
    }

    #[test]
    fn a_row_counts_from_its_first_day_until_the_next_of_its_key_begins() {
        let tables = of_rules(&[
            rule("TL20", "*", 20, "2010-02-01"),
            rule("TL20", "*", 15, "2010-01-01"),
            rule("*", "*", 12, "2010-01-15"),
        ]);
        let told = |on| tables.cooling_off_days(Some("TL20"), Some("agency"), day(on));
        assert_eq!((told("2009-12-31"), told("2010-01-01")), (None, Some(15)));
        assert_eq!((told("2010-01-31"), told("2010-02-01")), (Some(15), Some(20)));
        let factor = |text: &str, term, from| PremiumFactor {
            product_code: "TL20".to_owned(),
            payment_term_years: term,
            factor: Factor::parse(text).unwrap(),
            valid_from: day(from),
        };
        let factors = vec![
            factor("0.55", 20, "2010-02-01"),
            factor("0.5", 20, "2010-01-01"),
            factor("0.1", 1, "2009-01-01"),
        ];
        let tables = InsurerTables { rules: Vec::new(), factors };
        let told = |on| tables.standard_premium(1_000, "TL20", 20, day(on));
        assert_eq!((told("2009-12-31"), told("2010-01-01")), (None, Some(500)));
        assert_eq!((told("2010-01-31"), told("2010-02-01")), (Some(500), Some(550)));
        assert_eq!(tables.standard_premium(1_000, "TL20", 10, day("2010-02-01")), None, "another term");
        assert_eq!(tables.standard_premium(1_000, "WL", 20, day("2010-02-01")), None, "another product");
    }

    #[test]
    fn ten_fifteen_and_twenty_days_end_on_their_own_day_also_over_the_leap_day() {
        let ends = |receipt: &str, days| {
            let receipt = day(receipt);
            (
                cooling_off::last_day(receipt, days).to_string(),
                cooling_off::matures_on(receipt, days).to_string(),
            )
        };
        for (receipt, days, last, closed) in [
            ("2012-02-19", 10, "2012-02-29", "2012-03-01"),
            ("2012-02-20", 10, "2012-03-01", "2012-03-02"),
            ("2011-02-19", 10, "2011-03-01", "2011-03-02"),
            ("2009-12-21", 10, "2009-12-31", "2010-01-01"),
            ("2009-12-21", 15, "2010-01-05", "2010-01-06"),
            ("2009-12-21", 20, "2010-01-10", "2010-01-11"),
        ] {
            assert_eq!(ends(receipt, days), (last.to_owned(), closed.to_owned()), "{receipt} + {days}");
        }
    }

    #[test]
    fn factors_are_exact_decimals_and_are_written_without_needless_places() {
        for (text, millionths, written) in [
            ("0", 0, "0"),
            ("1", 1_000_000, "1"),
            ("0.550", 550_000, "0.55"),
            ("0.000001", 1, "0.000001"),
            ("100", 100_000_000, "100"),
            ("20.10", 20_100_000, "20.1"),
        ] {
            let factor = Factor::parse(text).unwrap();
            assert_eq!((factor.millionths(), factor.written().as_str()), (millionths, written), "{text}");
        }
        for text in ["", ".5", "1.", "-1", "1e3", "0.0000001", "100.000001", "1/2", "1,5", " 1", "1 "] {
            assert_eq!(Factor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn half_a_fen_is_rounded_up() {
        let times = |factor: &str, premium| Factor::parse(factor).unwrap().of_premium(premium);
        assert_eq!((times("0.5", 1), times("0.5", 3)), (Some(1), Some(2)));
        assert_eq!((times("0.499999", 1), times("0.000001", 499_999)), (Some(0), Some(0)));
        assert_eq!((times("0.000001", 500_000), times("0", MAX_MINOR)), (Some(1), Some(0)));
        assert_eq!(times("100", MAX_MINOR), Some(100 * MAX_MINOR));
        assert_eq!(times("1", -1), None);
    }

    proptest! {
        #[test]
        fn a_standard_premium_is_what_whole_numbers_say(premium in 0..=MAX_MINOR, millionths in 0..=100_000_000_i32) {
            let exact = i128::from(premium) * i128::from(millionths);
            let (whole, rest) = (exact / 1_000_000, exact % 1_000_000);
            let expected = i64::try_from(whole).unwrap() + i64::from(rest >= 500_000);
            prop_assert_eq!(Factor::of_millionths(millionths).unwrap().of_premium(premium), Some(expected));
        }

        #[test]
        fn a_factor_is_read_as_it_is_written(millionths in 0..=100_000_000_i32) {
            let factor = Factor::of_millionths(millionths).unwrap();
            prop_assert_eq!(Factor::parse(&factor.written()), Some(factor));
        }
    }
}
