//! The one path on which a stage is written (method section 4): load, let the domain decide, save.
//!
//! Every write on a prospect first locks the row of its owner's team, so that all writes of one team stand in a queue;
//! the version in the WHERE clause and the unique indexes stand behind it.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;

use super::{
    Conn, StoreError,
    board_counts::{self, Place},
    codec::{Json, stored_instant},
    dialect::locked,
    environment::{self, Surroundings},
    history, outcomes,
    schema::{evidence, memberships, prospects, teams},
    scope,
    tracks::{self, Tracks},
};
use crate::{
    both,
    clock::{Clock, Ids},
    domain::{
        actor::Scope,
        automatic::{reconcile, review_on},
        board::{Card, card},
        decision::{Authority, Context, Decision, Refusal, create, settle},
        history::{Cut, Environment, History, Outcome},
        id::Id,
        stage::Stage,
        timeline::Timeline,
        transition::Transition,
    },
};

/// The prospect's row.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = prospects)]
pub struct ProspectRow {
    /// Id.
    pub id: Id,
    /// Owner.
    pub owner_id: Id,
    /// Version, 1 and up.
    pub version: i32,
    /// Stage as written down.
    pub stage: Stage,
    /// Number of the current or last pursuit.
    pub pursuit_number: i32,
    /// The stored picture.
    pub card: Json<Card>,
    /// Next fallback.
    pub falls_back_on: Option<NaiveDate>,
    /// Day from which on the picture must be derived again.
    pub next_review_on: Option<NaiveDate>,
    /// Next appointment.
    pub next_appointment_at: Option<NaiveDateTime>,
    /// Created.
    pub created_at: NaiveDateTime,
    /// Last written.
    pub updated_at: NaiveDateTime,
    /// Erased.
    pub erased_at: Option<NaiveDateTime>,
    /// Where the rules put an open pursuit today.
    pub verified_stage: Option<Stage>,
    /// Whether it rests on the agent's word.
    pub is_claimed: bool,
}

/// When a write happens, and where its ids come from.
#[derive(Clone, Copy, Debug)]
pub struct Occasion {
    /// Real instant of recording.
    pub now: DateTime<Utc>,
    /// Business instant: "today" is its date in the team's time zone.
    pub business_now: DateTime<Utc>,
    /// Source of ids.
    pub ids: Ids,
}

impl Occasion {
    /// This moment.
    pub fn of(clock: &Clock, ids: Ids) -> Self {
        Occasion { now: clock.now(), business_now: clock.business_now(), ids }
    }

    /// The business date in a time zone.
    pub fn today(&self, time_zone: Tz) -> NaiveDate {
        self.business_now.with_timezone(&time_zone).date_naive()
    }
}

/// A prospect with everything a decision needs, its team's writes locked.
pub struct Loaded {
    /// The row.
    pub row: ProspectRow,
    /// Log and facts.
    pub history: History,
    /// What surrounds the owner.
    pub around: Surroundings,
    /// The business date in the team's time zone.
    pub today: NaiveDate,
}

impl Loaded {
    /// Cycle and settings.
    pub fn env(&self) -> &Environment {
        &self.around.env
    }

    /// The row as it stood at the end of a day not after today; none before the first record. What fell due by then is
    /// in it whether or not anything has written it down.
    pub fn row_on(&self, day: NaiveDate) -> Option<ProspectRow> {
        let then = self.history.as_of(day)?;
        let next = reconcile(&then, self.env(), day).next;
        Some(ProspectRow {
            stage: then.stage(),
            pursuit_number: then.pursuit_number(),
            card: Json(card(&then, self.env(), day, next)),
            ..self.row.clone()
        })
    }
}

/// Free text that belongs to a fact or a record of the log.
pub struct Evidence {
    /// The fact or record.
    pub subject_id: Id,
    /// The text.
    pub content: String,
}

/// Loads a prospect within a scope for writing: its team is locked, what was due is written down.
///
/// # Errors
/// `NotFound` outside the scope.
pub fn load_for_write(
    conn: &mut Conn,
    scope: &Scope,
    id: Id,
    occasion: &Occasion,
) -> Result<Loaded, StoreError> {
    let owner_id: Id = prospects::table
        .filter(prospects::id.eq(id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select(prospects::owner_id)
        .first(conn)?;
    lock_owner(conn, owner_id)?;
    super::catch_up::settle_owner(conn, owner_id, occasion)?;
    load_locked(conn, id, owner_id, occasion)
}

/// Loads a prospect whose team is locked already.
pub(super) fn load_locked(
    conn: &mut Conn,
    id: Id,
    owner_id: Id,
    occasion: &Occasion,
) -> Result<Loaded, StoreError> {
    let row: ProspectRow = prospects::table.find(id).select(ProspectRow::as_select()).first(conn)?;
    let around = environment::of_agent(conn, owner_id)?;
    let today = occasion.today(around.time_zone);
    let history = history::load(conn, id)?;
    Ok(Loaded { row, history, around, today })
}

/// Loads a prospect within a scope for reading.
///
/// # Errors
/// `NotFound` outside the scope.
pub fn load(
    conn: &mut Conn,
    scope: &Scope,
    id: Id,
    business_now: DateTime<Utc>,
) -> Result<Loaded, StoreError> {
    let row: ProspectRow = prospects::table
        .filter(prospects::id.eq(id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select(ProspectRow::as_select())
        .first(conn)?;
    let around = environment::of_agent(conn, row.owner_id)?;
    let today = business_now.with_timezone(&around.time_zone).date_naive();
    let history = history::load(conn, id)?;
    Ok(Loaded { row, history, around, today })
}

/// Holds all other writes on the prospects of an agent's team until the transaction ends. The team and not the agent
/// alone: a closing changes the cycle of team-mates without deals of their own, and two closings at once would
/// otherwise wait for each other.
pub(super) fn lock_owner(conn: &mut Conn, owner_id: Id) -> Result<(), StoreError> {
    let own_team = memberships::table
        .filter(memberships::user_id.eq(owner_id))
        .filter(memberships::valid_to.is_null())
        .select(memberships::team_id);
    let team = teams::table.filter(teams::id.eq_any(own_team)).select(teams::id);
    let _: Option<Id> = locked(team).get_result(conn).optional()?;
    Ok(())
}

/// Lets the domain decide about a loaded prospect, and saves what it decided.
///
/// # Errors
/// Outer: those of the store. Inner: the domain's refusal; nothing was written then.
pub fn decide(
    conn: &mut Conn,
    loaded: Loaded,
    actor_id: Id,
    authority: Authority,
    evidence: Vec<Evidence>,
    occasion: &Occasion,
    decision: impl FnOnce(&mut Context<'_>) -> Result<Decision, Refusal>,
) -> Result<Result<(Loaded, Decision), Refusal>, StoreError> {
    let mut new_id = || occasion.ids.id();
    let mut ctx = Context {
        history: &loaded.history,
        env: &loaded.around.env,
        today: loaded.today,
        now: occasion.now,
        actor_id,
        authority,
        ids: &mut new_id,
    };
    let decided = match decision(&mut ctx) {
        Ok(decided) => decided,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let row = save(conn, loaded.row, &loaded.history, &loaded.around, loaded.today, &decided, occasion)?;
    save_evidence(conn, row.id, evidence)?;
    let loaded = Loaded { row, history: decided.history.clone(), ..loaded };
    Ok(Ok((loaded, decided)))
}

/// A prospect to be created.
pub struct NewProspect {
    /// Its id.
    pub id: Id,
    /// Its owner, who is also its creator.
    pub owner_id: Id,
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
    lock_owner(conn, new.owner_id)?;
    let around = environment::of_agent(conn, new.owner_id)?;
    let today = occasion.today(around.time_zone);
    let empty = History::default();
    let mut new_id = || occasion.ids.id();
    let mut ctx = Context {
        history: &empty,
        env: &around.env,
        today,
        now: occasion.now,
        actor_id: new.owner_id,
        authority: Authority { owner: true, supervisor: false },
        ids: &mut new_id,
    };
    let decided = match create(&mut ctx, new.occurred_on) {
        Ok(decided) => decided,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let now = stored_instant(occasion.now);
    let picture = card(&decided.history, &around.env, today, decided.next);
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
    };
    diesel::insert_into(prospects::table).values(&row).execute(conn)?;
    board_counts::count(conn, None, Place::of(&row))?;
    history::append(conn, new.id, &decided.transitions, &decided.facts)?;
    let made = Tracks::of(new.id, &decided.history, &Timeline::constant(new.owner_id));
    tracks::rewrite(conn, new.id, &Tracks::default(), &made)?;
    Ok(Ok(row))
}

/// Writes what is due on one prospect, whose team is locked; says whether a closing was among it.
pub(super) fn settle_one(
    conn: &mut Conn,
    row: ProspectRow,
    around: &Surroundings,
    occasion: &Occasion,
) -> Result<Decision, StoreError> {
    let history = history::load(conn, row.id)?;
    let today = occasion.today(around.time_zone);
    let mut new_id = || occasion.ids.id();
    let mut ctx = Context {
        history: &history,
        env: &around.env,
        today,
        now: occasion.now,
        actor_id: row.owner_id,
        authority: Authority { owner: false, supervisor: false },
        ids: &mut new_id,
    };
    let decided = settle(&mut ctx);
    save(conn, row, &history, around, today, &decided, occasion)?;
    Ok(decided)
}

/// The only function that writes a stage.
fn save(
    conn: &mut Conn,
    row: ProspectRow,
    before: &History,
    around: &Surroundings,
    today: NaiveDate,
    decided: &Decision,
    occasion: &Occasion,
) -> Result<ProspectRow, StoreError> {
    let counted = Place::of(&row);
    history::append(conn, row.id, &decided.transitions, &decided.facts)?;
    let stage = decided.history.stage();
    let picture = card(&decided.history, &around.env, today, decided.next);
    let nothing_new = decided.transitions.is_empty() && decided.facts.is_empty();
    // A picture derived again is not a change that a reader's version would have to notice.
    let version = if nothing_new { row.version } else { row.version + 1 };
    let updated_at = if nothing_new { row.updated_at } else { stored_instant(occasion.now) };
    let saved = ProspectRow {
        version,
        stage,
        pursuit_number: decided.history.pursuit_number(),
        falls_back_on: decided.next.filter(|d| d.to != Stage::Closed).map(|d| d.on),
        next_review_on: review_on(&around.env, decided.next.as_ref(), stage, today)
            .map(|by| picture.placement_changes_by(stage, today, by).unwrap_or(by)),
        verified_stage: picture.placement(stage, today),
        is_claimed: picture.claimed,
        next_appointment_at: next_appointment_at(&decided.history, today),
        card: Json(picture),
        updated_at,
        ..row
    };
    let written = diesel::update(
        prospects::table.filter(prospects::id.eq(saved.id)).filter(prospects::version.eq(row.version)),
    )
    .set((
        prospects::version.eq(saved.version),
        prospects::stage.eq(saved.stage),
        prospects::pursuit_number.eq(saved.pursuit_number),
        prospects::card.eq(saved.card.clone()),
        prospects::falls_back_on.eq(saved.falls_back_on),
        prospects::next_review_on.eq(saved.next_review_on),
        prospects::next_appointment_at.eq(saved.next_appointment_at),
        prospects::updated_at.eq(saved.updated_at),
        prospects::verified_stage.eq(saved.verified_stage),
        prospects::is_claimed.eq(saved.is_claimed),
    ))
    .execute(conn)?;
    if written == 0 {
        return Err(StoreError::Stale);
    }
    board_counts::count(conn, counted, Place::of(&saved))?;
    if !nothing_new {
        let owners = Timeline::constant(saved.owner_id);
        let (before, after) =
            (Tracks::of(saved.id, before, &owners), Tracks::of(saved.id, &decided.history, &owners));
        tracks::rewrite(conn, saved.id, &before, &after)?;
    }
    if !decided.transitions.is_empty() {
        outcomes::save_pursuits(conn, &saved, decided, occasion)?;
        if decided.transitions.iter().any(touches_closing) {
            outcomes::save_deals(conn, &saved, around, decided, today, occasion)?;
        }
    }
    Ok(saved)
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

/// Stores free texts beside the facts or records they belong to.
///
/// # Errors
/// Those of the database.
pub fn save_evidence(conn: &mut Conn, prospect_id: Id, texts: Vec<Evidence>) -> Result<(), StoreError> {
    if texts.is_empty() {
        return Ok(());
    }
    let row = |text: Evidence| {
        (
            evidence::subject_id.eq(text.subject_id),
            evidence::prospect_id.eq(prospect_id),
            evidence::content.eq(text.content),
        )
    };
    let rows: Vec<_> = texts.into_iter().map(row).collect();
    both!(conn, c => diesel::insert_into(evidence::table).values(&rows).execute(c)?);
    Ok(())
}

/// The free texts about a prospect, by the id of the fact or record they belong to.
///
/// # Errors
/// Those of the database.
pub fn evidence_of(
    conn: &mut Conn,
    prospect_id: Id,
) -> Result<std::collections::HashMap<Id, String>, StoreError> {
    let rows: Vec<(Id, String)> = evidence::table
        .filter(evidence::prospect_id.eq(prospect_id))
        .select((evidence::subject_id, evidence::content))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
