//! The rules beside the oracle: random lives of policies, told in the order of their arrival.

use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use proptest::prelude::*;
use prospector::domain::{
    exchange::policy_event::PolicyEventType,
    method::{
        criteria::{Criterion, Verdict},
        cycle::{Cycle, CycleSource},
        stage::Stage,
    },
    organisation::{actor::ActedBy, settings::Settings},
    prospects::{
        decision::{Context, Decision, MoveRequest, NewFact},
        fact::{AppointmentKind, FactBody},
        history::{Environment, History},
        moves,
        policy_fact::PolicyFact,
        policy_facts::{Told, contradicting, tell},
    },
    reports::premium_flow::{PremiumKind, premium_flows},
    values::{id::Id, timeline::Timeline},
};
use uuid::Uuid;

use super::{
    lives::{Life, first_day, life},
    oracle::{self, AMOUNT, Client, End, Happening, Kind, Place, STANDARD},
};

const CLIENT: ActedBy = ActedBy::Integration(Id(Uuid::from_u128(7)));
const OWNER: Id = Id(Uuid::from_u128(1));

fn event_type(kind: Kind) -> PolicyEventType {
    match kind {
        Kind::Submitted => PolicyEventType::ApplicationSubmitted,
        Kind::Received => PolicyEventType::PremiumReceived,
        Kind::Failed => PolicyEventType::PremiumFailed,
        Kind::Refunded => PolicyEventType::PremiumRefunded,
        Kind::Declined => PolicyEventType::UnderwritingDeclined,
        Kind::Issued => PolicyEventType::PolicyIssued,
        Kind::Receipt => PolicyEventType::ReceiptSigned,
        Kind::Withdrawn => PolicyEventType::CoolingOffWithdrawn,
        Kind::Voided => PolicyEventType::PolicyVoided,
    }
}

fn instant(day: NaiveDate, minute: u32) -> DateTime<Utc> {
    Utc.from_utc_datetime(&day.and_hms_opt(4, 0, 0).unwrap()) + chrono::Duration::minutes(minute.into())
}

fn told(what: &Happening) -> Told {
    let number = u128::from(what.minute) + 10_000 * (what.application as u128 + 1);
    Told {
        fact_id: Id(Uuid::from_u128(50_000_000 + number)),
        by: CLIENT,
        fact: PolicyFact {
            application_id: Id(Uuid::from_u128(100 + what.application as u128)),
            event_id: Id(Uuid::from_u128(90_000_000 + number)),
            event: number.to_string(),
            event_type: event_type(what.kind),
            at: instant(what.on, what.minute),
            on: what.on,
            signed_on: None,
            amount_minor: (what.kind == Kind::Received).then_some(AMOUNT),
            standard_premium_minor: (what.kind == Kind::Issued).then_some(STANDARD),
            cooling_off_days: None,
        },
    }
}

/// The real rules, with one prospect at 50% whose next date and signing date lie beyond everything.
struct Real {
    history: History,
    env: Environment,
    told: Vec<Told>,
    serial: u128,
    minute: u32,
}

impl Real {
    fn at_50(on: NaiveDate) -> Self {
        let cycle = Cycle::unmeasured(300, CycleSource::Declared);
        let env = Environment::of_owner(Timeline::constant(cycle), Timeline::constant(Settings::default()));
        let mut real = Real { history: History::default(), env, told: Vec::new(), serial: 0, minute: 0 };
        real.decide(on, ActedBy::Agent(OWNER), |ctx| moves::create(ctx, None).unwrap());
        let far = on + Days::new(250);
        let bodies = vec![
            FactBody::FirstMeeting { on },
            FactBody::CooperationAgreed { agreed: true },
            FactBody::AppointmentFixed {
                appointment_id: Id(Uuid::from_u128(2)),
                appointment_kind: AppointmentKind::Next,
                starts_at: instant(far, 0),
                starts_on: far,
                has_agenda: true,
            },
            FactBody::TargetSigning { on: Some(far) },
            FactBody::Check { criterion: Criterion::DecisionMaker, verdict: Verdict::Met },
            FactBody::Check { criterion: Criterion::PlanFits, verdict: Verdict::Met },
            FactBody::Check { criterion: Criterion::Budget, verdict: Verdict::Met },
        ];
        let facts = bodies.into_iter().zip(10..).map(|(body, id)| NewFact {
            id: Id(Uuid::from_u128(id)),
            occurred_on: Some(on),
            body,
        });
        let request = MoveRequest {
            to: Stage::Stage50,
            occurred_on: Some(on),
            reason: None,
            overrides: false,
            facts: facts.collect(),
        };
        real.decide(on, ActedBy::Agent(OWNER), |ctx| moves::decide(ctx, request).unwrap());
        real
    }

    fn decide(&mut self, today: NaiveDate, by: ActedBy, decision: impl FnOnce(&mut Context<'_>) -> Decision) {
        let serial = &mut self.serial;
        let mut ids = || {
            *serial += 1;
            Id(Uuid::from_u128(1_000_000 + *serial))
        };
        self.minute += 1;
        let history = self.history.clone();
        let now = instant(today, self.minute);
        let env = &self.env;
        let mut ctx = Context { history: &history, env, today, now, by, owner_id: OWNER, ids: &mut ids };
        self.history = decision(&mut ctx).history;
    }

    fn arrives(&mut self, what: &Happening) {
        let event = told(what);
        if !self.told.contains(&event) {
            self.told.push(event.clone());
        }
        let application = event.fact.application_id;
        let of_it = || self.told.iter().filter(|t| t.fact.application_id == application);
        // A second issue looks like a contradiction until it is known what undid the first.
        let waits = contradicting(&of_it().map(|t| &t.fact).collect::<Vec<_>>());
        let all: Vec<Told> = of_it().filter(|t| !waits.contains(&t.fact.event_id)).cloned().collect();
        self.decide(what.arrives.0, CLIENT, |ctx| tell(ctx, 1, application, all).unwrap());
    }

    fn end(&mut self, until: NaiveDate) -> End {
        self.decide(until, ActedBy::System, moves::settle);
        let flows = premium_flows(&self.history);
        let sum = |kind| flows.iter().filter(|f| f.kind == kind).map(|f| f.minor).sum();
        let last = self.history.effective().last().map(|t| (t.to, t.occurred_on)).unwrap();
        let place = match last.0 {
            Stage::Stage25 => Place::At25,
            Stage::Stage50 => Place::At50,
            Stage::Stage90 => Place::At90,
            Stage::Closed => Place::Closed,
            other => panic!("at {other:?} on {}", last.1),
        };
        End { place, since: last.1, advance: sum(PremiumKind::Advance), standard: sum(PremiumKind::Standard) }
    }
}

fn lived(life: &Life) -> (End, End) {
    let at_50_on = first_day() - Days::new(4);
    let client = Client { at_50_on, cooling_off_days: 10 };
    let mut real = Real::at_50(at_50_on);
    life.arrivals().iter().for_each(|what| real.arrives(what));
    let until = life.last_day();
    (real.end(until), oracle::end(client, &life.happened, until))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn wherever_policies_leave_a_client_the_oracle_puts_them_too(life in life()) {
        let (real, expected) = lived(&life);
        prop_assert_eq!(real, expected, "{:#?}", life.arrivals());
    }
}
