//! The track a prospect leaves for the reports: how it stood from day to day, its appointments, its money.
//!
//! Everything here follows from the log and the facts. A write compares the tracks before and after, both computed in
//! memory, and rewrites the rows from the first difference on: usually the last one or two.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::rewrite_tail::rewrite_tail;
use crate::{
    domain::{
        method::stage::Stage,
        prospects::{
            appointment::Outcome,
            appointments::{meetings_without_appointment, of_all_pursuits},
            fact::AppointmentKind,
            history::{Cut, History},
            pursuit::signings,
        },
        reports::{
            premium_flow::{PremiumKind, premium_flows},
            sheet_contact::MeetingDates,
            standing::{Entry, Standing, standings as standings_of},
        },
        values::{id::Id, timeline::Timeline},
    },
    store::{
        Conn, StoreError,
        db::{
            codec::stored_instant,
            schema::{appointments, sale_flows, standings},
        },
    },
    text_enum,
};

text_enum!(AppointmentKind { First => "first", Next => "next" });
text_enum!(Outcome { Open => "open", Held => "held", NoShow => "no_show", Cancelled => "cancelled" });
text_enum!(SaleFlow { Met => "met", Signed => "signed", Advance => "advance", Standard => "standard" });

/// What of a sale flows on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum SaleFlow {
    /// A first meeting for which no appointment had been fixed; no amount.
    Met,
    /// A signature; no amount.
    Signed,
    /// 预收保费.
    Advance,
    /// 承保标保.
    Standard,
}

impl From<PremiumKind> for SaleFlow {
    fn from(kind: PremiumKind) -> Self {
        match kind {
            PremiumKind::Advance => SaleFlow::Advance,
            PremiumKind::Standard => SaleFlow::Standard,
        }
    }
}

/// The end of what goes on: later than any date that is asked about.
pub(in crate::store) const OPEN_END: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// One interval during which a prospect stood still.
#[derive(Queryable, Selectable, Insertable, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = standings)]
pub struct StandingRow {
    /// Prospect.
    pub prospect_id: Id,
    /// 0, 1, 2, … in order of time.
    pub position: i32,
    /// Owner.
    pub owner_id: Id,
    /// First day.
    pub from_on: NaiveDate,
    /// First day after it; 9999-12-31 while it goes on.
    pub until_on: NaiveDate,
    /// Stage.
    pub stage: Stage,
    /// Day on which it was entered.
    pub entered_on: NaiveDate,
    /// Whether a move began it.
    pub is_entry: bool,
    /// Stage before that move.
    pub stage_before: Option<Stage>,
    /// Whether that move only passed through.
    pub pass_through: bool,
    /// Day on which that move was written down, unless it was automatic.
    pub recorded_on: Option<NaiveDate>,
    /// Pursuit.
    pub pursuit_number: i32,
    /// First fixed.
    pub first_fixed_on: Option<NaiveDate>,
    /// First meeting, held or planned.
    pub first_meeting_on: Option<NaiveDate>,
    /// Start of the clock.
    pub clock_started_on: Option<NaiveDate>,
    /// Granted extension.
    pub extension_days: i32,
}

impl StandingRow {
    fn new(prospect_id: Id, position: i32, s: &Standing) -> Self {
        StandingRow {
            prospect_id,
            position,
            owner_id: s.owner_id,
            from_on: s.from,
            until_on: s.until.unwrap_or(OPEN_END),
            stage: s.stage,
            entered_on: s.entered_on,
            is_entry: s.entry.is_some(),
            stage_before: s.entry.and_then(|e| e.before),
            pass_through: s.entry.is_some_and(|e| e.pass_through),
            recorded_on: s.entry.and_then(|e| e.recorded_on),
            pursuit_number: s.pursuit_number,
            first_fixed_on: s.dates.first_fixed_on,
            first_meeting_on: s.dates.first_meeting_on,
            clock_started_on: s.dates.clock_started_on,
            extension_days: s.dates.extension_days,
        }
    }

    /// The interval as the domain knows it.
    pub fn standing(&self) -> Standing {
        Standing {
            owner_id: self.owner_id,
            from: self.from_on,
            until: Some(self.until_on).filter(|day| *day < OPEN_END),
            stage: self.stage,
            entered_on: self.entered_on,
            entry: self.is_entry.then_some(Entry {
                before: self.stage_before,
                pass_through: self.pass_through,
                recorded_on: self.recorded_on,
            }),
            pursuit_number: self.pursuit_number,
            dates: MeetingDates {
                first_fixed_on: self.first_fixed_on,
                first_meeting_on: self.first_meeting_on,
                clock_started_on: self.clock_started_on,
                extension_days: self.extension_days,
            },
        }
    }
}

/// An appointment as it stands now.
#[derive(Queryable, Selectable, Insertable, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = appointments)]
pub struct AppointmentRow {
    /// Prospect.
    pub prospect_id: Id,
    /// 0, 1, 2, … in order of pursuit and fixing.
    pub position: i32,
    /// Id of the appointment.
    pub appointment_id: Id,
    /// Owner of the prospect on its day.
    pub owner_id: Id,
    /// Pursuit.
    pub pursuit_number: i32,
    /// First or next.
    pub kind: AppointmentKind,
    /// Day on which it was fixed.
    pub fixed_on: NaiveDate,
    /// Instant.
    pub starts_at: NaiveDateTime,
    /// Its day in the team's time zone.
    pub day: NaiveDate,
    /// What came of it.
    pub outcome: Outcome,
    /// How often it was put off (延期).
    pub deferrals: i32,
    /// The agenda's key.
    pub set_by: Id,
    /// The notes' key.
    pub settled_by: Option<Id>,
    /// Day on which its outcome was written down.
    pub settled_recorded_on: Option<NaiveDate>,
    /// The supervisor who goes along (陪访).
    pub joint_visit_with: Option<Id>,
}

/// An amount on its own day.
#[derive(Queryable, Selectable, Insertable, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = sale_flows)]
pub struct SaleFlowRow {
    /// Prospect.
    pub prospect_id: Id,
    /// 0, 1, 2, …
    pub position: i32,
    /// Owner of the prospect on that day.
    pub owner_id: Id,
    /// Day.
    pub day: NaiveDate,
    /// Meeting, signature, advance or standard premium.
    pub kind: SaleFlow,
    /// Minor units; negative where money went back.
    pub amount_minor: i64,
    /// Day on which it was written down; none for a signature.
    pub recorded_on: Option<NaiveDate>,
}

/// Everything that one prospect leaves for the reports.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::store) struct Tracks {
    standings: Vec<StandingRow>,
    appointments: Vec<AppointmentRow>,
    flows: Vec<SaleFlowRow>,
}

impl Tracks {
    /// The tracks of a history.
    pub(in crate::store) fn of(prospect_id: Id, history: &History, owners: &Timeline<Id>) -> Self {
        let standings = (0..)
            .zip(standings_of(history, owners))
            .map(|(position, s)| StandingRow::new(prospect_id, position, &s))
            .collect();
        let money =
            premium_flows(history).into_iter().map(|f| (f.on, f.kind.into(), f.minor, Some(f.recorded_on)));
        let signed = signings(history).into_iter().map(|on| (on, SaleFlow::Signed, 0, None));
        let met = meetings_without_appointment(history).into_iter();
        let met = met.map(|(on, recorded_on)| (on, SaleFlow::Met, 0, Some(recorded_on)));
        let flows = (0..)
            .zip(money.chain(signed).chain(met))
            .map(|(position, (day, kind, amount_minor, recorded_on))| SaleFlowRow {
                prospect_id,
                position,
                owner_id: *owners.on(day),
                day,
                kind,
                amount_minor,
                recorded_on,
            })
            .collect();
        Tracks { standings, appointments: appointments_of(prospect_id, history, owners), flows }
    }

    /// The appointments that stand otherwise than before or are new, and those that are no more.
    pub(super) fn appointments_unlike(&self, before: &Tracks) -> (Vec<Id>, Vec<Id>) {
        let same = |was: &AppointmentRow, is: &AppointmentRow| {
            // Its place in the list is nobody's concern.
            *was == AppointmentRow { position: was.position, ..is.clone() }
        };
        let is_new = |is: &&AppointmentRow| !before.appointments.iter().any(|was| same(was, is));
        let is_gone = |was: &&AppointmentRow| {
            !self.appointments.iter().any(|is| is.appointment_id == was.appointment_id)
        };
        let ids = |row: &AppointmentRow| row.appointment_id;
        let changed = self.appointments.iter().filter(is_new).map(ids).collect();
        (changed, before.appointments.iter().filter(is_gone).map(ids).collect())
    }
}

fn appointments_of(prospect_id: Id, history: &History, owners: &Timeline<Id>) -> Vec<AppointmentRow> {
    let recorded_on = |id: Id| history.facts.iter().find(|f| f.id == id).map(|f| f.recorded_on);
    (0..)
        .zip(of_all_pursuits(history, Cut::EndOf(NaiveDate::MAX)))
        .map(|(position, (pursuit_number, a))| AppointmentRow {
            prospect_id,
            position,
            appointment_id: a.id,
            owner_id: *owners.on(a.on),
            pursuit_number,
            kind: a.kind,
            fixed_on: a.fixed_on,
            starts_at: stored_instant(a.starts_at),
            day: a.on,
            outcome: a.outcome,
            deferrals: a.deferrals,
            set_by: a.set_by,
            settled_by: a.settled_by,
            settled_recorded_on: a.settled_by.and_then(recorded_on),
            joint_visit_with: a.joint_visit_with,
        })
        .collect()
}

/// Writes what a change made different.
///
/// # Errors
/// `Conflict` with `ux_appointments__appointment_id` when an appointment's id is taken elsewhere; those of the database.
pub(super) fn rewrite(
    conn: &mut Conn,
    prospect_id: Id,
    before: &Tracks,
    after: &Tracks,
) -> Result<(), StoreError> {
    rewrite_tail!(
        conn,
        standings {
            owner_id,
            from_on,
            until_on,
            stage,
            entered_on,
            is_entry,
            stage_before,
            pass_through,
            recorded_on,
            pursuit_number,
            first_fixed_on,
            first_meeting_on,
            clock_started_on,
            extension_days,
        },
        prospect_id,
        &before.standings,
        &after.standings
    );
    rewrite_appointments(conn, prospect_id, &before.appointments, &after.appointments)?;
    rewrite_tail!(
        conn,
        sale_flows { owner_id, day, kind, amount_minor, recorded_on },
        prospect_id,
        &before.flows,
        &after.flows
    );
    Ok(())
}

/// Appointments that keep their places are written over; where they change places, the ids would be in each other's way.
fn rewrite_appointments(
    conn: &mut Conn,
    prospect_id: Id,
    before: &[AppointmentRow],
    after: &[AppointmentRow],
) -> Result<(), StoreError> {
    if before.iter().zip(after).all(|(was, is)| was.appointment_id == is.appointment_id) {
        rewrite_tail!(
            conn,
            appointments {
                owner_id,
                pursuit_number,
                kind,
                fixed_on,
                starts_at,
                day,
                outcome,
                deferrals,
                set_by,
                settled_by,
                settled_recorded_on,
                joint_visit_with,
            },
            prospect_id,
            before,
            after
        );
    } else {
        rewrite_tail!(conn, appointments, prospect_id, before, after);
    }
    Ok(())
}

/// Ends how a prospect stood on the day on which it was erased: from then on it stands nowhere.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn end(conn: &mut Conn, prospect_id: Id, on: NaiveDate) -> Result<(), StoreError> {
    let later =
        standings::table.filter(standings::prospect_id.eq(prospect_id)).filter(standings::until_on.gt(on));
    diesel::delete(later.filter(standings::from_on.gt(on))).execute(conn)?;
    diesel::update(later).set(standings::until_on.eq(on)).execute(conn)?;
    Ok(())
}
