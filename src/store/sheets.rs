//! What the sheets are filled in from: the contacts of some agents in a range of days (method section 8).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Date, Nullable, Text},
};

use super::{
    Conn, StoreError,
    schema::{
        activities, appointments, deals, memberships, prospect_people, sale_flows, standings, teams, users,
    },
    tracks::{OPEN_END, StandingRow},
};
use crate::{
    both,
    domain::{
        actor::Role,
        calendar::plus_days,
        history::Outcome,
        id::Id,
        premium_flow::{PremiumFlow, PremiumKind},
        sheet::{Book, SheetClosing},
        sheet_contact::{MeetingDates, SheetContact, StageMove, WorkDay},
        timeline::Timeline,
        window::{Span, Window},
    },
    text_enum,
};

/// Ids in one statement; SQLite takes some 32,000 values.
pub(super) const AT_ONCE: usize = 10_000;

/// Which contacts to load.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Contacts {
    /// Those with an activity or a move in the range.
    Worked,
    /// Everybody.
    All,
}

/// What some agents' sheets of a range of days are filled in from.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// Agent by agent; without their cycles.
    pub of: BTreeMap<Id, Book>,
    /// The names behind the contacts; erased ones have none.
    pub names: BTreeMap<Id, String>,
}

/// The books of some agents over a range of days, in two statements: what happened, and how the contacts stood; with the
/// names only where somebody is to be shown by name.
///
/// # Errors
/// Those of the database.
pub fn books(
    conn: &mut Conn,
    agents: &[Id],
    range: Window,
    which: Contacts,
    named: bool,
) -> Result<Books, StoreError> {
    let happened = happenings(conn, agents, range)?;
    let mut worked: BTreeMap<Id, Vec<WorkDay>> = BTreeMap::new();
    let mut touched: BTreeSet<Id> = BTreeSet::new();
    let mut books: BTreeMap<Id, Book> = agents.iter().map(|agent| (*agent, Book::default())).collect();
    for h in happened {
        let Some(book) = books.get_mut(&h.agent) else { continue };
        match h.kind {
            Happened::Worked => {
                worked.entry(h.prospect_id).or_default().push(WorkDay { on: h.on, entered_on: h.noted_on });
                touched.insert(h.prospect_id);
            }
            Happened::Moved => {
                touched.insert(h.prospect_id);
            }
            Happened::Closed { first_meeting_on } => {
                book.closings.push(SheetClosing { prospect_id: h.prospect_id, on: h.on, first_meeting_on });
            }
            Happened::Premium(kind) => {
                book.premiums.push(PremiumFlow { on: h.on, kind, minor: h.amount_minor });
            }
        }
    }
    let mut rows: Vec<(StandingRow, Option<String>)> = Vec::new();
    match which {
        Contacts::All => rows = load_standings(conn, agents, range, None, named)?,
        Contacts::Worked => {
            let touched: Vec<Id> = touched.into_iter().collect();
            for some in touched.chunks(AT_ONCE) {
                rows.extend(load_standings(conn, agents, range, Some(some), named)?);
            }
        }
    }
    let mut names = BTreeMap::new();
    let standing = |(row, name): (StandingRow, Option<String>)| {
        names.extend(name.map(|name| (row.prospect_id, name)));
        row
    };
    let rows: Vec<StandingRow> = rows.into_iter().map(standing).collect();
    for of_one in rows.chunk_by(|a, b| (a.owner_id, a.prospect_id) == (b.owner_id, b.prospect_id)) {
        if let Some(book) = of_one.first().and_then(|row| books.get_mut(&row.owner_id)) {
            book.contacts.extend(contact(of_one, range, &worked));
        }
    }
    Ok(Books { of: books, names })
}

/// The contact of one owner, from its intervals in order of time.
fn contact(rows: &[StandingRow], range: Window, worked: &BTreeMap<Id, Vec<WorkDay>>) -> Option<SheetContact> {
    let (first, last) = (rows.first()?, rows.last()?);
    let eve = plus_days(range.from, -1);
    let before = rows.iter().find(|row| row.from_on <= eve && eve < row.until_on);
    let dates = |row: &StandingRow| -> MeetingDates { row.standing().dates };
    let moves = rows.iter().filter(|row| row.is_entry && range.contains(row.from_on));
    Some(SheetContact {
        prospect_id: first.prospect_id,
        before: before.map(|row| row.stage),
        moves: moves
            .map(|row| StageMove { on: row.from_on, to: row.stage, entered_on: row.recorded_on })
            .collect(),
        worked: worked.get(&first.prospect_id).cloned().unwrap_or_default(),
        dates: Timeline::new(
            before.map(dates).unwrap_or_default(),
            rows.iter()
                .filter(|row| range.contains(row.from_on))
                .map(|row| (row.from_on, dates(row)))
                .collect(),
        ),
        owned: vec![Span { from: first.from_on, until: Some(last.until_on).filter(|day| *day < OPEN_END) }],
    })
}

/// The intervals of some prospects, or of all, and if asked for the names that go with them.
fn load_standings(
    conn: &mut Conn,
    agents: &[Id],
    range: Window,
    only: Option<&[Id]>,
    named: bool,
) -> Result<Vec<(StandingRow, Option<String>)>, StoreError> {
    let mut query = standings::table
        .filter(standings::owner_id.eq_any(agents.to_vec()))
        .filter(standings::until_on.ge(range.from))
        .filter(standings::from_on.le(range.to))
        .order((standings::owner_id, standings::prospect_id, standings::position))
        .into_boxed();
    if let Some(ids) = only {
        query = query.filter(standings::prospect_id.eq_any(ids.to_vec()));
    }
    if !named {
        let rows: Vec<StandingRow> = query.select(StandingRow::as_select()).load(conn)?;
        return Ok(rows.into_iter().map(|row| (row, None)).collect());
    }
    // Looked up row by row: a join would tempt the planner to read everybody's names.
    let name = prospect_people::table
        .filter(prospect_people::prospect_id.eq(standings::prospect_id))
        .select(prospect_people::name);
    Ok(query.select((StandingRow::as_select(), name.single_value())).load(conn)?)
}

/// What happened in a range of days, as far as a sheet shows it.
struct Happening {
    agent: Id,
    prospect_id: Id,
    on: NaiveDate,
    /// Day on which it was written down.
    noted_on: NaiveDate,
    amount_minor: i64,
    kind: Happened,
}

enum Happened {
    /// An activity that names the contact, or a meeting held.
    Worked,
    /// A move.
    Moved,
    /// A closing, for the owner for whom it counts (method section 11).
    Closed { first_meeting_on: Option<NaiveDate> },
    /// Money.
    Premium(PremiumKind),
}

text_enum!(Source {
    Activity => "activity",
    Held => "held",
    Move => "move",
    Closing => "closing",
    Advance => "advance",
    Standard => "standard",
    Signed => "signed",
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
}

type HappeningRow = (Source, Id, Option<Id>, NaiveDate, Option<NaiveDate>, i64);

impl Happening {
    fn new((source, agent, prospect_id, on, other, amount_minor): HappeningRow) -> Option<Self> {
        let kind = match source {
            Source::Activity | Source::Held => Happened::Worked,
            Source::Move => Happened::Moved,
            Source::Closing => Happened::Closed { first_meeting_on: other },
            Source::Advance => Happened::Premium(PremiumKind::Advance),
            Source::Standard => Happened::Premium(PremiumKind::Standard),
            Source::Signed => return None,
        };
        let noted_on = other.unwrap_or(on);
        Some(Happening { agent, prospect_id: prospect_id?, on, noted_on, amount_minor, kind })
    }
}

/// Everything that happened to some agents' contacts in a range of days, in one statement; agent by agent in order of
/// day and contact.
fn happenings(conn: &mut Conn, agents: &[Id], range: Window) -> Result<Vec<Happening>, StoreError> {
    let agents = agents.to_vec();
    let source = |source: Source| source.into_sql::<Text>();
    let (no_day, no_amount) = (None::<NaiveDate>.into_sql::<Nullable<Date>>(), 0_i64.into_sql::<BigInt>());
    let named = activities::table
        .filter(activities::agent_id.eq_any(agents.clone()))
        .filter(activities::occurred_on.between(range.from, range.to))
        .filter(activities::prospect_id.is_not_null())
        .filter(activities::withdrawn_at.is_null())
        .select((
            source(Source::Activity),
            activities::agent_id,
            activities::prospect_id,
            activities::occurred_on,
            activities::recorded_on.nullable(),
            no_amount,
        ));
    let held = appointments::table
        .filter(appointments::owner_id.eq_any(agents.clone()))
        .filter(appointments::day.between(range.from, range.to))
        .filter(appointments::outcome.eq(Outcome::Held))
        .select((
            source(Source::Held),
            appointments::owner_id,
            appointments::prospect_id.nullable(),
            appointments::day,
            appointments::settled_recorded_on,
            no_amount,
        ));
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
            deals::first_meeting_on.nullable(),
            no_amount,
        ));
    let flowed = sale_flows::table
        .filter(sale_flows::owner_id.eq_any(agents))
        .filter(sale_flows::day.between(range.from, range.to))
        .select((
            sale_flows::kind,
            sale_flows::owner_id,
            sale_flows::prospect_id.nullable(),
            sale_flows::day,
            no_day,
            sale_flows::amount_minor,
        ));
    let all = named.union_all(held).union_all(moved).union_all(closed).union_all(flowed);
    let rows: Vec<HappeningRow> = both!(conn, c => all.load(c)?);
    let mut happened: Vec<Happening> = rows.into_iter().filter_map(Happening::new).collect();
    happened.sort_by_key(|h| (h.agent, h.on, h.prospect_id));
    Ok(happened)
}

/// The names behind some prospects; erased ones have none.
///
/// # Errors
/// Those of the database.
pub fn names(conn: &mut Conn, prospect_ids: &[Id]) -> Result<BTreeMap<Id, String>, StoreError> {
    let mut names = BTreeMap::new();
    for some in prospect_ids.chunks(AT_ONCE) {
        let rows: Vec<(Id, String)> = prospect_people::table
            .filter(prospect_people::prospect_id.eq_any(some.to_vec()))
            .select((prospect_people::prospect_id, prospect_people::name))
            .load(conn)?;
        names.extend(rows);
    }
    Ok(names)
}

/// Somebody who belonged to a team on some day of a range.
#[derive(Clone, Debug)]
pub struct Member {
    /// The user.
    pub id: Id,
    /// The name to show.
    pub display_name: String,
    /// Agent or supervisor.
    pub role: Role,
    /// When.
    pub spans: Vec<Span>,
}

/// Who belonged to the team with this path, and below it if asked, on some day of a range; by display name.
///
/// # Errors
/// Those of the database.
pub fn members(
    conn: &mut Conn,
    (team_id, team_path): (Id, &str),
    range: Window,
    include_subteams: bool,
) -> Result<Vec<Member>, StoreError> {
    let mut query = memberships::table
        .inner_join(teams::table)
        .inner_join(users::table)
        .filter(memberships::valid_from.le(range.to))
        .filter(memberships::valid_to.is_null().or(memberships::valid_to.gt(range.from)))
        .order((users::display_name, users::id, memberships::valid_from))
        .select((users::id, users::display_name, users::role, memberships::valid_from, memberships::valid_to))
        .into_boxed();
    query = if include_subteams {
        query.filter(teams::path.like(format!("{team_path}%")))
    } else {
        query.filter(memberships::team_id.eq(team_id))
    };
    let rows: Vec<(Id, String, Role, NaiveDate, Option<NaiveDate>)> = query.load(conn)?;
    let mut members: Vec<Member> = Vec::new();
    for (id, display_name, role, from, until) in rows {
        let span = Span { from, until };
        match members.last_mut() {
            Some(last) if last.id == id => last.spans.push(span),
            _ => members.push(Member { id, display_name, role, spans: vec![span] }),
        }
    }
    Ok(members)
}
