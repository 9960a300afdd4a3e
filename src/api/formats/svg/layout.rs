//! The arithmetic of the pictures: how wide a text is, how it breaks, how long a bar is. Pure.
//!
//! The reader's font is not known here, so widths are those of a wide one; a test measures the pictures in a browser.

use crate::api::formats::wrap::{is_ideograph, wrap};

/// Height of a line, in sizes of its letters: the boxes of Chinese fonts are high.
pub const LINE: f64 = 1.5;
/// Room for a number behind a bar.
pub const NUMBER: f64 = 54.0;

/// Width of a character in sizes of the letters.
fn em(c: char) -> f64 {
    match c {
        _ if is_ideograph(c) => 1.0,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '(' | ')' => 0.42,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 1.0,
        'A'..='Z' => 0.76,
        '0'..='9' | ' '..='~' => 0.66,
        _ => 1.0,
    }
}

/// Width of a text of a size, not less than it takes.
pub fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    let heavier = if bold { 1.08 } else { 1.0 };
    text.chars().map(em).sum::<f64>() * size * heavier
}

/// The lines of a text in so much room.
pub fn lines(text: &str, size: f64, room: f64, bold: bool) -> Vec<String> {
    let heavier = if bold { 1.08 } else { 1.0 };
    wrap(text, room, |c| em(c) * size * heavier)
}

/// Which part of the room a number takes when the largest takes all of it, from 0 to 1.
pub fn share(number: i64, most: i64) -> f64 {
    if most <= 0 { 0.0 } else { (number.max(0) as f64 / most as f64).min(1.0) }
}

/// A number of at most five letters: above 9999 in thousands, millions and so on, never more than it is.
pub fn short(number: i64) -> String {
    let (mut rest, mut unit) = (number, "");
    for larger in ["k", "M", "G", "T", "P"] {
        if rest < 10_000 {
            break;
        }
        (rest, unit) = (rest / 1000, larger);
    }
    format!("{rest}{unit}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chinese_is_as_wide_as_high_and_latin_narrower() {
        assert_eq!(text_width("潜在客户", 12.0, false), 48.0);
        assert!(text_width("prospect", 12.0, false) < 8.0 * 12.0);
        assert!(text_width("prospect", 12.0, true) > text_width("prospect", 12.0, false));
    }

    #[test]
    fn the_largest_takes_all_the_room_and_nothing_takes_none() {
        assert_eq!(
            (share(4, 4), share(0, 4), share(2, 4), share(0, 0), share(-1, 4)),
            (1.0, 0.0, 0.5, 0.0, 0.0)
        );
    }

    #[test]
    fn a_number_fits_behind_its_bar() {
        for (number, expected) in
            [(0, "0"), (9999, "9999"), (10_000, "10k"), (99_999_999, "99M"), (i64::MAX, "9223P")]
        {
            assert_eq!(short(number), expected);
        }
    }

    proptest! {
        #[test]
        fn whatever_the_text_its_lines_fit(text in "\\PC{0,80}", size in 12.0f64..18.0, bold: bool) {
            for line in lines(&text, size, 336.0, bold) {
                prop_assert!(text_width(&line, size, bold) <= 336.0 + 1e-6, "{line:?}");
            }
        }

        #[test]
        fn every_number_fits_its_room(number in 0i64..) {
            prop_assert!(text_width(&short(number), 12.0, true) + 6.0 <= NUMBER);
        }
    }
}
