//! Every code that a refusal may have is explained on a page, and none is explained that nobody says.

use std::collections::BTreeSet;

use prospector::{
    api::problem::{Code, fault_codes},
    store::db::connection::Engine,
};

use crate::{
    architecture::source::{Source, sources},
    harness::World,
};

#[test]
fn every_problem_code_has_its_page_in_both_languages() {
    let world = World::new(Engine::Sqlite).unwrap();
    let all = world.get("/problems").status(200).text();
    for code in Code::ALL {
        assert!(all.contains(code.name()), "{code:?}");
        let page =
            world.get(&format!("/problems/{}", code.name())).header("Accept-Language", "zh-CN").status(200);
        assert!(page.text().contains(code.title().zh.as_ref()), "{code:?}");
        assert!((400..=599).contains(&code.number()), "{code:?}");
    }
    world.get("/problems/nothing").problem(404, "not_found");
}

#[test]
fn every_code_of_a_single_fault_has_its_page_and_is_said_somewhere() {
    let world = World::new(Engine::Sqlite).unwrap();
    let all = world.get("/problems").status(200).text();
    let sources = sources(&["src"]);
    let elsewhere = |source: &&Source| source.path != "src/api/problem/fault_codes.rs";
    let said: BTreeSet<&str> =
        sources.iter().filter(elsewhere).flat_map(|source| &source.strings).map(String::as_str).collect();
    for (code, what) in fault_codes::all() {
        assert!(all.contains(&format!("id=\"errors-{code}\"")), "{code}");
        assert!(world.get(&format!("/problems/{code}")).status(200).text().contains(code), "{code}");
        assert!(said.contains(code), "nobody says {code}: {}", what.en);
    }
}
