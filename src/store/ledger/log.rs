//! The log of moves of many prospects, in order of recording (method section 4).

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    prelude::*,
    sql_types::{Bool, Text, Timestamp},
};

use super::history::TransitionRow;
use crate::{
    domain::{
        method::stage::Stage,
        organisation::actor::{ActorKind, Scope},
        prospects::transition::{Path, Reason, RecordKind, Transition},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            connection::MultiBackend,
            dialect::{after, before},
            schema::{prospects, transitions},
        },
        organisation::scope,
    },
};

/// The order of a page; the id breaks ties.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// What was recorded last comes first.
    #[default]
    RecordedLast,
    /// What was recorded first comes first.
    RecordedFirst,
}

/// Which records. Alternatives within a list, all conditions together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this prospect.
    pub prospect_id: Option<Id>,
    /// Of the prospects that this agent owns today.
    pub agent_id: Option<Id>,
    /// From these stages.
    pub from: Vec<Stage>,
    /// To these stages.
    pub to: Vec<Stage>,
    /// Of these kinds.
    pub kinds: Vec<RecordKind>,
    /// By these ways.
    pub paths: Vec<Path>,
    /// For these reasons.
    pub reasons: Vec<Reason>,
    /// By these kinds of actors.
    pub actor_kinds: Vec<ActorKind>,
    /// From this business date on.
    pub occurred_from: Option<NaiveDate>,
    /// Before this business date.
    pub occurred_before: Option<NaiveDate>,
    /// Recorded at or after this instant.
    pub recorded_from: Option<NaiveDateTime>,
    /// Recorded before this instant.
    pub recorded_before: Option<NaiveDateTime>,
    /// After this one in the list.
    pub after: Option<(NaiveDateTime, Id)>,
}

type Query = transitions::BoxedQuery<'static, MultiBackend>;

/// What the records themselves say of a filter, in order, from a position on.
fn filtered(filter: &Filter, order: Order) -> Query {
    let mut query = match order {
        Order::RecordedLast => transitions::table
            .into_boxed::<MultiBackend>()
            .order((transitions::recorded_at.desc(), transitions::id.desc())),
        Order::RecordedFirst => {
            transitions::table.into_boxed::<MultiBackend>().order((transitions::recorded_at, transitions::id))
        }
    };
    if let Some(id) = filter.prospect_id {
        query = query.filter(transitions::prospect_id.eq(id));
    }
    if !filter.from.is_empty() {
        query = query.filter(transitions::from_stage.eq_any(filter.from.clone()));
    }
    if !filter.to.is_empty() {
        query = query.filter(transitions::to_stage.eq_any(filter.to.clone()));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(transitions::kind.eq_any(filter.kinds.clone()));
    }
    if !filter.paths.is_empty() {
        query = query.filter(transitions::path.eq_any(filter.paths.clone()));
    }
    if !filter.reasons.is_empty() {
        query = query.filter(transitions::reason.eq_any(filter.reasons.clone()));
    }
    if !filter.actor_kinds.is_empty() {
        query = query.filter(transitions::actor_kind.eq_any(filter.actor_kinds.clone()));
    }
    within_time(query, filter, order)
}

fn within_time(mut query: Query, filter: &Filter, order: Order) -> Query {
    if let Some(day) = filter.occurred_from {
        query = query.filter(transitions::occurred_on.ge(day));
    }
    if let Some(day) = filter.occurred_before {
        query = query.filter(transitions::occurred_on.lt(day));
    }
    if let Some(at) = filter.recorded_from {
        query = query.filter(transitions::recorded_at.ge(at));
    }
    if let Some(at) = filter.recorded_before {
        query = query.filter(transitions::recorded_at.lt(at));
    }
    if let Some((at, id)) = filter.after {
        let columns = (transitions::recorded_at, transitions::id);
        let position = (at.into_sql::<Timestamp>(), id.into_sql::<Text>());
        query = match order {
            Order::RecordedLast => query.filter(before(columns, position)),
            Order::RecordedFirst => query.filter(after(columns, position)),
        };
    }
    query
}

/// At most `limit` records of prospects within the scope, as it is today; nothing of those that were erased. Each with its
/// prospect.
///
/// # Errors
/// Those of the database.
pub fn page(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    order: Order,
    limit: i64,
) -> Result<Vec<(Id, Transition)>, StoreError> {
    let mut query = filtered(filter, order).filter(seen(scope));
    if let Some(agent_id) = filter.agent_id {
        let owned = prospects::table.filter(prospects::owner_id.eq(agent_id)).select(prospects::id);
        query = query.filter(transitions::prospect_id.eq_any(owned));
    }
    let rows: Vec<TransitionRow> = query.select(TransitionRow::as_select()).limit(limit).load(conn)?;
    rows.into_iter().map(|row| Ok((row.prospect_id, row.into_domain()?))).collect()
}

type OnTransitions = Box<dyn BoxableExpression<transitions::table, MultiBackend, SqlType = Bool>>;

/// Of prospects within the scope that were not erased.
fn seen(scope: &Scope) -> OnTransitions {
    let kept = prospects::table.filter(prospects::erased_at.is_null()).select(prospects::id);
    match scope {
        Scope::Own { user_id } => {
            Box::new(transitions::prospect_id.eq_any(kept.filter(prospects::owner_id.eq(*user_id))))
        }
        Scope::Subtree { team_path, .. } => {
            let below = prospects::owner_id.eq_any(scope::members_below(team_path));
            Box::new(transitions::prospect_id.eq_any(kept.filter(below)))
        }
    }
}
