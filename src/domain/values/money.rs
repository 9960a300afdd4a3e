//! Money in whole minor units (fen) of the organisation's one currency (method section 10).

/// The only currency of the organisation.
pub const CURRENCY: &str = "CNY";

/// Largest amount taken, minor units: ten thousand million yuan.
pub const MAX_MINOR: i64 = 1_000_000_000_000;

/// Reads a decimal amount with at most two places, e.g. `1200.50`, as minor units.
pub fn parse_minor(amount: &str) -> Option<i64> {
    let (whole, places) = amount.split_once('.').unwrap_or((amount, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !digits(whole) || !digits(places) || places.len() > 2 {
        return None;
    }
    if amount.ends_with('.') {
        return None;
    }
    let cents: i64 = format!("{places:0<2}").parse().ok()?;
    let minor = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)?;
    (minor <= MAX_MINOR).then_some(minor)
}

/// Writes minor units as a decimal amount with two places.
pub fn format_minor(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_fen() {
        for (text, minor) in [("0", 0), ("1200.50", 120_050), ("1200.5", 120_050), ("0.01", 1)] {
            assert_eq!(parse_minor(text), Some(minor), "{text}");
        }
        assert_eq!(format_minor(120_050), "1200.50");
        assert_eq!(format_minor(-1), "-0.01");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "1.", ".5", "1.234", "-1", "+1", "1e3", "1,000", "99999999999999", " 1", "１"]
        {
            assert_eq!(parse_minor(text), None, "{text}");
        }
    }
}
