//! Each rule notices its breach, in a house of a few lines.

use std::collections::BTreeSet;

use super::{
    empty_names, files_over, foreign_names, functions_over, new_circles, only_shrinks, pointers_in_domain,
    source::Source, unscoped_readers, wrong_ways,
};

fn house(files: &[(&str, &str)]) -> Vec<Source> {
    let mut all =
        vec![Source::new("src/lib.rs", "pub mod api; pub mod domain; pub mod store; pub mod attic;")];
    all.extend(files.iter().map(|(path, text)| Source::new(path, text)));
    all
}

fn said(found: BTreeSet<String>) -> Vec<String> {
    found.into_iter().collect()
}

#[test]
fn an_import_the_wrong_way_is_noticed_however_it_is_written() {
    for text in [
        "use crate::store::Row;",
        "use crate::{domain, store::{self, Row}};",
        "use super::store::Row as Kept;",
        "fn f() { let _ = crate::store::Row; }",
        "fn f<'a>(x: &'a str) { let _ = ('\\'', \"//\", r#\"\"//\"#); super::store::f() }",
    ] {
        let house = house(&[("src/domain.rs", text), ("src/store.rs", "pub struct Row; pub fn f() {}")]);
        assert_eq!(said(wrong_ways(&house)), ["src/domain.rs imports src/store.rs"], "{text}");
    }
    for text in [
        "// use crate::store::Row;\n",
        "/* use /* */ crate::store::Row; */",
        "const A: &str = \"\\\" use crate::store::Row;\";",
        "#[cfg(test)] mod tests { use crate::store::Row; }",
        "#[cfg(test)] mod tests;",
    ] {
        let tests = ("src/domain/tests.rs", "use crate::store::Row;");
        let house = house(&[("src/domain.rs", text), ("src/store.rs", "pub struct Row;"), tests]);
        assert_eq!(said(wrong_ways(&house)), [""; 0], "{text}");
    }
    let house = house(&[("src/attic.rs", "use crate::domain::Stage;"), ("src/domain.rs", "")]);
    assert_eq!(said(wrong_ways(&house)), ["src/attic.rs stands in no room"]);
}

#[test]
fn a_foreign_name_is_noticed() {
    let house = house(&[
        ("src/domain.rs", "fn now() { chrono::Utc::now() } const PLACE: &str = \"/name\";"),
        ("src/api.rs", "use diesel::prelude::*; // actix_web is at home here\nuse actix_web::web;"),
    ]);
    assert_eq!(said(foreign_names(&house)), ["src/api.rs names diesel", "src/domain.rs names Utc::now"]);
    assert_eq!(said(pointers_in_domain(&house)), ["src/domain.rs"]);
}

#[test]
fn a_circle_is_noticed_through_a_re_export_and_a_mere_re_export_makes_none() {
    let files = |ledger: &'static str, store: &'static str| {
        [
            ("src/store.rs", store),
            ("src/store/ledger.rs", ledger),
            ("src/store/sheets.rs", "use super::Ledger; pub struct Sheet;"),
        ]
    };
    let store = "mod ledger; mod sheets; pub use ledger::Ledger; pub use sheets::*;";
    let plain = house(&files("use super::Error; pub struct Ledger;", store));
    assert_eq!(said(new_circles(&plain, &[])), [""; 0]);
    let circle: &[&str] = &["src/store/ledger.rs", "src/store/sheets.rs"];
    for ledger in ["use super::Sheet; pub struct Ledger;", "pub struct Ledger(super::sheets::Sheet);"] {
        let round = house(&files(ledger, store));
        assert_eq!(new_circles(&round, &[]).len(), 1, "{ledger}");
        assert_eq!(said(new_circles(&round, &[circle])), [""; 0]);
    }
    // What is open by now has to leave its list.
    assert_eq!(new_circles(&plain, &[circle]).len(), 2);
    // A parent that works with its child, which needs the parent.
    let parent = "mod ledger; mod sheets; pub use ledger::Ledger; pub struct Error; fn f() { sheets::go() }";
    let round = house(&[
        ("src/store.rs", parent),
        ("src/store/sheets.rs", "use super::Error; pub fn go() {}"),
        ("src/store/ledger.rs", "pub struct Ledger;"),
    ]);
    assert_eq!(new_circles(&round, &[&["src/store.rs", "src/store/sheets.rs"]]).len(), 0);
    assert_eq!(new_circles(&round, &[]).len(), 1);
}

#[test]
fn what_grows_too_long_or_says_nothing_is_noticed() {
    let text = "fn short() {}\nfn long(\n  a: [u8; 2],\n) -> bool {\n  // {\n  '{' == \"}\"\n}\n";
    let house = house(&[("src/store/common.rs", text)]);
    assert_eq!(said(functions_over(5, &house)), ["src/store/common.rs long"]);
    assert_eq!(said(functions_over(6, &house)), [""; 0]);
    assert_eq!(said(files_over(6, &house)), ["src/store/common.rs"]);
    assert_eq!(said(files_over(7, &house)), [""; 0]);
    assert_eq!(said(empty_names(&house)), ["src/store/common.rs"]);
}

#[test]
fn a_public_reader_of_prospects_without_a_scope_is_noticed() {
    let house = house(&[(
        "src/store/prospects.rs",
        "fn rows(conn: &mut Conn) { prospects::table.load(conn) }
         pub fn everybody(conn: &mut Conn) { rows(conn) }
         pub fn of_one(conn: &mut Conn, id: Id) { facts::table.find(id).first(conn) }
         pub fn in_reach(conn: &mut Conn, scope: &Scope) { rows(conn) }
         pub fn written(conn: &mut Conn) { insert_into(prospects::table).execute(conn) }
         pub(super) fn inside(conn: &mut Conn) { rows(conn) }",
    )]);
    let open = ["src/store/prospects.rs everybody", "src/store/prospects.rs of_one"];
    assert_eq!(said(unscoped_readers(&house)), open);
}

#[test]
fn a_list_of_exceptions_only_shrinks() {
    let one = || BTreeSet::from(["src/api/common.rs".to_owned()]);
    assert!(only_shrinks("rule", &one(), &["src/api/common.rs"]).is_ok());
    assert!(only_shrinks("rule", &one(), &[]).is_err());
    assert!(only_shrinks("rule", &BTreeSet::new(), &["src/api/common.rs"]).is_err());
}
