//! Telephone numbers: read as people write them, kept as typed beside the number that the world dials, never altered.
//!
//! Which numbers a region has is known to the numbering plans that the crate `phonenumber` carries.

use phonenumber::{Mode, country};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::domain::values::words;

/// Most characters of a number as typed.
pub const MAX: usize = 40;

/// A telephone number.
#[derive(Clone, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub struct Phone {
    /// As somebody typed it, trimmed; at most [`MAX`] characters.
    pub as_typed: String,
    /// The number in E.164: `+`, country code and number, without a trunk zero; 8 to 16 characters.
    pub e164: String,
    /// The extension behind it, 1 to 7 digits.
    pub extension: Option<String>,
}

/// What announces an extension, the longer before what it begins with.
const ANNOUNCING: [&str; 12] =
    ["extension", "extn", "ext", "x", "#", "分机号", "分机", "分機", "转接", "转", "轉接", "轉"];

impl Phone {
    /// Reads a number as people write it, in China unless it names its country. Fullwidth digits are digits, invisible marks
    /// nothing; an extension is announced (`ext. 801`, `转801`, `#801`), or hangs on a number that is whole without it
    /// (`-801`). `None` when the region has no such number.
    pub fn parse(text: &str) -> Option<Phone> {
        let as_typed = words::line(text, MAX).ok()?;
        let plain = plain(&as_typed);
        let (number, extension) =
            match plain.find(|c: char| c.is_alphabetic() || matches!(c, '#' | ';' | ',')) {
                Some(at) => (e164(&plain[..at])?, Some(announced(&plain[at..])?)),
                None => match e164(&plain) {
                    Some(number) => (number, None),
                    None => {
                        let (number, extension) = plain.rsplit_once('-')?;
                        (e164(number)?, Some(digits(extension, 6)?))
                    }
                },
            };
        Some(Phone { as_typed, e164: number, extension })
    }

    /// What rings when it is dialled: two numbers are the same when this is.
    pub fn line(&self) -> String {
        match &self.extension {
            Some(extension) => format!("{};ext={extension}", self.e164),
            None => self.e164.clone(),
        }
    }

    /// The last four digits of the number, by which people look for it.
    pub fn last_four(&self) -> &str {
        &self.e164[self.e164.len().saturating_sub(4)..]
    }
}

/// Plain digits, signs and small letters: every dash is a hyphen, every blank a space, and there is nothing invisible.
fn plain(text: &str) -> String {
    let plain = text.nfkc().filter_map(|c| match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        c if c.is_whitespace() => Some(' '),
        c if words::is_invisible(c) => None,
        c => Some(c.to_ascii_lowercase()),
    });
    plain.collect()
}

/// The number in E.164, if the region has it.
fn e164(text: &str) -> Option<String> {
    let is_sign = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '.' | '/' | '(' | ')');
    if !text.chars().all(is_sign) {
        return None;
    }
    // Without a region of its own a number is read by the plan of the country it names, and by no other.
    let text = text.trim();
    let (region, dialled) = match text.strip_prefix("00") {
        Some(rest) => (None, format!("+{rest}")),
        None if text.starts_with('+') => (None, text.to_owned()),
        None => (Some(country::CN), text.to_owned()),
    };
    let number = phonenumber::parse(region, &dialled).ok()?;
    let code = number.country().code().to_string();
    let e164 = number.format().mode(Mode::E164).to_string();
    let national = e164.strip_prefix('+')?.strip_prefix(&code)?;
    // What was typed may say the country and a trunk zero more than the number itself; nothing else is left out or added.
    let typed: String = dialled.chars().filter(char::is_ascii_digit).collect();
    let before = typed.strip_suffix(national)?;
    let is_kept =
        ["", "0"].iter().any(|trunk| before == *trunk || before.strip_suffix(trunk) == Some(code.as_str()));
    (is_kept && number.is_valid() && number.extension().is_none()).then_some(e164)
}

fn announced(text: &str) -> Option<String> {
    let text = text.trim_start_matches([';', ',', ' ']);
    let rest = ANNOUNCING.iter().find_map(|word| text.strip_prefix(word)).unwrap_or(text);
    digits(rest.trim_start_matches(['.', ':', '=', '-', ' ']), 7)
}

fn digits(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let sound = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, Option<String>)> {
        Phone::parse(text).map(|phone| (phone.e164, phone.extension))
    }

    #[test]
    fn the_same_number_has_one_form_however_it_is_written() {
        for written in [
            "13800001234",
            "138 0000 1234",
            "+86 138-0000-1234",
            "008613800001234",
            "86 13800001234",
            "１３８００００１２３４",
            "＋８６　１３８－００００－１２３４",
            "\u{202D}138 0000 1234\u{202C}",
            "138\u{200B}0000\u{2011}1234",
        ] {
            assert_eq!(read(written), Some(("+8613800001234".to_owned(), None)), "{written:?}");
        }
        for written in [
            "+86 (0)21 5555 0000",
            "(021) 5555 0000",
            "（021）5555–0000",
            "0086 (0)21 5555 0000",
            "86 021 5555 0000",
        ] {
            assert_eq!(read(written), Some(("+862155550000".to_owned(), None)), "{written}");
        }
        for (written, number) in [
            ("400-820-8820", "+864008208820"),
            ("+886 912 345 678", "+886912345678"),
            ("+852 5123 4567", "+85251234567"),
            ("+44 (0)20 7946 0018", "+442079460018"),
            ("001 415 555 2671", "+14155552671"),
            ("+39 06 698 12345", "+390669812345"),
            ("+44 1795 123456", "+441795123456"),
        ] {
            assert_eq!(read(written), Some((number.to_owned(), None)), "{written}");
        }
    }

    #[test]
    fn an_extension_is_kept_apart() {
        for written in [
            "021-55550000-801",
            "021-55550000转801",
            "021 5555 0000 ext. 801",
            "+86 (0)21 5555 0000 x801",
            "02155550000#801",
            "02155550000;ext=801",
            "021-55550000 分机：801",
            "０２１－５５５５００００－８０１",
            "021-5555-0000, 801",
        ] {
            let phone = Phone::parse(written).expect(written);
            assert_eq!(
                (phone.e164.as_str(), phone.extension.as_deref()),
                ("+862155550000", Some("801")),
                "{written}"
            );
            assert_eq!(
                (phone.line().as_str(), phone.last_four()),
                ("+862155550000;ext=801", "0000"),
                "{written}"
            );
        }
    }

    #[test]
    fn what_was_typed_is_kept_beside_the_number() {
        assert_eq!(Phone::parse(" 138-0000 1234 ").unwrap().as_typed, "138-0000 1234");
        assert_eq!(Phone::parse("１３８００００１２３４").unwrap().as_typed, "１３８００００１２３４");
    }

    #[test]
    fn a_number_that_the_region_does_not_have_is_none() {
        for written in [
            "",
            "1234",
            "12a45",
            "+",
            "1234567890123456",
            "一二三四五",
            "0912-345-678",
            "138000012345",
            "1380000123",
            "0755-2345678",
            "55550000",
            "12345678901",
            "+86 86 13800001234",
            "021-55550000转",
            "021-55550000转80a",
            "1-800-FLOWERS",
            "17951 13800001234",
            "+7 (8) 495 123-45-67",
            "13800001234 13800001235",
            "\u{200B}",
        ] {
            assert_eq!(Phone::parse(written), None, "{written}");
        }
    }

    #[test]
    fn what_was_read_once_is_read_again_as_the_same() {
        for written in ["021-55550000转801", "+86 (0)21 5555 0000", "0212345 6789-12", "+8613800001234"] {
            let Some(phone) = Phone::parse(written) else { continue };
            assert_eq!(Phone::parse(&phone.as_typed), Some(phone.clone()), "{written}");
            assert_eq!(
                Phone::parse(&phone.line()).map(|again| again.line()),
                Some(phone.line()),
                "{written}"
            );
        }
    }
}
