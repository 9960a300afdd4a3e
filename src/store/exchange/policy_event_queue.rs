//! Events of the policy system as supervisors see them: those under an application of a prospect of their scope, and those that
//! wait or were dismissed, of the team of the agent they name; without one they are for whoever heads the organisation.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_types::{Bool, Text, Timestamp},
};

use super::{applications::ApplicationRow, policy_event_people::PersonalRow, policy_events::PolicyEventRow};
use crate::{
    domain::{
        exchange::{policy_event::PolicyEventType, policy_message::EventStatus},
        organisation::actor::{Actor, Scope},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            connection::MultiBackend,
            dialect::before,
            schema::{
                applications, policy_event_decisions, policy_event_people, policy_events, prospects, teams,
            },
        },
        organisation::scope,
        prospects::prospect_row::ProspectRow,
    },
};

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// That stand so.
    pub statuses: Vec<EventStatus>,
    /// Of these types.
    pub types: Vec<PolicyEventType>,
    /// Received from this instant on.
    pub from: Option<NaiveDateTime>,
    /// Received before this instant.
    pub until: Option<NaiveDateTime>,
    /// Older than this one.
    pub after: Option<(NaiveDateTime, Id)>,
}

/// An event with what is known about it.
#[derive(Clone, Debug)]
pub struct Queued {
    /// The event.
    pub row: PolicyEventRow,
    /// What is personal about it; none where nothing was told, or once it was erased.
    pub personal: Option<PersonalRow>,
    /// The application under which it stands.
    pub application: Option<ApplicationRow>,
}

impl Queued {
    /// Whom it is about, where it stands under an application.
    pub fn prospect_id(&self) -> Option<Id> {
        self.application.as_ref().map(|one| one.prospect_id)
    }
}

type OnEvents = Box<dyn BoxableExpression<policy_events::table, MultiBackend, SqlType = Bool>>;

/// What waits for somebody of the scope, or was dismissed there; without an agent it is for whoever heads the one team above
/// all.
fn waiting(actor: &Actor) -> OnEvents {
    let placed_nowhere = || policy_events::status.ne(EventStatus::Matched);
    let Scope::Subtree { team_path, .. } = &actor.scope else {
        // Agents ask nothing here.
        return Box::new(placed_nowhere().and(policy_events::status.eq(EventStatus::Matched)));
    };
    let below = scope::members_below(team_path);
    let of_team =
        policy_events::agent_id.is_not_null().and(policy_events::agent_id.assume_not_null().eq_any(below));
    let tops = || teams::table.filter(teams::parent_id.is_null());
    let heads = exists(tops().filter(teams::id.eq(actor.team_id)))
        .and(not(exists(tops().filter(teams::id.ne(actor.team_id)))));
    Box::new(placed_nowhere().and(of_team.or(policy_events::agent_id.is_null().and(heads))))
}

/// What stands under an application of a prospect of the scope.
fn placed(scope: &Scope) -> OnEvents {
    let application = || policy_events::application_id.assume_not_null();
    let is_placed = || policy_events::application_id.is_not_null();
    let living = || prospects::table.filter(prospects::erased_at.is_null()).select(prospects::id);
    let of = || applications::table.select(applications::id);
    match scope {
        Scope::Own { user_id } => {
            let seen = living().filter(prospects::owner_id.eq(*user_id));
            let theirs = of().filter(applications::prospect_id.eq_any(seen));
            Box::new(is_placed().and(application().eq_any(theirs)))
        }
        Scope::Subtree { team_path, .. } => {
            let seen = living().filter(prospects::owner_id.eq_any(scope::members_below(team_path)));
            let theirs = of().filter(applications::prospect_id.eq_any(seen));
            Box::new(is_placed().and(application().eq_any(theirs)))
        }
    }
}

fn within(actor: &Actor) -> OnEvents {
    Box::new(waiting(actor).or(placed(&actor.scope)))
}

type Row = (PolicyEventRow, Option<PersonalRow>, Option<ApplicationRow>);

macro_rules! with_what_is_known {
    () => {
        policy_events::table
            .left_join(policy_event_people::table.on(policy_event_people::event_id.eq(policy_events::id)))
            .left_join(applications::table.on(applications::id.nullable().eq(policy_events::application_id)))
            .select((
                PolicyEventRow::as_select(),
                Option::<PersonalRow>::as_select(),
                Option::<ApplicationRow>::as_select(),
            ))
    };
}

fn queued((row, personal, application): Row) -> Queued {
    Queued { row, personal, application }
}

/// Events within the actor's reach, the latest received first.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn, actor: &Actor, filter: &Filter, limit: i64) -> Result<Vec<Queued>, StoreError> {
    let mut page = policy_events::table
        .into_boxed::<MultiBackend>()
        .filter(within(actor))
        .order((policy_events::received_at.desc(), policy_events::id.desc()))
        .limit(limit)
        .select(policy_events::id);
    if !filter.statuses.is_empty() {
        page = page.filter(policy_events::status.eq_any(filter.statuses.clone()));
    }
    if !filter.types.is_empty() {
        page = page.filter(policy_events::event_type.eq_any(filter.types.clone()));
    }
    if let Some(from) = filter.from {
        page = page.filter(policy_events::received_at.ge(from));
    }
    if let Some(until) = filter.until {
        page = page.filter(policy_events::received_at.lt(until));
    }
    if let Some((at, id)) = filter.after {
        let position = (at.into_sql::<Timestamp>(), id.into_sql::<Text>());
        page = page.filter(before((policy_events::received_at, policy_events::id), position));
    }
    let ids: Vec<Id> = page.load(conn)?;
    let rows: Vec<Row> = with_what_is_known!()
        .filter(policy_events::id.eq_any(ids))
        .order((policy_events::received_at.desc(), policy_events::id.desc()))
        .load(conn)?;
    Ok(rows.into_iter().map(queued).collect())
}

/// One event within the actor's reach.
///
/// # Errors
/// `NotFound` outside it.
pub fn find(conn: &mut Conn, actor: &Actor, id: Id) -> Result<Queued, StoreError> {
    let known: Id = policy_events::table
        .filter(within(actor))
        .filter(policy_events::id.eq(id))
        .select(policy_events::id)
        .first(conn)?;
    let row: Row = with_what_is_known!().filter(policy_events::id.eq(known)).first(conn)?;
    Ok(queued(row))
}

/// What a prospect's export holds of events, in order of receipt: those under its applications, and of those that stand under
/// none what named it or was once matched with it.
///
/// # Errors
/// Those of the database.
pub fn about(conn: &mut Conn, row: &ProspectRow) -> Result<Vec<Queued>, StoreError> {
    let decided = policy_event_decisions::table
        .filter(policy_event_decisions::prospect_id.eq(row.id))
        .select(policy_event_decisions::event_id);
    let under =
        applications::table.filter(applications::prospect_id.eq(row.id)).select(applications::id.nullable());
    let said = policy_events::id.eq_any(decided).or(policy_events::named_prospect_id.eq(row.id));
    let about =
        policy_events::application_id.eq_any(under).or(policy_events::application_id.is_null().and(said));
    let ids: Vec<Id> = policy_events::table.filter(about).select(policy_events::id).load(conn)?;
    let rows: Vec<Row> = with_what_is_known!()
        .filter(policy_events::id.eq_any(ids))
        .order((policy_events::received_at, policy_events::id))
        .load(conn)?;
    Ok(rows.into_iter().map(queued).collect())
}

/// Events by application, each with what is personal about it.
pub type OfApplications = BTreeMap<Id, Vec<(PolicyEventRow, Option<PersonalRow>)>>;

/// The events under the applications of a prospect, in order of what happened.
///
/// # Errors
/// Those of the database.
pub fn of_prospect(conn: &mut Conn, row: &ProspectRow) -> Result<OfApplications, StoreError> {
    let rows: Vec<Row> = with_what_is_known!().filter(applications::prospect_id.eq(row.id)).load(conn)?;
    let mut by_application: OfApplications = BTreeMap::new();
    for (event, personal, _) in rows {
        if let Some(id) = event.application_id {
            by_application.entry(id).or_default().push((event, personal));
        }
    }
    by_application.values_mut().for_each(|events| events.sort_by(|a, b| a.0.place().cmp(&b.0.place())));
    Ok(by_application)
}
