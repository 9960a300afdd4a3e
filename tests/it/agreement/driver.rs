//! Tells the real rules what the oracle is told, and reads their log in the oracle's words.

use crate::oracle::calendar::WeekStart;
use crate::oracle::simulation::{self, Correctable, Entry, FactKind, Fallback, Row, What};
use crate::oracle::{self, plus};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use prospector::domain::{
    method::{
        classify::classify,
        criteria::{Criterion, Verdict},
        cycle::{Cycle, CycleSource},
        due::Due,
        proposals::proposals,
        stage::Stage,
    },
    organisation::{
        actor::ActedBy,
        settings::{FallbackMode, Settings},
    },
    prospects::{
        corrections,
        decision::{Context, CorrectableDate, Decision, MoveRequest, NewFact, Refusal},
        fact::{AppointmentKind, Fact, FactBody},
        fact_entries,
        history::{Cut, Environment, History},
        moves, ownership,
        transition::{Path, Reason},
    },
    values::{calendar::SheetWeekStart, id::Id, timeline::Timeline},
};

/// The two agents.
const FIRST: Id = Id(uuid::Uuid::from_u128(u128::MAX));
const SECOND: Id = Id(uuid::Uuid::from_u128(u128::MAX - 1));

/// Whoever owns the prospect just now goes by the first one's name.
const OWNER: ActedBy = ActedBy::Agent(FIRST);
const SUPERVISOR: ActedBy = ActedBy::Supervisor(Id(uuid::Uuid::from_u128(u128::MAX - 2)));
/// A supervisor's own prospect: no limit of seven days on voiding, which the oracle does not know either.
const OWN_OF_SUPERVISOR: ActedBy = ActedBy::Supervisor(FIRST);

#[derive(Clone, Copy)]
struct Appointment {
    id: Id,
    kind: AppointmentKind,
    has_agenda: bool,
}

/// One prospect under the real rules.
pub struct Real {
    pub env: Environment,
    /// What surrounds the prospects of the two agents.
    each: [Environment; 2],
    owners: Timeline<Id>,
    pub history: History,
    pub today: NaiveDate,
    pub next: Option<Due>,
    last_id: u128,
    appointments: Vec<Appointment>,
}

impl Real {
    pub fn created(settings: &simulation::Settings, on: NaiveDate) -> Self {
        Real::between(settings, settings, on)
    }

    /// Of an agent beside whom there is another one.
    pub fn between(settings: &simulation::Settings, theirs: &simulation::Settings, on: NaiveDate) -> Self {
        let mut real = Real {
            env: environment(settings),
            each: [environment(settings), environment(theirs)],
            owners: Timeline::constant(FIRST),
            history: History::default(),
            today: on,
            next: None,
            last_id: 0,
            appointments: Vec::new(),
        };
        real.decided(OWNER, |ctx| moves::create(ctx, None)).unwrap();
        real
    }

    pub fn wait_until(&mut self, day: NaiveDate) {
        self.today = self.today.max(day);
    }

    /// What a sweep does today.
    pub fn settle(&mut self) {
        self.decided(ActedBy::System, |ctx| Ok(moves::settle(ctx))).unwrap();
    }

    pub fn record(&mut self, entry: &Entry) -> Result<(), Refusal> {
        self.wait_until(entry.recorded_on);
        let known = self.appointments.len();
        let answer = match &entry.what {
            What::Fact(fact) => {
                let facts = self.facts(std::slice::from_ref(fact));
                self.decided(OWNER, |ctx| fact_entries::record(ctx, facts))
            }
            What::Move { to, occurred_on, facts } => {
                let request = self.request(*to, *occurred_on, facts);
                self.decided(OWNER, |ctx| moves::decide(ctx, request))
            }
            What::RequestExtension => {
                let id = self.id();
                self.decided(OWNER, |ctx| fact_entries::request_extension(ctx, id, 1))
            }
            What::GrantExtension { days } => {
                let (id, days) = (self.id(), i32::try_from(*days).unwrap());
                self.decided(SUPERVISOR, |ctx| {
                    fact_entries::decide_extension(ctx, latest_request(ctx.history), id, Some(days))
                })
            }
            What::DenyExtension => {
                let id = self.id();
                self.decided(SUPERVISOR, |ctx| {
                    fact_entries::decide_extension(ctx, latest_request(ctx.history), id, None)
                })
            }
            What::VoidLatestMove => self.decided(OWN_OF_SUPERVISOR, |ctx| corrections::void_latest(ctx, &[])),
            What::RedateLatestMove { to } => {
                self.decided(OWN_OF_SUPERVISOR, |ctx| corrections::redate_move(ctx, *to, &[]))
            }
            What::CorrectDate { which, to } => {
                let id = self.id();
                self.decided(OWNER, |ctx| corrections::redate_fact(ctx, id, correctable(*which), *to))
            }
            What::HandOver { on } => self.hand_over(*on),
            What::OverrideClosing { facts } => {
                let facts = self.facts(facts);
                let request = MoveRequest {
                    to: Stage::Closed,
                    occurred_on: None,
                    reason: None,
                    overrides: true,
                    facts,
                };
                self.decided(SUPERVISOR, |ctx| moves::decide(ctx, request))
            }
        };
        if answer.is_err() {
            self.appointments.truncate(known);
        }
        answer
    }

    /// Every move that stands, in the oracle's words; the first record is where every life begins.
    pub fn log(&self) -> Vec<Row> {
        let standing = self.history.effective();
        standing
            .iter()
            .filter(|t| t.path != Path::Created)
            .map(|t| Row {
                from: stage_of(t.from.unwrap()),
                to: stage_of(t.to),
                on: t.occurred_on,
                automatic: t.is_automatic(),
            })
            .collect()
    }

    pub fn stage(&self) -> oracle::Stage {
        stage_of(self.history.stage())
    }

    pub fn stage_on(&self, day: NaiveDate) -> oracle::Stage {
        self.history.stage_on(day).map_or(oracle::Stage::Opportunity, stage_of)
    }

    pub fn next(&self) -> Option<(NaiveDate, oracle::Stage)> {
        self.next.map(|due| (due.on, stage_of(due.to)))
    }

    /// Since when each proposed fallback is due, and where it leads.
    pub fn proposals(&self) -> Vec<(NaiveDate, oracle::Stage)> {
        let all = proposals(&self.history, &self.env, self.today);
        all.iter().map(|due| (due.on, stage_of(due.to))).collect()
    }

    pub fn belongs_today(&self) -> oracle::Stage {
        stage_of(classified_on(&self.history, &self.env, self.today))
    }

    /// Whether every record of the log, also the cancelled and the cancelling, takes up where the one before it left
    /// off, and all of them together lead to the stage.
    pub fn replays(&self) -> bool {
        let mut stage = None;
        let in_order = (1..).zip(&self.history.transitions).all(|(seq, record)| {
            let fits = record.seq == seq && record.from == stage;
            stage = Some(record.to);
            fits
        });
        in_order && stage == Some(self.history.stage())
    }

    /// What the store does for a transfer: what is due is written down first.
    fn hand_over(&mut self, on: NaiveDate) -> Result<(), Refusal> {
        self.settle();
        if on > self.today {
            return Err(Refusal::InTheFuture { date: on, today: self.today });
        }
        let to = if *self.owners.on(NaiveDate::MAX) == FIRST { SECOND } else { FIRST };
        let owners = ownership::hand_over(&self.history, &self.owners, to, on);
        self.owners = owners.map_err(|_| Refusal::NotTheOwner)?;
        let [first, second] = &self.each;
        let of = |id| Some(if id == FIRST { first } else { second });
        self.env = ownership::governing(&self.owners, of).unwrap();
        self.settle();
        Ok(())
    }

    fn id(&mut self) -> Id {
        self.last_id += 1;
        Id(uuid::Uuid::from_u128(self.last_id))
    }

    fn decided(
        &mut self,
        by: ActedBy,
        decide: impl FnOnce(&mut Context<'_>) -> Result<Decision, Refusal>,
    ) -> Result<(), Refusal> {
        let mut last_id = self.last_id;
        let mut ids = || {
            last_id += 1;
            Id(uuid::Uuid::from_u128(last_id))
        };
        let answer = decide(&mut Context {
            history: &self.history,
            env: &self.env,
            today: self.today,
            now: noon(self.today),
            by,
            owner_id: FIRST,
            ids: &mut ids,
        });
        self.last_id = last_id;
        let decision = answer?;
        // What the store appends is what the decision says the history is.
        let mut appended = self.history.clone();
        appended.transitions.extend(decision.transitions);
        appended.facts.extend(decision.facts);
        assert_eq!(appended, decision.history);
        self.history = decision.history;
        self.next = decision.next;
        Ok(())
    }

    fn request(&mut self, to: oracle::Stage, on: NaiveDate, facts: &[simulation::Fact]) -> MoveRequest {
        let withdrawn = facts.iter().any(|fact| fact.what == FactKind::Withdrawn);
        let reason = match to {
            oracle::Stage::Stage50 if withdrawn => Some(Reason::Withdrawn),
            oracle::Stage::Stage50 => Some(Reason::Declined),
            oracle::Stage::Exited => Some(Reason::NoNeed),
            _ => None,
        };
        // A move to 90 is dated by its facts.
        let dated_by_facts = matches!(to, oracle::Stage::Stage90 | oracle::Stage::Closed);
        MoveRequest {
            to: stage_from(to),
            occurred_on: (!dated_by_facts).then_some(on),
            reason,
            overrides: false,
            facts: self.facts(facts),
        }
    }

    fn facts(&mut self, facts: &[simulation::Fact]) -> Vec<NewFact> {
        let mut all = Vec::new();
        for fact in facts {
            for body in self.bodies(fact) {
                let id = self.id();
                all.push(NewFact { id, occurred_on: Some(fact.on), body });
            }
        }
        all
    }

    /// The facts that the API makes of one thing told.
    fn bodies(&mut self, fact: &simulation::Fact) -> Vec<FactBody> {
        let on = fact.on;
        let unknown = Appointment { id: self.id(), kind: AppointmentKind::Next, has_agenda: false };
        let named = |all: &[Appointment], nth: usize| all.get(nth).copied().unwrap_or(unknown);
        let body = match fact.what {
            FactKind::FirstAppointment { day } => self.fixed(AppointmentKind::First, day, false),
            FactKind::NextAppointment { day, agenda } => self.fixed(AppointmentKind::Next, day, agenda),
            FactKind::Postponed { nth, to } => {
                let Appointment { id, has_agenda, .. } = named(&self.appointments, nth);
                FactBody::AppointmentPostponed {
                    appointment_id: id,
                    starts_at: noon(to),
                    starts_on: to,
                    has_agenda,
                }
            }
            FactKind::Held { nth } => {
                let Appointment { id, kind, .. } = named(&self.appointments, nth);
                let held = FactBody::AppointmentHeld { appointment_id: id, held_on: on };
                match kind {
                    AppointmentKind::First => return vec![held, FactBody::FirstMeeting { on }],
                    AppointmentKind::Next => held,
                }
            }
            FactKind::NoShow { nth } => {
                FactBody::AppointmentNoShow { appointment_id: named(&self.appointments, nth).id }
            }
            FactKind::Cancelled { nth } => {
                FactBody::AppointmentCancelled { appointment_id: named(&self.appointments, nth).id }
            }
            FactKind::FirstMeeting => FactBody::FirstMeeting { on },
            FactKind::CooperationAgreed => FactBody::CooperationAgreed { agreed: true },
            FactKind::CooperationRefused => FactBody::CooperationAgreed { agreed: false },
            FactKind::Check { criterion, verdict } => {
                FactBody::Check { criterion: criterion_from(criterion), verdict: verdict_from(verdict) }
            }
            FactKind::TargetSigning { on } => FactBody::TargetSigning { on },
            FactKind::Signed => FactBody::Signed { on },
            FactKind::DocumentsSubmitted => FactBody::DocumentsSubmitted { on },
            FactKind::PremiumReceived => FactBody::PremiumReceived { on, amount_minor: None },
            FactKind::PolicyIssued => FactBody::PolicyIssued { on, standard_premium_minor: None },
            FactKind::ReceiptSigned => FactBody::ReceiptSigned { on, cooling_off_days: None },
            FactKind::Withdrawn => FactBody::Withdrawn { on },
        };
        vec![body]
    }

    fn fixed(&mut self, kind: AppointmentKind, day: NaiveDate, has_agenda: bool) -> FactBody {
        let id = self.id();
        self.appointments.push(Appointment { id, kind, has_agenda });
        FactBody::AppointmentFixed {
            appointment_id: id,
            appointment_kind: kind,
            starts_at: noon(day),
            starts_on: day,
            has_agenda,
        }
    }
}

/// Noon in Shanghai.
fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(4, 0, 0).unwrap().and_utc() + TimeDelta::zero()
}

/// The oracle's settings as the service keeps them.
pub fn environment(settings: &simulation::Settings) -> Environment {
    let on = |day: NaiveDate| Settings {
        fallback: match settings.fallback.on(day) {
            Fallback::Auto => FallbackMode::Auto,
            Fallback::Propose => FallbackMode::Propose,
            Fallback::Off => FallbackMode::Off,
        },
        criteria_grace_days: i32::try_from(settings.grace_days.on(day)).unwrap(),
        sheet_week_start: week_start(settings.week_start.on(day)),
        cooling_off_days: i32::try_from(settings.cooling_off_days.on(day)).unwrap(),
        ..Settings::default()
    };
    let cycle = |day: NaiveDate| {
        Cycle::unmeasured(i32::try_from(settings.cycle_days.on(day)).unwrap(), CycleSource::Declared)
    };
    let days = |changes: Vec<NaiveDate>| changes.into_iter();
    let dates: Vec<NaiveDate> = days(settings.fallback.changes.iter().map(|c| c.0).collect())
        .chain(days(settings.grace_days.changes.iter().map(|c| c.0).collect()))
        .chain(days(settings.week_start.changes.iter().map(|c| c.0).collect()))
        .chain(days(settings.cooling_off_days.changes.iter().map(|c| c.0).collect()))
        .chain(days(settings.cycle_days.changes.iter().map(|c| c.0).collect()))
        .collect();
    let first = oracle::date("1900-01-01");
    Environment::of_owner(
        Timeline::new(cycle(first), dates.iter().map(|day| (*day, cycle(*day))).collect()),
        Timeline::new(on(first), dates.iter().map(|day| (*day, on(*day))).collect()),
    )
}

pub fn week_start(start: WeekStart) -> SheetWeekStart {
    match start {
        WeekStart::Fri => SheetWeekStart::Friday,
        WeekStart::Sat => SheetWeekStart::Saturday,
    }
}

pub fn stage_of(stage: Stage) -> oracle::Stage {
    match stage {
        Stage::Opportunity => oracle::Stage::Opportunity,
        Stage::FirstAppointment => oracle::Stage::FirstAppointment,
        Stage::Stage25 => oracle::Stage::Stage25,
        Stage::Stage50 => oracle::Stage::Stage50,
        Stage::Stage90 => oracle::Stage::Stage90,
        Stage::Closed => oracle::Stage::Closed,
        Stage::Exited => oracle::Stage::Exited,
    }
}

fn stage_from(stage: oracle::Stage) -> Stage {
    Stage::from_code(stage.code()).unwrap()
}

fn correctable(which: Correctable) -> CorrectableDate {
    match which {
        Correctable::FirstMeeting => CorrectableDate::FirstMeetingOn,
        Correctable::PolicyIssued => CorrectableDate::PolicyIssuedOn,
        Correctable::ReceiptSigned => CorrectableDate::ReceiptSignedOn,
    }
}

fn criterion_from(criterion: oracle::Criterion) -> Criterion {
    Criterion::from_code(criterion.code()).unwrap()
}

fn verdict_from(verdict: oracle::Verdict) -> Verdict {
    match verdict {
        oracle::Verdict::Unknown => Verdict::Unknown,
        oracle::Verdict::Met => Verdict::Met,
        oracle::Verdict::Unmet => Verdict::Unmet,
        oracle::Verdict::Stale => Verdict::Stale,
    }
}

/// The days from one to another, both included.
pub fn days(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..).map(move |n| plus(from, n)).take_while(move |day| *day <= to)
}

/// The request that a supervisor would have before the eyes.
fn latest_request(history: &History) -> Id {
    let asked = |fact: &&Fact| matches!(fact.body, FactBody::ExtensionRequested { .. });
    history.facts.iter().rev().find(asked).map_or(Id(uuid::Uuid::nil()), |fact| fact.id)
}

/// Where the rules put the pursuit at the end of a day, without any grace.
fn classified_on(history: &History, env: &Environment, day: NaiveDate) -> Stage {
    let effective = history.effective();
    let Some(last) = effective.iter().rev().find(|t| t.occurred_on <= day) else { return Stage::Opportunity };
    if last.to == Stage::Opportunity && matches!(last.from, Some(Stage::Closed | Stage::Exited)) {
        // A new attempt begins without the facts of the pursuit before it.
        return Stage::Opportunity;
    }
    let known = history.facts_on(last.pursuit_number, Cut::EndOf(day), &env.settings);
    classify(&known, env.cycle_days(day), day).stage
}
