//! The audit as its readers see it: rows about what is within their own reach.

use chrono::NaiveDateTime;
use diesel::{
    prelude::*,
    sql_types::{Bool, Text, Timestamp},
};
use serde_json::Value;

use crate::{
    domain::{
        organisation::actor::{Actor, ActorKind, Scope},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::Json,
            connection::MultiBackend,
            dialect::before,
            schema::{audit, prospects, teams},
        },
        organisation::{cycles, scope},
    },
};

/// One row.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = audit)]
pub struct Entry {
    /// Id.
    pub id: Id,
    /// When.
    pub at: NaiveDateTime,
    /// The kind of whoever acted.
    pub actor_kind: ActorKind,
    /// Who; none for the service itself.
    pub actor_id: Option<Id>,
    /// What was done.
    pub action: String,
    /// The kind of what it was done to.
    pub subject_kind: String,
    /// Its id.
    pub subject_id: Id,
    /// Codes and figures.
    pub details: Json<Value>,
}

/// Which rows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// By this user or client.
    pub actor_id: Option<Id>,
    /// This action.
    pub action: Option<String>,
    /// About this kind of thing.
    pub subject_kind: Option<String>,
    /// About this very thing.
    pub subject_id: Option<Id>,
    /// From this instant on.
    pub from: Option<NaiveDateTime>,
    /// Before this instant.
    pub until: Option<NaiveDateTime>,
    /// Older than this one.
    pub after: Option<(NaiveDateTime, Id)>,
}

type OnAudit = Box<dyn BoxableExpression<audit::table, MultiBackend, SqlType = Bool>>;

/// What is about somebody or something within the scope, as it is today.
fn visible(scope: &Scope) -> OnAudit {
    let of = |kind: &'static str| audit::matter_kind.eq(kind);
    let id = || audit::matter_id.assume_not_null();
    let of_owners = || prospects::table.select(prospects::id);
    match scope {
        Scope::Own { user_id } => {
            let own = of_owners().filter(prospects::owner_id.eq(*user_id));
            Box::new(of("prospect").and(id().eq_any(own)).or(of("user").and(id().eq(*user_id))))
        }
        Scope::Subtree { team_path, .. } => {
            let seen = of_owners().filter(prospects::owner_id.eq_any(scope::members_below(team_path)));
            let below = teams::table.filter(teams::path.like(format!("{team_path}%"))).select(teams::id);
            let about_users = of("user").and(id().eq_any(scope::members_below(team_path)));
            let about_teams = of("team").and(id().eq_any(below));
            Box::new(of("prospect").and(id().eq_any(seen)).or(about_users).or(about_teams))
        }
    }
}

/// Rows within the actor's reach, the latest first. Who heads the whole organisation sees all.
///
/// # Errors
/// Those of the database.
pub fn within(conn: &mut Conn, actor: &Actor, filter: &Filter, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let which = if cycles::heads_organisation(conn, actor)? { None } else { Some(visible(&actor.scope)) };
    rows(conn, which, filter, limit)
}

/// Rows about anything, the latest first: for the operator at the terminal.
///
/// # Errors
/// Those of the database.
pub fn everything(conn: &mut Conn, filter: &Filter, limit: i64) -> Result<Vec<Entry>, StoreError> {
    rows(conn, None, filter, limit)
}

fn rows(
    conn: &mut Conn,
    which: Option<OnAudit>,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let mut query = audit::table
        .into_boxed::<MultiBackend>()
        .order((audit::at.desc(), audit::id.desc()))
        .limit(limit)
        .select(Entry::as_select());
    if let Some(which) = which {
        query = query.filter(which);
    }
    if let Some(actor_id) = filter.actor_id {
        query = query.filter(audit::actor_id.eq(actor_id));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit::action.eq(action.clone()));
    }
    if let Some(kind) = &filter.subject_kind {
        query = query.filter(audit::subject_kind.eq(kind.clone()));
    }
    if let Some(subject_id) = filter.subject_id {
        query = query.filter(audit::subject_id.eq(subject_id));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit::at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit::at.lt(until));
    }
    if let Some((at, id)) = filter.after {
        let position = (at.into_sql::<Timestamp>(), id.into_sql::<Text>());
        query = query.filter(before((audit::at, audit::id), position));
    }
    Ok(query.load(conn)?)
}
