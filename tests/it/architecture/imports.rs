//! Which file names which other file, through whatever re-exports; and the circles among them.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, Word, closing};

type Path = Vec<String>;

/// What a file says with `use`.
struct Use {
    /// The module that says it: the file's, or one within the file.
    from: Path,
    path: Path,
    /// The name under which it is known there.
    name: String,
    is_public: bool,
}

/// The files of one crate and what they name.
pub struct Crate<'a> {
    files: BTreeMap<Path, &'a Source>,
    uses: BTreeMap<Path, Vec<Use>>,
}

/// The module of a file: `src/store/ledger.rs` → `store`, `ledger`.
fn module_of(path: &str) -> Path {
    let below = path.trim_start_matches("src/").trim_end_matches(".rs");
    below.split('/').filter(|name| *name != "lib").map(str::to_owned).collect()
}

impl<'a> Crate<'a> {
    /// The crate whose files these are; `main.rs` is one of its own, and files of tests are no part of it.
    pub fn new(sources: &'a [Source]) -> Self {
        let mut files: BTreeMap<Path, &Source> = BTreeMap::new();
        for source in sources.iter().filter(|source| source.path != "src/main.rs") {
            files.insert(module_of(&source.path), source);
        }
        let declared = |path: &Path| {
            let Some((name, parent)) = path.split_last() else { return true };
            let Some(parent) = files.get(parent) else { return true };
            parent.words.windows(2).any(|pair| pair[0].text == "mod" && pair[1].text == *name)
        };
        let tests: Vec<Path> = files.keys().filter(|path| !declared(path)).cloned().collect();
        files.retain(|path, _| !tests.iter().any(|test| path.starts_with(test)));
        let uses = files.iter().map(|(path, source)| (path.clone(), uses_of(path, &source.words))).collect();
        Crate { files, uses }
    }

    /// `a.rs` → the other files it names.
    pub fn imports(&self) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
        let mut all = BTreeMap::new();
        for (module, source) in &self.files {
            let mut named: Vec<Path> = inline_paths(module, &source.words);
            for one in &self.uses[module] {
                // Who only passes a name on does not depend on it.
                let uses_it = || source.words.iter().filter(|word| word.text == one.name).count() > 1;
                if !one.is_public || uses_it() {
                    named.push(self.absolute(&one.from, &one.path));
                }
            }
            let homes = named.iter().filter_map(|path| self.home(path, 0));
            let of_it: BTreeSet<&'a str> =
                homes.filter(|home| home != module).map(|home| self.files[&home].path.as_str()).collect();
            all.insert(source.path.as_str(), of_it);
        }
        all
    }

    /// A path from the top of the crate, or one that is nobody's.
    fn absolute(&self, from: &[String], path: &[String]) -> Path {
        let mut at = from.to_vec();
        let mut rest = path;
        match path.first().map(String::as_str) {
            Some("crate") => {
                at.clear();
                rest = &path[1..];
            }
            Some("self") => rest = &path[1..],
            Some("super") => {}
            Some(name) if !self.files.contains_key(&[from, &[name.to_owned()]].concat()) => {
                return vec!["".to_owned()];
            }
            _ => {}
        }
        while rest.first().is_some_and(|name| name == "super") {
            at.pop();
            rest = &rest[1..];
        }
        [at.as_slice(), rest].concat()
    }

    /// The module of the file in which what is named here is defined.
    fn home(&self, path: &[String], hops: usize) -> Option<Path> {
        let mut at: Path = Vec::new();
        for (i, name) in path.iter().enumerate() {
            let deeper = [at.as_slice(), std::slice::from_ref(name)].concat();
            if self.files.contains_key(&deeper) {
                at = deeper;
                continue;
            }
            let uses = self.uses.get(&at).map_or(&[][..], Vec::as_slice);
            let passed_on = uses.iter().find(|one| one.from == at && one.name == *name);
            if let Some(one) = passed_on.filter(|_| hops < 16) {
                let to = [self.absolute(&at, &one.path).as_slice(), &path[i + 1..]].concat();
                return self.home(&to, hops + 1);
            }
            let globs = uses.iter().filter(|one| one.name == "*").map(|one| self.absolute(&at, &one.path));
            for module in globs.filter_map(|glob| self.home(&glob, hops + 1)) {
                if module != at && self.defines(&module, name) {
                    return self.home(&[module.as_slice(), &path[i..]].concat(), hops + 1);
                }
            }
            break;
        }
        (path.first().is_some_and(|name| !name.is_empty()) && self.files.contains_key(&at)).then_some(at)
    }

    fn defines(&self, module: &Path, name: &str) -> bool {
        let defining = ["struct", "enum", "fn", "trait", "type", "const", "static", "mod"];
        let words = self.files.get(module).map_or(&[][..], |source| &source.words);
        words.windows(2).any(|pair| defining.contains(&pair[0].text.as_str()) && pair[1].text == name)
    }
}

/// Every `use` of a file, one for each name.
fn uses_of(module: &Path, words: &[Word]) -> Vec<Use> {
    let mut found = Vec::new();
    for (from, i) in places(module, words) {
        if words[i].text == "use" && words[i + 1].text != "<" {
            let end = i + words[i..].iter().position(|word| word.text == ";").unwrap_or(0);
            let before = i.checked_sub(1).map(|i| words[i].text.as_str());
            let is_public = matches!(before, Some("pub" | ")"));
            branches(&words[i + 1..end], &[], &mut |path, name| {
                found.push(Use { from: from.clone(), path, name, is_public });
            });
        }
    }
    found
}

/// Each word's place, and the module around it.
fn places(module: &Path, words: &[Word]) -> Vec<(Path, usize)> {
    let mut within: Vec<(String, usize)> = Vec::new();
    let mut found = Vec::new();
    for i in 0..words.len() {
        within.retain(|(_, end)| *end >= i);
        if words[i].text == "mod" && words.get(i + 2).is_some_and(|word| word.text == "{") {
            within.push((words[i + 1].text.clone(), closing(words, i + 2)));
        }
        let names: Path = within.iter().map(|(name, _)| name.clone()).collect();
        found.push(([module.as_slice(), &names].concat(), i));
    }
    found
}

/// The names of a tree of imports: `a::{b, c::d as e}`.
fn branches(words: &[Word], stem: &[String], tell: &mut dyn FnMut(Path, String)) {
    let mut path = stem.to_vec();
    let mut i = 0;
    while i < words.len() {
        match words[i].text.as_str() {
            "::" => {}
            "{" => {
                let end = closing(words, i);
                let (mut begin, mut j) = (i + 1, i + 1);
                while j <= end {
                    if j == end || words[j].text == "," {
                        branches(&words[begin..j], &path, tell);
                        begin = j + 1;
                    }
                    j = if words[j].text == "{" { closing(words, j) + 1 } else { j + 1 };
                }
                return;
            }
            "as" => {
                tell(path, words[i + 1].text.clone());
                return;
            }
            "self" if !path.is_empty() => {}
            "*" => {
                tell(path, "*".to_owned());
                return;
            }
            name => path.push(name.to_owned()),
        }
        i += 1;
    }
    if let Some(name) = path.last().cloned().filter(|_| !words.is_empty()) {
        tell(path, name);
    }
}

/// Paths within the code that begin at the crate, the module or the one above: made absolute.
fn inline_paths(module: &Path, words: &[Word]) -> Vec<Path> {
    let mut found = Vec::new();
    let mut in_use = false;
    for (from, i) in places(module, words) {
        in_use = (in_use && words[i].text != ";") || words[i].text == "use";
        if in_use {
            continue;
        }
        let begins = i == 0 || words[i - 1].text != "::";
        let is_path = words.get(i + 1).is_some_and(|word| word.text == "::");
        if !begins || !is_path {
            continue;
        }
        let mut names: Path = vec![words[i].text.clone()];
        let mut j = i + 1;
        while words.get(j).is_some_and(|word| word.text == "::") {
            names.push(words[j + 1].text.clone());
            j += 2;
        }
        let mut at = from.clone();
        match names[0].as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => {
                for _ in names.iter().take_while(|name| *name == "super") {
                    at.pop();
                }
            }
            // A child named from its parent.
            _ if from == *module => at.push(names[0].clone()),
            _ => continue,
        }
        at.extend(names.into_iter().skip(1).skip_while(|name| name == "super"));
        found.push(at);
    }
    found
}

/// Files that name each other, directly or around.
pub fn circles<'a>(imports: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<BTreeSet<&'a str>> {
    let reached = |from: &'a str| {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut next = vec![from];
        while let Some(file) = next.pop() {
            next.extend(imports.get(file).into_iter().flatten().copied().filter(|to| seen.insert(to)));
        }
        seen
    };
    let all: BTreeMap<&str, BTreeSet<&str>> = imports.keys().map(|file| (*file, reached(file))).collect();
    let mut found: Vec<BTreeSet<&str>> = Vec::new();
    for (file, reaches) in &all {
        if reaches.contains(file) && !found.iter().any(|circle| circle.contains(file)) {
            found.push(reaches.iter().copied().filter(|other| all[other].contains(file)).collect());
        }
    }
    found
}
