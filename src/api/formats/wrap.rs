//! Breaking text into lines that fit: at blanks, and anywhere between Chinese characters.

/// The lines of a text in so much room, by a width of each character in the same unit. A word longer than a line is
/// broken; punctuation that closes never begins a line. At least one line, which may be empty.
pub fn wrap(text: &str, room: f64, width: impl Fn(char) -> f64) -> Vec<String> {
    let wide = |text: &str| text.chars().map(&width).sum::<f64>();
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for piece in pieces(paragraph) {
            if wide(&line) + wide(piece.trim_end()) <= room {
                line.push_str(piece);
                continue;
            }
            if !line.trim().is_empty() {
                lines.push(line.trim_end().to_owned());
            }
            line = String::new();
            let word = piece.trim_end();
            for c in word.chars() {
                if wide(&line) + width(c) > room && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(c);
            }
            line.push_str(&piece[word.len()..]);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Whether a line may be broken on both sides of a character.
pub fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// The pieces between which a line may be broken: a word with the blanks behind it, or one Chinese character with the
/// punctuation that closes behind it.
fn pieces(text: &str) -> Vec<&str> {
    let closes = |c: char| "，。；：、！？）》”’％,.;:!?)%".contains(c);
    let mut pieces = Vec::new();
    let (mut start, mut before) = (0, None::<char>);
    for (at, c) in text.char_indices() {
        let breaks = match before {
            None => false,
            Some(_) if c.is_whitespace() || closes(c) => false,
            Some(p) => p.is_whitespace() || is_ideograph(p) || is_ideograph(c),
        };
        if breaks {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn units(c: char) -> f64 {
        if is_ideograph(c) { 2.0 } else { 1.0 }
    }

    #[test]
    fn lines_break_at_blanks_and_between_characters_and_never_before_a_full_stop() {
        assert_eq!(wrap("next month slumps", 10.0, units), ["next month", "slumps"]);
        assert_eq!(wrap("下个月业绩会下滑。", 8.0, units), ["下个月业", "绩会下", "滑。"]);
        assert_eq!(wrap("abcdefgh", 3.0, units), ["abc", "def", "gh"]);
        assert_eq!(wrap("多数人停在 50%：计划", 12.0, units), ["多数人停在", "50%：计划"]);
        assert_eq!(wrap("a\nb", 9.0, units), ["a", "b"]);
        assert_eq!(wrap("", 9.0, units), [""]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_nothing_is_lost(text in "[a-c 一-三。\n]{0,60}", room in 6.0f64..30.0) {
            let lines = wrap(&text, room, units);
            for line in &lines {
                prop_assert!(line.chars().map(units).sum::<f64>() <= room, "{line:?}");
            }
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
