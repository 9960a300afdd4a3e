//! Signing a block of an agent's sheet off, and revoking that (method section 8).

use chrono::NaiveDate;

use crate::{
    clock::Occasion,
    domain::{
        exchange::event::{Event, SignedBlock},
        organisation::actor::{Actor, Role},
        reports::{
            sheet_week::{CheckIn, SheetWeek},
            sign_off::{NotSigned, SignedFigures, next_attempt},
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::codec::{Json, stored_instant},
        organisation::{audit, standing, users},
        reports::sign_offs::{self, RevocationRow, SignOff, SignOffRow},
    },
};

/// Why nothing was signed or revoked.
#[derive(Debug)]
pub enum Refused {
    /// The store failed; `NotFound` for what is not there, or not for the actor.
    Store(StoreError),
    /// Only supervisors do this.
    SupervisorsOnly,
    /// Nobody signs the own sheet.
    OwnSheet,
    /// The sheet of a supervisor is for a supervisor of a team above.
    OfASupervisor,
    /// The block cannot be signed.
    NotSigned(NotSigned),
    /// It was revoked already.
    AlreadyRevoked,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

/// Only a supervisor above signs and revokes: nobody the own sheet, and of another supervisor's team no second supervisor
/// either. The sheet of a supervisor at the top of everything is signed by nobody; it is never frozen.
fn above(conn: &mut Conn, actor: &Actor, agent_id: Id) -> Result<(), Refused> {
    if actor.role != Role::Supervisor {
        return Err(Refused::SupervisorsOnly);
    }
    if agent_id == actor.id {
        return Err(Refused::OwnSheet);
    }
    let agent = users::find(conn, &actor.scope, agent_id)?;
    if agent.role == Role::Supervisor && agent.team_id == actor.team_id {
        return Err(Refused::OfASupervisor);
    }
    Ok(())
}

/// Which block to sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Block {
    /// Whose sheet.
    pub agent_id: Id,
    /// A day of the week.
    pub week_of: NaiveDate,
    /// The check-in that ends the block.
    pub check_in: CheckIn,
}

/// Signs a block off: its figures are frozen.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn sign(conn: &mut Conn, actor: &Actor, occasion: &Occasion, asked: Block) -> Result<SignOff, Refused> {
    let agent_id = asked.agent_id;
    let context = sign_offs::hold(conn, &actor.scope, agent_id, occasion)?;
    standing::still_stands(conn, actor)?;
    above(conn, actor, agent_id)?;
    let today = occasion.today(context.time_zone);
    let start = context.env.settings.on(asked.week_of).sheet_week_start;
    let week = SheetWeek::containing(asked.week_of, start);
    let block = week.block(asked.check_in);
    let earlier = sign_offs::of_week(conn, agent_id, &week)?;
    let same = earlier.iter().filter(|s| s.row.check_in == asked.check_in);
    let revoked: Vec<bool> = same.map(|s| s.revocation.is_some()).collect();
    let attempt = next_attempt(&block, today, &revoked).map_err(Refused::NotSigned)?;
    let book = sign_offs::book(conn, agent_id, &context, &week)?;
    let not_over = || Refused::NotSigned(NotSigned::NotOver { last_day: block.window.to });
    let figures = SignedFigures::of(&book, &block, today).ok_or_else(not_over)?;
    let row = SignOffRow {
        id: occasion.ids.id(),
        agent_id,
        week_from: week.window().from,
        sheet_week_start: start,
        check_in: asked.check_in,
        attempt,
        block_from: block.window.from,
        block_to: block.window.to,
        figures: Json(figures),
        signed_by: actor.id,
        signed_at: stored_instant(occasion.now),
    };
    sign_offs::insert(conn, &row).map_err(|error| match error {
        StoreError::Conflict { constraint }
            if constraint == "ux_sign_offs__agent_id__week_from__check_in__attempt" =>
        {
            Refused::NotSigned(NotSigned::Standing)
        }
        other => Refused::Store(other),
    })?;
    audit::record(
        conn,
        occasion.ids,
        occasion.now,
        actor.acts_as(),
        &[Event::BlockSignedOff(block_of(&row))],
    )?;
    Ok(SignOff { row, revocation: None, reason: None })
}

/// Revokes a sign-off, with a reason in words.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn revoke(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (id, reason): (Id, &str),
) -> Result<RevocationRow, Refused> {
    let signed = sign_offs::find(conn, &actor.scope, id)?.row;
    standing::hold(conn, actor, &[])?;
    above(conn, actor, signed.agent_id)?;
    let row = RevocationRow {
        sign_off_id: signed.id,
        revoked_by: actor.id,
        revoked_at: stored_instant(occasion.now),
    };
    sign_offs::revoke(conn, &row, reason).map_err(|error| match error {
        StoreError::Conflict { .. } => Refused::AlreadyRevoked,
        other => Refused::Store(other),
    })?;
    audit::record(
        conn,
        occasion.ids,
        occasion.now,
        actor.acts_as(),
        &[Event::SignOffRevoked(block_of(&signed))],
    )?;
    Ok(row)
}

fn block_of(row: &SignOffRow) -> SignedBlock {
    SignedBlock {
        sign_off_id: row.id,
        agent_id: row.agent_id,
        check_in: row.check_in,
        attempt: row.attempt,
        from: row.block_from,
        to: row.block_to,
    }
}
