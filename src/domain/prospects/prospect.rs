//! The person behind a prospect: what an agent notes down, its bounds, and when it is enough to begin with.
//!
//! Pure. How a person is stored is not known here.

use chrono::NaiveDate;

use super::{
    deciders::{CoDecider, Deciders, DecisionRole},
    phone::Phone,
};
use crate::domain::values::{
    readings,
    text::Text,
    words::{self, WordsFault},
};

/// What an agent entered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Draft {
    /// The name.
    pub name: String,
    /// Telephone numbers.
    pub phones: Vec<Phone>,
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

/// A person as stored: trimmed, bounded, no number twice.
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
    /// At most twenty tags of 1 to 40 characters, none twice in another spelling.
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
        let name = line(Some(draft.name), NAME, Field::Name, &mut faults).unwrap_or_default();
        let has_phone = !draft.phones.is_empty();
        let person = Person {
            name,
            phones: different(draft.phones),
            source: line(source, SOURCE, Field::Source, &mut faults),
            referrer: line(referrer, NAME, Field::Referrer, &mut faults),
            occupation: line(occupation, NAME, Field::Occupation, &mut faults),
            birthday: past(birthday, today, Field::Birthday, &mut faults),
            decision_role,
            co_deciders: co_deciders(draft.co_deciders, today, &mut faults),
            tags: tags(draft.tags, &mut faults),
            notes: notes.and_then(|text| told(words::prose(&text, NOTES), Field::Notes, &mut faults)),
            consent_given_on: past(draft.consent_given_on, today, Field::ConsentGivenOn, &mut faults),
            consent_channel: line(draft.consent_channel, NAME, Field::ConsentChannel, &mut faults),
        };
        if !has_phone && person.source.is_none() {
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

    /// The lines that a search looks into, as in [`readings::search_text`].
    pub fn search_text(&self) -> String {
        readings::search_text(&self.name)
    }

    /// The tags in the form of [`words::compared`], each between two line breaks.
    pub fn tags_compared(&self) -> String {
        self.tags.iter().fold("\n".to_owned(), |all, tag| all + &words::compared(tag) + "\n")
    }
}

fn fault(field: Field, code: &'static str, en: &'static str, zh: &'static str) -> DraftFault {
    DraftFault { field, code, detail: Text::new(en, zh) }
}

/// Longest name, also of a referrer, an occupation or a way of consent.
const NAME: usize = 100;
/// Longest source.
const SOURCE: usize = 200;
/// Longest tag.
const TAG: usize = 40;
/// Longest notes.
const NOTES: usize = 4000;

/// A text of one line, as it is kept.
fn line(given: Option<String>, max: usize, field: Field, faults: &mut Vec<DraftFault>) -> Option<String> {
    told(words::line(&given?, max), field, faults)
}

fn told(read: Result<String, WordsFault>, field: Field, faults: &mut Vec<DraftFault>) -> Option<String> {
    let found = match read {
        Ok(text) => return Some(text),
        Err(WordsFault::Blank) => {
            fault(field, "blank", "Not blank; use null for none.", "不得为空白；如无请用 null。")
        }
        Err(WordsFault::TooLong { max }) => DraftFault {
            field,
            code: "too_long",
            detail: Text::new(format!("At most {max} characters."), format!("至多 {max} 个字符。")),
        },
        Err(WordsFault::NotOneLine) => fault(
            field,
            "control_character",
            "One line, without control characters.",
            "应为一行，不含控制字符。",
        ),
    };
    faults.push(found);
    None
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

/// Each number once, as it was typed first.
fn different(given: Vec<Phone>) -> Vec<Phone> {
    let mut found: Vec<Phone> = Vec::new();
    for phone in given {
        if found.iter().all(|known| known.line() != phone.line()) {
            found.push(phone);
        }
    }
    found
}

/// The most who decide as well.
const CO_DECIDERS: usize = 5;
/// Longest relation of one.
const RELATION: usize = 40;

fn co_deciders(given: Vec<CoDecider>, today: NaiveDate, faults: &mut Vec<DraftFault>) -> Vec<CoDecider> {
    if given.len() > CO_DECIDERS {
        faults.push(fault(Field::CoDeciders, "too_long", "At most five.", "至多五位。"));
        return Vec::new();
    }
    (0..)
        .zip(given)
        .map(|(place, CoDecider { relation, name, engaged_on })| CoDecider {
            relation: line(Some(relation), RELATION, Field::CoDeciderRelation(place), faults)
                .unwrap_or_default(),
            name: line(name, NAME, Field::CoDeciderName(place), faults),
            engaged_on: past(engaged_on, today, Field::CoDeciderEngagedOn(place), faults),
        })
        .collect()
}

/// Each tag once, as it was typed first.
fn tags(given: Vec<String>, faults: &mut Vec<DraftFault>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (index, tag) in given.into_iter().enumerate() {
        if let Some(tag) = line(Some(tag), TAG, Field::Tag(index), faults)
            && found.iter().all(|known| words::compared(known) != words::compared(&tag))
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
        Draft { name: " 刘 岩 ".to_owned(), phones: phones(&["138-0000 1234"]), ..Draft::default() }
    }

    fn phones(written: &[&str]) -> Vec<Phone> {
        written.iter().map(|text| Phone::parse(text).unwrap()).collect()
    }

    fn codes(draft: Draft) -> Vec<(Field, &'static str)> {
        let faults = Person::new(draft, today()).unwrap_err();
        faults.into_iter().map(|fault| (fault.field, fault.code)).collect()
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
            birthday: Some(today().succ_opt().unwrap()),
            tags: vec!["a\u{7}".to_owned()],
            ..Draft::default()
        };
        let codes: Vec<&str> = codes(bad).into_iter().map(|(_, code)| code).collect();
        assert_eq!(codes, ["blank", "in_the_future", "control_character", "phone_or_source_required"]);
    }

    #[test]
    fn a_number_and_a_tag_stand_once_as_typed_first() {
        let twice = Draft {
            phones: phones(&["138-0000 1234", "+86 138 0000 1234", "021-55550000-801", "021-55550000"]),
            tags: ["VIP", "vip", "ＶＩＰ", "fair"].map(str::to_owned).to_vec(),
            ..draft()
        };
        let person = Person::new(twice, today()).unwrap();
        let typed: Vec<&str> = person.phones.iter().map(|phone| phone.as_typed.as_str()).collect();
        assert_eq!(typed, ["138-0000 1234", "021-55550000-801", "021-55550000"]);
        assert_eq!(
            (person.tags.join(" "), person.tags_compared()),
            ("VIP fair".to_owned(), "\nvip\nfair\n".to_owned())
        );
    }
}
