//! Reading Rust as words: without comments, without tests, with what stands in quotation marks kept apart.

use std::{fs, path::Path};

/// A file of the sources.
pub struct Source {
    /// From the top of the repository: `src/store/ledger.rs`.
    pub path: String,
    /// How long it is, in lines.
    pub lines: usize,
    /// Its words, tests included.
    pub all: Vec<Word>,
    /// Its words, tests left out.
    pub words: Vec<Word>,
    /// What stands in quotation marks, tests left out.
    pub strings: Vec<String>,
}

/// A name, `::`, or a single mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    pub text: String,
    pub line: usize,
}

/// A function with a body.
pub struct Function<'a> {
    pub name: &'a str,
    /// `pub` without a limit.
    pub is_public: bool,
    /// What stands between its name and its body.
    pub signature: &'a [Word],
    pub body: &'a [Word],
    pub lines: usize,
}

impl Source {
    /// Reads a text.
    pub fn new(path: &str, text: &str) -> Self {
        let (words, strings) = read(text);
        let all: Vec<Word> = words.iter().map(|(word, _)| word.clone()).collect();
        let (kept, kept_strings) = without_tests(&words, &strings);
        Source { path: path.to_owned(), lines: text.lines().count(), all, words: kept, strings: kept_strings }
    }

    /// The room it stands in: the first name below `src`.
    pub fn room(&self) -> Option<&str> {
        let below = self.path.strip_prefix("src/")?;
        Some(below.split('/').next()?.trim_end_matches(".rs"))
    }
}

/// Every Rust file below some folders.
pub fn sources(folders: &[&str]) -> Vec<Source> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders: Vec<_> = folders.iter().map(|folder| top.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(top).unwrap().display().to_string();
                found.push(Source::new(&name, &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Words and strings of a text; each word with the number of strings before it.
fn read(text: &str) -> (Vec<(Word, usize)>, Vec<String>) {
    let (mut words, mut strings) = (Vec::new(), Vec::new());
    let c: Vec<char> = text.chars().collect();
    let at = |i: usize| c.get(i).copied().unwrap_or('\0');
    let is_name = |x: char| x.is_alphanumeric() || x == '_';
    let (mut i, mut line) = (0, 1);
    while i < c.len() {
        let begin = i;
        let mut word = None;
        match (at(i), at(i + 1)) {
            ('/', '/') => i += c[i..].iter().take_while(|x| **x != '\n').count(),
            ('/', '*') => i = after_comment(&c, i),
            ('"', _) => {
                i = after_string(&c, i);
                strings.push(c[begin + 1..i - 1].iter().collect());
            }
            ('\'', '\\') => i += 3 + c[i + 3..].iter().take_while(|x| **x != '\'').count(),
            ('\'', _) if at(i + 2) == '\'' => i += 2,
            (':', ':') => word = Some(2),
            (x, _) if is_name(x) => {
                let length = c[i..].iter().take_while(|x| is_name(**x)).count();
                let name: String = c[i..i + length].iter().collect();
                match (name.as_str(), at(i + length)) {
                    ("r" | "br", '"' | '#') if raw_end(&c, i + length).is_some() => {
                        let (from, to, end) = raw_end(&c, i + length).unwrap();
                        strings.push(c[from..to].iter().collect());
                        i = end;
                    }
                    _ => word = Some(length),
                }
            }
            (x, _) if !x.is_whitespace() => word = Some(1),
            _ => {}
        }
        if let Some(length) = word {
            i += length;
            words.push((Word { text: c[begin..i].iter().collect(), line }, strings.len()));
        } else if i == begin || at(begin) == '\'' {
            i += 1;
        }
        line += c[begin..i.min(c.len())].iter().filter(|x| **x == '\n').count();
    }
    (words, strings)
}

/// Comments nest.
fn after_comment(c: &[char], from: usize) -> usize {
    let (mut i, mut depth) = (from, 0);
    while i < c.len() {
        match (c[i], c.get(i + 1)) {
            ('/', Some('*')) => (i, depth) = (i + 2, depth + 1),
            ('*', Some('/')) => (i, depth) = (i + 2, depth - 1),
            _ => i += 1,
        }
        if depth == 0 {
            break;
        }
    }
    i
}

fn after_string(c: &[char], from: usize) -> usize {
    let mut i = from + 1;
    while i < c.len() && c[i] != '"' {
        i += if c[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

/// Where the contents of a raw string begin and end, and where it is over; from behind its `r`.
fn raw_end(c: &[char], from: usize) -> Option<(usize, usize, usize)> {
    let marks = c[from..].iter().take_while(|x| **x == '#').count();
    let begin = from + marks + 1;
    (c.get(from + marks) == Some(&'"')).then_some(())?;
    let closes =
        |i: &usize| c[*i] == '"' && c[i + 1..].iter().take(marks).filter(|x| **x == '#').count() == marks;
    let end = (begin..c.len()).find(closes)?;
    Some((begin, end, end + 1 + marks))
}

/// Takes out every item under `#[cfg(test)]`.
fn without_tests(words: &[(Word, usize)], strings: &[String]) -> (Vec<Word>, Vec<String>) {
    let (mut kept, mut kept_strings) = (Vec::new(), Vec::new());
    let (mut i, mut said) = (0, 0);
    while i < words.len() {
        let here = words[i..].iter().map(|(word, _)| word.text.as_str());
        if here.take(7).eq(["#", "[", "cfg", "(", "test", ")", "]"]) {
            let item: Vec<Word> = words[i + 7..].iter().map(|(word, _)| word.clone()).collect();
            let opens = item.iter().position(|word| word.text == "{" || word.text == ";").unwrap_or(0);
            let length = if item[opens].text == ";" { opens } else { closing(&item, opens) };
            kept_strings.extend_from_slice(&strings[said..words[i].1]);
            i += 7 + length + 1;
            said = words.get(i).map_or(strings.len(), |(_, before)| *before);
        } else {
            kept.push(words[i].0.clone());
            i += 1;
        }
    }
    kept_strings.extend_from_slice(&strings[said..]);
    (kept, kept_strings)
}

/// Where the bracket that opens here is closed.
pub fn closing(words: &[Word], opens: usize) -> usize {
    let mut depth = 0;
    for (i, word) in words.iter().enumerate().skip(opens) {
        match word.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i;
        }
    }
    words.len() - 1
}

/// The functions among some words, those within others too.
pub fn functions(words: &[Word]) -> Vec<Function<'_>> {
    let is_name = |word: &Word| word.text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let mut found = Vec::new();
    for (i, pair) in words.windows(2).enumerate() {
        let [keyword, name] = pair else { continue };
        if keyword.text != "fn" || !is_name(name) {
            continue;
        }
        let mut j = i + 2;
        while words.get(j).is_some_and(|word| word.text != "{" && word.text != ";") {
            j = if ["(", "["].contains(&words[j].text.as_str()) { closing(words, j) + 1 } else { j + 1 };
        }
        if words.get(j).is_none_or(|word| word.text == ";") {
            continue;
        }
        let end = closing(words, j);
        let before =
            words[..i].iter().rev().find(|w| !["const", "async", "unsafe"].contains(&w.text.as_str()));
        found.push(Function {
            name: &name.text,
            is_public: before.is_some_and(|word| word.text == "pub"),
            signature: &words[i + 2..j],
            body: &words[j..=end],
            lines: words[end].line - keyword.line + 1,
        });
    }
    found
}
