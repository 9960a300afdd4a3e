//! The diary: the appointments of many prospects in order of time (method sections 2 and 5).
//!
//! A prospect's own appointments are read from its facts; this is the table kept beside them, for lists over books.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::TZ_VARIANTS;
use diesel::{
    prelude::*,
    sql_types::{Text, Timestamp},
};

use crate::{
    domain::{
        organisation::actor::{Actor, Scope},
        prospects::{appointment::Outcome, fact::AppointmentKind},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            connection::MultiBackend,
            dialect::{after, before},
            schema::{appointments, evidence, memberships, prospect_people, prospects, teams, users},
        },
        ledger::projections::AppointmentRow,
    },
};
use aliases::outcomes;

mod aliases {
    #![allow(missing_docs)]
    use super::evidence;
    diesel::alias!(evidence as outcomes: Outcomes);
}

/// The order of a page; the id breaks ties.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// Earliest first.
    #[default]
    StartsFirst,
    /// Latest first.
    StartsLast,
}

/// Which appointments. Alternatives within a list, all conditions together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Kept by this agent: the owner of the prospect on the appointment's day.
    pub agent_id: Option<Id>,
    /// Kept by this user, or with this user going along.
    pub attended_by: Option<Id>,
    /// With this supervisor going along (陪访).
    pub joint_visit_with: Option<Id>,
    /// First or next.
    pub kind: Option<AppointmentKind>,
    /// With one of these outcomes.
    pub outcomes: Vec<Outcome>,
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Before this day.
    pub before: Option<NaiveDate>,
    /// Open, and their day is past at this instant, each in the time zone of its own team.
    pub missing_outcome_at: Option<DateTime<Utc>>,
    /// After this one in the list.
    pub after: Option<(NaiveDateTime, Id)>,
}

/// An appointment, with whom it is, and the words about it.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// The appointment.
    pub row: AppointmentRow,
    /// The prospect's version: it grows with every change of the appointment, and never shrinks.
    pub version: i32,
    /// When the prospect was last written.
    pub updated_at: NaiveDateTime,
    /// The prospect's name.
    pub name: Option<String>,
    /// Name of the time zone of the owner's team.
    pub time_zone: String,
    /// What it is for.
    pub agenda: Option<String>,
    /// Notes on what came of it.
    pub notes: Option<String>,
}

type Query = appointments::BoxedQuery<'static, MultiBackend>;

/// What the appointments themselves say of a filter, in order, from a position on.
fn filtered(filter: &Filter, order: Order) -> Query {
    let mut query = appointments::table.into_boxed::<MultiBackend>();
    query = match order {
        Order::StartsFirst => query.order((appointments::starts_at, appointments::appointment_id)),
        Order::StartsLast => {
            query.order((appointments::starts_at.desc(), appointments::appointment_id.desc()))
        }
    };
    if let Some(agent_id) = filter.agent_id {
        query = query.filter(appointments::owner_id.eq(agent_id));
    }
    if let Some(user_id) = filter.attended_by {
        let goes_along = appointments::joint_visit_with.eq(user_id);
        query = query.filter(appointments::owner_id.eq(user_id).or(goes_along));
    }
    if let Some(user_id) = filter.joint_visit_with {
        query = query.filter(appointments::joint_visit_with.eq(user_id));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(appointments::kind.eq(kind));
    }
    if !filter.outcomes.is_empty() {
        query = query.filter(appointments::outcome.eq_any(filter.outcomes.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(appointments::day.ge(from));
    }
    if let Some(day) = filter.before {
        query = query.filter(appointments::day.lt(day));
    }
    if let Some((at, id)) = filter.after {
        let columns = (appointments::starts_at, appointments::appointment_id);
        let position = (at.into_sql::<Timestamp>(), id.into_sql::<Text>());
        query = match order {
            Order::StartsFirst => query.filter(after(columns, position)),
            Order::StartsLast => query.filter(before(columns, position)),
        };
    }
    query
}

/// A page of at most `limit` appointments of prospects in the actor's scope.
///
/// # Errors
/// Those of the database.
pub fn page(
    conn: &mut Conn,
    actor: &Actor,
    filter: &Filter,
    order: Order,
    limit: i64,
) -> Result<Vec<Meeting>, StoreError> {
    let past = filter.missing_outcome_at.map(|at| past_days(actor, at));
    let mut query = filtered(filter, order)
        .inner_join(prospects::table.on(prospects::id.eq(appointments::prospect_id)))
        .inner_join(memberships::table.on(memberships::user_id.eq(prospects::owner_id)))
        .inner_join(teams::table.on(teams::id.eq(memberships::team_id)))
        .left_join(prospect_people::table.on(prospect_people::prospect_id.eq(prospects::id)))
        .left_join(evidence::table.on(evidence::subject_id.eq(appointments::set_by)))
        .left_join(outcomes.on(outcomes.field(evidence::subject_id).nullable().eq(appointments::settled_by)))
        .filter(memberships::valid_to.is_null())
        .filter(prospects::erased_at.is_null())
        .select((
            AppointmentRow::as_select(),
            prospects::version,
            prospects::updated_at,
            prospect_people::name.nullable(),
            teams::time_zone,
            evidence::content.nullable(),
            outcomes.field(evidence::content).nullable(),
        ))
        .limit(limit);
    // The owner's open membership is in the query already, and a supervisor's own team is the root of the subtree.
    query = match &actor.scope {
        Scope::Own { user_id } => query.filter(prospects::owner_id.eq(*user_id)),
        Scope::Subtree { team_path, .. } => query.filter(teams::path.like(format!("{team_path}%"))),
    };
    if let Some([a, b, c]) = past {
        let is_past = |(zones, today): (Vec<String>, NaiveDate)| {
            teams::time_zone.eq_any(zones).and(appointments::day.lt(today))
        };
        query = query
            .filter(appointments::outcome.eq(Outcome::Open))
            .filter(is_past(a).or(is_past(b)).or(is_past(c)));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let meeting = |(row, version, updated_at, name, time_zone, agenda, notes)| Meeting {
        row,
        version,
        updated_at,
        name,
        time_zone,
        agenda,
        notes,
    };
    Ok(rows.into_iter().map(meeting).collect())
}

/// The display names of those who attend some meetings: owners, and supervisors who go along.
///
/// # Errors
/// Those of the database.
pub fn attendants(conn: &mut Conn, meetings: &[Meeting]) -> Result<BTreeMap<Id, String>, StoreError> {
    let ids: BTreeSet<Id> =
        meetings.iter().flat_map(|m| [Some(m.row.owner_id), m.row.joint_visit_with]).flatten().collect();
    let rows: Vec<(Id, String)> = users::table
        .filter(users::id.eq_any(Vec::from_iter(ids)))
        .select((users::id, users::display_name))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The time zones of teams by what day it is there: on this planet never more than three at once.
fn past_days(actor: &Actor, at: DateTime<Utc>) -> [(Vec<String>, NaiveDate); 3] {
    let zones = match actor.scope {
        Scope::Own { .. } => vec![actor.time_zone],
        Scope::Subtree { .. } => TZ_VARIANTS.to_vec(),
    };
    let mut days: BTreeMap<NaiveDate, Vec<String>> = BTreeMap::new();
    for zone in zones {
        days.entry(at.with_timezone(&zone).date_naive()).or_default().push(zone.name().to_owned());
    }
    let mut days = days.into_iter().map(|(day, zones)| (zones, day));
    let nowhere = || (Vec::new(), NaiveDate::default());
    [(); 3].map(|()| days.next().unwrap_or_else(nowhere))
}

type Row = (AppointmentRow, i32, NaiveDateTime, Option<String>, String, Option<String>, Option<String>);
