//! Asking for an extension of the cycle, and deciding about it (method section 5).

use super::write::{Refused, Target, Written, decide as decided, load};
use crate::{
    clock::Occasion,
    domain::{
        organisation::actor::Actor,
        prospects::{fact::FactBody, fact_entries},
        values::id::Id,
    },
    store::{Conn, ledger::Evidence},
};

/// An extension to ask for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its id.
    pub id: Id,
    /// How many days.
    pub days: i32,
    /// Why, in words.
    pub reason: String,
}

/// Asks for an extension.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn ask(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    target: &Target,
    Request { id, days, reason }: Request,
) -> Result<Written, Refused> {
    let loaded = load(conn, actor, target, occasion)?;
    let words = vec![Evidence { subject_id: id, content: reason }];
    decided(conn, actor, loaded, words, occasion, |ctx| fact_entries::request_extension(ctx, id, days))
}

/// What a supervisor says to a request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The request.
    pub request_id: Id,
    /// Whether it is granted.
    pub granted: bool,
    /// How many days; as many as were asked for when absent.
    pub days: Option<i32>,
    /// Why, in words.
    pub reason: String,
}

/// Grants or denies an extension.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn decide(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    target: &Target,
    Answer { request_id, granted, days, reason }: Answer,
) -> Result<Written, Refused> {
    let loaded = load(conn, actor, target, occasion)?;
    let id = occasion.ids.id();
    let asked = loaded.history.facts.iter().find_map(|f| match f.body {
        FactBody::ExtensionRequested { days } if f.id == request_id => Some(days),
        _ => None,
    });
    let days = if granted { days.or(asked) } else { None };
    let words = vec![Evidence { subject_id: id, content: reason }];
    decided(conn, actor, loaded, words, occasion, |ctx| {
        fact_entries::decide_extension(ctx, request_id, id, days)
    })
}
