//! What a forecast is made from: the stays at effective stages, those that go on and those of the pursuits that have
//! ended, and the policies issued (method section 7). One statement reads them; what they come to is the domain's.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Date, Integer, Nullable, Text},
};

use super::members::{Member, counts, ids};
use crate::{
    both,
    domain::{
        method::{cycle::Cycle, stage::Stage},
        organisation::settings::DEFAULT_CYCLE_DAYS,
        prospects::pursuit::PursuitOutcome,
        reports::forecast::{Cell, FinishedPursuit, Passage},
        values::{
            id::Id,
            timeline::Timeline,
            window::{Span, Window},
        },
    },
    store::{
        Conn, StoreError,
        db::schema::{pursuits, sale_flows, standings},
        ledger::projections::SaleFlow,
    },
};

/// What one agent is forecast from.
#[derive(Clone, Debug, Default)]
pub struct Experience {
    /// Where those stand who are forecast.
    pub open: Vec<Cell>,
    /// The pursuits that have ended, with their stays at effective stages.
    pub finished: Vec<FinishedPursuit>,
    /// Standard premium of the policies issued, minor units.
    pub premium_minor: i64,
    /// Number of these policies.
    pub policies: i64,
}

const STAY: &str = "stay";
const EFFECTIVE: [Stage; 3] = [Stage::Stage25, Stage::Stage50, Stage::Stage90];

/// A stay or a policy: what it is, whose, the prospect, pursuit and position, stage; first day and first day after it; start of
/// the clock and extension; end and outcome of the pursuit; amount.
type Row = (
    (String, Id, Id, i32, i32, Option<Stage>),
    (NaiveDate, NaiveDate, Option<NaiveDate>, i32),
    (Option<NaiveDate>, Option<String>, i64),
);

/// The experience of some agents at the end of a day, by agent: the pursuits that ended in or after `since`, the policies issued
/// in `issued`. `cycles` gives each agent's limit. Who is open counts for the team of that day; cases and policies are the
/// agent's own, whatever the team then: a team's forecast is the sum of its members' own.
///
/// # Errors
/// Those of the database.
pub fn of_members(
    conn: &mut Conn,
    members: &[Member],
    cycles: &BTreeMap<Id, Timeline<Cycle>>,
    day: NaiveDate,
    (since, issued): (NaiveDate, Window),
) -> Result<BTreeMap<Id, Experience>, StoreError> {
    let rows = load(conn, members, day, (since, issued))?;
    let limits = |owner: Id, days: Span, extension_days: i32| {
        let with = |cycle: &Cycle| i64::from(cycle.cycle_days) + i64::from(extension_days);
        match cycles.get(&owner) {
            Some(cycle) => cycle.within(days).map(with),
            None => Timeline::constant(i64::from(DEFAULT_CYCLE_DAYS) + i64::from(extension_days)),
        }
    };
    let mut by_agent: BTreeMap<Id, Experience> = BTreeMap::new();
    let same = |((_, owner, prospect, number, ..), ..): &Row| (*owner, *prospect, *number);
    for of_one in rows.chunk_by(|a, b| same(a) == same(b)) {
        let Some(((_, owner, ..), _, (ended_on, outcome, _))) = of_one.first() else { continue };
        let own = by_agent.entry(*owner).or_default();
        let mut passages = Vec::new();
        for ((kind, _, _, _, _, stage), (from, until, clock, extension_days), (.., amount_minor)) in of_one {
            let Some(stage) = *stage else {
                if kind != STAY {
                    own.premium_minor += amount_minor;
                    own.policies += 1;
                }
                continue;
            };
            let Some(clock_started_on) = *clock else { continue };
            let limit_days = limits(*owner, Span { from: *from, until: Some(*until) }, *extension_days);
            if *from <= day && day < *until && counts(members, *owner, day) {
                own.open.push(Cell::on(stage, clock_started_on, *limit_days.on(day), day));
            }
            passages.push(Passage {
                stage,
                entered_on: *from,
                left_on: ended_on.map_or(*until, |end| end.min(*until)),
                clock_started_on,
                limit_days,
            });
        }
        if let Some(ended_on) = *ended_on {
            let closed = outcome.as_deref() == Some(PursuitOutcome::Won.code());
            own.finished.push(FinishedPursuit { passages, ended_on, closed });
        }
    }
    Ok(by_agent)
}

/// Stays and policies, pursuit by pursuit and in order of time.
fn load(
    conn: &mut Conn,
    members: &[Member],
    day: NaiveDate,
    (since, issued): (NaiveDate, Window),
) -> Result<Vec<Row>, StoreError> {
    let stays = standings::table
        .left_join(
            pursuits::table.on(pursuits::prospect_id
                .eq(standings::prospect_id)
                .and(pursuits::number.eq(standings::pursuit_number))),
        )
        .filter(standings::owner_id.eq_any(ids(members)))
        .filter(standings::stage.eq_any(EFFECTIVE))
        .filter(standings::until_on.ge(since))
        .filter(standings::from_on.le(day))
        .filter(pursuits::ended_on.is_null().or(pursuits::ended_on.ge(since)))
        .select((
            (
                STAY.into_sql::<Text>(),
                standings::owner_id,
                standings::prospect_id,
                standings::pursuit_number,
                standings::position,
                standings::stage.nullable(),
            ),
            (standings::from_on, standings::until_on, standings::clock_started_on, standings::extension_days),
            (pursuits::ended_on.nullable(), pursuits::outcome.nullable(), 0_i64.into_sql::<BigInt>()),
        ));
    let no_day = || None::<NaiveDate>.into_sql::<Nullable<Date>>();
    let no_text = || None::<String>.into_sql::<Nullable<Text>>();
    let nought = || 0_i32.into_sql::<Integer>();
    let policies = sale_flows::table
        .filter(sale_flows::owner_id.eq_any(ids(members)))
        .filter(sale_flows::kind.eq(SaleFlow::Standard))
        .filter(sale_flows::day.between(issued.from, issued.to))
        .select((
            (
                "policy".into_sql::<Text>(),
                sale_flows::owner_id,
                sale_flows::prospect_id,
                nought(),
                nought(),
                no_text(),
            ),
            (sale_flows::day, sale_flows::day, no_day(), nought()),
            (no_day(), no_text(), sale_flows::amount_minor),
        ));
    let mut rows: Vec<Row> = both!(conn, c => stays.union_all(policies).load(c)?);
    rows.sort_unstable_by_key(|((_, owner, prospect, number, position, _), ..)| {
        (*owner, *prospect, *number, *position)
    });
    Ok(rows)
}
