use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use uuid::Uuid;

use crate::domain::{
    exchange::policy_event::PolicyEventType::{self, *},
    method::{
        criteria::{Criterion, Verdict},
        cycle::{Cycle, CycleSource},
        stage::Stage,
    },
    organisation::{actor::ActedBy, settings::Settings},
    prospects::{
        decision::{Context, Decision},
        fact::{AppointmentKind, FactBody},
        history::{Cut, Environment, History},
        moves::settle,
        policy_fact::PolicyFact,
        policy_facts::{Told, tell},
        story::Story,
        transition::{Path, RecordKind},
    },
    reports::premium_flow::premium_flows,
    values::{id::Id, timeline::Timeline},
};

const CLIENT: ActedBy = ActedBy::Integration(Id(Uuid::from_u128(7)));
const AGENT: Id = Id(Uuid::from_u128(1));

fn december(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2009, 12, 1).unwrap() + chrono::Days::new(u64::from(d) - 1)
}

fn env() -> Environment {
    Environment::of_owner(
        Timeline::constant(Cycle::unmeasured(28, CycleSource::Default)),
        Timeline::constant(Settings::default()),
    )
}

/// An event of an application on a day of December 2009, counted on into January.
fn event(application: u128, event_type: PolicyEventType, d: u32) -> Told {
    let number = application * 10_000 + u128::from(d) * 100 + event_type as u128;
    let on = december(d);
    Told {
        fact_id: Id(Uuid::from_u128(50_000 + number)),
        by: CLIENT,
        fact: PolicyFact {
            application_id: Id(Uuid::from_u128(application)),
            event_id: Id(Uuid::from_u128(90_000 + number)),
            event: format!("{number}"),
            event_type,
            at: Utc.from_utc_datetime(&on.and_hms_opt(2, 0, 0).unwrap()),
            on,
            signed_on: None,
            amount_minor: matches!(event_type, PremiumReceived).then_some(300_000),
            standard_premium_minor: matches!(event_type, PolicyIssued).then_some(60_000),
            cooling_off_days: None,
        },
    }
}

/// Somebody who has been at 50% since the 10th, with everything that 90% asks for but the sale.
fn at_50() -> History {
    let appointment = FactBody::AppointmentFixed {
        appointment_id: Id(Uuid::from_u128(2)),
        appointment_kind: AppointmentKind::Next,
        starts_at: Utc.from_utc_datetime(&december(20).and_hms_opt(2, 0, 0).unwrap()),
        starts_on: december(20),
        has_agenda: true,
    };
    let met = |criterion| FactBody::Check { criterion, verdict: Verdict::Met };
    Story::default()
        .moved(december(1), Stage::Opportunity, Path::Created)
        .fact(december(2), FactBody::FirstMeeting { on: december(2) })
        .moved(december(2), Stage::Stage25, Path::Manual)
        .fact(december(10), FactBody::CooperationAgreed { agreed: true })
        .fact(december(10), appointment)
        .fact(december(10), FactBody::TargetSigning { on: Some(december(20)) })
        .fact(december(10), met(Criterion::DecisionMaker))
        .fact(december(10), met(Criterion::PlanFits))
        .fact(december(10), met(Criterion::Budget))
        .moved(december(10), Stage::Stage50, Path::Manual)
        .told()
}

/// Stage, moves that stand, what is known, and the money of each day.
type End = (Stage, Vec<(Stage, NaiveDate)>, String, Vec<(NaiveDate, i64)>);

struct Book {
    history: History,
    told: Vec<Told>,
    serial: u128,
}

impl Book {
    fn new(history: History) -> Self {
        Book { history, told: Vec::new(), serial: 1_000_000 }
    }

    fn decide(&mut self, today: NaiveDate, decision: impl FnOnce(&mut Context<'_>) -> Decision) {
        let serial = &mut self.serial;
        let mut ids = || {
            *serial += 1;
            Id(Uuid::from_u128(*serial))
        };
        let env = env();
        let now: DateTime<Utc> = Utc.from_utc_datetime(&today.and_hms_opt(4, 0, 0).unwrap());
        let history = self.history.clone();
        let mut ctx =
            Context { history: &history, env: &env, today, now, by: CLIENT, owner_id: AGENT, ids: &mut ids };
        self.history = decision(&mut ctx).history;
    }

    fn sweep(&mut self, today: NaiveDate) {
        self.decide(today, settle);
    }

    /// An event arrives; told again it changes nothing.
    fn arrives(&mut self, on: NaiveDate, told: &Told) {
        if !self.told.contains(told) {
            self.told.push(told.clone());
        }
        let application = told.fact.application_id;
        let all: Vec<Told> =
            self.told.iter().filter(|t| t.fact.application_id == application).cloned().collect();
        self.decide(on, |ctx| tell(ctx, 1, application, all).unwrap());
    }

    fn end(&self) -> End {
        let moves = self.history.effective().iter().map(|t| (t.to, t.occurred_on)).collect();
        let known =
            self.history.facts_on(1, Cut::EndOf(december(60)), &Timeline::constant(Settings::default()));
        let mut flows: Vec<(NaiveDate, i64)> =
            premium_flows(&self.history).iter().map(|f| (f.on, f.minor)).collect();
        flows.sort_unstable();
        (self.history.stage(), moves, format!("{known:?}"), flows)
    }
}

fn orders<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    (0..items.len())
        .flat_map(|first| {
            let mut rest = items.to_vec();
            let chosen = rest.remove(first);
            orders(&rest).into_iter().map(move |mut order| {
                order.insert(0, chosen.clone());
                order
            })
        })
        .collect()
}

fn story_of_a_policy() -> Vec<Told> {
    vec![
        event(1, ApplicationSubmitted, 15),
        event(1, PremiumReceived, 18),
        event(1, PolicyIssued, 20),
        event(1, ReceiptSigned, 21),
    ]
}

#[test]
fn a_policy_told_in_order_climbs_to_90_on_the_money_and_closes_when_the_cooling_off_is_over() {
    let mut book = Book::new(at_50());
    for told in story_of_a_policy() {
        book.arrives(told.fact.on, &told);
    }
    assert_eq!(book.history.stage(), Stage::Stage90);
    book.sweep(december(31));
    assert_eq!(book.history.stage(), Stage::Stage90, "31 December is its last day");
    book.sweep(december(32));
    let last = book.history.effective().last().map(|t| (t.to, t.occurred_on));
    assert_eq!(last, Some((Stage::Closed, NaiveDate::from_ymd_opt(2010, 1, 1).unwrap())));
    let to_90 = book.history.effective().into_iter().find(|t| t.to == Stage::Stage90).cloned().unwrap();
    assert_eq!((to_90.occurred_on, to_90.by, to_90.path), (december(18), CLIENT, Path::Automatic));
    assert_eq!(book.end().3, [(december(18), 300_000), (december(20), 60_000)]);
}

#[test]
fn whatever_the_order_and_however_often_one_end_comes_of_it() {
    let mut whole = story_of_a_policy();
    whole.push(event(1, CoolingOffWithdrawn, 25));
    whole.push(event(1, PremiumRefunded, 27));
    for today in [december(29), december(31)] {
        let mut in_order = Book::new(at_50());
        whole.iter().for_each(|told| in_order.arrives(told.fact.on, told));
        in_order.sweep(today);
        for order in orders(&whole) {
            let mut book = Book::new(at_50());
            for (place, told) in order.iter().enumerate() {
                book.arrives(today, told);
                book.arrives(today, order.get(place / 2).unwrap());
            }
            book.sweep(today);
            let names: Vec<_> = order.iter().map(|t| t.fact.event_type).collect();
            assert_eq!(book.end(), in_order.end(), "{names:?}");
        }
    }
}

#[test]
fn a_withdrawal_that_arrives_after_the_closing_is_a_record_of_its_arrival() {
    let mut book = Book::new(at_50());
    for told in story_of_a_policy() {
        book.arrives(told.fact.on, &told);
    }
    book.sweep(december(33));
    book.arrives(december(35), &event(1, CoolingOffWithdrawn, 25));
    let last = book.history.effective().last().map(|t| (t.from, t.to, t.path, t.occurred_on));
    assert_eq!(last, Some((Some(Stage::Closed), Stage::Stage50, Path::Compensating, december(35))));
    assert!(book.history.effective().iter().any(|t| t.to == Stage::Closed), "the closing stays in the log");
    let known = book.history.facts_on(1, Cut::EndOf(december(35)), &Timeline::constant(Settings::default()));
    assert_eq!((known.signed_on, known.clock_started_on), (None, Some(december(35))));
    // The bank tries again: the same application is at 90 again on that day.
    book.arrives(december(36), &event(1, PremiumReceived, 36));
    let last = book.history.effective().last().map(|t| (t.to, t.occurred_on));
    assert_eq!(last, Some((Stage::Stage90, december(36))));
    // Told after the closing period, a withdrawal changes figures only.
    let mut other = Book::new(at_50());
    story_of_a_policy().iter().for_each(|told| other.arrives(told.fact.on, told));
    other.sweep(december(33));
    other.arrives(december(40), &event(1, PolicyVoided, 38));
    assert_eq!(other.history.stage(), Stage::Closed);
}

#[test]
fn two_events_that_arrive_after_the_closing_give_one_stage_in_either_order() {
    let late = [event(1, PremiumRefunded, 25), event(1, PremiumReceived, 26)];
    let stage = |first: usize| {
        let mut book = Book::new(at_50());
        story_of_a_policy().iter().for_each(|told| book.arrives(told.fact.on, told));
        book.sweep(december(33));
        book.arrives(december(34), &late[first]);
        book.arrives(december(35), &late[1 - first]);
        book.end().0
    };
    assert_eq!((stage(0), stage(1)), (Stage::Stage90, Stage::Stage90));
}

#[test]
fn money_that_comes_after_a_fallback_reinstates_the_same_pursuit() {
    let mut book = Book::new(at_50());
    book.arrives(december(15), &event(1, ApplicationSubmitted, 15));
    // Timing and next step pass on the 20th: 25% after the grace, then back to opportunity.
    book.sweep(december(45));
    assert_eq!(book.history.stage(), Stage::Opportunity);
    book.arrives(december(46), &event(1, PremiumReceived, 46));
    let last = book.history.effective().last().map(|t| (t.from, t.to, t.path, t.pursuit_number));
    assert_eq!(last, Some((Some(Stage::Opportunity), Stage::Stage90, Path::Reinstated, 1)));
    // Money that had been there before the fallback undoes it.
    let mut late = Book::new(at_50());
    late.arrives(december(15), &event(1, ApplicationSubmitted, 15));
    late.sweep(december(45));
    late.arrives(december(46), &event(1, PremiumReceived, 18));
    let moves: Vec<_> = late.history.effective().iter().map(|t| (t.to, t.occurred_on)).collect();
    assert_eq!(moves.last(), Some(&(Stage::Stage90, december(18))));
}

#[test]
fn of_several_applications_the_first_to_mature_closes_and_the_last_to_fall_takes_back() {
    let mut book = Book::new(at_50());
    let both = [
        event(1, ApplicationSubmitted, 15),
        event(2, ApplicationSubmitted, 16),
        event(1, PremiumReceived, 18),
        event(2, PremiumReceived, 19),
    ];
    both.iter().for_each(|told| book.arrives(told.fact.on, told));
    book.arrives(december(21), &event(1, PremiumRefunded, 21));
    assert_eq!(book.history.stage(), Stage::Stage90, "the other one has its money");
    let mut fallen = Book { history: book.history.clone(), told: book.told.clone(), serial: 2_000_000 };
    fallen.arrives(december(22), &event(2, PremiumFailed, 22));
    let last = fallen.history.effective().last().map(|t| (t.to, t.occurred_on));
    assert_eq!(last, Some((Stage::Stage50, december(22))));
    book.arrives(december(22), &event(2, PolicyIssued, 22));
    book.arrives(december(23), &event(2, ReceiptSigned, 23));
    book.sweep(december(35));
    let last = book.history.effective().last().map(|t| (t.to, t.occurred_on));
    assert_eq!(last, Some((Stage::Closed, december(34))));
}

#[test]
fn what_is_taken_back_leaves_no_move_behind_it() {
    let mut book = Book::new(at_50());
    story_of_a_policy().iter().take(2).for_each(|told| book.arrives(told.fact.on, told));
    assert_eq!(book.history.stage(), Stage::Stage90);
    let application = Id(Uuid::from_u128(1));
    book.decide(december(19), |ctx| tell(ctx, 1, application, Vec::new()).unwrap());
    assert_eq!(book.history.stage(), Stage::Stage50);
    let superseded = |h: &History| h.transitions.iter().filter(|t| t.kind == RecordKind::Superseded).count();
    assert_eq!(superseded(&book.history), 1);
    assert!(premium_flows(&book.history).is_empty());
}

#[test]
fn money_told_by_the_system_replaces_the_word_of_people_and_counts_once() {
    let mut book = Book::new(at_50());
    let word = FactBody::PremiumReceived { on: december(17), amount_minor: Some(280_000) };
    let mut story = book.history.clone();
    let mut claimed = story.facts.last().cloned().unwrap();
    (claimed.id, claimed.seq, claimed.after_transition) = (Id(Uuid::from_u128(3)), claimed.seq + 1, 3);
    (claimed.occurred_on, claimed.body) = (december(17), word);
    story.facts.push(claimed);
    book.history = story;
    assert_eq!(book.end().3, [(december(17), 280_000)]);
    story_of_a_policy().iter().take(2).for_each(|told| book.arrives(december(19), told));
    assert_eq!(book.end().3, [(december(18), 300_000)]);
    let known = book.history.facts_on(1, Cut::EndOf(december(19)), &Timeline::constant(Settings::default()));
    assert_eq!((known.premium_received_on, known.premium_claimed), (Some(december(18)), false));
}
