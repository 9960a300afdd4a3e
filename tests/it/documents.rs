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
