//! Enters the script as people would have: through the same doors as any request, on the day it is about.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{
    DemoError,
    calls::DayOfCalls,
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
        activities::{self, TallyRow},
        codec::stored_instant,
        ledger::{self, Evidence, NewProspect, Occasion},
        people::{self, PhoneKey},
    },
};

/// The hour at which people write down what a day brought.
const EVENING: i64 = 20;
/// The hours at which meetings begin; one story always has the same.
const HOURS: [i64; 5] = [10, 14, 16, 19, 11];

/// What the player goes by.
pub(super) struct Replay<'a> {
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
    coming: Option<Coming>,
}

/// An appointment still to be held.
#[derive(Clone, Copy)]
struct Coming {
    id: Id,
    has_agenda: bool,
    /// The client is to sign at it.
    signing: bool,
}

/// One request in the making: facts and the texts that belong to them.
struct Drafted {
    ids: Ids,
    facts: Vec<NewFact>,
    evidence: Vec<Evidence>,
}

impl Drafted {
    fn add(&mut self, body: FactBody, text: Option<&str>) {
        let id = self.ids.id();
        if let Some(text) = text {
            self.evidence.push(Evidence { subject_id: id, content: text.to_owned() });
        }
        self.facts.push(NewFact { id, occurred_on: None, body });
    }

    fn fix(
        &mut self,
        at: &Replay<'_>,
        story: usize,
        appointment_kind: AppointmentKind,
        day: Day,
        agenda: Option<&str>,
    ) -> Coming {
        let id = self.ids.id();
        let body = FactBody::AppointmentFixed {
            appointment_id: id,
            appointment_kind,
            starts_at: at.meeting(story, day),
            starts_on: at.date(day),
            has_agenda: agenda.is_some(),
        };
        self.add(body, agenda);
        Coming { id, has_agenda: agenda.is_some(), signing: false }
    }

    fn held(&mut self, so_far: Played, held_on: NaiveDate) {
        if let Some(Coming { id: appointment_id, .. }) = so_far.coming {
            self.add(FactBody::AppointmentHeld { appointment_id, held_on }, None);
        }
    }

    fn met(&mut self, so_far: Played, on: NaiveDate) {
        self.held(so_far, on);
        self.add(FactBody::FirstMeeting { on }, None);
        self.add(FactBody::CooperationAgreed { agreed: true }, None);
    }

    /// The three criteria that are recorded; the other two follow from their dates.
    fn qualify(&mut self) {
        for (criterion, text) in [
            (Criterion::DecisionMaker, "家里的事由本人与配偶商定，两人都在场。"),
            (Criterion::PlanFits, "看过计划书，认为符合家庭需要。"),
            (Criterion::Budget, "谈过价格，在年度预算之内。"),
        ] {
            self.add(FactBody::Check { criterion, verdict: Verdict::Met }, Some(text));
        }
    }

    fn pay(&mut self, on: NaiveDate, yuan: i64) {
        self.add(FactBody::Signed { on }, None);
        self.add(FactBody::DocumentsSubmitted { on }, None);
        let body = FactBody::PremiumReceived { on, amount_minor: Some(yuan * 100) };
        self.add(body, Some("银行转账回单"));
    }

    fn postpone(&mut self, at: &Replay<'_>, story: usize, so_far: Played, to: Day) {
        let Some(Coming { id: appointment_id, has_agenda, signing }) = so_far.coming else { return };
        let (starts_at, starts_on) = (at.meeting(story, to), at.date(to));
        self.add(FactBody::AppointmentPostponed { appointment_id, starts_at, starts_on, has_agenda }, None);
        if signing {
            self.add(FactBody::TargetSigning { on: Some(starts_on) }, None);
        }
    }
}

/// Enters the script, entry by entry.
///
/// # Errors
/// Those of the store; a refusal of the domain, which is a defect of the script.
pub(super) fn play(
    conn: &mut Conn,
    at: &Replay<'_>,
    stories: &[Story],
    entries: &[Entry],
) -> Result<(), DemoError> {
    let mut played: Vec<Option<Played>> = vec![None; stories.len()];
    for entry in entries {
        let story = &stories[entry.story];
        let owner_id = at.user(story.owner)?;
        let written = at.evening(entry.day);
        let occasion = Occasion { now: written, business_now: written, ids: at.ids };
        played[entry.story] = Some(match played[entry.story] {
            None => begin(conn, at, entry, story, owner_id, &occasion)?,
            Some(so_far) => go_on(conn, at, entry, so_far, owner_id, &occasion)?,
        });
    }
    Ok(())
}

/// Keeps the tallies of the days' calls.
///
/// # Errors
/// Those of the store.
pub(super) fn keep(conn: &mut Conn, at: &Replay<'_>, days: &[DayOfCalls]) -> Result<(), DemoError> {
    let narrow = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    for DayOfCalls { owner, day, counts } in days {
        let agent_id = at.user(owner)?;
        let row = TallyRow {
            id: at.ids.id(),
            agent_id,
            day: at.date(*day),
            version: 1,
            dials: narrow(counts.dials),
            connects: narrow(counts.connects),
            appointments_set: narrow(counts.appointments_set),
            refused: narrow(counts.refused),
            visits: narrow(counts.visits),
            messages: narrow(counts.messages),
            recorded_at: stored_instant(at.evening(*day)),
            recorded_on: at.date(*day),
        };
        activities::keep_tally(conn, &row)?;
    }
    Ok(())
}

impl Replay<'_> {
    fn user(&self, name: &str) -> Result<Id, DemoError> {
        self.users.get(name).copied().ok_or_else(|| DemoError::Script(format!("no user {name}")))
    }

    fn date(&self, day: Day) -> NaiveDate {
        plus_days(self.monday, day)
    }

    fn instant(&self, day: Day, hour: i64) -> DateTime<Utc> {
        let local =
            (self.date(day).and_time(NaiveTime::MIN) + Duration::hours(hour)).and_local_timezone(self.zone);
        local.earliest().map_or(self.now, |at| at.with_timezone(&Utc))
    }

    /// The evening of a day, or now when that is still to come.
    fn evening(&self, day: Day) -> DateTime<Utc> {
        self.instant(day, EVENING).min(self.now)
    }

    fn meeting(&self, story: usize, day: Day) -> DateTime<Utc> {
        self.instant(day, HOURS[story % HOURS.len()])
    }
}

/// The first entry about a person: the name in the book.
fn begin(
    conn: &mut Conn,
    at: &Replay<'_>,
    entry: &Entry,
    story: &Story,
    owner_id: Id,
    occasion: &Occasion,
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
    Ok(Played { prospect_id: new.id, coming: None })
}

/// Every later entry.
fn go_on(
    conn: &mut Conn,
    at: &Replay<'_>,
    entry: &Entry,
    so_far: Played,
    owner_id: Id,
    occasion: &Occasion,
) -> Result<Played, DemoError> {
    let mut draft = Drafted { ids: at.ids, facts: Vec::new(), evidence: Vec::new() };
    let (to, coming) = draw_up(&mut draft, at, entry, so_far);
    let loaded =
        ledger::load_for_write(conn, &Scope::Own { user_id: owner_id }, so_far.prospect_id, occasion)?;
    let authority = Authority { owner: true, supervisor: false };
    let Drafted { facts, evidence, .. } = draft;
    let decided = ledger::decide(conn, loaded, owner_id, authority, evidence, occasion, |ctx| match to {
        None => entries::record(ctx, facts),
        Some((to, reason)) => {
            let request = MoveRequest { to, occurred_on: None, reason, overrides: false, facts };
            moves::decide(ctx, request)
        }
    })?;
    decided.map_err(|refusal| refused(entry, &refusal))?;
    Ok(Played { coming, ..so_far })
}

fn refused(entry: &Entry, refusal: &crate::domain::decision::Refusal) -> DemoError {
    DemoError::Script(format!("{entry:?}: {refusal:?}"))
}

type Target = Option<(Stage, Option<Reason>)>;

/// The facts of an entry, the stage it asks for, and the appointment that then comes next.
fn draw_up(draft: &mut Drafted, at: &Replay<'_>, entry: &Entry, so_far: Played) -> (Target, Option<Coming>) {
    let (story, on) = (entry.story, at.date(entry.day));
    match entry.step {
        Step::Created => (None, so_far.coming),
        Step::Fixed { on } => {
            let coming = draft.fix(at, story, AppointmentKind::First, on, None);
            draft.add(FactBody::DecisionMakerExpected { expected: true }, None);
            (to(Stage::FirstAppointment), Some(coming))
        }
        Step::NoShow => {
            if let Some(Coming { id: appointment_id, .. }) = so_far.coming {
                draft.add(FactBody::AppointmentNoShow { appointment_id }, None);
            }
            (None, None)
        }
        Step::Met { next } => {
            draft.met(so_far, on);
            let coming = draft.fix(at, story, AppointmentKind::Next, next, Some("讲解计划书"));
            (to(Stage::Stage25), Some(coming))
        }
        Step::Qualified { signing } => {
            draft.held(so_far, on);
            draft.qualify();
            draft.add(FactBody::TargetSigning { on: Some(at.date(signing)) }, None);
            let coming = draft.fix(at, story, AppointmentKind::Next, signing, Some("签署投保单"));
            (to(Stage::Stage50), Some(Coming { signing: true, ..coming }))
        }
        Step::Paid { yuan } => {
            draft.held(so_far, on);
            draft.pay(on, yuan);
            (to(Stage::Stage90), None)
        }
        Step::SoldAtOnce { yuan } => {
            draft.met(so_far, on);
            draft.qualify();
            draft.pay(on, yuan);
            (to(Stage::Stage90), None)
        }
        Step::Issued { yuan } => {
            let body = FactBody::PolicyIssued { on, standard_premium_minor: Some(yuan * 100) };
            draft.add(body, Some("保险公司承保通知"));
            (None, None)
        }
        Step::Receipt => {
            draft.add(FactBody::ReceiptSigned { on, cooling_off_days: None }, Some("客户已签回执"));
            (None, None)
        }
        Step::Postponed { to } => {
            draft.postpone(at, story, so_far, to);
            (None, so_far.coming)
        }
        Step::Left(reason) => {
            draft.held(so_far, on);
            (Some((Stage::Exited, Some(reason))), None)
        }
    }
}

fn to(stage: Stage) -> Target {
    Some((stage, None))
}
