//! Enters the script as people would have: through the same doors as any request, on the day it is about.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{
    DemoError,
    script::{Day, Entry, Step, Story},
};
use crate::{
    clock::Ids,
    domain::{
        actor::Scope,
        calendar::plus_days,
        criteria::{Criterion, Verdict},
        decision::{Authority, NewFact},
        entries,
        fact::{AppointmentKind, FactBody},
        id::Id,
        moves::{self, MoveRequest},
        prospect::{Draft, Person},
        stage::Stage,
        transition::Reason,
    },
    store::{
        Conn,
        ledger::{self, Evidence, NewProspect, Occasion},
        people::{self, PhoneKey},
    },
};

/// When people write down what a day brought: in the evening.
const EVENING: NaiveTime = NaiveTime::from_hms_opt(20, 0, 0).unwrap();
/// When meetings begin; one story always has the same hour.
const HOURS: [u32; 5] = [10, 14, 16, 19, 11];

/// What the player goes by.
pub(super) struct Stage0<'a> {
    /// The calendar date of day 0.
    pub(super) monday: NaiveDate,
    /// The instant of loading, business time: nothing is written down later.
    pub(super) now: DateTime<Utc>,
    /// Time zone of the demo's teams.
    pub(super) zone: Tz,
    /// Users by name.
    pub(super) users: &'a HashMap<&'static str, Id>,
    /// The key under which telephone numbers are hashed.
    pub(super) phone_key: PhoneKey,
    /// Source of ids.
    pub(super) ids: Ids,
}

/// What the player remembers about a story.
#[derive(Clone, Copy)]
struct Played {
    prospect_id: Id,
    /// The appointment that comes next.
    appointment: Option<(Id, Day)>,
}

/// One request in the making: facts and the texts that belong to them.
struct Draughted {
    ids: Ids,
    facts: Vec<NewFact>,
    evidence: Vec<Evidence>,
}

impl Draughted {
    fn add(&mut self, body: FactBody, text: Option<&str>) {
        let id = self.ids.id();
        if let Some(text) = text {
            self.evidence.push(Evidence { subject_id: id, content: text.to_owned() });
        }
        self.facts.push(NewFact { id, occurred_on: None, body });
    }

    fn all_three(&mut self) {
        for (criterion, text) in [
            (Criterion::DecisionMaker, "家里的事由本人与配偶商定,两人都在场。"),
            (Criterion::PlanFits, "看过计划书,认为符合家庭需要。"),
            (Criterion::Budget, "谈过价格,在年度预算之内。"),
        ] {
            self.add(FactBody::Check { criterion, verdict: Verdict::Met }, Some(text));
        }
    }
}

/// Enters the script, entry by entry.
///
/// # Errors
/// Those of the store; a refusal of the domain, which is a defect of the script.
pub(super) fn play(
    conn: &mut Conn,
    at: &Stage0<'_>,
    stories: &[Story],
    entries: &[Entry],
) -> Result<(), DemoError> {
    let mut played: Vec<Option<Played>> = vec![None; stories.len()];
    for entry in entries {
        let story = &stories[entry.story];
        let owner_id =
            *at.users.get(story.owner).ok_or(DemoError::Script(format!("no user {}", story.owner)))?;
        let written = at.evening(entry.day);
        let ids = at.ids;
        let mut new_id = || ids.id();
        let mut occasion = Occasion { now: written, business_now: written, ids: &mut new_id };
        played[entry.story] = Some(match played[entry.story] {
            None => begin(conn, at, entry, story, owner_id, &mut occasion)?,
            Some(so_far) => go_on(conn, at, entry, so_far, owner_id, &mut occasion)?,
        });
    }
    Ok(())
}

impl Stage0<'_> {
    fn date(&self, day: Day) -> NaiveDate {
        plus_days(self.monday, day)
    }

    fn instant(&self, day: Day, time: NaiveTime) -> DateTime<Utc> {
        let local = self.date(day).and_time(time).and_local_timezone(self.zone);
        local.earliest().map_or(self.now, |at| at.with_timezone(&Utc))
    }

    /// The evening of a day, or now when that is still to come.
    fn evening(&self, day: Day) -> DateTime<Utc> {
        self.instant(day, EVENING).min(self.now)
    }

    fn hour(&self, story: usize, day: Day) -> DateTime<Utc> {
        self.instant(day, NaiveTime::MIN) + Duration::hours(i64::from(HOURS[story % HOURS.len()]))
    }
}

/// The first entry about a person: the name in the book.
fn begin(
    conn: &mut Conn,
    at: &Stage0<'_>,
    entry: &Entry,
    story: &Story,
    owner_id: Id,
    occasion: &mut Occasion<'_>,
) -> Result<Played, DemoError> {
    let new = NewProspect { id: at.ids.id(), owner_id, occurred_on: None };
    let draft = Draft {
        name: story.name.to_owned(),
        phones: vec![format!("139000{:05}", 10_000 + entry.story)],
        source: Some(story.source.to_owned()),
        occupation: Some(story.occupation.to_owned()),
        ..Draft::default()
    };
    let person = Person::new(draft, at.date(entry.day))
        .map_err(|faults| DemoError::Script(format!("{}: {faults:?}", story.name)))?;
    ledger::create_prospect(conn, &new, occasion)?.map_err(|refusal| refused(entry, &refusal))?;
    people::insert(conn, new.id, owner_id, &person, at.phone_key, occasion.ids)?;
    Ok(Played { prospect_id: new.id, appointment: None })
}

/// Every later entry.
fn go_on(
    conn: &mut Conn,
    at: &Stage0<'_>,
    entry: &Entry,
    so_far: Played,
    owner_id: Id,
    occasion: &mut Occasion<'_>,
) -> Result<Played, DemoError> {
    let mut draught = Draughted { ids: at.ids, facts: Vec::new(), evidence: Vec::new() };
    let (to, appointment) = draw_up(&mut draught, at, entry, so_far);
    let loaded =
        ledger::load_for_write(conn, &Scope::Own { user_id: owner_id }, so_far.prospect_id, occasion)?;
    let authority = Authority { owner: true, supervisor: false };
    let Draughted { facts, evidence, .. } = draught;
    let decided =
        ledger::decide(conn, loaded, owner_id, authority, evidence, occasion, |ctx| match to {
            None => entries::record(ctx, facts),
            Some((to, reason)) => {
                let request = MoveRequest { to, occurred_on: None, reason, overrides: false, facts };
                moves::decide(ctx, request)
            }
        })?;
    decided.map_err(|refusal| refused(entry, &refusal))?;
    Ok(Played { appointment, ..so_far })
}

fn refused(entry: &Entry, refusal: &crate::domain::decision::Refusal) -> DemoError {
    DemoError::Script(format!("{entry:?}: {refusal:?}"))
}

type Target = Option<(Stage, Option<Reason>)>;

/// The facts of an entry, the stage it asks for, and the appointment that then comes next.
fn draw_up(
    draught: &mut Draughted,
    at: &Stage0<'_>,
    entry: &Entry,
    so_far: Played,
) -> (Target, Option<(Id, Day)>) {
    let (day, story) = (entry.day, entry.story);
    let on = at.date(day);
    let forward = |to: Stage| Some((to, None));
    let fix = |draught: &mut Draughted, kind: AppointmentKind, day: Day, agenda: Option<&str>| {
        let appointment_id = draught.ids.id();
        let body = FactBody::AppointmentFixed {
            appointment_id,
            appointment_kind: kind,
            starts_at: at.hour(story, day),
            starts_on: at.date(day),
            has_agenda: agenda.is_some(),
        };
        draught.add(body, agenda);
        Some((appointment_id, day))
    };
    let held = |draught: &mut Draughted| {
        if let Some((appointment_id, _)) = so_far.appointment {
            draught.add(FactBody::AppointmentHeld { appointment_id, held_on: on }, None);
        }
    };
    match entry.step {
        Step::Created => (None, so_far.appointment),
        Step::Fixed { on } => {
            let fixed = fix(draught, AppointmentKind::First, on, None);
            draught.add(FactBody::DecisionMakerExpected { expected: true }, None);
            (forward(Stage::FirstAppointment), fixed)
        }
        Step::NoShow => {
            if let Some((appointment_id, _)) = so_far.appointment {
                draught.add(FactBody::AppointmentNoShow { appointment_id }, None);
            }
            (None, None)
        }
        Step::Met { next } => {
            held(draught);
            draught.add(FactBody::FirstMeeting { on }, None);
            draught.add(FactBody::CooperationAgreed { agreed: true }, None);
            (forward(Stage::Stage25), fix(draught, AppointmentKind::Next, next, Some("讲解计划书")))
        }
        Step::Qualified { signing } => {
            held(draught);
            draught.all_three();
            draught.add(FactBody::TargetSigning { on: Some(at.date(signing)) }, None);
            (forward(Stage::Stage50), fix(draught, AppointmentKind::Next, signing, Some("签署投保单")))
        }
        Step::Paid { yuan } => {
            held(draught);
            pay(draught, on, yuan);
            (forward(Stage::Stage90), None)
        }
        Step::SoldAtOnce { yuan } => {
            held(draught);
            draught.add(FactBody::FirstMeeting { on }, None);
            draught.add(FactBody::CooperationAgreed { agreed: true }, None);
            draught.all_three();
            pay(draught, on, yuan);
            (forward(Stage::Stage90), None)
        }
        Step::Issued { yuan } => {
            let body = FactBody::PolicyIssued { on, standard_premium_minor: Some(yuan * 100) };
            draught.add(body, Some("保险公司承保通知"));
            (None, None)
        }
        Step::Receipt => {
            let body = FactBody::ReceiptSigned { on, cooling_off_days: None };
            draught.add(body, Some("客户已签回执"));
            (None, None)
        }
        Step::Postponed { to } => (None, postpone(draught, at, story, so_far, to)),
        Step::Left(reason) => {
            held(draught);
            (Some((Stage::Exited, Some(reason))), None)
        }
    }
}

fn pay(draught: &mut Draughted, on: NaiveDate, yuan: i64) {
    draught.add(FactBody::Signed { on }, None);
    draught.add(FactBody::DocumentsSubmitted { on }, None);
    let body = FactBody::PremiumReceived { on, amount_minor: Some(yuan * 100) };
    draught.add(body, Some("银行转账回单"));
}

fn postpone(
    draught: &mut Draughted,
    at: &Stage0<'_>,
    story: usize,
    so_far: Played,
    to: Day,
) -> Option<(Id, Day)> {
    let (appointment_id, _) = so_far.appointment?;
    let has_agenda = so_far.signing || so_far.agenda;
    let body = FactBody::AppointmentPostponed {
        appointment_id,
        starts_at: at.hour(story, to),
        starts_on: at.date(to),
        has_agenda,
    };
    draught.add(body, None);
    Some((appointment_id, to))
}
