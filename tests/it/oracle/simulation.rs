//! One prospect's life, played again from its first entry for every question, one day after the other.
//!
//! What people entered is the only memory. `Simulation::record` says whether an entry is accepted;
//! everything else (`stage_on`, `log`, `next_automatic`) walks the days from the last move made by hand.

mod corrections;
mod entries;
mod known;
mod proposals;

use super::calendar::{WeekStart, check_in_covering, next_check_in_after};
use super::classify::{belongs, closing_holds};
use super::{ByDate, Criterion, Stage, Verdict, days_between, plus};
use chrono::NaiveDate;

/// What happens to those who stay too long (section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fallback {
    Auto,
    Propose,
    Off,
}

/// Everything that is set rather than entered.
#[derive(Clone, Debug)]
pub struct Settings {
    pub cycle_days: ByDate<i64>,
    pub fallback: ByDate<Fallback>,
    pub grace_days: ByDate<i64>,
    pub week_start: ByDate<WeekStart>,
    /// The row in force on `signed_on` counts.
    pub cooling_off_days: ByDate<i64>,
}

impl Settings {
    /// The method's own figures, with a cycle of 28 days.
    pub fn method() -> Self {
        Settings {
            cycle_days: ByDate::always(28),
            fallback: ByDate::always(Fallback::Auto),
            grace_days: ByDate::always(7),
            week_start: ByDate::always(WeekStart::Fri),
            cooling_off_days: ByDate::always(10),
        }
    }
}

/// Something that happened on a day, as a person tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub on: NaiveDate,
    pub what: FactKind,
}

/// Appointments are named by the order in which they were first recorded in this life, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    FirstAppointment {
        day: NaiveDate,
    },
    NextAppointment {
        day: NaiveDate,
        agenda: bool,
    },
    Postponed {
        nth: usize,
        to: NaiveDate,
    },
    Held {
        nth: usize,
    },
    NoShow {
        nth: usize,
    },
    Cancelled {
        nth: usize,
    },
    /// The first meeting, held without an appointment that anybody had entered.
    FirstMeeting,
    CooperationAgreed,
    CooperationRefused,
    Check {
        criterion: Criterion,
        verdict: Verdict,
    },
    TargetSigning {
        on: Option<NaiveDate>,
    },
    Signed,
    DocumentsSubmitted,
    PremiumReceived,
    PolicyIssued,
    ReceiptSigned,
    Withdrawn,
}

impl FactKind {
    fn is_policy(&self) -> bool {
        use FactKind::*;
        matches!(
            self,
            Signed | DocumentsSubmitted | PremiumReceived | PolicyIssued | ReceiptSigned | Withdrawn
        )
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub recorded_on: NaiveDate,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Move {
        to: Stage,
        occurred_on: NaiveDate,
        facts: Vec<Fact>,
    },
    Fact(Fact),
    RequestExtension,
    GrantExtension {
        days: i64,
    },
    DenyExtension,
    VoidLatestMove,
    /// The latest move happened on another day.
    RedateLatestMove {
        to: NaiveDate,
    },
    /// A date that was entered wrong.
    CorrectDate {
        which: Correctable,
        to: NaiveDate,
    },
    /// A supervisor's evidence stands for a missing record: 90 → closed.
    OverrideClosing {
        facts: Vec<Fact>,
    },
    /// A supervisor gives the prospect to the other of two agents; the first day with the new one.
    HandOver {
        on: NaiveDate,
    },
}

/// The dates that can be corrected on their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correctable {
    FirstMeeting,
    PolicyIssued,
    ReceiptSigned,
}

/// Why an entry is refused; the text is for whoever reads a failing test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub from: Stage,
    pub to: Stage,
    pub on: NaiveDate,
    pub automatic: bool,
}

/// Where the last move by hand left the prospect.
#[derive(Clone, Debug)]
struct State {
    stage: Stage,
    /// The date of the last move by hand; nothing may be dated before it but facts.
    anchor: NaiveDate,
    /// Moves to 90 and falls from it come first on their day, so the rest of that day is still to be walked.
    opens_the_day: bool,
    /// The pursuit, named by the entry that opened it.
    pursuit: Option<usize>,
    /// Date and entry of the pursuit's last fall from 90 or from closed.
    fell_from_90: Option<(NaiveDate, usize)>,
    last_drop_to_25: Option<NaiveDate>,
    fell_back_on: Option<NaiveDate>,
}

/// A move by hand, with the automatic ones that had come before it and stand.
#[derive(Clone, Debug)]
struct Step {
    entry: usize,
    rows: Vec<Row>,
    after: State,
}

#[derive(Clone, Debug)]
struct Stored {
    entry: usize,
    pursuit: usize,
    /// The number of the appointment that this fact fixes.
    appointment: Option<usize>,
    fact: Fact,
}

#[derive(Clone, Debug)]
struct Extension {
    pursuit: usize,
    requested_on: NaiveDate,
    /// Day and days granted; none for a denial.
    decided: Option<(NaiveDate, Option<i64>)>,
}

#[derive(Clone, Debug)]
struct Appointment {
    number: usize,
    is_first: bool,
    fixed_on: NaiveDate,
    day: NaiveDate,
    agenda: bool,
    held: bool,
    cancelled: bool,
    /// The client did not come, and no other day has been fixed since.
    missed: bool,
}

#[derive(Clone, Debug)]
pub struct Simulation {
    /// Those of the agent who began.
    pub settings: Settings,
    /// Those of the colleague who may take over.
    pub theirs: Settings,
    pub today: NaiveDate,
    /// On which days the prospect changed hands, to and fro.
    handed_over: Vec<NaiveDate>,
    entries: usize,
    appointments: usize,
    steps: Vec<Step>,
    facts: Vec<Stored>,
    extensions: Vec<Extension>,
    /// What was accepted, by the number of its entry.
    accepted: Vec<(usize, What)>,
}

type Verdicts = [(Verdict, Option<NaiveDate>); 5];

impl Simulation {
    /// A prospect entered on a day, with a name and a phone.
    pub fn created(settings: Settings, on: NaiveDate) -> Self {
        let state = State {
            stage: Stage::Opportunity,
            anchor: on,
            opens_the_day: false,
            pursuit: None,
            fell_from_90: None,
            last_drop_to_25: None,
            fell_back_on: None,
        };
        Simulation {
            theirs: settings.clone(),
            settings,
            today: on,
            handed_over: Vec::new(),
            entries: 1,
            appointments: 0,
            steps: vec![Step { entry: 0, rows: Vec::new(), after: state }],
            facts: Vec::new(),
            extensions: Vec::new(),
            accepted: Vec::new(),
        }
    }

    /// The same with a colleague who has a cycle and settings of the own.
    pub fn beside(mut self, theirs: Settings) -> Self {
        self.theirs = theirs;
        self
    }

    /// What is in force for the prospect on a day: that of its owner of the day. The day of a transfer is the new
    /// owner's.
    pub fn in_force(&self, day: NaiveDate) -> &Settings {
        let changes = self.handed_over.iter().filter(|on| **on <= day).count();
        if changes % 2 == 0 { &self.settings } else { &self.theirs }
    }

    /// Lets days pass without an entry.
    pub fn wait_until(&mut self, day: NaiveDate) {
        self.today = self.today.max(day);
    }

    /// Takes an entry, or refuses it and stays as it was.
    pub fn record(&mut self, entry: &Entry) -> Result<(), Refused> {
        let mut trial = self.clone();
        trial.wait_until(entry.recorded_on);
        trial.let_closings_stand();
        let number = trial.entries;
        trial.entries += 1;
        let outcome = match &entry.what {
            What::Move { to, occurred_on, facts } => trial.move_by_hand(number, *to, *occurred_on, facts),
            What::Fact(fact) => trial.fact_alone(number, fact),
            What::RequestExtension => trial.request_extension(),
            What::GrantExtension { days } => trial.decide_extension(Some(*days)),
            What::DenyExtension => trial.decide_extension(None),
            What::VoidLatestMove => trial.void_latest(),
            What::RedateLatestMove { to } => trial.redate_latest(number, *to),
            What::CorrectDate { which, to } => trial.correct_date(*which, *to),
            What::OverrideClosing { facts } => trial.override_closing(number, facts),
            What::HandOver { on } => trial.hand_over(*on),
        };
        let outcome = outcome.and_then(|()| trial.issue_and_receipt_follow(number));
        trial.accepted.push((number, entry.what.clone()));
        match outcome {
            Ok(()) => *self = trial,
            Err(_) => self.wait_until(entry.recorded_on),
        }
        outcome
    }

    // ---- questions -------------------------------------------------------------------------------------------

    /// Every move that stands, up to today.
    pub fn log(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = self.steps.iter().flat_map(|step| step.rows.clone()).collect();
        rows.extend(self.walk(self.latest(), self.today).0);
        rows
    }

    /// The stage at the end of a day, as known today.
    pub fn stage_on(&self, day: NaiveDate) -> Stage {
        self.log().iter().filter(|row| row.on <= day).fold(Stage::Opportunity, |_, row| row.to)
    }

    pub fn stage(&self) -> Stage {
        self.walk(self.latest(), self.today).1.stage
    }

    /// The stage that the facts amount to today, without grace.
    pub fn belongs_today(&self) -> Stage {
        let state = self.walk(self.latest(), self.today).1;
        match state.stage {
            Stage::Exited => state.stage,
            _ => belongs(
                &self.known(&state, self.today, self.today),
                self.in_force(self.today).cycle_days.on(self.today),
                self.today,
            ),
        }
    }

    /// Date and target of the next automatic move after today, if nobody enters anything.
    pub fn next_automatic(&self) -> Option<(NaiveDate, Stage)> {
        let (rows, _) = self.walk(self.latest(), plus(self.today, 1000));
        rows.iter().find(|row| row.on > self.today).map(|row| (row.on, row.to))
    }

    /// The date of the last move by hand.
    pub fn anchor(&self) -> NaiveDate {
        self.latest().anchor
    }

    /// How many appointments were ever recorded.
    pub fn appointment_count(&self) -> usize {
        self.appointments
    }

    /// The appointments of the current pursuit that can still happen or be told of.
    pub fn open_appointments(&self) -> Vec<usize> {
        let Some(pursuit) = self.latest().pursuit else { return Vec::new() };
        let all = self.appointments_of(pursuit, self.today);
        all.iter().filter(|one| !one.held && !one.cancelled).map(|one| one.number).collect()
    }

    /// The last first appointment of the current pursuit that can still be the meeting held on a day.
    pub fn open_first_appointment(&self, met_on: NaiveDate) -> Option<usize> {
        let all = self.appointments_of(self.latest().pursuit?, self.today);
        let open = all.iter().filter(|one| one.is_first && !one.held && !one.cancelled && !one.missed);
        open.filter(|one| one.fixed_on <= met_on).map(|one| one.number).next_back()
    }

    fn latest(&self) -> &State {
        &self.steps[self.steps.len() - 1].after
    }

    // ---- the walk --------------------------------------------------------------------------------------------

    /// All automatic moves from a state to the end of a day.
    fn walk(&self, from: &State, until: NaiveDate) -> (Vec<Row>, State) {
        let mut state = from.clone();
        let mut rows = Vec::new();
        let mut day = if from.opens_the_day { from.anchor } else { plus(from.anchor, 1) };
        while day <= until && state.stage.is_open() {
            self.live_through(day, &mut state, &mut rows);
            day = plus(day, 1);
        }
        (rows, state)
    }

    /// What the system does at the start of one day: closing, then fallback, then 50 → 25.
    fn live_through(&self, day: NaiveDate, state: &mut State, rows: &mut Vec<Row>) {
        let mut go = |state: &mut State, to: Stage| {
            rows.push(Row { from: state.stage, to, on: day, automatic: true });
            state.stage = to;
        };
        if state.stage == Stage::Stage90 {
            // Policy facts of the day itself come first.
            if closing_holds(&self.known(state, day, day), day) {
                go(state, Stage::Closed);
            }
            return;
        }
        // After a transfer nothing falls due for a week (section 11); a sale matures all the same.
        if self.handed_over.iter().any(|on| *on <= day && days_between(*on, day) <= 7) {
            return;
        }
        let yesterday = plus(day, -1);
        let falls = self.in_force(day).fallback.on(day) == Fallback::Auto && !self.request_holds(state, day);
        if falls && (self.over(state, day, yesterday) || self.lapsed(state, day, yesterday)) {
            go(state, Stage::Opportunity);
            state.fell_back_on = Some(day);
            return;
        }
        if state.stage == Stage::Stage50 {
            let verdicts = self.verdicts(state, day, yesterday);
            let unmet = verdicts.iter().any(|(verdict, _)| *verdict == Verdict::Unmet);
            if unmet || (falls && self.beyond_grace(&verdicts, day)) {
                go(state, Stage::Stage25);
                state.last_drop_to_25 = Some(day);
            }
        }
    }

    /// Stayed longer than the cycle, judged on the facts up to `facts_until`.
    fn over(&self, state: &State, day: NaiveDate, facts_until: NaiveDate) -> bool {
        let cycle_days = self.in_force(day).cycle_days.on(day);
        let known = self.known(state, day, facts_until);
        match (known.clock_started_on, known.first_fixed_on) {
            (Some(start), _) => days_between(start, day) > cycle_days + known.extension_days,
            (None, Some(fixed)) => {
                state.stage == Stage::FirstAppointment && days_between(fixed, day) > cycle_days
            }
            (None, None) => false,
        }
    }

    /// The latest appointment is past, and so is the check-in that looked at its day.
    fn lapsed(&self, state: &State, day: NaiveDate, facts_until: NaiveDate) -> bool {
        if !matches!(state.stage, Stage::FirstAppointment | Stage::Stage25) {
            return false;
        }
        let pursuit = state.pursuit.expect("an open stage has a pursuit");
        let mut latest =
            self.appointments_of(pursuit, facts_until).iter().map(|appointment| appointment.day).max();
        if state.stage == Stage::Stage25 {
            latest = latest.max(state.last_drop_to_25);
        }
        latest.is_some_and(|latest| day > check_in_covering(latest, self.in_force(day).week_start.on(day)))
    }

    fn beyond_grace(&self, verdicts: &Verdicts, day: NaiveDate) -> bool {
        let grace = self.in_force(day).grace_days.on(day);
        verdicts.iter().any(|(verdict, passed)| {
            *verdict == Verdict::Stale && passed.is_some_and(|passed| days_between(passed, day) > grace)
        })
    }

    /// A request for an extension that nobody decided holds the fallback through the next check-in day.
    fn request_holds(&self, state: &State, day: NaiveDate) -> bool {
        self.extensions.iter().any(|extension| {
            let undecided = extension.decided.is_none_or(|(decided_on, _)| decided_on >= day);
            Some(extension.pursuit) == state.pursuit
                && extension.requested_on < day
                && undecided
                && day <= next_check_in_after(extension.requested_on)
        })
    }
}
