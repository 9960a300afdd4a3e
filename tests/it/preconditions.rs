//! C12: a precondition is part of the write. Of eight who write at once from one version, through three instances, one
//! wins and the others are told that they were late. Every operation that takes `If-Match`.

use std::{collections::BTreeSet, env, sync::Barrier, thread};

use prospector::store::db::connection::Engine;
use serde_json::{Value, json};

use crate::{
    access::{
        callers::Company,
        document,
        table::{Ask, Row, rows},
    },
    harness::{
        World,
        app::{Answer, Instance},
        on_each_engine,
    },
};

type Written = (&'static str, &'static [&'static str], fn(usize) -> Value);

/// Every operation that takes `If-Match`, and what each of the writers writes differently: where in the body, and what.
const TABLE: [Written; 24] = [
    ("createCorrection", &["/reason_text"], words),
    ("createTransition", &["/reason_text"], words),
    ("declareCycle", &["/declared_days"], |n| json!(30 + n)),
    ("decideExtension", &["/reason_text"], words),
    ("deleteActivity", &[], words),
    ("deleteCalendarFeed", &[], words),
    ("deleteCoolingOffRule", &[], words),
    ("deletePremiumFactor", &[], words),
    ("deleteProduct", &[], words),
    ("deleteProspect", &[], words),
    ("deleteServiceClientSecret", &[], words),
    ("deleteWebhook", &[], words),
    ("replaceCoolingOffRule", &["/days"], |n| json!(20 + n)),
    ("replacePremiumFactor", &["/factor"], |n| json!(format!("0.{}", 1 + n))),
    ("replaceProduct", &["/name"], words),
    ("updateAgent", &["/display_name"], words),
    ("updateAgentPassword", &["/password"], words),
    ("updateAppointment", &["/agenda", "/notes"], words),
    ("updateProspect", &["/notes"], words),
    ("updatePursuit", &["/evidence"], words),
    ("updateServiceClient", &["/name"], words),
    ("updateSettings", &["/first_appointments_a_week", "/criteria_grace_days"], |n| json!(1 + n)),
    ("updateTeam", &["/name"], words),
    ("updateWebhook", &["/url"], |n| json!(format!("https://example.com/{n}"))),
];
const WRITERS: usize = 8;

fn words(n: usize) -> Value {
    json!(format!("the words of writer {n}"))
}

/// The request of a row of the access table that writes from a version, in a company of its own.
fn with_a_version(world: &World, row: &Row, name: &str) -> Option<(Company, Ask)> {
    if !TABLE.iter().any(|(operation, ..)| *operation == row.operation) {
        return None;
    }
    let company = Company::new(world, name);
    let ask = (row.ask)(world, &company.side());
    ask.version.is_some().then_some((company, ask))
}

/// The same request in the words of one writer.
fn of_writer(row: &Row, ask: &Ask, n: usize) -> Ask {
    let (_, places, what) = TABLE.iter().find(|(operation, ..)| *operation == row.operation).unwrap();
    let mut ask = ask.clone();
    let Some(body) = &mut ask.body else { return ask };
    let place = places.iter().find(|place| body.pointer(place).is_some());
    let place = place.unwrap_or_else(|| panic!("{}: none of {places:?} in {body}", row.operation));
    *body.pointer_mut(place).unwrap() = what(n);
    ask
}

#[test]
fn every_operation_that_takes_if_match_has_a_row() {
    let operations: BTreeSet<&str> =
        document::operations().iter().filter(|one| one.takes_if_match()).map(|one| one.id).collect();
    let table: BTreeSet<&str> = TABLE.iter().map(|(operation, ..)| *operation).collect();
    assert_eq!(operations, table, "left: the API document, right: the table of this file");
    let asked: BTreeSet<&str> = rows().iter().map(|row| row.operation).collect();
    assert!(table.is_subset(&asked));
}

#[test]
fn of_eight_writers_with_one_if_match_one_wins() {
    #[allow(clippy::disallowed_methods)] // how long to look, not how the service runs
    let rounds = env::var("PRECONDITION_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    on_each_engine(|engine| {
        let Some(world) = World::with(engine, |config| config.db_threads = 4) else { return };
        let others = [world.another(), world.another()];
        let (mut asked, mut wrong) = (BTreeSet::new(), Vec::new());
        for round in 0..rounds {
            for (number, row) in rows().into_iter().enumerate() {
                let Some((company, ask)) = with_a_version(&world, &row, &format!("-{round}-{number}")) else {
                    continue;
                };
                asked.insert(row.operation);
                let answers = at_once(&world, &others, (&row, &ask, &company));
                wrong.extend(fault(&row, &answers));
            }
        }
        assert!(wrong.is_empty(), "{} rounds are wrong:\n{}", wrong.len(), wrong.join("\n"));
        assert_eq!(asked.len(), TABLE.len(), "{asked:?}");
        println!("C12 on {engine:?}: {rounds} rounds of every operation");
    });
}

fn at_once(
    world: &World,
    others: &[Instance; 2],
    (row, ask, company): (&Row, &Ask, &Company),
) -> Vec<Answer> {
    let (by, start) = (company.side().whoever_may(world, row.access), Barrier::new(WRITERS));
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|n| {
                let (ask, start) = (of_writer(row, ask, n), &start);
                scope.spawn(move || {
                    let call = ask.call(world).by(by);
                    let call = match n % 3 {
                        0 => call,
                        place => call.at(&others[place - 1]),
                    };
                    start.wait();
                    call.send()
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    })
}

/// What is wrong with the answers to eight writers, if anything is.
fn fault(row: &Row, answers: &[Answer]) -> Option<String> {
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    let won = statuses.iter().filter(|status| (200..300).contains(*status)).count();
    // What was deleted is not there any more.
    let late = |status: u16| status == 412 || (status == 404 && row.operation.starts_with("delete"));
    let told = statuses.iter().filter(|status| late(**status)).count();
    (won != 1 || told != WRITERS - 1).then(|| format!("{}: {statuses:?}", row.operation))
}

#[test]
fn the_same_writer_may_not_write_twice_from_one_version_either() {
    on_each_engine(|engine: Engine| {
        let Some(world) = World::new(engine) else { return };
        for (number, row) in rows().into_iter().enumerate() {
            let Some((company, ask)) = with_a_version(&world, &row, &format!("-{number}")) else { continue };
            let by = company.side().whoever_may(&world, row.access);
            let answers: Vec<Answer> =
                (0..2).map(|n| of_writer(&row, &ask, n).call(&world).by(by).send()).collect();
            let statuses = [answers[0].status, answers[1].status];
            let fine = (200..300).contains(&statuses[0]) && matches!(statuses[1], 412 | 404);
            assert!(fine, "{}: {statuses:?} {}", row.operation, answers[1].text());
        }
    });
}
