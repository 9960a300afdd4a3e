//! What happened to some agents' contacts, as far as a sheet shows it (method section 8), in one statement.

use chrono::NaiveDate;
use diesel::{
    dsl::{IntoSql, auto_type},
    prelude::*,
    sql_types::{BigInt, Date, Nullable, Text},
};

use crate::{
    both,
    domain::{
        prospects::appointment::Outcome,
        reports::premium_flow::PremiumKind,
        values::{id::Id, window::Window},
    },
    store::{
        Conn, StoreError,
        db::schema::{activities, appointments, deals, ownerships, sale_flows, standings},
        prospects::ownerships::received,
    },
    text_enum,
};

/// What happened in a range of days, as far as a sheet shows it.
pub(super) struct SheetEvent {
    pub(super) agent: Id,
    pub(super) prospect_id: Id,
    pub(super) on: NaiveDate,
    /// Day on which it was written down; of a closing, the last fact that made it due.
    pub(super) noted_on: NaiveDate,
    pub(super) amount_minor: i64,
    pub(super) kind: SheetEventKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SheetEventKind {
    /// An activity that names the contact, or a meeting held.
    Worked,
    /// A move.
    Moved,
    /// A closing, for the owner for whom it counts (method section 11).
    Closed { first_meeting_on: Option<NaiveDate> },
    /// Money.
    Premium(PremiumKind),
    /// It came to the agent or left.
    Handed,
}

text_enum!(Source {
    Activity => "activity",
    Held => "held",
    Move => "move",
    Closing => "closing",
    Advance => "advance",
    Standard => "standard",
    Signed => "signed",
    Met => "met",
    Handed => "handed",
});

/// Where a happening was found; of a flow, which.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    Activity,
    Held,
    Move,
    Closing,
    Advance,
    Standard,
    Signed,
    Met,
    Handed,
}

/// Where it was found, the agent, the contact, the day, the day it was written down, the first meeting, the amount.
type HappeningRow = (Source, Id, Option<Id>, NaiveDate, Option<NaiveDate>, Option<NaiveDate>, i64);

impl SheetEvent {
    fn new(row: HappeningRow) -> Option<Self> {
        let (source, agent, prospect_id, on, noted_on, first_meeting_on, amount_minor) = row;
        let kind = match source {
            Source::Activity | Source::Held | Source::Met => SheetEventKind::Worked,
            Source::Move => SheetEventKind::Moved,
            Source::Closing => SheetEventKind::Closed { first_meeting_on },
            Source::Advance => SheetEventKind::Premium(PremiumKind::Advance),
            Source::Standard => SheetEventKind::Premium(PremiumKind::Standard),
            Source::Handed => SheetEventKind::Handed,
            Source::Signed => return None,
        };
        let noted_on = noted_on.unwrap_or(on);
        Some(SheetEvent { agent, prospect_id: prospect_id?, on, noted_on, amount_minor, kind })
    }
}

/// Activities that name a contact, whosever.
#[auto_type(no_type_alias)]
fn named(from: NaiveDate, to: NaiveDate) -> _ {
    let source: IntoSql<Source, Text> = Source::Activity.into_sql::<Text>();
    let no_day: IntoSql<Option<NaiveDate>, Nullable<Date>> = None::<NaiveDate>.into_sql::<Nullable<Date>>();
    activities::table
        .filter(activities::occurred_on.between(from, to))
        .filter(activities::prospect_id.is_not_null())
        .filter(activities::withdrawn_at.is_null())
        .select((
            source,
            activities::agent_id,
            activities::prospect_id,
            activities::occurred_on,
            activities::recorded_on.nullable(),
            no_day,
            0_i64.into_sql::<BigInt>(),
        ))
}

/// Meetings held, whosever.
#[auto_type(no_type_alias)]
fn held(from: NaiveDate, to: NaiveDate) -> _ {
    let source: IntoSql<Source, Text> = Source::Held.into_sql::<Text>();
    let no_day: IntoSql<Option<NaiveDate>, Nullable<Date>> = None::<NaiveDate>.into_sql::<Nullable<Date>>();
    let held: Outcome = Outcome::Held;
    appointments::table
        .filter(appointments::day.between(from, to))
        .filter(appointments::outcome.eq(held))
        .select((
            source,
            appointments::owner_id,
            appointments::prospect_id.nullable(),
            appointments::day,
            appointments::settled_recorded_on,
            no_day,
            0_i64.into_sql::<BigInt>(),
        ))
}

#[auto_type(no_type_alias)]
fn moved(agents: Vec<Id>, from: NaiveDate, to: NaiveDate) -> _ {
    let source: IntoSql<Source, Text> = Source::Move.into_sql::<Text>();
    let no_day: IntoSql<Option<NaiveDate>, Nullable<Date>> = None::<NaiveDate>.into_sql::<Nullable<Date>>();
    standings::table
        .filter(standings::owner_id.eq_any(agents))
        .filter(standings::from_on.between(from, to))
        .filter(standings::is_entry.eq(true))
        .select((
            source,
            standings::owner_id,
            standings::prospect_id.nullable(),
            standings::from_on,
            no_day,
            no_day,
            0_i64.into_sql::<BigInt>(),
        ))
}

/// A closing counts for the cycle from the day on which all that made it due was written down.
#[auto_type(no_type_alias)]
fn closed(agents: Vec<Id>, from: NaiveDate, to: NaiveDate) -> _ {
    let source: IntoSql<Source, Text> = Source::Closing.into_sql::<Text>();
    deals::table.filter(deals::agent_id.eq_any(agents)).filter(deals::closed_on.between(from, to)).select((
        source,
        deals::agent_id,
        deals::prospect_id.nullable(),
        deals::closed_on,
        deals::counts_from.nullable(),
        deals::first_meeting_on.nullable(),
        0_i64.into_sql::<BigInt>(),
    ))
}

#[auto_type(no_type_alias)]
fn flowed(agents: Vec<Id>, from: NaiveDate, to: NaiveDate) -> _ {
    let no_day: IntoSql<Option<NaiveDate>, Nullable<Date>> = None::<NaiveDate>.into_sql::<Nullable<Date>>();
    sale_flows::table
        .filter(sale_flows::owner_id.eq_any(agents))
        .filter(sale_flows::day.between(from, to))
        .select((
            sale_flows::kind,
            sale_flows::owner_id,
            sale_flows::prospect_id.nullable(),
            sale_flows::day,
            sale_flows::recorded_on,
            no_day,
            sale_flows::amount_minor,
        ))
}

/// Everything that happened to some agents' contacts in a range of days, in one statement, with what others did with those
/// that changed hands; agent by agent in order of day and contact.
pub(super) fn sheet_events(
    conn: &mut Conn,
    agents: &[Id],
    range: Window,
) -> Result<Vec<SheetEvent>, StoreError> {
    let agents = || agents.to_vec();
    let Window { from, to } = range;
    // What came to one of them or left one in those days, for whoever else had it then.
    macro_rules! changed_hands {
        () => {{
            let left = received.field(ownerships::from_agent_id).eq_any(agents());
            let came = received.field(ownerships::to_agent_id).eq_any(agents());
            received
                .filter(received.field(ownerships::valid_from).between(from, to))
                .filter(left.or(came))
                .select(received.field(ownerships::prospect_id))
        }};
    }
    // Everybody to whom it came or whom it left, also when only one of them was asked about.
    macro_rules! handed {
        ($party:expr) => {
            ownerships::table
                .filter(ownerships::prospect_id.eq_any(changed_hands!()))
                .filter(ownerships::valid_from.between(from, to))
                .select((
                    Source::Handed.into_sql::<Text>(),
                    $party,
                    ownerships::prospect_id.nullable(),
                    ownerships::valid_from,
                    None::<NaiveDate>.into_sql::<Nullable<Date>>(),
                    None::<NaiveDate>.into_sql::<Nullable<Date>>(),
                    0_i64.into_sql::<BigInt>(),
                ))
        };
    }
    let others_named = named(from, to)
        .filter(activities::agent_id.ne_all(agents()))
        .filter(activities::prospect_id.eq_any(changed_hands!().nullable()));
    let others_held = held(from, to)
        .filter(appointments::owner_id.ne_all(agents()))
        .filter(appointments::prospect_id.eq_any(changed_hands!()));
    let all = named(from, to)
        .filter(activities::agent_id.eq_any(agents()))
        .union_all(held(from, to).filter(appointments::owner_id.eq_any(agents())))
        .union_all(moved(agents(), from, to))
        .union_all(closed(agents(), from, to))
        .union_all(flowed(agents(), from, to))
        .union_all(handed!(ownerships::to_agent_id))
        .union_all(handed!(ownerships::from_agent_id))
        .union_all(others_named)
        .union_all(others_held);
    let rows: Vec<HappeningRow> = both!(conn, c => all.load(c)?);
    let mut events: Vec<SheetEvent> = rows.into_iter().filter_map(SheetEvent::new).collect();
    events.sort_by_key(|h| (h.agent, h.on, h.prospect_id));
    Ok(events)
}
