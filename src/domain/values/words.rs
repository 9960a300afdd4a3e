//! Words as people write them: how a text is kept, when two are the same, and when nothing can be seen in one.
//!
//! The one home of it: bodies, queries and the terminal read texts through [`line()`] and [`prose()`], and whatever compares or
//! searches does so in the form of [`compared`], made here and therefore the same on both databases.

use unicode_normalization::UnicodeNormalization;

/// What is wrong with a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WordsFault {
    /// Nothing can be seen in it.
    Blank,
    /// Longer than so many characters.
    TooLong {
        /// The most it may have.
        max: usize,
    },
    /// A text of one line with a control character or a line break.
    NotOneLine,
}

/// A text of one line, as it is kept: at most `max` characters, as typed and as kept.
///
/// # Errors
/// The first rule that it is against.
pub fn line(text: &str, max: usize) -> Result<String, WordsFault> {
    let kept = prose(text, max)?;
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if kept.chars().any(breaks) { Err(WordsFault::NotOneLine) } else { Ok(kept) }
}

/// A text of any number of lines, as it is kept: at most `max` characters, as typed and as kept.
///
/// # Errors
/// The first rule that it is against.
pub fn prose(text: &str, max: usize) -> Result<String, WordsFault> {
    if text.chars().count() > max {
        return Err(WordsFault::TooLong { max });
    }
    if is_blank(text) {
        return Err(WordsFault::Blank);
    }
    let kept = kept(text);
    // A few composed characters are kept as two.
    if kept.chars().count() > max { Err(WordsFault::TooLong { max }) } else { Ok(kept) }
}

/// The form in which a text is kept: NFC, without what stands as a blank at either end.
pub fn kept(text: &str) -> String {
    text.trim_matches(stands_as_blank).nfc().collect()
}

/// The form in which texts are compared and searched: NFKC, letters of one case, nothing invisible (blanks are), no middle
/// dots, unless the text has nothing else. It holds no line break, so lines of it can stand below each other.
pub fn compared(text: &str) -> String {
    let folded: String = text
        .nfkc()
        .filter(|c| !is_invisible(*c))
        // Through capitals, so that ß is ss and a final sigma a sigma.
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
        .filter(|c| !is_invisible(*c))
        .collect();
    let without_dots: String = folded.chars().filter(|c| !is_middle_dot(*c)).collect();
    if without_dots.is_empty() { folded } else { without_dots }
}

/// Whether nothing can be seen in a text.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_invisible)
}

/// Blanks, control characters, and whatever else shows nothing by itself: Unicode's `Default_Ignorable_Code_Point`, and the
/// characters whose picture is empty.
pub fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{16FE4}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// What may go from the ends of a text. Variation selectors and tags do not: they belong to the picture before them.
fn stands_as_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{AD}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{200B}'
                | '\u{2060}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{FEFF}'
                | '\u{FFA0}'
        )
}

/// The dots between the parts of a foreign name, which people leave out or type one for the other.
fn is_middle_dot(c: char) -> bool {
    matches!(
        c,
        '\u{B7}'
            | '\u{387}'
            | '\u{16EB}'
            | '\u{2022}'
            | '\u{2027}'
            | '\u{2219}'
            | '\u{22C5}'
            | '\u{2E31}'
            | '\u{2E33}'
            | '\u{30FB}'
            | '\u{FF65}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_which_nothing_can_be_seen_is_blank() {
        for text in [
            "",
            " ",
            "\u{3000}\t",
            "\u{200B}",
            "\u{2800}",
            "\u{3164}",
            "\u{AD}",
            "\u{E0067}\u{E007F}",
            "\u{FEFF}",
            "\u{FE0F}",
            "\u{202E}\u{202C}",
            "\u{115F}\u{1160}",
            "\u{FFA0}",
            "\u{180E}",
            "\u{2063}",
            "\u{1D173}",
        ] {
            assert!(is_blank(text), "{text:?}");
            assert_eq!(prose(text, 100), Err(WordsFault::Blank), "{text:?}");
            assert_eq!(line(text, 100), Err(WordsFault::Blank), "{text:?}");
        }
        assert!(!is_blank("\u{200B}·"));
    }

    #[test]
    fn a_text_is_kept_composed_and_trimmed() {
        assert_eq!(line(" \u{FEFF}Mu\u{308}ller\u{200B}\u{3000}", 20).unwrap(), "Müller");
        assert_eq!(prose("a\nb\n", 20).unwrap(), "a\nb");
        let heart = "❤\u{FE0F}";
        assert_eq!(line(heart, 2).unwrap(), heart);
    }

    #[test]
    fn a_line_is_one_line() {
        for broken in ["a\nb", "a\u{7}b", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "a\tb"] {
            assert_eq!(line(broken, 10), Err(WordsFault::NotOneLine), "{broken:?}");
            assert!(prose(broken, 10).is_ok(), "{broken:?}");
        }
    }

    #[test]
    fn a_text_has_its_bound_as_typed_and_as_kept() {
        assert_eq!(prose(&"x".repeat(11), 10), Err(WordsFault::TooLong { max: 10 }));
        assert!(prose(&"字".repeat(10), 10).is_ok());
        // One character as typed, two as kept.
        assert_eq!(prose("\u{958}", 1), Err(WordsFault::TooLong { max: 1 }));
    }

    #[test]
    fn spellings_of_one_text_are_compared_as_the_same() {
        let same = |one: &str, other: &str| assert_eq!(compared(one), compared(other), "{one:?} {other:?}");
        same("Mu\u{308}ller", "MÜLLER");
        same("ＶＩＰ", "vip");
        same("刘 岩", "刘\u{200B}岩");
        same("阿不都·热合曼", "阿不都・热合曼");
        same("阿不都·热合曼", "阿不都热合曼");
        same("Straße", "STRASSE");
        same("ﾀﾅｶ", "タナカ");
        assert_eq!(compared("·"), "·");
        assert_ne!(compared("·"), compared("a"));
        assert_eq!(compared("\u{200B}"), "");
        assert!(!compared("a\nb\u{2028}c").contains('\n'));
    }
}
