//! Events that share a number are taken in one after the other, on however many instances: whoever takes one in first holds
//! its numbers, and those of whatever is known beside them, until the transaction ends. Numbers are held before agents; no
//! write that holds agents asks for numbers afterwards.

use std::collections::BTreeSet;

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt},
};
use sha2::{Digest, Sha256};

use crate::{
    domain::{exchange::applications::Numbers, values::id::Id},
    store::{
        Conn, StoreError,
        db::schema::{applications, policy_events},
        ledger::locks,
    },
};

/// Numbers that are held until the transaction ends. Whoever reads by them shows nobody anything.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HeldNumbers {
    applications: BTreeSet<String>,
    policies: BTreeSet<String>,
}

impl HeldNumbers {
    /// The application numbers.
    pub fn applications(&self) -> Vec<String> {
        self.applications.iter().cloned().collect()
    }

    /// The policy numbers.
    pub fn policies(&self) -> Vec<String> {
        self.policies.iter().cloned().collect()
    }

    /// Whether one of these numbers is held; then all of them are.
    pub fn covers(&self, numbers: &Numbers) -> bool {
        let held = |known: &BTreeSet<String>, number: &Option<String>| {
            number.as_ref().is_some_and(|number| known.contains(number))
        };
        held(&self.applications, &numbers.application) || held(&self.policies, &numbers.policy)
    }

    fn add(&mut self, (application, policy): (Option<String>, Option<String>)) {
        self.applications.extend(application);
        self.policies.extend(policy);
    }

    fn is_empty(&self) -> bool {
        self.applications.is_empty() && self.policies.is_empty()
    }
}

/// Holds an event, by its sender and the sender's id, its numbers, and every number that stands beside one of them on another
/// event or application. The first thing that a write does: nothing may have been written before.
///
/// # Errors
/// `Timeout` when another write takes too long; those of the database.
pub fn hold(conn: &mut Conn, event: (Id, &str), own: &Numbers) -> Result<HeldNumbers, StoreError> {
    let mut wanted = HeldNumbers::default();
    wanted.add((own.application.clone(), own.policy.clone()));
    loop {
        lock(conn, event, &wanted)?;
        let known = beside(conn, &wanted)?;
        if known == wanted {
            return Ok(wanted);
        }
        wanted = known;
        locks::start_again(conn)?;
    }
}

/// One writer at a time is the rule of SQLite; elsewhere each number has a lock of its own, taken in order.
fn lock(conn: &mut Conn, (client_id, sender_id): (Id, &str), held: &HeldNumbers) -> Result<(), StoreError> {
    let Conn::Postgres(c) = conn else { return Ok(()) };
    let numbers = held.applications.iter().map(|number| ("application", number.as_str()));
    let policies = held.policies.iter().map(|number| ("policy", number.as_str()));
    let client = client_id.to_string();
    let event = format!("{client}/{sender_id}");
    let mut keys: Vec<i64> = numbers
        .chain(policies)
        .chain([("event", event.as_str())])
        .map(|(kind, text)| key(kind, text))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    sql_query("SELECT pg_advisory_xact_lock(k) FROM unnest($1) AS k")
        .bind::<Array<BigInt>, _>(keys)
        .execute(c)?;
    Ok(())
}

fn key(kind: &str, text: &str) -> i64 {
    let digest = Sha256::digest(format!("{kind}\n{text}"));
    digest.iter().take(8).fold(0, |key, byte| key << 8 | i64::from(*byte))
}

/// These numbers and those that stand beside one of them.
fn beside(conn: &mut Conn, held: &HeldNumbers) -> Result<HeldNumbers, StoreError> {
    let mut known = held.clone();
    if held.is_empty() {
        return Ok(known);
    }
    type Row = (Option<String>, Option<String>);
    let told: Vec<Row> = policy_events::table
        .filter(
            policy_events::application_number
                .eq_any(held.applications())
                .or(policy_events::policy_number.eq_any(held.policies())),
        )
        .select((policy_events::application_number, policy_events::policy_number))
        .distinct()
        .load(conn)?;
    let tied: Vec<Row> = applications::table
        .filter(
            applications::application_number
                .eq_any(held.applications())
                .or(applications::policy_number.eq_any(held.policies())),
        )
        .select((applications::application_number, applications::policy_number))
        .load(conn)?;
    told.into_iter().chain(tied).for_each(|row| known.add(row));
    Ok(known)
}
