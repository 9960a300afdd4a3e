//! What cycles follow from (method section 5): the deals of agents and of their mates, and with whom somebody shared a team.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Stay;
use crate::{
    domain::{
        cycle::{CycleInputs, Deal, Mate},
        id::Id,
        window::Span,
    },
    store::{Conn, StoreError, schema::deals},
};

type DealRow = (Id, Id, Id, i32, NaiveDate, NaiveDate, NaiveDate, NaiveDate, Option<NaiveDate>);

fn deal(row: DealRow) -> (Id, Deal) {
    let (agent_id, prospect_id, pursuit_id, number, met, signed, closed, from, until) = row;
    let deal = Deal {
        prospect_id,
        pursuit_number: number,
        pursuit_id,
        first_meeting_on: met,
        signed_on: signed,
        closed_on: closed,
        counts_from: from,
        counts_until: until,
    };
    (agent_id, deal)
}

/// With whom somebody shared a team, and when.
type Mates = BTreeMap<Id, Vec<Span>>;

/// What cycles follow from: the deals of some agents and of those who belonged to a team together with them.
pub(super) struct CycleSources {
    deals: BTreeMap<Id, Vec<Deal>>,
    mates: BTreeMap<Id, Mates>,
}

impl CycleSources {
    pub(super) fn load(
        conn: &mut Conn,
        of_asked: &[&[Stay]],
        around: &[Stay],
        known_on: Option<NaiveDate>,
    ) -> Result<Self, StoreError> {
        let mates = mates(of_asked, around);
        let asked = of_asked.iter().copied().flatten().map(|stay| stay.user_id);
        let concerned: BTreeSet<Id> = mates.values().flat_map(BTreeMap::keys).copied().chain(asked).collect();
        let rows: Vec<DealRow> = deals::table
            .filter(deals::agent_id.eq_any(concerned.into_iter().collect::<Vec<Id>>()))
            .order((deals::agent_id, deals::id))
            .select((
                deals::agent_id,
                deals::prospect_id,
                deals::pursuit_id,
                deals::pursuit_number,
                deals::first_meeting_on,
                deals::signed_on,
                deals::closed_on,
                deals::counts_from,
                deals::counts_until,
            ))
            .load(conn)?;
        let mut deals: BTreeMap<Id, Vec<Deal>> = BTreeMap::new();
        for (agent, mut deal) in rows.into_iter().map(deal) {
            if known_on.is_some_and(|day| day < deal.counts_from) {
                continue;
            }
            deal.counts_until = deal.counts_until.filter(|until| known_on.is_none_or(|day| *until <= day));
            deals.entry(agent).or_default().push(deal);
        }
        Ok(CycleSources { deals, mates })
    }

    /// What the cycle of an agent with these stays follows from, the own word aside.
    pub(super) fn inputs(&self, of_one: &[Stay]) -> CycleInputs {
        let Some(agent) = of_one.first().map(|stay| stay.user_id) else { return CycleInputs::default() };
        let mates = self.mates.get(&agent).into_iter().flatten();
        let mate = |(mate, together): (&Id, &Vec<Span>)| {
            Some(Mate { deals: self.deals.get(mate)?.clone(), together: together.clone() })
        };
        CycleInputs {
            deals: self.deals.get(&agent).cloned().unwrap_or_default(),
            declarations: Vec::new(),
            team: mates.filter_map(mate).collect(),
        }
    }
}

/// Who shared a team with each of some people, and when. Before the first stay somebody counts as of that team already,
/// as the settings do: a prospect may be older than its agent's membership.
fn mates(of_asked: &[&[Stay]], around: &[Stay]) -> BTreeMap<Id, Mates> {
    let mut by_team: BTreeMap<Id, Vec<&Stay>> = BTreeMap::new();
    for stay in around {
        by_team.entry(stay.team_id).or_default().push(stay);
    }
    let of_one = |own: &[Stay]| {
        let mut mates = Mates::new();
        for (position, stay) in own.iter().enumerate() {
            let from = if position == 0 { NaiveDate::MIN } else { stay.span.from };
            let present = Span { from, ..stay.span };
            for other in by_team.get(&stay.team_id).into_iter().flatten() {
                if other.user_id != stay.user_id
                    && let Some(together) = present.overlap(&other.span)
                {
                    mates.entry(other.user_id).or_default().push(together);
                }
            }
        }
        mates
    };
    of_asked.iter().filter_map(|own| Some((own.first()?.user_id, of_one(own)))).collect()
}
