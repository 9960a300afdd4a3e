//! The one path on which a stage is written (method section 4): load, let the domain decide, save.
//!
//! Every write on a prospect first holds its owners, the present and the former ones (`locks`), so that all writes of one
//! agent stand in a queue; the version in the WHERE clause and the unique indexes stand behind it.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::{
    Evidence, Loaded,
    agent_context::{self, AgentContext},
    deals, followed, history, locks, placements,
    projections::{self, Tracks},
    save_evidence,
};
use crate::{
    both,
    clock::Occasion,
    domain::{
        exchange::event::Event,
        method::{automatic::review_on, stage::Stage},
        organisation::actor::ActedBy,
        prospects::{
            appointment::Outcome,
            decision::{Context, Decision, Refusal},
            history::{Cut, History},
            moves::{create, settle},
            transition::Transition,
        },
        reports::{
            attention::attention_on,
            board::card,
            placement::{first_difference, placements as placed},
        },
        values::{id::Id, timeline::Timeline},
    },
    store::{
        Conn, StoreError,
        db::{
            codec::{Json, stored_instant},
            dialect::kept,
            schema::prospects,
        },
        organisation::audit,
        prospects::{ownerships, people, prospect_row::ProspectRow},
        reports::board_counts::{self, Place},
    },
};

/// Lets the domain decide about a loaded prospect, and saves what it decided.
///
/// # Errors
/// Outer: those of the store. Inner: the domain's refusal; nothing was written then.
pub fn decide(
    conn: &mut Conn,
    loaded: Loaded,
    by: ActedBy,
    evidence: Vec<Evidence>,
    occasion: &Occasion,
    decision: impl FnOnce(&mut Context<'_>) -> Result<Decision, Refusal>,
) -> Result<Result<(Loaded, Decision), Refusal>, StoreError> {
    let mut new_id = || occasion.ids.id();
    let mut ctx = Context {
        history: &loaded.history,
        env: &loaded.context.env,
        today: loaded.today,
        now: occasion.now,
        by,
        owner_id: loaded.row.owner_id,
        ids: &mut new_id,
    };
    let mut decided = match decision(&mut ctx) {
        Ok(decided) => decided,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Loaded { history, owners, context, today, .. } = &loaded;
    let counted = Place::of(&loaded.row);
    let before = Before { row: loaded.row.clone(), counted, history, owners };
    let saved = save(conn, before, &After { owners, context, today: *today, decided: &decided }, occasion)?;
    audit::record(conn, occasion.ids, occasion.now, by, &saved.events)?;
    save_evidence(conn, saved.row.id, evidence)?;
    let mut loaded = Loaded { row: saved.row, history: decided.history.clone(), ..loaded };
    if saved.changed_cycles && loaded.row.stage != Stage::Closed {
        let followed;
        (loaded, followed) = afresh(conn, loaded, occasion)?;
        followed.into_iter().for_each(|more| decided.followed_by(more));
    }
    Ok(Ok((loaded, decided)))
}

/// Derives a prospect again whose own write has changed the cycle of one of its owners: what is answered is where it stands
/// under the new one, as the next read will find it (method section 4). Answers also what followed. All owners are held.
///
/// # Errors
/// `Stale` when somebody else wrote meanwhile; those of the database.
fn afresh(
    conn: &mut Conn,
    mut loaded: Loaded,
    occasion: &Occasion,
) -> Result<(Loaded, Vec<Decision>), StoreError> {
    let mut followed = Vec::new();
    loop {
        let owner_id = loaded.row.owner_id;
        let present = agent_context::of_agent(conn, owner_id)?;
        let context = ownerships::surround(conn, &loaded.owners, present)?;
        let decided = settled(&loaded.history, &context, loaded.today, owner_id, occasion);
        let Loaded { history, owners, today, .. } = &loaded;
        let before = Before { counted: Place::of(&loaded.row), row: loaded.row.clone(), history, owners };
        let after = After { owners, context: &context, today: *today, decided: &decided };
        let saved = save(conn, before, &after, occasion)?;
        audit::record(conn, occasion.ids, occasion.now, ActedBy::System, &saved.events)?;
        loaded = Loaded { row: saved.row, history: decided.history.clone(), context, ..loaded };
        followed.push(decided);
        if !saved.changed_cycles {
            return Ok((loaded, followed));
        }
    }
}

/// A prospect to be created.
pub struct NewProspect {
    /// Its id.
    pub id: Id,
    /// Its owner.
    pub owner_id: Id,
    /// Who enters it.
    pub by: ActedBy,
    /// Business date of the first record; today when absent.
    pub occurred_on: Option<NaiveDate>,
}

/// Creates the core row and the first record of the log (new → opportunity).
///
/// # Errors
/// `Conflict { "prospects_pkey" }` when the id is taken; inner: a date in the future.
pub fn create_prospect(
    conn: &mut Conn,
    new: &NewProspect,
    occasion: &Occasion,
) -> Result<Result<ProspectRow, Refusal>, StoreError> {
    locks::hold(conn, [new.owner_id].into())?;
    let context = agent_context::of_agent(conn, new.owner_id)?;
    let today = occasion.today(context.time_zone);
    let empty = History::default();
    let mut new_id = || occasion.ids.id();
    let mut ctx = Context {
        history: &empty,
        env: &context.env,
        today,
        now: occasion.now,
        by: new.by,
        owner_id: new.owner_id,
        ids: &mut new_id,
    };
    let decided = match create(&mut ctx, new.occurred_on) {
        Ok(decided) => decided,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let now = stored_instant(occasion.now);
    let picture = card(&decided.history, &context.env, today, decided.next);
    let row = ProspectRow {
        id: new.id,
        owner_id: new.owner_id,
        version: 1,
        stage: decided.history.stage(),
        pursuit_number: decided.history.pursuit_number(),
        card: Json(picture),
        falls_back_on: None,
        next_review_on: None,
        next_appointment_at: None,
        created_at: now,
        updated_at: now,
        erased_at: None,
        verified_stage: None,
        is_claimed: false,
        times_transferred: 0,
        attention_on: None,
        fallback_proposed: false,
        extension_pending: false,
    };
    both!(conn, c => kept(diesel::insert_into(prospects::table).values(&row)).execute(c)?);
    board_counts::count(conn, None, Place::of(&row))?;
    history::append(conn, new.id, &decided.transitions, &decided.facts)?;
    let made = Tracks::of(new.id, &decided.history, &Timeline::constant(new.owner_id));
    projections::rewrite(conn, new.id, &Tracks::default(), &made)?;
    let created = Event::ProspectCreated { prospect_id: new.id, owner_id: new.owner_id };
    let mut events = vec![created];
    events.extend(followed::of_log(new.id, &decided));
    audit::record(conn, occasion.ids, occasion.now, new.by, &events)?;
    Ok(Ok(row))
}

/// Writes what is due on one prospect, whose owners are held. `present` is what surrounds the present owner.
pub(super) fn settle_one(
    conn: &mut Conn,
    row: ProspectRow,
    present: &AgentContext,
    occasion: &Occasion,
) -> Result<Decision, StoreError> {
    let owners = ownerships::owners_of(conn, &row)?;
    let context = &ownerships::surround(conn, &owners, present.clone())?;
    let history = history::load(conn, row.id)?;
    let today = occasion.today(context.time_zone);
    let decided = settled(&history, context, today, row.owner_id, occasion);
    let before = Before { counted: Place::of(&row), row, history: &history, owners: &owners };
    let saved = save(conn, before, &After { owners: &owners, context, today, decided: &decided }, occasion)?;
    audit::record(conn, occasion.ids, occasion.now, ActedBy::System, &saved.events)?;
    Ok(decided)
}

/// What is due by today, under what surrounds the prospect.
fn settled(
    history: &History,
    context: &AgentContext,
    today: NaiveDate,
    owner_id: Id,
    occasion: &Occasion,
) -> Decision {
    let mut new_id = || occasion.ids.id();
    settle(&mut Context {
        history,
        env: &context.env,
        today,
        now: occasion.now,
        by: ActedBy::System,
        owner_id,
        ids: &mut new_id,
    })
}

/// Gives a loaded prospect its new owner, the last of `owners`, and derives afresh what follows from it. `present` is what
/// surrounds the new owner; all owners are held. Answers also what changed, for the transfer to tell. A deal is
/// closed before its prospect can be handed over, and stays its owner's: no cycle changes here.
///
/// # Errors
/// `Stale` when somebody else wrote meanwhile; those of the database.
pub(in crate::store) fn give(
    conn: &mut Conn,
    loaded: Loaded,
    owners: Timeline<Id>,
    present: &AgentContext,
    occasion: &Occasion,
) -> Result<(Loaded, Vec<Event>), StoreError> {
    let context = ownerships::surround(conn, &owners, present.clone())?;
    let owner_id = *owners.on(NaiveDate::MAX);
    let decided = settled(&loaded.history, &context, loaded.today, owner_id, occasion);
    let counted = Place::of(&loaded.row);
    let row = ProspectRow { owner_id, times_transferred: loaded.row.times_transferred + 1, ..loaded.row };
    let before = Before { row, counted, history: &loaded.history, owners: &loaded.owners };
    let after = After { owners: &owners, context: &context, today: loaded.today, decided: &decided };
    let Saved { row, events, .. } = save(conn, before, &after, occasion)?;
    people::change_owner(conn, row.id, owner_id)?;
    Ok((Loaded { row, history: decided.history, owners, context, today: loaded.today }, events))
}

/// A prospect as it was read; owner and number of transfers are those to be written.
struct Before<'a> {
    row: ProspectRow,
    /// Where it is counted on the board, with the owner it had.
    counted: Option<Place>,
    history: &'a History,
    owners: &'a Timeline<Id>,
}

/// What is to be written, and from what the picture follows.
struct After<'a> {
    owners: &'a Timeline<Id>,
    context: &'a AgentContext,
    today: NaiveDate,
    decided: &'a Decision,
}

/// What came of a save.
struct Saved {
    row: ProspectRow,
    /// What changed.
    events: Vec<Event>,
    /// Whether a closing came, went or changed: the cycle of an owner follows from it, and with that the picture just saved.
    changed_cycles: bool,
}

/// The only function that writes a stage.
fn save(
    conn: &mut Conn,
    before: Before<'_>,
    after: &After<'_>,
    occasion: &Occasion,
) -> Result<Saved, StoreError> {
    let After { owners, context, today, decided } = *after;
    let row = before.row;
    let counted = before.counted;
    history::append(conn, row.id, &decided.transitions, &decided.facts)?;
    let stage = decided.history.stage();
    let picture = card(&decided.history, &context.env, today, decided.next);
    let handed_over = before.owners != owners;
    let nothing_new = decided.transitions.is_empty() && decided.facts.is_empty() && !handed_over;
    // A picture derived again is not a change that a reader's version would have to notice.
    let version = if nothing_new { row.version } else { row.version + 1 };
    let updated_at = if nothing_new { row.updated_at } else { stored_instant(occasion.now) };
    let next_review_on = review_on(&context.env, decided.next.as_ref(), stage, today)
        .map(|by| picture.placement_changes_by(stage, today, by).unwrap_or(by));
    let saved = ProspectRow {
        version,
        stage,
        pursuit_number: decided.history.pursuit_number(),
        falls_back_on: decided.next.filter(|d| d.to != Stage::Closed).map(|d| d.on),
        next_review_on,
        attention_on: attention_on(&picture, stage, today, next_review_on),
        verified_stage: picture.placement(stage, today),
        is_claimed: picture.facts.premium_claimed,
        fallback_proposed: !picture.undecided.is_empty(),
        extension_pending: stage.is_pursued() && picture.extension_requested.is_some(),
        next_appointment_at: next_appointment_at(&decided.history, today),
        card: Json(picture),
        updated_at,
        ..row
    };
    let mut events = Event::of_decision(saved.id, decided);
    events.extend(followed::of_row(&row, &saved));
    events.extend(followed::of_decision(saved.id, decided));
    update(conn, &saved, row.version)?;
    board_counts::count(conn, counted, Place::of(&saved))?;
    if !nothing_new {
        let was = Tracks::of(saved.id, before.history, before.owners);
        let made = Tracks::of(saved.id, &decided.history, owners);
        projections::rewrite(conn, saved.id, &was, &made)?;
        events.extend(followed::of_appointments(saved.id, &was, &made));
    }
    let given_on = owners.steps().last().map(|(day, _)| *day).filter(|_| handed_over);
    place(conn, &saved, (before.history, given_on), after)?;
    if !decided.transitions.is_empty() {
        deals::save_pursuits(conn, &saved, (before.history, &decided.history), occasion)?;
    }
    let changed_cycles = (handed_over || decided.transitions.iter().any(touches_closing))
        && deals::save_deals(conn, &saved, owners, &context.env, &decided.history, today, occasion)?;
    if changed_cycles {
        events.extend(followed::of_cycles(owners));
    }
    Ok(Saved { row: saved, events, changed_cycles })
}

/// Rewrites where the prospect was placed from the first day on that a write made different.
fn place(
    conn: &mut Conn,
    saved: &ProspectRow,
    (before, given_on): (&History, Option<NaiveDate>),
    after: &After<'_>,
) -> Result<(), StoreError> {
    let After { owners, context, today, decided } = *after;
    let was_pursued = before.pursuit_number() > 0;
    if saved.pursuit_number == 0 && !was_pursued {
        // Before its first pursuit a prospect is placed nowhere.
        return Ok(());
    }
    let placed_before = if was_pursued { placements::of_prospect(conn, saved.id)? } else { Vec::new() };
    let changed_on = first_difference(before, &decided.history).into_iter().chain(given_on).min();
    let made = |since| placed(&decided.history, &context.env, owners, (since, today));
    placements::rewrite(conn, (saved.id, &placed_before), changed_on, made)
}

/// Writes the row, if it still has the version that was read.
fn update(conn: &mut Conn, saved: &ProspectRow, version: i32) -> Result<(), StoreError> {
    let read = prospects::table.filter(prospects::id.eq(saved.id)).filter(prospects::version.eq(version));
    let written = both!(conn, c => kept(diesel::update(read).set(saved)).execute(c)?);
    if written == 0 { Err(StoreError::Stale) } else { Ok(()) }
}

fn touches_closing(record: &Transition) -> bool {
    record.to == Stage::Closed || record.from == Some(Stage::Closed)
}

fn next_appointment_at(history: &History, today: NaiveDate) -> Option<NaiveDateTime> {
    history
        .appointments_on(history.pursuit_number(), Cut::EndOf(today))
        .into_iter()
        .filter(|a| a.outcome == Outcome::Open && a.on >= today)
        .map(|a| stored_instant(a.starts_at))
        .min()
}
