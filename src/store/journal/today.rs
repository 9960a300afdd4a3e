//! The meetings of somebody's day: those of the own book, and for a supervisor the joint visits (陪访, method section 2).

use diesel::prelude::*;

use crate::{
    both,
    domain::{
        organisation::actor::{Actor, Scope},
        prospects::appointment::Outcome,
        values::{id::Id, window::Window},
    },
    store::{
        Conn, StoreError,
        db::schema::{appointments, evidence, prospect_people, prospects, users},
        ledger::projections::AppointmentRow,
        organisation::scope::members_below,
    },
};
use aliases::visitors;

/// An appointment, with the words about it and those who attend.
#[derive(Clone, Debug)]
pub struct DayMeeting {
    /// The appointment.
    pub row: AppointmentRow,
    /// With whom; none when it was erased.
    pub name: Option<String>,
    /// What it is for.
    pub agenda: Option<String>,
    /// Whose prospect it is today.
    pub agent_id: Id,
    /// That agent's name.
    pub agent_name: String,
    /// Name of the supervisor who goes along, if one does.
    pub visitor_name: Option<String>,
}

mod aliases {
    #![allow(missing_docs)]
    use super::users;
    diesel::alias!(users as visitors: Visitors);
}

/// Appointments with what is known about them; those that a lost pursuit left open are called off and nobody's.
macro_rules! meetings {
    () => {
        appointments::table
            .inner_join(prospects::table)
            .inner_join(users::table.on(users::id.eq(prospects::owner_id)))
            .left_join(prospect_people::table.on(prospect_people::prospect_id.eq(appointments::prospect_id)))
            .left_join(evidence::table.on(evidence::subject_id.eq(appointments::set_by)))
            .left_join(visitors.on(visitors.field(users::id).nullable().eq(appointments::joint_visit_with)))
            .filter(prospects::erased_at.is_null())
            .filter(appointments::outcome.ne(Outcome::Cancelled).or(appointments::settled_by.is_not_null()))
            .select((
                appointments::all_columns,
                prospect_people::name.nullable(),
                evidence::content.nullable(),
                users::id,
                users::display_name,
                visitors.field(users::display_name).nullable(),
            ))
    };
}

type Row = (AppointmentRow, Option<String>, Option<String>, Id, String, Option<String>);

/// The appointments of the last of some days with the people of somebody's book, whatever came of their pursuits, those of the
/// days before whose outcome is missing, and, for a supervisor, those of the last of these days to
/// which the supervisor goes along with somebody of the own reach; in one statement, in order of time. Those of a former
/// owner too: whose the prospect is now enters what came of them.
///
/// # Errors
/// Those of the database.
pub fn meetings(conn: &mut Conn, actor: &Actor, window: Window) -> Result<Vec<DayMeeting>, StoreError> {
    let own = meetings!()
        .filter(prospects::owner_id.eq(actor.id))
        .filter(appointments::day.between(window.from, window.to))
        // Of the days before only what still waits for its outcome.
        .filter(appointments::day.eq(window.to).or(appointments::outcome.eq(Outcome::Open)));
    let rows: Vec<Row> = match &actor.scope {
        Scope::Own { .. } => own.load(conn)?,
        Scope::Subtree { team_path, .. } => {
            let along = meetings!()
                .filter(appointments::joint_visit_with.eq(actor.id))
                .filter(appointments::day.eq(window.to))
                .filter(prospects::owner_id.eq_any(members_below(team_path)));
            both!(conn, c => own.union_all(along).load(c)?)
        }
    };
    let mut meetings: Vec<DayMeeting> = rows
        .into_iter()
        .map(|(row, name, agenda, agent_id, agent_name, visitor_name)| DayMeeting {
            row,
            name,
            agenda,
            agent_id,
            agent_name,
            visitor_name,
        })
        .collect();
    meetings.sort_by_key(|m| (m.row.starts_at, m.row.appointment_id));
    Ok(meetings)
}
