//! Enters the script as people would have: by the same commands as any request, on the day it is about.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{
    calls::DayOfCalls,
    error::DemoError,
    script::{Day, Entry, Step, Story},
};
use crate::{
    clock::{Ids, Occasion},
    commands::{
        journal::tally,
        prospects::{
            Check, Fixed, Recorded, Sale,
            appoint::{self, Change},
            create::{self, NewContact},
            date::{self, Dates},
            moves::{self, Move},
            write::{Refused, Target},
        },
    },
    domain::{
        method::{
            criteria::{Criterion, Verdict},
            stage::Stage,
        },
        organisation::actor::Actor,
        prospects::{appointment::Outcome, fact::FactBody, phone::Phone, prospect::Draft},
        values::{calendar::plus_days, id::Id},
    },
    store::{
        Conn, StoreError,
        ledger::deals,
        prospects::{people::PhoneKey, prospect},
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
    pub(super) users: &'a HashMap<&'static str, Actor>,
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
    /// The client is to sign at it.
    signing: bool,
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
        let by = By { at, actor: at.user(story.owner)?, occasion: at.evening(entry.day), entry };
        played[entry.story] = Some(match played[entry.story] {
            None => by.begin(conn, story)?,
            Some(so_far) => by.go_on(conn, so_far)?,
        });
    }
    Ok(())
}

/// Keeps the tallies of the days' calls.
///
/// # Errors
/// Those of the store.
pub(super) fn keep(conn: &mut Conn, at: &Replay<'_>, days: &[DayOfCalls]) -> Result<(), DemoError> {
    for DayOfCalls { owner, day, counts } in days {
        tally::keep(conn, at.user(owner)?, &at.evening(*day), at.date(*day), *counts)?;
    }
    Ok(())
}

impl Replay<'_> {
    fn user(&self, name: &str) -> Result<&Actor, DemoError> {
        self.users.get(name).ok_or_else(|| DemoError::Script(format!("no user {name}")))
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
    fn evening(&self, day: Day) -> Occasion {
        let written = self.instant(day, EVENING).min(self.now);
        Occasion { now: written, business_now: written, ids: self.ids }
    }

    fn meeting(&self, story: usize, day: Day) -> DateTime<Utc> {
        self.instant(day, HOURS[story % HOURS.len()])
    }
}

/// Who enters what, and when.
struct By<'a> {
    at: &'a Replay<'a>,
    actor: &'a Actor,
    occasion: Occasion,
    entry: &'a Entry,
}

impl By<'_> {
    /// The first entry about a person: the name in the book.
    fn begin(&self, conn: &mut Conn, story: &Story) -> Result<Played, DemoError> {
        let draft = Draft {
            name: story.name.to_owned(),
            phones: Phone::parse(&format!("139000{:05}", 10_000 + self.entry.story)).into_iter().collect(),
            source: Some(story.source.to_owned()),
            occupation: Some(story.occupation.to_owned()),
            ..Draft::default()
        };
        let new = NewContact { id: None, occurred_on: None, draft };
        let entered = create::enter(conn, self.actor, &self.occasion, self.at.phone_key, new);
        Ok(Played { prospect_id: self.done(entered)?.row.id, coming: None })
    }

    /// Every later entry; answers with the appointment that then comes next.
    fn go_on(&self, conn: &mut Conn, so_far: Played) -> Result<Played, DemoError> {
        let on = self.at.date(self.entry.day);
        let coming = match self.entry.step {
            Step::Created => so_far.coming,
            Step::Fixed { on } => {
                let (fixed, coming) = self.fixed(on, None);
                let told = Recorded {
                    first_appointment: Some(fixed),
                    decision_maker_expected: Some(true),
                    ..Recorded::default()
                };
                self.move_to(conn, so_far, Move::to(Stage::FirstAppointment, told))?;
                Some(coming)
            }
            Step::NoShow => {
                self.came_of(conn, so_far, Outcome::NoShow)?;
                None
            }
            Step::Met { next } => {
                let (fixed, coming) = self.fixed(next, Some("讲解计划书"));
                let told = Recorded { next_appointment: Some(fixed), ..met(on) };
                self.move_to(conn, so_far, Move::to(Stage::Stage25, told))?;
                Some(coming)
            }
            Step::Qualified { signing } => {
                self.came_of(conn, so_far, Outcome::Held)?;
                let (fixed, coming) = self.fixed(signing, Some("签署投保单"));
                let told = Recorded {
                    checks: qualified(),
                    target_signing_on: Some(self.at.date(signing)),
                    next_appointment: Some(fixed),
                    ..Recorded::default()
                };
                self.move_to(conn, so_far, Move::to(Stage::Stage50, told))?;
                Some(Coming { signing: true, ..coming })
            }
            Step::Paid { yuan } => {
                self.came_of(conn, so_far, Outcome::Held)?;
                let told = Recorded { sale: paid(on, yuan), ..Recorded::default() };
                self.move_to(conn, so_far, Move::to(Stage::Stage90, told))?;
                None
            }
            Step::SoldAtOnce { yuan } => {
                let told = Recorded { checks: qualified(), sale: paid(on, yuan), ..met(on) };
                self.move_to(conn, so_far, Move::to(Stage::Stage90, told))?;
                None
            }
            Step::Issued { .. } | Step::Receipt | Step::Postponed { .. } | Step::Left(_) => {
                self.afterwards(conn, so_far, on)?
            }
        };
        Ok(Played { coming, ..so_far })
    }

    /// What follows a sale, and what comes in between.
    fn afterwards(
        &self,
        conn: &mut Conn,
        so_far: Played,
        on: NaiveDate,
    ) -> Result<Option<Coming>, DemoError> {
        Ok(match self.entry.step {
            Step::Issued { yuan } => {
                let issued = FactBody::PolicyIssued { on, standard_premium_minor: Some(yuan * 100) };
                self.date(conn, so_far, issued, Some("保险公司承保通知"))?;
                None
            }
            Step::Receipt => {
                let signed = FactBody::ReceiptSigned { on, cooling_off_days: None };
                self.date(conn, so_far, signed, Some("客户已签回执"))?;
                None
            }
            Step::Postponed { to } => {
                self.postpone(conn, so_far, to)?;
                so_far.coming
            }
            Step::Left(reason) => {
                self.came_of(conn, so_far, Outcome::Held)?;
                let left = Move { reason: Some(reason), ..Move::to(Stage::Exited, Recorded::default()) };
                self.move_to(conn, so_far, left)?;
                None
            }
            _ => so_far.coming,
        })
    }

    fn fixed(&self, day: Day, agenda: Option<&str>) -> (Fixed, Coming) {
        let id = self.at.ids.id();
        let fixed = Fixed {
            id: Some(id),
            starts_at: self.at.meeting(self.entry.story, day),
            fixed_on: None,
            agenda: agenda.map(str::to_owned),
            joint_visit_with: None,
        };
        (fixed, Coming { id, signing: false })
    }

    fn move_to(&self, conn: &mut Conn, so_far: Played, asked: Move) -> Result<(), DemoError> {
        let target = Target::any(so_far.prospect_id);
        self.done(moves::make(conn, self.actor, &self.occasion, &target, asked)).map(drop)
    }

    fn change(&self, conn: &mut Conn, so_far: Played, change: Change) -> Result<(), DemoError> {
        let Some(coming) = so_far.coming else { return Ok(()) };
        let target = Target::any(so_far.prospect_id);
        self.done(appoint::change(conn, self.actor, &self.occasion, &target, (coming.id, change))).map(drop)
    }

    fn came_of(&self, conn: &mut Conn, so_far: Played, outcome: Outcome) -> Result<(), DemoError> {
        self.change(conn, so_far, Change { outcome: Some(outcome), ..Change::default() })
    }

    fn date(
        &self,
        conn: &mut Conn,
        so_far: Played,
        fact: FactBody,
        evidence: Option<&str>,
    ) -> Result<(), DemoError> {
        let row = prospect::find(conn, &self.actor.scope, so_far.prospect_id)?;
        let current = deals::pursuit_ids(conn, &row)?.remove(&row.pursuit_number);
        let dates = Dates { occurred_on: None, facts: vec![fact], evidence: evidence.map(str::to_owned) };
        let target = Target::any(so_far.prospect_id);
        let what = (current.ok_or(StoreError::NotFound)?, dates);
        self.done(date::record(conn, self.actor, &self.occasion, &target, what)).map(drop)
    }

    fn postpone(&self, conn: &mut Conn, so_far: Played, to: Day) -> Result<(), DemoError> {
        if so_far.coming.is_some_and(|coming| coming.signing) {
            let target = FactBody::TargetSigning { on: Some(self.at.date(to)) };
            self.date(conn, so_far, target, None)?;
        }
        let starts_at = Some(self.at.meeting(self.entry.story, to));
        self.change(conn, so_far, Change { starts_at, ..Change::default() })
    }

    /// What a command came to; a refusal is a defect of the script.
    fn done<T>(&self, result: Result<T, Refused>) -> Result<T, DemoError> {
        result.map_err(|refused| match refused {
            Refused::Store(error) => DemoError::Store(error),
            refused => DemoError::Script(format!("{:?}: {refused:?}", self.entry)),
        })
    }
}

/// The first meeting was held, and they want to hear more.
fn met(on: NaiveDate) -> Recorded {
    Recorded { first_meeting_on: Some(on), further_cooperation_agreed: Some(true), ..Recorded::default() }
}

/// The three criteria that are recorded; the other two follow from their dates.
fn qualified() -> Vec<Check> {
    let met = |(criterion, text): (Criterion, &str)| Check {
        criterion,
        verdict: Verdict::Met,
        evidence: Some(text.to_owned()),
        checked_on: None,
    };
    [
        (Criterion::DecisionMaker, "家里的事由本人与配偶商定，两人都在场。"),
        (Criterion::PlanFits, "看过计划书，认为符合家庭需要。"),
        (Criterion::Budget, "谈过价格，在年度预算之内。"),
    ]
    .map(met)
    .into()
}

fn paid(on: NaiveDate, yuan: i64) -> Sale {
    Sale {
        signed_on: Some(on),
        documents_submitted_on: Some(on),
        premium_received_on: Some(on),
        advance_premium_minor: Some(yuan * 100),
        evidence: Some("银行转账回单".to_owned()),
        ..Sale::default()
    }
}
