//! What agents did, counted by agent and day: calls, visits and messages, single records and tallies, and the steps of
//! their prospects from stage to stage (method section 7). The rows come in one statement; adding them up is the domain's.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{
    dsl::{IntoSql, auto_type, count_star},
    prelude::*,
    sql_types::{BigInt, Integer, Nullable, Text},
};

use super::members::{Member, counts, ids};
use crate::{
    both,
    domain::{
        journal::activity::{Activity, DayCounts, total},
        method::stage::Stage,
        reports::funnel::{Entered, FunnelMove},
        values::{id::Id, window::Window},
    },
    store::{
        Conn, StoreError,
        db::{
            codec::StoredText,
            schema::{activities, activity_tallies, deals, standings},
        },
    },
    text_enum,
};

/// One kind of step, with the number of times it was made.
struct Step {
    agent: Id,
    step: FunnelMove,
    n: i64,
}

type Days = BTreeMap<NaiveDate, DayCounts>;

/// What some agents did while they belonged to the team of a report.
#[derive(Default)]
pub struct ActivityCounts {
    steps: Vec<Step>,
    singles: BTreeMap<Id, Days>,
    tallies: BTreeMap<Id, Days>,
}

impl ActivityCounts {
    /// Who entered what, by agent.
    pub fn entered(&self) -> BTreeMap<Id, Entered> {
        let mut by_agent: BTreeMap<Id, Entered> = BTreeMap::new();
        for s in &self.steps {
            by_agent.entry(s.agent).or_default().count(&s.step, s.n);
        }
        by_agent
    }

    /// The days on which each agent developed a prospect, one per entry into stage 2.
    pub fn developed_on(&self) -> BTreeMap<Id, Vec<NaiveDate>> {
        let mut by_agent: BTreeMap<Id, Vec<NaiveDate>> = BTreeMap::new();
        let developed = |s: &&Step| s.step.to == Stage::FirstAppointment && s.step.is_entry();
        for s in self.steps.iter().filter(developed) {
            let days = by_agent.entry(s.agent).or_default();
            days.extend(std::iter::repeat_n(s.step.on, usize::try_from(s.n).unwrap_or(0)));
        }
        by_agent
    }

    /// Calls, visits and messages of each member.
    pub fn day_counts(&self, members: &[Member]) -> BTreeMap<Id, DayCounts> {
        let none = Days::new();
        let of = |m: &Member| {
            total(self.singles.get(&m.id).unwrap_or(&none), self.tallies.get(&m.id).unwrap_or(&none))
        };
        members.iter().map(|m| (m.id, of(m))).collect()
    }

    fn add(&mut self, row: Row) -> Result<(), StoreError> {
        let (source, agent, on, first, second, n, _, figures) = row;
        let corrupt = || StoreError::Corrupt("activities: kind and outcome do not fit".to_owned());
        match source {
            Source::Activity => {
                let outcome = match second {
                    Some(code) => Some(StoredText::from_stored(&code).ok_or_else(corrupt)?),
                    None => None,
                };
                let activity = Activity::from_codes(first.as_deref().unwrap_or_default(), outcome)
                    .ok_or_else(corrupt)?;
                let times = usize::try_from(n).unwrap_or(0);
                let one = DayCounts::of(std::iter::repeat_n(activity, times));
                let counted = self.singles.entry(agent).or_default().entry(on).or_default();
                *counted = counted.plus(one);
            }
            Source::Tally => {
                let (dials, connects, appointments_set, refused, visits, messages) = figures;
                let tally = DayCounts {
                    dials: dials.into(),
                    connects: connects.into(),
                    appointments_set: appointments_set.into(),
                    refused: refused.into(),
                    visits: visits.into(),
                    messages: messages.into(),
                };
                self.tallies.entry(agent).or_default().insert(on, tally);
            }
            Source::Step => {
                let stage = |code: String| {
                    Stage::from_stored(&code)
                        .ok_or_else(|| StoreError::Corrupt("standings: no such stage".to_owned()))
                };
                let (Some(to), from) = (first, second) else { return Err(corrupt()) };
                let step = FunnelMove { on, from: from.map(stage).transpose()?, to: stage(to)? };
                self.steps.push(Step { agent, step, n });
            }
        }
        Ok(())
    }
}

text_enum!(Source { Activity => "activity", Tally => "tally", Step => "step" });

/// Where a row was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    Activity,
    Tally,
    Step,
}

type Figures = (i32, i32, i32, i32, i32, i32);

/// Source, agent, day; kind and outcome of an activity, or stage and stage before of a step; how often; version and
/// figures of a tally.
type Row = (Source, Id, NaiveDate, Option<String>, Option<String>, i64, i32, Figures);

/// Single records, by agent, day and kind.
#[auto_type(no_type_alias)]
fn singles(agents: Vec<Id>, from: NaiveDate, to: NaiveDate) -> _ {
    let source: IntoSql<Source, Text> = Source::Activity.into_sql::<Text>();
    let nought: IntoSql<i32, Integer> = 0_i32.into_sql::<Integer>();
    activities::table
        .filter(activities::agent_id.eq_any(agents))
        .filter(activities::occurred_on.between(from, to))
        .filter(activities::withdrawn_at.is_null())
        .group_by((activities::agent_id, activities::occurred_on, activities::kind, activities::outcome))
        .select((
            source,
            activities::agent_id,
            activities::occurred_on,
            activities::kind.nullable(),
            activities::outcome,
            count_star(),
            nought,
            (nought, nought, nought, nought, nought, nought),
        ))
}

/// Every version of each day's tally.
#[auto_type(no_type_alias)]
fn tallies(agents: Vec<Id>, from: NaiveDate, to: NaiveDate) -> _ {
    let source: IntoSql<Source, Text> = Source::Tally.into_sql::<Text>();
    let no_text: IntoSql<Option<String>, Nullable<Text>> = None::<String>.into_sql::<Nullable<Text>>();
    let no_second: IntoSql<Option<String>, Nullable<Text>> = None::<String>.into_sql::<Nullable<Text>>();
    activity_tallies::table
        .filter(activity_tallies::agent_id.eq_any(agents))
        .filter(activity_tallies::day.between(from, to))
        .select((
            source,
            activity_tallies::agent_id,
            activity_tallies::day,
            no_text,
            no_second,
            1_i64.into_sql::<BigInt>(),
            activity_tallies::version,
            (
                activity_tallies::dials,
                activity_tallies::connects,
                activity_tallies::appointments_set,
                activity_tallies::refused,
                activity_tallies::visits,
                activity_tallies::messages,
            ),
        ))
}

/// Entries into every stage before the closing, to be counted by agent, day and step.
#[auto_type(no_type_alias)]
fn entries(agents: Vec<Id>, from: NaiveDate, to: NaiveDate) -> _ {
    let closed: Stage = Stage::Closed;
    standings::table
        .filter(standings::owner_id.eq_any(agents))
        .filter(standings::from_on.between(from, to))
        .filter(standings::is_entry.eq(true))
        .filter(standings::stage.ne(closed))
        .group_by((standings::owner_id, standings::from_on, standings::stage_before, standings::stage))
}

/// Closings, to be counted by agent and day. A closing is the step of the owner on the day of the signature, as on the
/// sheets (method section 11): the moves say only to whom the prospect had come by then.
#[auto_type(no_type_alias)]
fn closings(agents: Vec<Id>, from: NaiveDate, to: NaiveDate) -> _ {
    deals::table
        .filter(deals::agent_id.eq_any(agents))
        .filter(deals::closed_on.between(from, to))
        .group_by((deals::agent_id, deals::closed_on))
}

/// What was done on some days, and the steps made on some, in one statement.
///
/// # Errors
/// Those of the database.
pub fn load(
    conn: &mut Conn,
    members: &[Member],
    done: Window,
    stepped: Window,
) -> Result<ActivityCounts, StoreError> {
    let step = || Source::Step.into_sql::<Text>();
    let nought = 0_i32.into_sql::<Integer>();
    let noughts = (nought, nought, nought, nought, nought, nought);
    let entered = entries(ids(members), stepped.from, stepped.to).select((
        step(),
        standings::owner_id,
        standings::from_on,
        standings::stage.nullable(),
        standings::stage_before,
        count_star(),
        nought,
        noughts,
    ));
    let closed = closings(ids(members), stepped.from, stepped.to).select((
        step(),
        deals::agent_id,
        deals::closed_on,
        Some(Stage::Closed).into_sql::<Nullable<Text>>(),
        Some(Stage::Stage90).into_sql::<Nullable<Text>>(),
        count_star(),
        nought,
        noughts,
    ));
    let all = singles(ids(members), done.from, done.to)
        .union_all(tallies(ids(members), done.from, done.to))
        .union_all(entered)
        .union_all(closed);
    let mut rows: Vec<Row> = both!(conn, c => all.load(c)?);
    // The last version of a day's tally counts.
    rows.sort_by_key(|row| row.6);
    let mut all = ActivityCounts::default();
    for row in rows.into_iter().filter(|row| counts(members, row.1, row.2)) {
        all.add(row)?;
    }
    Ok(all)
}

/// The steps alone, closings as in [`load`].
///
/// # Errors
/// Those of the database.
pub fn steps(conn: &mut Conn, members: &[Member], window: Window) -> Result<ActivityCounts, StoreError> {
    let entered = entries(ids(members), window.from, window.to).select((
        standings::owner_id,
        standings::from_on,
        standings::stage_before,
        standings::stage,
        count_star(),
    ));
    let closed = closings(ids(members), window.from, window.to).select((
        deals::agent_id,
        deals::closed_on,
        Some(Stage::Stage90).into_sql::<Nullable<Text>>(),
        Stage::Closed.into_sql::<Text>(),
        count_star(),
    ));
    let rows: Vec<(Id, NaiveDate, Option<Stage>, Stage, i64)> =
        both!(conn, c => entered.union_all(closed).load(c)?);
    let steps = rows
        .into_iter()
        .filter(|(agent, on, ..)| counts(members, *agent, *on))
        .map(|(agent, on, from, to, n)| Step { agent, step: FunnelMove { on, from, to }, n });
    Ok(ActivityCounts { steps: steps.collect(), ..ActivityCounts::default() })
}
