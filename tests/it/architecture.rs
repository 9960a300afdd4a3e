//! The house keeps its shape: who may import whom, no circles, nothing too long, no way around the scope.
//!
//! Every rule has a list of what does not keep it yet. Those lists may only shrink: what is on one and keeps the rule makes
//! the test fail as well, until it is taken off.

mod breaches;
mod imports;
pub mod source;

use std::collections::BTreeSet;

use self::{
    imports::{Crate, circles},
    source::{Source, functions, sources},
};

/// What each room may import besides itself. A new room is one line.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("clock", &["domain"]),
    ("config", &["domain"]),
    ("store", &["clock", "domain"]),
    ("commands", &["clock", "domain", "store"]),
    ("security", &["clock", "config", "domain", "store"]),
    ("file_limit", &[]),
    ("file_turns", &["domain"]),
    ("file_writer", &[]),
    ("job_figures", &[]),
    ("process_figures", &[]),
    ("app", &["clock", "config", "domain", "file_turns", "file_writer", "job_figures", "security", "store"]),
    ("api", &["app", "clock", "commands", "config", "domain", "process_figures", "security", "store"]),
    ("jobs", &["app", "clock", "commands", "domain", "store"]),
    ("demo", &["app", "clock", "commands", "domain", "security", "store"]),
    (
        "cli",
        &[
            "api",
            "app",
            "clock",
            "commands",
            "config",
            "demo",
            "domain",
            "file_limit",
            "jobs",
            "security",
            "store",
        ],
    ),
];

/// Names that the code of a room does not know.
const UNKNOWN_TO: &[(&str, &[&str])] = &[
    (
        "domain",
        &["diesel", "actix_web", "utoipa", "tokio", "async", "await", "Utc::now", "std::fs", "std::env"],
    ),
    ("store", &["actix_web", "utoipa"]),
    ("commands", &["actix_web", "utoipa", "sql_query"]),
    ("api", &["diesel"]),
    ("jobs", &["diesel"]),
];

/// Names that say nothing about what stands there.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "prelude"];
const EMPTY_NAMES_YET: &[&str] = &[];

const MOST_LINES_OF_A_FILE: usize = 400;
const LONG_FILES_YET: &[&str] = &[
    "src/store/db/schema.rs",
    "tests/it/agreement/driver.rs",
    "tests/it/agreement/front_end.rs",
    "tests/it/oracle/simulation.rs",
    "tests/it/oracle/simulation/entries.rs",
    "tests/it/oracle/strategies.rs",
    "tests/it/reports.rs",
];

const MOST_LINES_OF_A_FUNCTION: usize = 60;
const LONG_FUNCTIONS_YET: &[&str] = &[
    "tests/it/api_errors.rs each_malformed_body_is_answered_with_its_place_and_rule",
    "tests/it/log.rs the_replay_of_the_log_is_the_stage_and_versions_grow_by_one",
    "tests/it/oracle/simulation/entries.rs ordinary_move",
    "tests/it/oracle/simulation/known.rs verdicts_with",
    "tests/it/oracle/strategies.rs question",
    "tests/it/tokens.rs hostile",
    "tests/it/transfers.rs everything_that_stands_against_a_transfer_is_said_at_once_and_nothing_is_handed_over",
];

/// Files that name each other, circle by circle.
const CIRCLES_YET: &[&[&str]] = &[];

/// JSON pointers and paths of the API, in the room that knows neither.
const POINTERS_IN_DOMAIN_YET: &[&str] = &[];

/// Tables that hold something of a prospect.
const OF_PROSPECTS: &[&str] = &[
    "prospects",
    "prospect_people",
    "prospect_phones",
    "pursuits",
    "transitions",
    "facts",
    "evidence",
    "placements",
    "standings",
    "appointments",
    "sale_flows",
    "deals",
    "applications",
    "policy_event_people",
];
/// What a reader of them is given: whose they may be, or something that was read under a scope; where another system tells of
/// somebody, the numbers that are held for it.
const PERMITS: &[&str] = &["Scope", "Actor", "ProspectRow", "Loaded", "Member", "HeldNumbers"];
const UNSCOPED_READERS_YET: &[&str] = &[
    "src/store/ledger/due.rs settle",
    "src/store/ledger/due.rs settle_everybody",
    // It shows nobody anything: whether all logs say what the rows say.
    "src/store/ledger/replay.rs replay",
    // It is the service itself that forgets them.
    "src/store/prospects/retention.rs unconsented",
    "src/store/reports/figures.rs own_board",
];

/// A list that may only shrink.
fn only_shrinks(rule: &str, found: &BTreeSet<String>, yet: &[&str]) -> Result<(), String> {
    let new: Vec<&String> = found.iter().filter(|one| !yet.contains(&one.as_str())).collect();
    let done: Vec<&&str> = yet.iter().filter(|one| !found.contains(**one)).collect();
    match (new.as_slice(), done.as_slice()) {
        ([], []) => Ok(()),
        (new, []) => Err(format!("{rule}: {new:#?}")),
        (_, done) => Err(format!("{rule}: keeps the rule by now, so take it off the list: {done:#?}")),
    }
}

fn files_over(most: usize, sources: &[Source]) -> BTreeSet<String> {
    sources.iter().filter(|source| source.lines > most).map(|source| source.path.clone()).collect()
}

fn functions_over(most: usize, sources: &[Source]) -> BTreeSet<String> {
    let long = |source: &Source| -> Vec<String> {
        let all = functions(&source.all).into_iter().filter(|f| f.lines > most);
        all.map(|f| format!("{} {}", source.path, f.name)).collect()
    };
    sources.iter().flat_map(long).collect()
}

fn empty_names(sources: &[Source]) -> BTreeSet<String> {
    let says_nothing = |source: &&Source| {
        source.path.split('/').any(|name| EMPTY_NAMES.contains(&name.trim_end_matches(".rs")))
    };
    sources.iter().filter(says_nothing).map(|source| source.path.clone()).collect()
}

/// Imports that go the wrong way, and rooms that no line of [`ROOMS`] describes.
fn wrong_ways(sources: &[Source]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (file, others) in Crate::new(sources).imports() {
        let room_of = |file: &str| {
            file.trim_start_matches("src/").split('/').next().map(|n| n.trim_end_matches(".rs").to_owned())
        };
        let room = room_of(file).unwrap_or_default();
        if room == "lib" {
            continue;
        }
        let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            found.insert(format!("{file} stands in no room"));
            continue;
        };
        let rooms = others.iter().filter_map(|other| Some((other, room_of(other)?)));
        for (other, _) in rooms.filter(|(_, to)| to != "lib" && *to != room && !may.contains(&to.as_str())) {
            found.insert(format!("{file} imports {other}"));
        }
    }
    found
}

/// Names that the code of a room does not know and says all the same.
fn foreign_names(sources: &[Source]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in sources {
        let of_it = UNKNOWN_TO.iter().filter(|(room, _)| source.room() == Some(room));
        for name in of_it.flat_map(|(_, names)| *names) {
            let parts: Vec<&str> = name.split("::").flat_map(|part| ["::", part]).skip(1).collect();
            let says = |words: &[source::Word]| {
                words.iter().map(|word| word.text.as_str()).eq(parts.iter().copied())
            };
            if source.words.windows(parts.len()).any(says) {
                found.insert(format!("{} names {name}", source.path));
            }
        }
    }
    found
}

fn pointers_in_domain(sources: &[Source]) -> BTreeSet<String> {
    let is_pointer = |text: &String| text.strip_prefix('/').is_some_and(|rest| !rest.is_empty());
    let in_domain = sources.iter().filter(|source| source.room() == Some("domain"));
    in_domain
        .filter(|source| source.strings.iter().any(is_pointer))
        .map(|source| source.path.clone())
        .collect()
}

/// Public functions of `store` that read something of prospects, by themselves or by a private function of their file,
/// and are given nothing that says whose.
fn unscoped_readers(sources: &[Source]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in sources.iter().filter(|source| source.room() == Some("store")) {
        let all = functions(&source.words);
        let names =
            |words: &[source::Word], any: &[&str]| words.iter().any(|word| any.contains(&word.text.as_str()));
        let reads = |f: &source::Function| {
            let of_them = f
                .body
                .windows(2)
                .any(|pair| OF_PROSPECTS.contains(&pair[0].text.as_str()) && pair[1].text == "::");
            of_them && names(f.body, &["load", "first", "get_result", "get_results"])
        };
        let mut readers: BTreeSet<&str> = all.iter().filter(|f| reads(f)).map(|f| f.name).collect();
        loop {
            let by_others = all.iter().filter(|f| !f.is_public && readers.contains(f.name)).map(|f| f.name);
            let by_others: Vec<&str> = by_others.collect();
            let more = all.iter().filter(|f| names(f.body, &by_others)).map(|f| f.name);
            let before = readers.len();
            readers.extend(more.collect::<Vec<_>>());
            if readers.len() == before {
                break;
            }
        }
        let open =
            all.iter().filter(|f| f.is_public && readers.contains(f.name) && !names(f.signature, PERMITS));
        found.extend(open.map(|f| format!("{} {}", source.path, f.name)));
    }
    found
}

/// Circles that no list knows, and files of the lists that are in their circle no longer.
fn new_circles(sources: &[Source], yet: &[&[&str]]) -> BTreeSet<String> {
    let imports = Crate::new(sources).imports();
    let found = circles(&imports);
    let known = |circle: &BTreeSet<&str>| yet.iter().any(|of| circle.iter().all(|file| of.contains(file)));
    let new = found.iter().filter(|circle| !known(circle)).map(|circle| format!("a circle: {circle:#?}"));
    let all: BTreeSet<&str> = found.iter().flatten().copied().collect();
    let gone = yet.iter().copied().flatten().filter(|file| !all.contains(**file));
    new.chain(gone.map(|file| format!("{file} is in no circle by now: take it off the list"))).collect()
}

const CODE: &[&str] = &["src", "tests/it", "benches"];

#[test]
fn imports_go_one_way() {
    let wrong = wrong_ways(&sources(&["src"]));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_room_names_what_it_does_not_know() {
    let sources = sources(&["src"]);
    let wrong = foreign_names(&sources);
    assert!(wrong.is_empty(), "{wrong:#?}");
    only_shrinks(
        "a pointer or a path of the API in domain",
        &pointers_in_domain(&sources),
        POINTERS_IN_DOMAIN_YET,
    )
    .unwrap();
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let wrong = new_circles(&sources(&["src"]), CIRCLES_YET);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_grows_too_long() {
    let sources = sources(CODE);
    only_shrinks("a file too long", &files_over(MOST_LINES_OF_A_FILE, &sources), LONG_FILES_YET).unwrap();
    let functions = functions_over(MOST_LINES_OF_A_FUNCTION, &sources);
    only_shrinks("a function too long", &functions, LONG_FUNCTIONS_YET).unwrap();
}

#[test]
fn every_name_says_what_stands_there() {
    only_shrinks("a name that says nothing", &empty_names(&sources(CODE)), EMPTY_NAMES_YET).unwrap();
}

#[test]
fn nobody_reads_prospects_without_a_scope_or_a_row_already_permitted() {
    let open = unscoped_readers(&sources(&["src"]));
    only_shrinks("a public reader without a scope", &open, UNSCOPED_READERS_YET).unwrap();
}
