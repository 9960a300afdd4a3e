//! Finding a person by name in what was written elsewhere: in notes and reasons that hang on nobody, or on several people.
//! An erasure puts a mark in the place of the name (method section 11).

use super::prospect::Person;

/// What stands where a name stood.
pub const ERASED: &str = "[erased]";

/// The words by which texts name one person: the name, and the numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Naming(Vec<String>);

impl Naming {
    /// Of a person. A name of one character, or of two Latin letters, names nobody: it stands in too many words.
    pub fn of(person: &Person) -> Self {
        let tells = |name: &&str| {
            let least = if name.is_ascii() { 3 } else { 2 };
            name.chars().count() >= least
        };
        let name = Some(person.name.as_str()).filter(tells).map(str::to_owned);
        let numbers = person.phones.iter().flat_map(|phone| {
            let number = phone.e164.as_str();
            // Longest first: what is left of a number must not be found again.
            [Some(phone.as_typed.as_str()), Some(number), number.strip_prefix("+86")]
                .into_iter()
                .flatten()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        });
        Naming(name.into_iter().chain(numbers).collect())
    }

    /// The words to look for.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// A text without the person; `None` when it does not name the person. Words of letters and digits are found as whole
    /// words only; Chinese is written without gaps.
    pub fn erased_from(&self, text: &str) -> Option<String> {
        let erased = self.0.iter().fold(text.to_owned(), |text, words| without(&text, words));
        (erased != text).then_some(erased)
    }
}

fn without(text: &str, words: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(words) {
        let (before, found) = rest.split_at(at);
        let after = &found[words.len()..];
        left.push_str(before);
        let whole = !joined(left.chars().next_back(), words.chars().next())
            && !joined(words.chars().next_back(), after.chars().next());
        left.push_str(if whole { ERASED } else { words });
        rest = after;
    }
    left + rest
}

/// Whether two neighbours belong to one word.
fn joined(one: Option<char>, next: Option<char>) -> bool {
    let of_a_word = |c: char| c.is_ascii_alphanumeric();
    one.is_some_and(of_a_word) && next.is_some_and(of_a_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(words: &[&str]) -> Naming {
        Naming(words.iter().map(|&words| words.to_owned()).collect())
    }

    #[test]
    fn a_name_is_found_wherever_it_stands_and_nothing_else_is() {
        let liu = naming(&["刘岩", "13800001234"]);
        assert_eq!(liu.erased_from("约了刘岩和范学东").as_deref(), Some("约了[erased]和范学东"));
        assert_eq!(
            liu.erased_from("call 13800001234, then 刘岩").as_deref(),
            Some("call [erased], then [erased]")
        );
        assert_eq!(liu.erased_from("约了刘海岩"), None);
        let ann = naming(&["Ann"]);
        assert_eq!(ann.erased_from("Ann, Anna and Ann").as_deref(), Some("[erased], Anna and [erased]"));
        assert_eq!(ann.erased_from("Joann's annual plan"), None);
    }
}
