//! Folding afresh everything that is told of one pursuit (method section 10): which events stand under which application,
//! which contradict, and what follows for stage, facts and money. What comes of it depends on what was told and when that
//! happened, never on when it came in.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use super::figures::Figures;
use crate::{
    clock::Occasion,
    domain::{
        exchange::{
            applications::{Numbers, group},
            event::Event,
            intake_event::IntakeEvent,
            matching::pursuit_of,
            policy_message::{EventStatus, MatchedBy, WaitsFor},
            retelling::{Wanted, retell},
        },
        organisation::actor::ActedBy,
        prospects::{
            policy_fact::PolicyFact,
            policy_facts::{Told, contradicting},
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::codec::stored_instant,
        exchange::{
            applications::{self, ApplicationRow},
            number_locks::HeldNumbers,
            policy_events::{self, PolicyEventRow},
        },
        ledger::{Loaded, stage_writes},
        organisation::audit,
    },
};

/// The pursuit whose events are folded.
pub(super) struct Pursuit {
    /// The prospect, held.
    pub loaded: Loaded,
    /// Which of its pursuits.
    pub number: i32,
    /// An event that found it by the client's telephone just now.
    pub by_phone: Option<Id>,
}

/// When, by whom, and in which time zone the insurer counts its days.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    /// When.
    pub occasion: &'a Occasion,
    /// Who brought it about.
    pub by: ActedBy,
    /// The insurer's time zone.
    pub zone: Tz,
}

/// Where each event of a pursuit stands after it was folded afresh.
type Placed = BTreeMap<Id, Result<(Id, MatchedBy), WaitsFor>>;

/// Folds the events of a pursuit afresh, and writes down what came of it.
///
/// # Errors
/// Those of the store.
pub(super) fn fold(
    conn: &mut Conn,
    held: &HeldNumbers,
    pursuit: Pursuit,
    telling: Telling<'_>,
) -> Result<(), StoreError> {
    let Pursuit { loaded, number, by_phone } = pursuit;
    let prospect_id = loaded.row.id;
    let of_prospect = applications::of_prospect(conn, &loaded.row)?;
    let before: Vec<ApplicationRow> =
        of_prospect.into_iter().filter(|one| one.pursuit_number == number).collect();
    let own: Vec<Id> = before.iter().map(|one| one.id).collect();
    let tied = applications::tied(conn, held)?;
    let elsewhere: Vec<Numbers> =
        tied.iter().filter(|one| !own.contains(&one.id)).map(ApplicationRow::numbers).collect();
    let events = policy_events::of_pursuit(conn, held, (prospect_id, by_phone), &own)?;
    let candidates =
        Candidates { loaded: &loaded, number, by_phone, elsewhere: &elsewhere, zone: telling.zone };
    let figures = Figures::load(conn, &loaded, number, &events, telling.zone)?;
    let Sorted { mut placed, rows, mut wanted } =
        candidates.sort(&events, &before, &figures, telling.occasion);
    // What is taken back comes last: an application that goes over to another leaves no gap.
    let gone = before.iter().filter(|known| rows.iter().all(|row| row.id != known.id));
    wanted.extend(gone.map(|known| Wanted { application_id: known.id, told: Vec::new() }));
    let mut refused = BTreeSet::new();
    if !wanted.is_empty() {
        let decided = stage_writes::decide(conn, loaded, telling.by, Vec::new(), telling.occasion, |ctx| {
            let (decision, not_taken) = retell(ctx, number, &wanted);
            refused = not_taken;
            Ok(decision)
        })?;
        drop(decided);
    }
    for id in refused {
        placed.insert(id, Err(WaitsFor::Refused));
    }
    write(conn, (&before, &rows), (&events, &placed), prospect_id, telling)
}

/// What stands under which application, and why the rest waits.
struct Sorted {
    placed: Placed,
    rows: Vec<ApplicationRow>,
    wanted: Vec<Wanted>,
}

/// What could belong to a pursuit, and how that is judged.
struct Candidates<'a> {
    loaded: &'a Loaded,
    number: i32,
    by_phone: Option<Id>,
    elsewhere: &'a [Numbers],
    zone: Tz,
}

impl Candidates<'_> {
    /// Sorts the events into applications; what contradicts, or stands by numbers that nothing ties, waits.
    fn sort(
        &self,
        events: &[PolicyEventRow],
        before: &[ApplicationRow],
        figures: &Figures,
        occasion: &Occasion,
    ) -> Sorted {
        let (mut placed, standing) = self.judge(events);
        let grouped = group(&standing.iter().map(|(row, _)| row.numbers()).collect::<Vec<_>>());
        for place in grouped.contradicting {
            placed.insert(standing[place].0.id, Err(WaitsFor::AnotherNumber));
        }
        let (mut rows, mut wanted) = (Vec::new(), Vec::new());
        for one in grouped.applications {
            let members: Vec<&(PolicyEventRow, MatchedBy)> =
                one.events.iter().map(|place| &standing[*place]).collect();
            if !members.iter().any(|(_, by)| by.ties()) {
                placed.extend(members.iter().map(|(event, _)| (event.id, Err(WaitsFor::NoMatch))));
                continue;
            }
            let of = (self.loaded.row.id, self.number);
            let row = row_of(&one.numbers, &members, before, &rows, of, occasion);
            let told = figures.told(row.id, members.iter().map(|(event, _)| event), occasion);
            let against = against(&told, &members);
            placed.extend(members.iter().map(|(event, by)| {
                let stands = !against.contains(&event.id);
                (event.id, if stands { Ok((row.id, *by)) } else { Err(WaitsFor::AnotherEvent) })
            }));
            let told = told.into_iter().filter(|told| !against.contains(&told.fact.event_id)).collect();
            wanted.push(Wanted { application_id: row.id, told });
            rows.push(row);
        }
        Sorted { placed, rows, wanted }
    }

    /// The events that may stand, each with what it found the pursuit by, in order; and why the others wait.
    fn judge(&self, events: &[PolicyEventRow]) -> (Placed, Vec<(PolicyEventRow, MatchedBy)>) {
        let (mut placed, mut standing) = (Placed::new(), Vec::new());
        for event in events {
            match self.of(event) {
                Ok(by) => standing.push((event.clone(), by)),
                Err(for_what) => {
                    placed.insert(event.id, Err(for_what));
                }
            }
        }
        (placed, standing)
    }

    fn of(&self, event: &PolicyEventRow) -> Result<MatchedBy, WaitsFor> {
        let prospect_id = self.loaded.row.id;
        let by = match (event.matched_prospect_id, event.named_prospect_id) {
            (Some(decided), _) if decided == prospect_id => MatchedBy::Supervisor,
            (Some(_), _) => return Err(WaitsFor::AnotherProspect),
            (None, _) if event.held_back => return Err(WaitsFor::HeldBack),
            (None, Some(named)) if named == prospect_id => MatchedBy::ProspectId,
            (None, Some(_)) => return Err(WaitsFor::AnotherProspect),
            (None, None) if self.by_phone == Some(event.id) => MatchedBy::Phone,
            (None, None) => event.matched_by.unwrap_or(MatchedBy::Numbers),
        };
        if self.elsewhere.iter().any(|tied| tied.meets(&event.numbers())) {
            return Err(WaitsFor::AnotherProspect);
        }
        // What stands already stays, whatever has come since.
        if event.application_id.is_none() {
            let on = event.occurred_at.and_utc().with_timezone(&self.zone).date_naive();
            let tied = (!by.ties()).then_some(self.number);
            if pursuit_of(&self.loaded.history, on, tied)? != self.number {
                return Err(WaitsFor::OlderPursuit);
            }
        }
        Ok(by)
    }
}

/// The events of an application that contradict others. What a supervisor said belongs here does so, whatever another says.
fn against(told: &[Told], members: &[&(PolicyEventRow, MatchedBy)]) -> BTreeSet<Id> {
    let facts: Vec<&PolicyFact> = told.iter().map(|told| &told.fact).collect();
    let decided = |id: &Id| members.iter().any(|(row, by)| row.id == *id && *by == MatchedBy::Supervisor);
    contradicting(&facts).into_iter().filter(|id| !decided(id)).collect()
}

/// The row of an application: the oldest that it has already, else a new one.
fn row_of(
    numbers: &Numbers,
    members: &[&(PolicyEventRow, MatchedBy)],
    before: &[ApplicationRow],
    taken: &[ApplicationRow],
    (prospect_id, pursuit_number): (Id, i32),
    occasion: &Occasion,
) -> ApplicationRow {
    let under: BTreeSet<Id> = members.iter().filter_map(|(event, _)| event.application_id).collect();
    let known = before.iter().filter(|known| taken.iter().all(|row| row.id != known.id));
    let known = known.filter(|known| under.contains(&known.id) || known.numbers().meets(numbers));
    let (id, created_at) = known
        .map(|known| (known.id, known.created_at))
        .min()
        .unwrap_or_else(|| (occasion.ids.id(), stored_instant(occasion.now)));
    let Numbers { application, policy } = numbers.clone();
    ApplicationRow {
        id,
        prospect_id,
        pursuit_number,
        application_number: application,
        policy_number: policy,
        created_at,
    }
}

/// Writes down where everything stands now, and what of it is new.
fn write(
    conn: &mut Conn,
    (before, wanted): (&[ApplicationRow], &[ApplicationRow]),
    (events, placed): (&[PolicyEventRow], &Placed),
    prospect_id: Id,
    Telling { occasion, by, .. }: Telling<'_>,
) -> Result<(), StoreError> {
    let moved = |event: &PolicyEventRow| {
        let now = match placed.get(&event.id) {
            Some(Ok((application_id, by))) => event.clone().under(*application_id, *by),
            Some(Err(for_what)) => event.clone().waiting(*for_what),
            None => event.clone(),
        };
        (now != *event).then_some(now)
    };
    let moved: Vec<PolicyEventRow> = events.iter().filter_map(moved).collect();
    applications::rewrite(conn, before, wanted)?;
    for row in &moved {
        policy_events::place(conn, row)?;
    }
    let gone = before.iter().filter(|known| wanted.iter().all(|row| row.id != known.id));
    applications::remove(conn, gone.map(|known| known.id).collect())?;
    let told: Vec<Event> = moved
        .iter()
        .map(|row| {
            let what = match (row.status, row.application_id, row.matched_by, row.waits_for) {
                (EventStatus::Matched, Some(application_id), Some(by), _) => {
                    IntakeEvent::Matched { prospect_id, application_id, by }
                }
                (.., for_what) => IntakeEvent::Waits { for_what: for_what.unwrap_or(WaitsFor::NoMatch) },
            };
            Event::PolicyEvent { event_id: row.id, agent_id: row.agent_id, what }
        })
        .collect();
    audit::record(conn, occasion.ids, occasion.now, by, &told)
}
