//! A1: every operation answers every caller as its row says.

use std::collections::BTreeSet;

use super::{
    callers::{ALL, Caller, Company, refresh_token, signed},
    document,
    table::{Outcome, Row, rows},
};
use crate::harness::{World, both};

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let operations: BTreeSet<&str> = document::operations().iter().map(|operation| operation.id).collect();
    let rows: BTreeSet<&str> = rows().iter().map(|row| row.operation).collect();
    assert_eq!(operations, rows, "left: the API document, right: tests/it/access/table");
}

#[test]
fn every_row_asks_for_its_own_operation() {
    let world = World::new(prospector::store::db::connection::Engine::Sqlite).unwrap();
    for (number, row) in rows().iter().enumerate() {
        let company = Company::new(&world, &format!("-{number}"));
        let ask = (row.ask)(&world, &company.side());
        let operation = document::operation(row.operation);
        let path = ask.path.split('?').next().unwrap();
        let fits = operation.path.split('/').count() == path.split('/').count()
            && operation.path.split('/').zip(path.split('/')).all(|(t, p)| t.starts_with('{') || t == p);
        assert!(fits && ask.method == operation.method, "{}: {} {}", row.operation, ask.method, ask.path);
    }
}

#[test]
fn every_operation_answers_each_caller_as_its_row_says() {
    both(|world| {
        let (mut asked, mut wrong) = (0, Vec::new());
        for (number, row) in rows().iter().enumerate() {
            asked += try_all(&world, number, row, &mut wrong);
        }
        assert!(wrong.is_empty(), "{} of {asked} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
        assert!(asked > 8 * document::operations().len(), "only {asked} requests");
        println!("A1 on {:?}: {asked} requests", world.engine);
    });
}

/// Everybody tries one row; answers the number of requests.
fn try_all(world: &World, number: usize, row: &Row, wrong: &mut Vec<String>) -> usize {
    let company = Company::new(world, &format!("-{number}"));
    let side = company.side();
    let refresh_token = refresh_token(world, &company.cast.peer);
    let operation = document::operation(row.operation);
    // One request for all who are refused and for the first who may: its precondition holds only if nothing happened.
    let mut unspent = Some((row.ask)(world, &side));
    let mut asked = 0;
    // A block is signed off once, whoever of those above does it.
    let once = |caller: Caller| caller == Caller::Head && row.operation == "createSignOff";
    for caller in ALL.into_iter().filter(|caller| !once(*caller)) {
        for token in company.tokens(world, caller, &refresh_token) {
            let outcome = row.access.outcome(caller);
            let kept = if outcome == Outcome::Done { unspent.take() } else { unspent.clone() };
            let ask = kept.unwrap_or_else(|| (row.ask)(world, &side));
            let answer = signed(ask.call(world), token.as_deref()).send();
            let right = match outcome {
                Outcome::Done => (200..300).contains(&answer.status),
                Outcome::Refused(status) => {
                    answer.status == status
                        && answer.header("content-type") == Some("application/problem+json")
                        && answer.header("www-authenticate").is_some() == (status == 401)
                }
            };
            if outcome == Outcome::Done {
                // Version and place are on every such answer; the other headers only where there is something to say.
                let promised = operation.headers(answer.status);
                let missing = |name: &&str| promised.contains(name) && answer.header(name).is_none();
                let missing: Vec<&str> = ["ETag", "Location"].into_iter().filter(missing).collect();
                if !missing.is_empty() {
                    wrong.push(format!("{} {caller:?}: the document promises {missing:?}", row.operation));
                }
            }
            if !right {
                let got = (answer.status, answer.text());
                wrong.push(format!("{} {caller:?}: expected {outcome:?}, got {got:?}", row.operation));
            }
            asked += 1;
        }
    }
    asked
}
