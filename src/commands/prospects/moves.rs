//! Moving a prospect to another stage (method section 4).

use chrono::NaiveDate;

use super::{
    Recorded, deciders,
    recorded::has_words,
    write::{Refused, Target, Written, decide, load},
};
use crate::{
    clock::Occasion,
    domain::{
        method::stage::Stage,
        organisation::actor::Actor,
        prospects::{decision::MoveRequest, moves, transition::Reason},
    },
    store::{
        Conn,
        ledger::{self, Evidence},
    },
};

/// A move to make.
#[derive(Clone, Debug)]
pub struct Move {
    /// The stage to reach.
    pub to: Stage,
    /// Business date; today when absent.
    pub occurred_on: Option<NaiveDate>,
    /// Reason code.
    pub reason: Option<Reason>,
    /// Reason in words.
    pub reason_text: Option<String>,
    /// A supervisor's evidence stands for a missing issue or receipt record.
    pub overrides: bool,
    /// What is told along with it; recorded together with the move or not at all.
    pub told: Recorded,
}

impl Move {
    /// To a stage, today, with what is told along with it.
    pub fn to(stage: Stage, told: Recorded) -> Self {
        Move { to: stage, occurred_on: None, reason: None, reason_text: None, overrides: false, told }
    }
}

/// Moves a prospect.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn make(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    target: &Target,
    asked: Move,
) -> Result<Written, Refused> {
    let loaded = load(conn, actor, target, occasion)?;
    if !actor.acts_as().capacity(loaded.row.owner_id).owns() && !has_words(asked.reason_text.as_deref()) {
        return Err(Refused::ReasonWanted);
    }
    asked.told.check_joint_visits(conn, loaded.row.owner_id)?;
    let told_of = asked.told.sale.signed_on.filter(|_| to_a_sale(asked.to)).or(asked.occurred_on);
    let day = told_of.unwrap_or(loaded.today);
    let remark = deciders::remarks(conn, &loaded, &asked.told.checks, day)?;
    let Move { to, occurred_on, reason, reason_text, overrides, told } = asked;
    let recorded = told.recorded(&loaded, occasion);
    let request = MoveRequest { to, occurred_on, reason, overrides, facts: recorded.facts };
    let mut written =
        decide(conn, actor, loaded, recorded.words, occasion, |ctx| moves::decide(ctx, request))?;
    if let (Some(content), Some(t)) = (reason_text, written.decided.answer()) {
        let words = Evidence { subject_id: t.id, content };
        ledger::save_evidence(conn, target.id, vec![words])?;
    }
    written.decided.warnings.extend(remark);
    Ok(written)
}

/// What comes with such a move is dated on the signature.
fn to_a_sale(to: Stage) -> bool {
    matches!(to, Stage::Stage90 | Stage::Closed)
}
