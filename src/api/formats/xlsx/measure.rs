//! How much room a text takes in a cell, in the fonts that a reader may have.

use crate::api::formats::wrap::{is_ideograph, wrap};

/// Height of one line of text and of the air around it, in points; a line of Chinese is half as high again as its letters.
const LINE: f64 = 16.0;
const AIR: f64 = 5.0;
/// The size of letters in which columns are measured, in points.
pub const USUAL: f64 = 11.0;
/// What a cell keeps free at its sides, and what an indent takes besides, in characters.
pub const SIDES: f64 = 0.3;
pub const INDENT: f64 = 2.0;

/// Lines that a text takes in a column of so many characters.
pub fn lines_needed(text: &str, width: f64) -> usize {
    wrap(text, (width - SIDES).max(3.0), units).len()
}

/// Width of a character in digits of the usual size, not less than it takes in the fonts that a reader may have.
pub fn units(c: char) -> f64 {
    match c {
        _ if is_ideograph(c) => 2.1,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '(' | ')' => 0.7,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 1.7,
        'A'..='Z' => 1.35,
        ' '..='~' => 1.1,
        _ => 2.1,
    }
}

/// A spreadsheet has no higher row, in points.
pub const HIGHEST: f64 = 409.0;

/// Height in points of a row of so many lines.
pub fn row_height(lines: usize) -> f64 {
    (lines as f64 * LINE + AIR).min(HIGHEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_as_high_as_its_longest_text_in_its_column() {
        assert_eq!(lines_needed("张三", 13.0), 1);
        assert_eq!(lines_needed("一二三四五六七", 13.0), 2, "six to a line");
        assert_eq!(lines_needed("first appointment", 13.0), 2);
        assert_eq!(lines_needed(&"王".repeat(49), 100.0), 2, "they are a little wider than two digits");
        assert_eq!(row_height(1), 21.0);
        assert_eq!(row_height(1000), 409.0, "no spreadsheet has a higher row");
    }
}
