//! What the sheets are filled in from: the contacts of some agents in a range of days (method section 8).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Date, Nullable, Text},
};

use super::{
    Conn, StoreError, ownerships,
    schema::{
        activities, appointments, deals, memberships, prospect_people, prospects, sale_flows, standings,
        teams, users,
    },
    scope,
    tracks::{OPEN_END, StandingRow},
};
use crate::{
    both,
    domain::{
        actor::{Role, Scope},
        calendar::plus_days,
        history::Outcome,
        id::Id,
        premium_flow::{PremiumFlow, PremiumKind},
        sheet::{Book, SheetClosing},
        sheet_contact::{MeetingDates, SheetContact, StageMove, WorkDay},
        timeline::Timeline,
        window::{Span, Window, holds_on},
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

/// The books of some agents over a range of days, for sheets; without their cycles. What happened, how the contacts stood,
/// and which of them changed hands.
///
/// # Errors
/// Those of the database.
pub fn books(
    conn: &mut Conn,
    agents: &[Id],
    range: Window,
    which: Contacts,
) -> Result<BTreeMap<Id, Book>, StoreError> {
    let handed = ownerships::handed_over(conn, agents, range)?;
    let mut concerned: BTreeSet<Id> = agents.iter().copied().collect();
    concerned.extend(handed.values().flatten());
    let concerned: Vec<Id> = concerned.into_iter().collect();
    let mut worked = Worked::new();
    let mut touched: BTreeSet<Id> = BTreeSet::new();
    let mut books: BTreeMap<Id, Book> = agents.iter().map(|agent| (*agent, Book::default())).collect();
    for h in happenings(conn, &concerned, range)? {
        let book = books.get_mut(&h.agent);
        match (h.kind, book) {
            (Happened::Worked, _) => {
                let day = WorkDay { on: h.on, entered_on: h.noted_on };
                worked.entry((h.agent, h.prospect_id)).or_default().push(day);
                touched.insert(h.prospect_id);
            }
            (Happened::Moved, _) => {
                touched.insert(h.prospect_id);
            }
            (Happened::Closed { first_meeting_on }, Some(book)) => {
                book.closings.push(SheetClosing { prospect_id: h.prospect_id, on: h.on, first_meeting_on });
            }
            (Happened::Premium(kind), Some(book)) => {
                book.premiums.push(PremiumFlow { on: h.on, kind, minor: h.amount_minor });
            }
            (Happened::Closed { .. } | Happened::Premium(_), None) => {}
        }
    }
    let mut rows: Vec<StandingRow> = Vec::new();
    match which {
        Contacts::All => rows = load_standings(conn, agents, range, None)?,
        Contacts::Worked => {
            let touched: Vec<Id> = touched.into_iter().collect();
            for some in touched.chunks(AT_ONCE) {
                rows.extend(load_standings(conn, agents, range, Some(some))?);
            }
        }
    }
    if !handed.is_empty() {
        // Of these the other owners' days in the range belong to the story as well.
        rows.retain(|row| !handed.contains_key(&row.prospect_id));
        let ids: Vec<Id> = handed.keys().copied().collect();
        rows.extend(load_standings(conn, &concerned, range, Some(&ids))?);
    }
    rows.sort_unstable_by_key(|row| (row.prospect_id, row.position));
    for of_one in rows.chunk_by(|a, b| a.prospect_id == b.prospect_id) {
        let owners: BTreeSet<Id> = of_one.iter().map(|row| row.owner_id).collect();
        for owner in owners {
            if let Some(book) = books.get_mut(&owner) {
                book.contacts.extend(contact(of_one, owner, range, &worked));
            }
        }
    }
    Ok(books)
}

/// The days on which somebody worked on a contact, by who it was and whom it was about.
type Worked = BTreeMap<(Id, Id), Vec<WorkDay>>;

/// The contact of one owner, from its intervals in order of time: its moves and the work on it, whoever owned it on
/// those days, because it stands on the sheet of the owner at the block's end (method section 11).
fn contact(rows: &[StandingRow], owner: Id, range: Window, worked: &Worked) -> Option<SheetContact> {
    let prospect_id = rows.first()?.prospect_id;
    let eve = plus_days(range.from, -1);
    let before = rows.iter().find(|row| row.from_on <= eve && eve < row.until_on);
    let dates = |row: &StandingRow| -> MeetingDates { row.standing().dates };
    let moves = rows.iter().filter(|row| row.is_entry && range.contains(row.from_on));
    Some(SheetContact {
        prospect_id,
        before: before.map(|row| row.stage),
        moves: moves
            .map(|row| StageMove { on: row.from_on, to: row.stage, entered_on: row.recorded_on })
            .collect(),
        worked: work(rows, prospect_id, worked),
        dates: Timeline::new(
            before.map(dates).unwrap_or_default(),
            rows.iter()
                .filter(|row| range.contains(row.from_on))
                .map(|row| (row.from_on, dates(row)))
                .collect(),
        ),
        owned: owned(rows, owner),
    })
}

/// The days on which its owner worked on a contact; where it changed hands, the owner of that day.
fn work(rows: &[StandingRow], prospect_id: Id, worked: &Worked) -> Vec<WorkDay> {
    let owners: BTreeSet<Id> = rows.iter().map(|row| row.owner_id).collect();
    let mut days = Vec::new();
    for who in &owners {
        let theirs = owned(rows, *who);
        let of = worked.get(&(*who, prospect_id)).into_iter().flatten();
        days.extend(of.filter(|day| owners.len() == 1 || holds_on(&theirs, day.on)));
    }
    days
}

/// When the contact was this owner's: it may have been handed on, and have come back.
fn owned(rows: &[StandingRow], owner: Id) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for row in rows.iter().filter(|row| row.owner_id == owner) {
        let until = Some(row.until_on).filter(|day| *day < OPEN_END);
        match spans.last_mut() {
            Some(last) if last.until.is_none_or(|end| row.from_on <= end) => last.until = until,
            _ => spans.push(Span { from: row.from_on, until }),
        }
    }
    spans
}

fn load_standings(
    conn: &mut Conn,
    agents: &[Id],
    range: Window,
    only: Option<&[Id]>,
) -> Result<Vec<StandingRow>, StoreError> {
    let mut query = standings::table
        .filter(standings::owner_id.eq_any(agents.to_vec()))
        .filter(standings::until_on.ge(range.from))
        .filter(standings::from_on.le(range.to))
        .order((standings::owner_id, standings::prospect_id, standings::position))
        .select(StandingRow::as_select())
        .into_boxed();
    if let Some(ids) = only {
        query = query.filter(standings::prospect_id.eq_any(ids.to_vec()));
    }
    Ok(query.load(conn)?)
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

/// Which of some contacts the scope's holder may see now, with their names; erased ones have none. Names and ids are for
/// those whose scope holds the prospect now, whoever owned it on the day that is asked about (method section 11).
///
/// # Errors
/// Those of the database.
pub fn known(
    conn: &mut Conn,
    scope: &Scope,
    prospect_ids: &[Id],
) -> Result<BTreeMap<Id, Option<String>>, StoreError> {
    let mut known = BTreeMap::new();
    for some in prospect_ids.chunks(AT_ONCE) {
        let named = prospects::table
            .left_join(prospect_people::table.on(prospect_people::prospect_id.eq(prospects::id)))
            .filter(prospects::id.eq_any(some.to_vec()))
            .select((prospects::id, prospect_people::name.nullable()));
        let rows: Vec<(Id, Option<String>)> = match scope {
            Scope::Own { user_id } => named.filter(prospects::owner_id.eq(*user_id)).load(conn)?,
            Scope::Subtree { user_id, team_path } => {
                let below = prospects::owner_id.eq_any(scope::members_below(team_path));
                named.filter(prospects::owner_id.eq(*user_id).or(below)).load(conn)?
            }
        };
        known.extend(rows);
    }
    Ok(known)
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
