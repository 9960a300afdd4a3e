//! Text that a spreadsheet would take for a formula (reliability F5). A name is people's own words and may be anything.

/// Whether a spreadsheet could run it: it begins with one of the signs of a formula, also their full-width twins, also
/// behind blanks, which a spreadsheet strips.
pub fn looks_like_one(text: &str) -> bool {
    let blank = |c: char| (c.is_whitespace() && !['\t', '\r', '\n'].contains(&c)) || c == '\u{feff}';
    let signs = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    text.trim_start_matches(blank).starts_with(signs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_of_a_formula_is_known_and_plain_text_is_let_be() {
        for text in
            ["=1+1", "+86 139", "-1", "@x", "\tx", "\r=x", "\n=x", "  =x", "\u{3000}=x", "＝x", "\u{feff}@x"]
        {
            assert!(looks_like_one(text), "{text:?}");
        }
        for text in ["", "张三", "a=b", "1-1", "'=x", " x"] {
            assert!(!looks_like_one(text), "{text:?}");
        }
    }
}
