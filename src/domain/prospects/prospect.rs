//! The person behind a prospect: what an agent notes down, its bounds, and when it is enough to begin with.
//!
//! Pure. Whether two phones are the same is decided on their normal form; how they are stored is not known here.

use chrono::NaiveDate;
use pinyin::ToPinyin;
use serde::{Deserialize, Serialize};

use super::deciders::{CoDecider, Deciders, DecisionRole};
use crate::domain::values::text::Text;

/// A telephone number in its normal form: `+` and digits where the country is known, else digits alone.
#[derive(Clone, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Reads a number as people write it; spaces, hyphens, dots and brackets do not count. A Chinese mobile or a
    /// number with an area code gets its country; `None` when it is no number of 5 to 15 digits.
    pub fn parse(text: &str) -> Option<Phone> {
        let bare: String = text
            .trim()
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{ff08}' | '\u{ff09}'))
            .collect();
        let (international, digits) = match (bare.strip_prefix('+'), bare.strip_prefix("00")) {
            (Some(rest), _) | (None, Some(rest)) => (true, rest.to_owned()),
            (None, None) => (false, bare),
        };
        if !(5..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mobile = |digits: &str| digits.len() == 11 && digits.starts_with('1');
        Some(Phone(match digits.strip_prefix("86") {
            _ if international => format!("+{digits}"),
            Some(rest) if mobile(rest) => format!("+86{rest}"),
            _ if mobile(&digits) => format!("+86{digits}"),
            _ => match digits.strip_prefix('0') {
                Some(rest) if rest.len() >= 9 => format!("+86{rest}"),
                _ => digits,
            },
        }))
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last four digits, by which people look for a number.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len().saturating_sub(4)..]
    }
}

/// What an agent entered, as text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Draft {
    /// The name.
    pub name: String,
    /// Telephone numbers as written.
    pub phones: Vec<String>,
    /// Where the contact comes from.
    pub source: Option<String>,
    /// Who recommended the person.
    pub referrer: Option<String>,
    /// Occupation.
    pub occupation: Option<String>,
    /// Birthday.
    pub birthday: Option<NaiveDate>,
    /// Who decides.
    pub decision_role: DecisionRole,
    /// Whoever decides as well.
    pub co_deciders: Vec<CoDecider>,
    /// Tags.
    pub tags: Vec<String>,
    /// Notes.
    pub notes: Option<String>,
    /// When the person agreed that the data are kept.
    pub consent_given_on: Option<NaiveDate>,
    /// How the person agreed.
    pub consent_channel: Option<String>,
}

/// A person as stored: trimmed, bounded, phones in their normal form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The name, 1 to 100 characters.
    pub name: String,
    /// At most five different numbers.
    pub phones: Vec<Phone>,
    /// Where the contact comes from, at most 200 characters.
    pub source: Option<String>,
    /// Who recommended the person, at most 100 characters.
    pub referrer: Option<String>,
    /// Occupation, at most 100 characters.
    pub occupation: Option<String>,
    /// Birthday, not in the future.
    pub birthday: Option<NaiveDate>,
    /// Who decides.
    pub decision_role: DecisionRole,
    /// At most five who decide as well; they count where the decision is a joint one.
    pub co_deciders: Vec<CoDecider>,
    /// At most twenty different tags of 1 to 40 characters.
    pub tags: Vec<String>,
    /// Notes, at most 4000 characters.
    pub notes: Option<String>,
    /// When the person agreed that the data are kept, not in the future.
    pub consent_given_on: Option<NaiveDate>,
    /// How the person agreed, at most 100 characters.
    pub consent_channel: Option<String>,
}

/// A field of a draft, or an entry of one of its lists, counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// The name.
    Name,
    /// All telephone numbers.
    Phones,
    /// One of them.
    Phone(usize),
    /// Where the contact comes from.
    Source,
    /// Who recommended the person.
    Referrer,
    /// Occupation.
    Occupation,
    /// Birthday.
    Birthday,
    /// All who decide as well.
    CoDeciders,
    /// What one of them is to the person.
    CoDeciderRelation(usize),
    /// The name of one of them.
    CoDeciderName(usize),
    /// Since when one of them takes part.
    CoDeciderEngagedOn(usize),
    /// One of the tags.
    Tag(usize),
    /// Notes.
    Notes,
    /// When the person agreed that the data are kept.
    ConsentGivenOn,
    /// How the person agreed.
    ConsentChannel,
}

/// One thing that is wrong with a draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DraftFault {
    /// Where.
    pub field: Field,
    /// Stable code.
    pub code: &'static str,
    /// The rule in words.
    pub detail: Text,
}

impl Person {
    /// Checks a draft on a day. A name, and a phone or a source, are enough to begin with (method section 4).
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn new(draft: Draft, today: NaiveDate) -> Result<Person, Vec<DraftFault>> {
        let mut faults = Vec::new();
        let Draft { source, referrer, occupation, birthday, decision_role, notes, .. } = draft;
        let name = line(Some(draft.name), Field::Name, &mut faults).unwrap_or_default();
        let person = Person {
            name,
            phones: phones(&draft.phones, &mut faults),
            source: line(source, Field::Source, &mut faults),
            referrer: line(referrer, Field::Referrer, &mut faults),
            occupation: line(occupation, Field::Occupation, &mut faults),
            birthday: past(birthday, today, Field::Birthday, &mut faults),
            decision_role,
            co_deciders: co_deciders(draft.co_deciders, today, &mut faults),
            tags: tags(draft.tags, &mut faults),
            notes: text(notes, Field::Notes, &mut faults),
            consent_given_on: past(draft.consent_given_on, today, Field::ConsentGivenOn, &mut faults),
            consent_channel: line(draft.consent_channel, Field::ConsentChannel, &mut faults),
        };
        if person.phones.is_empty() && draft.phones.is_empty() && person.source.is_none() {
            faults.push(fault(
                Field::Phones,
                "phone_or_source_required",
                "A phone or a source is needed beside the name.",
                "除姓名外，还需要电话或来源之一。",
            ));
        }
        if faults.is_empty() { Ok(person) } else { Err(faults) }
    }

    /// Everybody who decides.
    pub fn deciders(&self) -> Deciders {
        Deciders { role: self.decision_role, co_deciders: self.co_deciders.clone() }
    }

    /// The text that a search looks into: the name, its pinyin and the initials of that, in lower case, without spaces.
    pub fn search_text(&self) -> String {
        let name = squeezed(&self.name);
        let syllables: Vec<String> = name
            .chars()
            .map(|c| c.to_pinyin().map_or_else(|| c.to_string(), |pinyin| pinyin.plain().replace('ü', "v")))
            .collect();
        let initials: String = syllables.iter().filter_map(|syllable| syllable.chars().next()).collect();
        format!("{name}|{}|{initials}", syllables.concat())
    }
}

/// What somebody typed into a search box, in the form of [`Person::search_text`].
pub fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn fault(field: Field, code: &'static str, en: &'static str, zh: &'static str) -> DraftFault {
    DraftFault { field, code, detail: Text::new(en, zh) }
}

/// Text of one line: trimmed, not blank, no control characters.
fn line(given: Option<String>, field: Field, faults: &mut Vec<DraftFault>) -> Option<String> {
    let given = text(given, field, faults)?;
    if given.chars().any(char::is_control) {
        faults.push(fault(
            field,
            "control_character",
            "One line, without control characters.",
            "应为一行，不含控制字符。",
        ));
    }
    Some(given)
}

/// Text of any number of lines: trimmed, not blank.
fn text(given: Option<String>, field: Field, faults: &mut Vec<DraftFault>) -> Option<String> {
    let trimmed = given?.trim().to_owned();
    if trimmed.is_empty() {
        faults.push(fault(field, "blank", "Not blank; use null for none.", "不得为空白；如无请用 null。"));
        return None;
    }
    Some(trimmed)
}

fn past(
    given: Option<NaiveDate>,
    today: NaiveDate,
    field: Field,
    faults: &mut Vec<DraftFault>,
) -> Option<NaiveDate> {
    if given.is_some_and(|date| date > today) {
        faults.push(fault(field, "in_the_future", "Not in the future.", "不得晚于今天。"));
    }
    given
}

fn phones(given: &[String], faults: &mut Vec<DraftFault>) -> Vec<Phone> {
    let mut found: Vec<Phone> = Vec::new();
    for (index, text) in given.iter().enumerate() {
        match Phone::parse(text) {
            Some(phone) if found.contains(&phone) => {}
            Some(phone) => found.push(phone),
            None => faults.push(fault(
                Field::Phone(index),
                "invalid_phone",
                "A telephone number of 5 to 15 digits, e.g. 138 0000 0000 or +86 21 5555 0000.",
                "应为 5 到 15 位数字的电话号码，例如 138 0000 0000 或 +86 21 5555 0000。",
            )),
        }
    }
    found
}

/// Text of one line, no longer than so many characters.
fn short(given: Option<String>, most: usize, field: Field, faults: &mut Vec<DraftFault>) -> Option<String> {
    let given = line(given, field, faults)?;
    if given.chars().count() > most {
        faults.push(fault(field, "too_long", "Longer than the most.", "超过最大长度。"));
    }
    Some(given)
}

/// The most who decide as well.
const CO_DECIDERS: usize = 5;

fn co_deciders(given: Vec<CoDecider>, today: NaiveDate, faults: &mut Vec<DraftFault>) -> Vec<CoDecider> {
    if given.len() > CO_DECIDERS {
        faults.push(fault(Field::CoDeciders, "too_long", "At most five.", "至多五位。"));
        return Vec::new();
    }
    (0..)
        .zip(given)
        .map(|(place, CoDecider { relation, name, engaged_on })| CoDecider {
            relation: short(Some(relation), 40, Field::CoDeciderRelation(place), faults).unwrap_or_default(),
            name: short(name, 100, Field::CoDeciderName(place), faults),
            engaged_on: past(engaged_on, today, Field::CoDeciderEngagedOn(place), faults),
        })
        .collect()
}

fn tags(given: Vec<String>, faults: &mut Vec<DraftFault>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (index, tag) in given.into_iter().enumerate() {
        let field = Field::Tag(index);
        if tag.chars().count() > 40 {
            faults.push(fault(field, "too_long", "At most 40 characters.", "至多 40 个字符。"));
        } else if let Some(tag) = line(Some(tag), field, faults)
            && !found.contains(&tag)
        {
            found.push(tag);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, 14).unwrap()
    }

    fn draft() -> Draft {
        Draft { name: " 刘 岩 ".to_owned(), phones: vec!["138-0000 1234".to_owned()], ..Draft::default() }
    }

    fn codes(draft: Draft) -> Vec<(Field, &'static str)> {
        let faults = Person::new(draft, today()).unwrap_err();
        faults.into_iter().map(|fault| (fault.field, fault.code)).collect()
    }

    #[test]
    fn the_same_number_has_one_form_however_it_is_written() {
        for written in
            ["13800001234", "138 0000 1234", "+86 138-0000-1234", "008613800001234", "86 13800001234"]
        {
            assert_eq!(Phone::parse(written).unwrap().as_str(), "+8613800001234", "{written}");
        }
        assert_eq!(Phone::parse("(021) 5555 0000").unwrap().as_str(), "+862155550000");
        assert_eq!(Phone::parse("95519").unwrap().as_str(), "95519");
        assert_eq!(Phone::parse("95519").unwrap().last_four(), "5519");
        for written in ["", "1234", "12a45", "+", "1234567890123456", "一二三四五"] {
            assert_eq!(Phone::parse(written), None, "{written}");
        }
    }

    #[test]
    fn a_name_and_a_phone_or_a_source_are_enough() {
        assert_eq!(Person::new(draft(), today()).unwrap().name, "刘 岩");
        let by_source = Draft { phones: vec![], source: Some("referral".to_owned()), ..draft() };
        assert!(Person::new(by_source, today()).is_ok());
        assert_eq!(codes(Draft { phones: vec![], ..draft() }), [(Field::Phones, "phone_or_source_required")]);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let bad = Draft {
            name: " ".to_owned(),
            phones: vec!["x".to_owned()],
            birthday: Some(today().succ_opt().unwrap()),
            tags: vec!["a\u{7}".to_owned()],
            ..Draft::default()
        };
        let codes: Vec<&str> = codes(bad).into_iter().map(|(_, code)| code).collect();
        assert_eq!(codes, ["blank", "invalid_phone", "in_the_future", "control_character"]);
    }

    #[test]
    fn a_search_finds_name_pinyin_and_initials() {
        let person = Person::new(draft(), today()).unwrap();
        assert_eq!(person.search_text(), "刘岩|liuyan|ly");
        assert!(person.search_text().contains(&squeezed("Liu Yan")));
    }
}
