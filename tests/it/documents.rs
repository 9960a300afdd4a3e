//! What the documents say about the code is what the code says.

use prospector::config;

const README: &str = include_str!("../../README.md");

#[test]
fn the_readme_shows_every_setting() {
    let (_, rest) = README.split_once("<!-- settings -->\n").unwrap();
    let (table, _) = rest.split_once("<!-- /settings -->").unwrap();
    assert_eq!(
        table.trim(),
        config::markdown().trim(),
        "put the output of `prospector settings` between the marks in README.md"
    );
}

#[test]
fn every_planted_bug_names_the_tests_that_must_notice() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/planted");
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "patch") {
            let text = std::fs::read_to_string(&path).unwrap();
            let first = text.lines().next().unwrap_or_default();
            let filter = first.strip_prefix("# expects-red: ").unwrap_or_default();
            assert!(!filter.trim().is_empty(), "{} does not name its tests", path.display());
        }
    }
}

#[test]
fn the_table_of_what_must_never_happen_names_every_planted_bug() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(root.join("docs/reliability.md")).unwrap();
    for entry in std::fs::read_dir(root.join("tests/planted")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(table.contains(&format!("`{name}`")), "{name} stands in no row");
    }
}

#[test]
fn chinese_sentences_are_punctuated_in_chinese() {
    let mut wrong = Vec::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for (number, line) in
                text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
            {
                let line = line.replace("\\\"", "'");
                // What stands between quotation marks.
                if line.split('"').skip(1).step_by(2).any(has_foreign_punctuation) {
                    wrong.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether an ASCII mark follows a Chinese character, or a comma or semicolon comes before one.
fn has_foreign_punctuation(sentence: &str) -> bool {
    let is_chinese = |c: char| matches!(c, '\u{4e00}'..='\u{9fff}');
    let characters: Vec<char> = sentence.chars().filter(|c| *c != ' ').collect();
    characters.windows(2).any(|pair| {
        (is_chinese(pair[0]) && ",;:?!(".contains(pair[1])) || (",;".contains(pair[0]) && is_chinese(pair[1]))
    })
}
