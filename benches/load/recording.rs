//! What the service says to PostgreSQL, written down by PostgreSQL itself, and said again without the service.
//!
//! A statement keeps its text and its parameters, so what is said again is what our own requests take, whatever the code
//! is today: prepared once in each session, then executed, with the same beginnings and ends of transactions.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    io::{Read as _, Seek as _, SeekFrom},
    path::PathBuf,
};

/// One statement of a request.
struct Said {
    text: String,
    /// As literals.
    parameters: Vec<String>,
}

/// The statements of one request.
pub struct Recorded(Vec<Said>);

/// The log of the cluster, read on as it grows.
pub struct Log {
    path: PathBuf,
    read: u64,
}

impl Log {
    /// From here on.
    pub fn from_its_end(path: PathBuf) -> Self {
        let read = fs::metadata(&path).unwrap().len();
        Log { path, read }
    }

    /// What was said since the last question.
    pub fn next(&mut self) -> Recorded {
        let mut file = File::open(&self.path).unwrap();
        file.seek(SeekFrom::Start(self.read)).unwrap();
        let mut text = String::new();
        self.read += file.read_to_string(&mut text).unwrap() as u64;
        Recorded::read(&text)
    }
}

impl Recorded {
    fn read(log: &str) -> Self {
        let mut said: Vec<Said> = Vec::new();
        // A line that goes on begins with a tab.
        for entry in log.replace("\n\t", " ").lines() {
            if let Some((_, details)) = entry.split_once("] DETAIL:  parameters: ") {
                if let Some(last) = said.last_mut() {
                    last.parameters = literals(details);
                }
            } else if let Some((_, what)) = entry.split_once("] LOG:  ")
                && (what.starts_with("execute ") || what.starts_with("statement: "))
                && let Some((_, text)) = what.split_once(": ")
                // A new session sets itself up.
                && !text.starts_with("SET ")
            {
                said.push(Said { text: text.trim_end_matches(';').to_owned(), parameters: Vec::new() });
            }
        }
        Recorded(said)
    }

    /// How many statements there are, those of transactions among them.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// `$1 = 'a', $2 = NULL` as the literals of its values.
fn literals(details: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut rest = details;
    while let Some((_, value)) = rest.split_once(" = ") {
        let length = match value.strip_prefix('\'') {
            None => value.find(',').unwrap_or(value.len()),
            Some(_) => quoted(value),
        };
        values.push(value[..length].to_owned());
        rest = &value[length..];
    }
    values
}

/// The length of the quoted text at the beginning.
fn quoted(text: &str) -> usize {
    let mut at = 1;
    loop {
        at += text[at..].find('\'').unwrap() + 1;
        if !text[at..].starts_with('\'') {
            return at;
        }
        at += 1;
    }
}

/// A script for pgbench that says these requests one after the other.
pub fn script(requests: &[&Recorded]) -> String {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut prepared, mut executed) = (String::new(), String::new());
    for said in requests.iter().flat_map(|request| &request.0) {
        let transaction = ["BEGIN", "COMMIT", "ROLLBACK"].iter().any(|word| said.text.starts_with(word));
        if transaction {
            let _ = writeln!(executed, "{};", said.text);
            continue;
        }
        let next = names.len();
        let name = *names.entry(&said.text).or_insert_with(|| {
            let _ = writeln!(prepared, "PREPARE said_{next} AS {};", said.text);
            next
        });
        let parameters = said.parameters.join(", ");
        let list = if parameters.is_empty() { String::new() } else { format!("({parameters})") };
        let _ = writeln!(executed, "EXECUTE said_{name}{list};");
    }
    // The session prepares once, however often it comes by.
    format!("\\if :prepared = 0\n{prepared}\\set prepared 1\n\\endif\n{executed}")
}
