//! The records that a move consists of, once it is decided.
//!
//! Knows how they are numbered and in which order they stand; never whether they may be made.

use chrono::NaiveDate;

use super::{
    decision::NewFact,
    recorder::{Recorder, Step},
    transition::{Path, Reason},
};
use crate::domain::method::stage::Stage;

/// One record for each stage on the way.
pub(super) fn climb(
    recorder: &mut Recorder<'_, '_>,
    from: Stage,
    to: Stage,
    pursuit_number: i32,
    day: NaiveDate,
) {
    let mut before = from;
    for stage in Stage::LADDER.into_iter().filter(|s| *s > from && *s <= to) {
        recorder.record(Step {
            pursuit_number,
            from: Some(before),
            to: stage,
            path: Path::Manual,
            reason: Reason::GuardsMet,
            pass_through: stage != to,
            occurred_on: day,
        });
        before = stage;
    }
}

/// The record with which a new attempt or a repeat sale begins.
pub(super) fn reopen(recorder: &mut Recorder<'_, '_>, from: Stage, day: NaiveDate, pass_through: bool) {
    let reason = if from == Stage::Closed { Reason::RepeatSale } else { Reason::NewAttempt };
    let pursuit_number = recorder.history.pursuit_number();
    recorder.record(Step {
        pursuit_number,
        from: Some(from),
        to: Stage::Opportunity,
        path: Path::Manual,
        reason,
        pass_through,
        occurred_on: day,
    });
}

/// One record of the last pursuit, whichever way it goes.
pub(super) fn record_step(
    recorder: &mut Recorder<'_, '_>,
    from: Stage,
    to: Stage,
    path: Path,
    reason: Reason,
    day: NaiveDate,
) {
    let pursuit_number = recorder.history.pursuit_number();
    recorder.record(Step {
        pursuit_number,
        from: Some(from),
        to,
        path,
        reason,
        pass_through: false,
        occurred_on: day,
    });
}

/// Records what a request brings with the last pursuit.
pub(super) fn add_facts(recorder: &mut Recorder<'_, '_>, facts: Vec<NewFact>, day: NaiveDate) {
    let pursuit = recorder.history.pursuit_number();
    for fact in facts {
        recorder.fact(fact, pursuit, day, None);
    }
}
