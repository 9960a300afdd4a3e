//! Calls, visits, messages and notes, and the tallies of those who keep only numbers (method sections 2 and 7).

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    prelude::*,
    sql_types::{Bool, Date, Text},
};

use crate::{
    domain::{
        journal::activity::{Activity, CallOutcome, DayCounts},
        organisation::actor::Scope,
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            connection::MultiBackend,
            dialect::before,
            schema::{activities, activity_tallies, activity_texts, prospects},
        },
        organisation::scope,
        prospects::prospect as book,
    },
    text_enum,
};

text_enum!(CallOutcome {
    Dial => "dial",
    Connected => "connected",
    AppointmentSet => "appointment_set",
    Refused => "refused",
});

/// One activity.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = activities)]
pub struct ActivityRow {
    /// Id.
    pub id: Id,
    /// Who did it.
    pub agent_id: Id,
    /// With whom, if it was somebody of the own book.
    pub prospect_id: Option<Id>,
    /// Kind.
    pub kind: String,
    /// How a call ended.
    pub outcome: Option<CallOutcome>,
    /// Business date.
    pub occurred_on: NaiveDate,
    /// Instant, where known.
    pub occurred_at: Option<NaiveDateTime>,
    /// When it was written down.
    pub recorded_at: NaiveDateTime,
    /// On which day.
    pub recorded_on: NaiveDate,
    /// When it was taken back.
    pub withdrawn_at: Option<NaiveDateTime>,
}

impl ActivityRow {
    /// What it was.
    ///
    /// # Errors
    /// `Corrupt` for codes that make no activity.
    pub fn activity(&self) -> Result<Activity, StoreError> {
        Activity::from_codes(&self.kind, self.outcome)
            .ok_or_else(|| StoreError::Corrupt("activities: kind and outcome do not fit".to_owned()))
    }
}

type OnActivities = Box<dyn BoxableExpression<activities::table, MultiBackend, SqlType = Bool>>;

fn visible(scope: &Scope) -> OnActivities {
    match scope {
        Scope::Own { user_id } => Box::new(activities::agent_id.eq(*user_id)),
        Scope::Subtree { user_id, team_path } => Box::new(
            activities::agent_id
                .eq(*user_id)
                .or(activities::agent_id.eq_any(scope::members_below(team_path))),
        ),
    }
}

/// Which activities to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this agent.
    pub agent_id: Option<Id>,
    /// With this prospect.
    pub prospect_id: Option<Id>,
    /// Of these kinds.
    pub kinds: Vec<String>,
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Before this day.
    pub before: Option<NaiveDate>,
    /// After this one in the list.
    pub after: Option<(NaiveDate, Id)>,
}

/// Records one activity and its words.
///
/// # Errors
/// `Conflict { "activities_pkey" }` when the id is taken; those of the database.
pub fn insert(conn: &mut Conn, row: &ActivityRow, text: Option<&str>) -> Result<(), StoreError> {
    diesel::insert_into(activities::table).values(row).execute(conn)?;
    if let Some(content) = text {
        diesel::insert_into(activity_texts::table)
            .values((
                activity_texts::activity_id.eq(row.id),
                activity_texts::prospect_id.eq(row.prospect_id),
                activity_texts::content.eq(content),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// An activity as the scope's holder sees it.
#[derive(Clone, Debug)]
pub struct Noted {
    /// The activity; without the prospect where that is withheld.
    pub row: ActivityRow,
    /// Its words, unless they are withheld.
    pub text: Option<String>,
    /// The prospect has been handed out of the scope since: whoever it was, and what was noted, is no longer to be seen.
    pub withheld: bool,
}

impl From<(ActivityRow, Option<String>)> for Noted {
    fn from((row, text): (ActivityRow, Option<String>)) -> Self {
        Noted { row, text, withheld: false }
    }
}

/// The words of an activity, as a column of a query on activities.
macro_rules! words {
    () => {
        activity_texts::table
            .filter(activity_texts::activity_id.eq(activities::id))
            .select(activity_texts::content)
            .single_value()
    };
}

/// A page of activities with their words, latest day first.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<Noted>, StoreError> {
    let which: OnActivities = match filter.prospect_id {
        Some(prospect_id) => Box::new(visible(scope).and(with_somebody_seen(scope, prospect_id))),
        None => visible(scope),
    };
    let rows = page_of(conn, which, filter, limit)?;
    as_seen(conn, scope, rows)
}

/// A page of the activities with one prospect, latest day first: whoever recorded them, but no notes out of journals that the
/// scope does not reach.
///
/// # Errors
/// `NotFound` when the prospect is outside the scope; those of the database.
pub fn list_with(
    conn: &mut Conn,
    scope: &Scope,
    prospect_id: Id,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Noted>, StoreError> {
    book::find(conn, scope, prospect_id)?;
    page_of(conn, about(prospect_id, scope), filter, limit)
}

/// Every activity with a prospect that the caller has found within the scope, latest day first.
///
/// # Errors
/// Those of the database.
pub fn all_with(conn: &mut Conn, scope: &Scope, prospect_id: Id) -> Result<Vec<Noted>, StoreError> {
    page_of(conn, about(prospect_id, scope), &Filter::default(), i64::MAX)
}

/// Calls, visits and messages go with the prospect; a note stays in the journal it was written in.
fn about(prospect_id: Id, scope: &Scope) -> OnActivities {
    let told = activities::kind.ne(Activity::JournalNote.kind()).or(visible(scope));
    Box::new(activities::prospect_id.eq(prospect_id).assume_not_null().and(told))
}

fn page_of(
    conn: &mut Conn,
    which: OnActivities,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Noted>, StoreError> {
    let mut query = activities::table
        .into_boxed::<MultiBackend>()
        .filter(which)
        .filter(activities::withdrawn_at.is_null())
        .order((activities::occurred_on.desc(), activities::id.desc()))
        .limit(limit)
        .select((ActivityRow::as_select(), words!()));
    if let Some(agent_id) = filter.agent_id {
        query = query.filter(activities::agent_id.eq(agent_id));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(activities::kind.eq_any(filter.kinds.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(activities::occurred_on.ge(from));
    }
    if let Some(day) = filter.before {
        query = query.filter(activities::occurred_on.lt(day));
    }
    if let Some((day, id)) = filter.after {
        let position = (day.into_sql::<Date>(), id.into_sql::<Text>());
        query = query.filter(before((activities::occurred_on, activities::id), position));
    }
    let rows: Vec<(ActivityRow, Option<String>)> = query.load(conn)?;
    Ok(rows.into_iter().map(Noted::from).collect())
}

/// Of a prospect that is in the scope now; of any other there is nothing.
fn with_somebody_seen(scope: &Scope, id: Id) -> OnActivities {
    let one = prospects::table.filter(prospects::id.eq(id)).select(prospects::id);
    match scope {
        Scope::Own { user_id } => Box::new(
            activities::prospect_id.assume_not_null().eq_any(one.filter(prospects::owner_id.eq(*user_id))),
        ),
        Scope::Subtree { user_id, team_path } => {
            let below = prospects::owner_id.eq_any(scope::members_below(team_path));
            let seen = one.filter(prospects::owner_id.eq(*user_id).or(below));
            Box::new(activities::prospect_id.assume_not_null().eq_any(seen))
        }
    }
}

/// The activities with their words, without those of prospects that have left the scope.
fn as_seen(conn: &mut Conn, scope: &Scope, noted: Vec<Noted>) -> Result<Vec<Noted>, StoreError> {
    let named: Vec<Id> = noted.iter().filter_map(|noted| noted.row.prospect_id).collect();
    let seen: Vec<Id> = prospects::table
        .filter(prospects::id.eq_any(named))
        .filter(scope::owned(scope))
        .select(prospects::id)
        .load(conn)?;
    let seen: HashSet<Id> = seen.into_iter().collect();
    let hidden = |noted: Noted| match noted.row.prospect_id {
        Some(id) if !seen.contains(&id) => {
            Noted { row: ActivityRow { prospect_id: None, ..noted.row }, text: None, withheld: true }
        }
        _ => noted,
    };
    Ok(noted.into_iter().map(hidden).collect())
}

/// One activity within the scope.
///
/// # Errors
/// `NotFound` outside it, and when it was taken back.
pub fn find(conn: &mut Conn, scope: &Scope, id: Id) -> Result<Noted, StoreError> {
    let row: (ActivityRow, Option<String>) = activities::table
        .filter(visible(scope))
        .filter(activities::id.eq(id))
        .filter(activities::withdrawn_at.is_null())
        .select((ActivityRow::as_select(), words!()))
        .first(conn)?;
    as_seen(conn, scope, vec![Noted::from(row)])?.pop().ok_or(StoreError::NotFound)
}

/// Takes an activity back; its words go, the row stays.
///
/// # Errors
/// `NotFound` when it was taken back meanwhile.
pub fn withdraw(conn: &mut Conn, id: Id, at: NaiveDateTime) -> Result<(), StoreError> {
    let standing = activities::table.filter(activities::id.eq(id)).filter(activities::withdrawn_at.is_null());
    let written = diesel::update(standing).set(activities::withdrawn_at.eq(Some(at))).execute(conn)?;
    if written == 0 {
        return Err(StoreError::NotFound);
    }
    diesel::delete(activity_texts::table.find(id)).execute(conn)?;
    Ok(())
}

/// Deletes the words of all activities with a prospect.
///
/// # Errors
/// Those of the database.
pub fn erase_texts(conn: &mut Conn, prospect_id: Id) -> Result<(), StoreError> {
    diesel::delete(activity_texts::table.filter(activity_texts::prospect_id.eq(prospect_id)))
        .execute(conn)?;
    Ok(())
}

/// The counts of one day of one agent, as last written.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = activity_tallies)]
pub struct TallyRow {
    /// Id of this version.
    pub id: Id,
    /// Whose.
    pub agent_id: Id,
    /// The day.
    pub day: NaiveDate,
    /// 1, 2, 3, …
    pub version: i32,
    /// Calls made.
    pub dials: i32,
    /// Calls answered.
    pub connects: i32,
    /// Appointments agreed.
    pub appointments_set: i32,
    /// Refusals.
    pub refused: i32,
    /// Visits.
    pub visits: i32,
    /// Messages.
    pub messages: i32,
    /// When it was written down.
    pub recorded_at: NaiveDateTime,
    /// On which day.
    pub recorded_on: NaiveDate,
}

impl TallyRow {
    /// The counts.
    pub fn counts(&self) -> DayCounts {
        DayCounts {
            dials: self.dials.into(),
            connects: self.connects.into(),
            appointments_set: self.appointments_set.into(),
            refused: self.refused.into(),
            visits: self.visits.into(),
            messages: self.messages.into(),
        }
    }
}

/// Writes the next version of a day's tally.
///
/// # Errors
/// `Conflict` when somebody else wrote the same version meanwhile.
pub fn keep_tally(conn: &mut Conn, row: &TallyRow) -> Result<(), StoreError> {
    diesel::insert_into(activity_tallies::table).values(row).execute(conn)?;
    Ok(())
}

/// The tallies of some agents over some days, the latest version of each day, in order of agent and day.
///
/// # Errors
/// Those of the database.
pub fn tallies(
    conn: &mut Conn,
    agents: &[Id],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<TallyRow>, StoreError> {
    let rows: Vec<TallyRow> = activity_tallies::table
        .filter(activity_tallies::agent_id.eq_any(agents.to_vec()))
        .filter(activity_tallies::day.between(from, to))
        .order((activity_tallies::agent_id, activity_tallies::day, activity_tallies::version))
        .select(TallyRow::as_select())
        .load(conn)?;
    let mut latest: Vec<TallyRow> = Vec::with_capacity(rows.len());
    for row in rows {
        match latest.last_mut() {
            Some(last) if last.agent_id == row.agent_id && last.day == row.day => *last = row,
            _ => latest.push(row),
        }
    }
    Ok(latest)
}
