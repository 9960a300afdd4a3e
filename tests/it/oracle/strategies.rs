//! Random facts, settings and lives for property tests, crowded around the days on which an answer turns.

use super::calendar::WeekStart;
use super::classify::{Facts, FirstAppointment, NextAppointment};
use super::simulation::{Correctable, Entry, Fact, FactKind, Fallback, Refused, Settings, Simulation, What};
use super::{ByDate, Criterion, Stage, Verdict, cooling_off, date, plus};
use chrono::{DateTime, FixedOffset, NaiveDate};
use proptest::prelude::*;

/// One question to `classify`.
#[derive(Clone, Debug)]
pub struct Question {
    pub as_of: NaiveDate,
    pub cycle_days: i64,
    pub facts: Facts,
}

/// How many days from the day asked about: close to it, to one cycle and to the cooling-off, or anywhere in 60.
fn offset(cycle_days: i64) -> BoxedStrategy<i64> {
    prop_oneof![
        3 => -2i64..=2,
        2 => (-2i64..=2).prop_map(move |near| cycle_days + near),
        2 => (-2i64..=2).prop_map(move |near| near - cycle_days),
        2 => -13i64..=-8,
        1 => -60i64..=60,
    ]
    .boxed()
}

/// An instant on a day of the team, written in some other time zone as often as not.
fn instant_on(day: NaiveDate, minute: u32, hours_east: i32) -> DateTime<FixedOffset> {
    let shanghai = FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset");
    let local = day.and_hms_opt(minute / 60, minute % 60, 0).expect("a minute of the day");
    let there = local.and_local_timezone(shanghai).single().expect("no summer time");
    there.with_timezone(&FixedOffset::east_opt(hours_east * 3600).expect("an offset"))
}

fn instant(as_of: NaiveDate, cycle_days: i64) -> BoxedStrategy<DateTime<FixedOffset>> {
    let minute = prop_oneof![Just(0u32), Just(600), Just(1439), 0u32..1440];
    (offset(cycle_days), minute, prop_oneof![3 => Just(8), 1 => Just(0), 1 => -11i32..=12])
        .prop_map(move |(days, minute, east)| instant_on(plus(as_of, days), minute, east))
        .boxed()
}

fn some_date(as_of: NaiveDate, cycle_days: i64) -> BoxedStrategy<NaiveDate> {
    offset(cycle_days).prop_map(move |days| plus(as_of, days)).boxed()
}

/// There four times in five, so that the upper rungs are reached at all.
fn mostly<S: Strategy>(inner: S) -> impl Strategy<Value = Option<S::Value>>
where
    S::Value: Clone,
{
    proptest::option::weighted(0.8, inner)
}

fn verdict() -> BoxedStrategy<Verdict> {
    prop_oneof![8 => Just(Verdict::Met), 1 => Just(Verdict::Unmet), 1 => Just(Verdict::Unknown), 1 => Just(Verdict::Stale)]
        .boxed()
}

/// Facts with dates on both sides of the day asked about.
pub fn question() -> impl Strategy<Value = Question> {
    let as_of = (0i64..400).prop_map(|days| plus(date("2009-11-01"), days));
    (as_of, prop_oneof![2 => Just(28i64), 1 => 7i64..=60]).prop_flat_map(|(as_of, cycle_days)| {
        let day = || some_date(as_of, cycle_days);
        let meeting = (
            mostly((day(), instant(as_of, cycle_days))),
            any::<bool>(),
            mostly(day()),
            proptest::option::weighted(0.15, day()),
            prop_oneof![4 => Just(0i64), 1 => 1i64..=14],
            proptest::option::weighted(0.1, day()),
            proptest::bool::weighted(0.8),
            mostly((
                instant(as_of, cycle_days),
                proptest::option::weighted(0.9, Just("the proposal".to_owned())),
            )),
        )
            .boxed();
        let sale = (
            [verdict(), verdict(), verdict()],
            mostly(day()),
            proptest::option::weighted(0.4, day()),
            proptest::bool::weighted(0.8),
            mostly(day()),
            proptest::option::weighted(0.7, day()),
            mostly(day()),
            prop_oneof![3 => Just(10i64), 1 => Just(15), 1 => Just(20), 1 => 1i64..=30],
            proptest::option::weighted(0.15, day()),
            proptest::option::weighted(0.05, day()),
        )
            .boxed();
        (meeting, sale).prop_map(move |(meeting, sale)| {
            let (first, expected, met, clock, extension, fell, agreed, next) = meeting;
            let (
                [decides, plan, budget],
                target,
                signed,
                documents,
                money,
                issued,
                receipt,
                off,
                gone,
                exited,
            ) = sale;
            Question {
                as_of,
                cycle_days,
                facts: Facts {
                    first_appointment: first
                        .map(|(fixed_on, starts_at)| FirstAppointment { fixed_on, starts_at }),
                    decision_maker_expected: expected,
                    first_meeting_on: met,
                    clock_started_on: clock,
                    extension_days: extension,
                    fell_from_90_on: fell,
                    further_cooperation_agreed: agreed,
                    next_appointment: next.map(|(starts_at, agenda)| NextAppointment { starts_at, agenda }),
                    decision_maker: decides,
                    plan_fits: plan,
                    budget,
                    target_signing_on: target,
                    signed_on: signed,
                    documents_submitted: documents,
                    premium_received_on: money,
                    policy_issued_on: issued,
                    receipt_signed_on: receipt,
                    cooling_off_days: off,
                    withdrawn_on: gone,
                    exited_on: exited,
                },
            }
        })
    })
}

/// The day on which every generated life begins.
pub fn beginning() -> NaiveDate {
    date("2009-12-07")
}

fn by_date<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = ByDate<T>> {
    let change = (1i64..90, value.clone()).prop_map(|(days, value)| (plus(beginning(), days), value));
    (value, proptest::collection::btree_map(1i64..90, change.prop_map(|(_, value)| value), 0..3)).prop_map(
        |(first, changes)| ByDate {
            first,
            changes: changes.into_iter().map(|(days, value)| (plus(beginning(), days), value)).collect(),
        },
    )
}

/// Settings and a cycle that change now and then; mostly the method's own.
pub fn settings() -> BoxedStrategy<Settings> {
    let wild = (
        by_date(prop_oneof![2 => Just(28i64), 2 => 7i64..=40]),
        by_date(
            prop_oneof![3 => Just(Fallback::Auto), 1 => Just(Fallback::Propose), 1 => Just(Fallback::Off)],
        ),
        by_date(prop_oneof![2 => Just(7i64), 1 => 0i64..=14]),
        by_date(prop_oneof![Just(WeekStart::Fri), Just(WeekStart::Sat)]),
        by_date(prop_oneof![2 => Just(10i64), 1 => Just(15), 1 => Just(1)]),
    )
        .prop_map(|(cycle_days, fallback, grace_days, week_start, cooling_off_days)| Settings {
            cycle_days,
            fallback,
            grace_days,
            week_start,
            cooling_off_days,
        });
    prop_oneof![1 => Just(Settings::method()), 2 => wild].boxed()
}

/// What someone means to do next; `play` turns it into an entry that fits the life so far.
#[derive(Clone, Debug)]
pub enum Intent {
    /// The next rung, with the facts it needs; `ahead` days to the appointment and the target date.
    Advance {
        lag: i64,
        ahead: i64,
    },
    /// A rung further up in one request.
    Leap {
        rungs: usize,
        lag: i64,
        ahead: i64,
        agreed: bool,
    },
    /// They agree to go further, or no longer.
    Answer {
        lag: i64,
        agreed: bool,
    },
    FixNext {
        lag: i64,
        ahead: i64,
        agenda: bool,
    },
    Postpone {
        lag: i64,
        ahead: i64,
    },
    Held {
        lag: i64,
    },
    NoShow {
        lag: i64,
    },
    Cancel {
        lag: i64,
    },
    Check {
        lag: i64,
        criterion: Criterion,
        met: bool,
    },
    Target {
        lag: i64,
        ahead: Option<i64>,
    },
    Policy {
        lag: i64,
        what: FactKind,
    },
    /// 90 or closed → 50, with a withdrawal or without.
    Fall {
        lag: i64,
        withdrawn: bool,
    },
    /// Papers and money, for a signature that is already there.
    Pay {
        lag: i64,
    },
    PlainMove {
        lag: i64,
        to: Stage,
    },
    Request,
    Grant {
        days: i64,
    },
    Deny,
    Void,
    Redate {
        lag: i64,
    },
    Correct {
        lag: i64,
        which: Correctable,
    },
    /// Issue and receipt on a supervisor's word, the receipt so many days after the issue; perhaps one is left out.
    Override {
        lag: i64,
        receipt: Option<i64>,
    },
    /// Given to the other agent.
    HandOver {
        lag: i64,
    },
}

fn lag() -> impl Strategy<Value = i64> {
    prop_oneof![6 => Just(0i64), 2 => 1i64..=4, 1 => 5i64..=25]
}

fn ahead() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0i64..=10, 2 => 11i64..=29, 1 => 30i64..=45]
}

fn intent() -> BoxedStrategy<Intent> {
    let rung = proptest::sample::select(Stage::LADDER.to_vec());
    let policy = proptest::sample::select(vec![
        FactKind::Signed,
        FactKind::DocumentsSubmitted,
        FactKind::PremiumReceived,
        FactKind::PolicyIssued,
        FactKind::ReceiptSigned,
    ]);
    prop_oneof![
        14 => (lag(), ahead()).prop_map(|(lag, ahead)| Intent::Advance { lag, ahead }),
        4 => (1usize..=4, lag(), ahead(), proptest::bool::weighted(0.8))
            .prop_map(|(rungs, lag, ahead, agreed)| Intent::Leap { rungs, lag, ahead, agreed }),
        1 => (lag(), proptest::bool::weighted(0.4)).prop_map(|(lag, agreed)| Intent::Answer { lag, agreed }),
        4 => (lag(), ahead(), proptest::bool::weighted(0.9))
            .prop_map(|(lag, ahead, agenda)| Intent::FixNext { lag, ahead, agenda }),
        3 => (lag(), ahead()).prop_map(|(lag, ahead)| Intent::Postpone { lag, ahead }),
        2 => lag().prop_map(|lag| Intent::Held { lag }),
        1 => lag().prop_map(|lag| Intent::NoShow { lag }),
        1 => lag().prop_map(|lag| Intent::Cancel { lag }),
        3 => (lag(), proptest::sample::select(Criterion::ALL.to_vec()), any::<bool>())
            .prop_map(|(lag, criterion, met)| Intent::Check { lag, criterion, met }),
        2 => (lag(), proptest::option::weighted(0.9, ahead()))
            .prop_map(|(lag, ahead)| Intent::Target { lag, ahead }),
        3 => (lag(), policy).prop_map(|(lag, what)| Intent::Policy { lag, what }),
        2 => (lag(), any::<bool>()).prop_map(|(lag, withdrawn)| Intent::Fall { lag, withdrawn }),
        2 => (lag(), prop_oneof![4 => rung, 1 => Just(Stage::Exited)])
            .prop_map(|(lag, to)| Intent::PlainMove { lag, to }),
        1 => lag().prop_map(|lag| Intent::Pay { lag }),
        1 => Just(Intent::Request),
        1 => (1i64..=20).prop_map(|days| Intent::Grant { days }),
        1 => Just(Intent::Deny),
        1 => Just(Intent::Void),
        1 => lag().prop_map(|lag| Intent::Redate { lag }),
        1 => (lag(), proptest::sample::select(vec![
            Correctable::FirstMeeting,
            Correctable::PolicyIssued,
            Correctable::ReceiptSigned,
        ]))
            .prop_map(|(lag, which)| Intent::Correct { lag, which }),
        1 => (lag(), proptest::option::weighted(0.8, 0i64..=3))
            .prop_map(|(lag, receipt)| Intent::Override { lag, receipt }),
        2 => lag().prop_map(|lag| Intent::HandOver { lag }),
    ]
    .boxed()
}

/// A life as intentions: how many days pass before each, and what is meant.
#[derive(Clone, Debug)]
pub struct Life {
    pub settings: Settings,
    /// Those of the agent to whom the prospect may be handed over.
    pub theirs: Settings,
    pub steps: Vec<(i64, Intent)>,
    /// Days that pass after the last entry.
    pub rest: i64,
}

pub fn life(entries: std::ops::Range<usize>) -> BoxedStrategy<Life> {
    let pause = || prop_oneof![4 => 0i64..=3, 3 => 4i64..=9, 1 => 10i64..=40];
    let anything = proptest::collection::vec((pause(), intent()), entries);
    let opening = prop_oneof![4 => Just(Vec::new()).boxed(), 2 => late_money(), 2 => late_withdrawal(), 2 => long_50(), 1 => on_a_word()];
    (settings(), settings(), opening, anything, 0i64..=60)
        .prop_map(|(settings, theirs, mut steps, more, rest)| {
            steps.extend(more);
            Life { settings, theirs, steps, rest }
        })
        .boxed()
}

/// Three rungs up, promptly, with a target date well inside the cycle.
fn to_50(ahead: i64) -> Vec<(i64, Intent)> {
    [2, 5, ahead].into_iter().map(|ahead| (2, Intent::Advance { lag: 0, ahead })).collect()
}

/// Signed at 50, and the money only comes when the pursuit may have fallen back.
fn late_money() -> BoxedStrategy<Vec<(i64, Intent)>> {
    (5i64..=25, 1i64..=20, 5i64..=40, lag())
        .prop_map(|(ahead, until_signed, until_paid, lag)| {
            let mut steps = to_50(ahead);
            steps.push((until_signed, Intent::Policy { lag: 0, what: FactKind::Signed }));
            steps.push((until_paid, Intent::Pay { lag }));
            steps
        })
        .boxed()
}

/// Sold and handed over; the withdrawal comes about when the cooling-off ends.
fn late_withdrawal() -> BoxedStrategy<Vec<(i64, Intent)>> {
    (0i64..=3, 8i64..=18, 0i64..=6)
        .prop_map(|(pause, until_withdrawn, lag)| {
            let mut steps = to_50(10);
            steps.push((pause, Intent::Advance { lag: 0, ahead: 0 }));
            steps.push((pause, Intent::Policy { lag: 0, what: FactKind::PolicyIssued }));
            steps.push((pause, Intent::Policy { lag: 0, what: FactKind::ReceiptSigned }));
            steps.push((until_withdrawn, Intent::Fall { lag, withdrawn: true }));
            steps
        })
        .boxed()
}

/// Sold, and closed on a supervisor's word.
fn on_a_word() -> BoxedStrategy<Vec<(i64, Intent)>> {
    (0i64..=3, 0i64..=14, 0i64..=14, proptest::option::weighted(0.8, 0i64..=3), intent())
        .prop_map(|(pause, later, lag, receipt, next)| {
            let mut steps = to_50(10);
            steps.push((pause, Intent::Advance { lag: 0, ahead: 0 }));
            steps.push((later, Intent::Override { lag, receipt }));
            steps.push((pause, next));
            steps
        })
        .boxed()
}

/// At 50 with dates of its own, left alone for a while.
fn long_50() -> BoxedStrategy<Vec<(i64, Intent)>> {
    (1i64..=26, 1i64..=30, intent())
        .prop_map(|(ahead, pause, next)| {
            let mut steps = to_50(ahead);
            steps.push((pause, next));
            steps
        })
        .boxed()
}

/// An entry, and what the oracle says to it.
pub type Told = (Entry, Result<(), Refused>);

/// The entries of a life, each with what the oracle says to it, and the oracle at the end.
pub fn play(life: &Life) -> (Vec<Told>, Simulation) {
    let mut simulation = Simulation::created(life.settings.clone(), beginning()).beside(life.theirs.clone());
    let mut told = Vec::new();
    let mut today = beginning();
    for (pause, intent) in &life.steps {
        today = plus(today, *pause);
        simulation.wait_until(today);
        let entry = entry_for(intent, &simulation);
        let answer = simulation.record(&entry);
        told.push((entry, answer));
    }
    simulation.wait_until(plus(today, life.rest));
    (told, simulation)
}

/// Turns an intention into an entry, given the life so far.
pub fn entry_for(intent: &Intent, life: &Simulation) -> Entry {
    let today = life.today;
    let ago = |lag: &i64| plus(today, -lag);
    let fact = |lag: &i64, what: FactKind| What::Fact(Fact { on: ago(lag), what });
    let latest = life.open_appointments().last().copied().unwrap_or(0);
    let what = match intent {
        Intent::Advance { lag, ahead } => advance(life, 1, ago(lag), *ahead, true),
        Intent::Leap { rungs, lag, ahead, agreed } => advance(life, *rungs, ago(lag), *ahead, *agreed),
        Intent::Answer { lag, agreed: true } => fact(lag, FactKind::CooperationAgreed),
        Intent::Answer { lag, agreed: false } => fact(lag, FactKind::CooperationRefused),
        Intent::FixNext { lag, ahead, agenda } => {
            fact(lag, FactKind::NextAppointment { day: plus(ago(lag), *ahead), agenda: *agenda })
        }
        Intent::Postpone { lag, ahead } => {
            fact(lag, FactKind::Postponed { nth: latest, to: plus(ago(lag), *ahead) })
        }
        Intent::Held { lag } => fact(lag, FactKind::Held { nth: latest }),
        Intent::NoShow { lag } => fact(lag, FactKind::NoShow { nth: latest }),
        Intent::Cancel { lag } => fact(lag, FactKind::Cancelled { nth: latest }),
        Intent::Check { lag, criterion, met } => {
            let verdict = if *met { Verdict::Met } else { Verdict::Unmet };
            fact(lag, FactKind::Check { criterion: *criterion, verdict })
        }
        Intent::Target { lag, ahead } => {
            fact(lag, FactKind::TargetSigning { on: ahead.map(|ahead| plus(ago(lag), ahead)) })
        }
        Intent::Policy { lag, what } => fact(lag, what.clone()),
        Intent::Fall { lag, withdrawn } => {
            let facts =
                if *withdrawn { vec![Fact { on: ago(lag), what: FactKind::Withdrawn }] } else { Vec::new() };
            // What arrives after the closing is dated on its day, and mostly told so.
            let closed = life.stage() == Stage::Closed && lag % 4 != 3;
            What::Move { to: Stage::Stage50, occurred_on: if closed { today } else { ago(lag) }, facts }
        }
        Intent::Pay { lag } => {
            let facts = [FactKind::DocumentsSubmitted, FactKind::PremiumReceived];
            let facts = facts.map(|what| Fact { on: ago(lag), what }).to_vec();
            What::Move { to: Stage::Stage90, occurred_on: ago(lag), facts }
        }
        Intent::PlainMove { lag, to } => What::Move { to: *to, occurred_on: ago(lag), facts: Vec::new() },
        Intent::Request => What::RequestExtension,
        Intent::Grant { days } => What::GrantExtension { days: *days },
        Intent::Deny => What::DenyExtension,
        Intent::Void => What::VoidLatestMove,
        Intent::Redate { lag } => What::RedateLatestMove { to: ago(lag) },
        Intent::Correct { lag, which } => What::CorrectDate { which: *which, to: ago(lag) },
        Intent::Override { lag, receipt } => {
            let mut facts = vec![Fact { on: ago(lag), what: FactKind::PolicyIssued }];
            facts
                .extend(receipt.map(|days| Fact { on: plus(ago(lag), days), what: FactKind::ReceiptSigned }));
            What::OverrideClosing { facts }
        }
        Intent::HandOver { lag } => What::HandOver { on: ago(lag) },
    };
    Entry { recorded_on: today, what }
}

/// A move some rungs up with everything that the rungs on the way ask for, all dated `on`.
fn advance(life: &Simulation, rungs: usize, on: NaiveDate, ahead: i64, agreed: bool) -> What {
    let from = life.stage_on(on);
    let Some(low) = from.rung().filter(|rung| *rung < 5) else {
        return What::Move { to: Stage::Opportunity, occurred_on: on, facts: Vec::new() };
    };
    let high = (low + rungs).min(5);
    let mut facts = Vec::new();
    let mut add = |what: FactKind| facts.push(Fact { on, what });
    for rung in low + 1..=high {
        match Stage::LADDER[rung] {
            Stage::FirstAppointment => {
                let day = if high > 1 { on } else { plus(on, ahead) };
                add(FactKind::FirstAppointment { day });
            }
            Stage::Stage25 => {
                let fixed_here = life.appointment_count();
                let nth = if low == 0 {
                    fixed_here
                } else {
                    life.open_appointments().first().copied().unwrap_or(0)
                };
                add(FactKind::Held { nth });
                add(if agreed { FactKind::CooperationAgreed } else { FactKind::CooperationRefused });
                add(FactKind::NextAppointment { day: plus(on, ahead), agenda: true });
            }
            Stage::Stage50 => {
                for criterion in &Criterion::ALL[..3] {
                    add(FactKind::Check { criterion: *criterion, verdict: Verdict::Met });
                }
                add(FactKind::TargetSigning { on: Some(plus(on, ahead)) });
                if low == 2 {
                    add(FactKind::NextAppointment { day: plus(on, ahead), agenda: true });
                }
            }
            Stage::Stage90 => {
                add(FactKind::Signed);
                add(FactKind::DocumentsSubmitted);
                add(FactKind::PremiumReceived);
            }
            _ => {}
        }
    }
    if low == 4 {
        // Closing comes by itself; what can be entered at 90 is what it waits for, one after the other.
        let what = if ahead % 2 == 0 { FactKind::PolicyIssued } else { FactKind::ReceiptSigned };
        return What::Fact(Fact { on, what });
    }
    What::Move { to: Stage::LADDER[high.min(4)], occurred_on: on, facts }
}

/// The day on which a receipt matures, for tests that walk around it.
pub fn maturity(receipt: NaiveDate, days: i64) -> NaiveDate {
    cooling_off::over_on(receipt, days)
}
