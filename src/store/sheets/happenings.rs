//! What happened to some agents' contacts, as far as a sheet shows it (method section 8), in one statement.

use chrono::NaiveDate;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Date, Nullable, Text},
};

use crate::{
    both,
    domain::{appointment::Outcome, id::Id, premium_flow::PremiumKind, window::Window},
    store::{
        Conn, StoreError,
        ownerships::received,
        schema::{activities, appointments, deals, ownerships, sale_flows, standings},
    },
    text_enum,
};

/// What happened in a range of days, as far as a sheet shows it.
pub(super) struct Happening {
    pub(super) agent: Id,
    pub(super) prospect_id: Id,
    pub(super) on: NaiveDate,
    /// Day on which it was written down; of a closing, the last fact that made it due.
    pub(super) noted_on: NaiveDate,
    pub(super) amount_minor: i64,
    pub(super) kind: Happened,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Happened {
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

impl Happening {
    fn new(row: HappeningRow) -> Option<Self> {
        let (source, agent, prospect_id, on, noted_on, first_meeting_on, amount_minor) = row;
        let kind = match source {
            Source::Activity | Source::Held | Source::Met => Happened::Worked,
            Source::Move => Happened::Moved,
            Source::Closing => Happened::Closed { first_meeting_on },
            Source::Advance => Happened::Premium(PremiumKind::Advance),
            Source::Standard => Happened::Premium(PremiumKind::Standard),
            Source::Handed => Happened::Handed,
            Source::Signed => return None,
        };
        let noted_on = noted_on.unwrap_or(on);
        Some(Happening { agent, prospect_id: prospect_id?, on, noted_on, amount_minor, kind })
    }
}

/// Everything that happened to some agents' contacts in a range of days, in one statement, with what others did with those
/// that changed hands; agent by agent in order of day and contact.
pub(super) fn happenings(
    conn: &mut Conn,
    agents: &[Id],
    range: Window,
) -> Result<Vec<Happening>, StoreError> {
    let agents = agents.to_vec();
    let source = |source: Source| source.into_sql::<Text>();
    let (no_day, no_amount) = (None::<NaiveDate>.into_sql::<Nullable<Date>>(), 0_i64.into_sql::<BigInt>());
    // What came to one of them or left one in those days, for whoever else had it then.
    macro_rules! changed_hands {
        () => {
            received
                .filter(received.field(ownerships::valid_from).between(range.from, range.to))
                .filter(
                    received
                        .field(ownerships::from_agent_id)
                        .eq_any(agents.clone())
                        .or(received.field(ownerships::to_agent_id).eq_any(agents.clone())),
                )
                .select(received.field(ownerships::prospect_id))
        };
    }
    macro_rules! named {
        ($whose:expr) => {
            activities::table
                .filter($whose)
                .filter(activities::occurred_on.between(range.from, range.to))
                .filter(activities::prospect_id.is_not_null())
                .filter(activities::withdrawn_at.is_null())
                .select((
                    source(Source::Activity),
                    activities::agent_id,
                    activities::prospect_id,
                    activities::occurred_on,
                    activities::recorded_on.nullable(),
                    no_day,
                    no_amount,
                ))
        };
    }
    macro_rules! held {
        ($whose:expr) => {
            appointments::table
                .filter($whose)
                .filter(appointments::day.between(range.from, range.to))
                .filter(appointments::outcome.eq(Outcome::Held))
                .select((
                    source(Source::Held),
                    appointments::owner_id,
                    appointments::prospect_id.nullable(),
                    appointments::day,
                    appointments::settled_recorded_on,
                    no_day,
                    no_amount,
                ))
        };
    }
    let named = named!(activities::agent_id.eq_any(agents.clone()));
    let others_named = named!(
        activities::agent_id
            .ne_all(agents.clone())
            .and(activities::prospect_id.eq_any(changed_hands!().nullable()))
    );
    let held = held!(appointments::owner_id.eq_any(agents.clone()));
    let others_held = held!(
        appointments::owner_id.ne_all(agents.clone()).and(appointments::prospect_id.eq_any(changed_hands!()))
    );
    let moved = standings::table
        .filter(standings::owner_id.eq_any(agents.clone()))
        .filter(standings::from_on.between(range.from, range.to))
        .filter(standings::is_entry.eq(true))
        .select((
            source(Source::Move),
            standings::owner_id,
            standings::prospect_id.nullable(),
            standings::from_on,
            no_day,
            no_day,
            no_amount,
        ));
    let closed = deals::table
        .filter(deals::agent_id.eq_any(agents.clone()))
        .filter(deals::closed_on.between(range.from, range.to))
        .select((
            source(Source::Closing),
            deals::agent_id,
            deals::prospect_id.nullable(),
            deals::closed_on,
            // It counts for the cycle from the day on which all that made it due was written down.
            deals::counts_from.nullable(),
            deals::first_meeting_on.nullable(),
            no_amount,
        ));
    let flowed = sale_flows::table
        .filter(sale_flows::owner_id.eq_any(agents.clone()))
        .filter(sale_flows::day.between(range.from, range.to))
        .select((
            sale_flows::kind,
            sale_flows::owner_id,
            sale_flows::prospect_id.nullable(),
            sale_flows::day,
            sale_flows::recorded_on,
            no_day,
            sale_flows::amount_minor,
        ));
    // Everybody to whom it came or whom it left, also when only one of them was asked about.
    macro_rules! handed {
        ($party:expr) => {
            ownerships::table
                .filter(ownerships::prospect_id.eq_any(changed_hands!()))
                .filter(ownerships::valid_from.between(range.from, range.to))
                .select((
                    source(Source::Handed),
                    $party,
                    ownerships::prospect_id.nullable(),
                    ownerships::valid_from,
                    no_day,
                    no_day,
                    no_amount,
                ))
        };
    }
    let (left, came) = (handed!(ownerships::from_agent_id), handed!(ownerships::to_agent_id));
    let all = named.union_all(held).union_all(moved).union_all(closed).union_all(flowed);
    let all = all.union_all(came).union_all(left).union_all(others_named).union_all(others_held);
    let rows: Vec<HappeningRow> = both!(conn, c => all.load(c)?);
    let mut happened: Vec<Happening> = rows.into_iter().filter_map(Happening::new).collect();
    happened.sort_by_key(|h| (h.agent, h.on, h.prospect_id));
    Ok(happened)
}
