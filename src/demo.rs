//! The demo: the method's own sample (section 8), entered by the same commands as any request, with a replay clock.
//!
//! Knows its cast and its calendar; every rule is the domain's. A demo database may keep its own business date, which
//! starts where `--today` says and never goes back.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc};
use chrono_tz::{Asia::Shanghai, Tz};

use crate::{
    app::{App, StartError},
    clock::{Ids, Occasion},
    commands::{
        Seen,
        organisation::{cycles, operator, settings},
    },
    domain::{
        organisation::{
            actor::{Actor, Role},
            settings::{Choice, SettingsPatch},
        },
        values::calendar::{SheetWeekStart, days_between, plus_days},
    },
    security::passwords,
    store::{
        Conn, StoreError,
        db::meta,
        ledger::due,
        organisation::{cycles::SettingsOf, teams, users},
        prospects::people::PhoneKey,
    },
};
use error::DemoError;
use player::Replay;

mod calls;
mod error;
mod insurer;
mod player;
mod script;
mod stories;

/// The password of every demo user.
pub const PASSWORD: &str = "prospector-demo";

/// The demo users: user name, name to show, role, team.
pub const CAST: [(&str, &str, Role, Place); 7] = [
    ("head-office", "总公司主管", Role::Supervisor, Place::Whole),
    ("supervisor-a", "王主管", Role::Supervisor, Place::First),
    ("yang.xiaoling", "杨晓玲", Role::Agent, Place::First),
    ("shi.haibing", "施海兵", Role::Agent, Place::First),
    ("agent-a", "李明", Role::Agent, Place::Child),
    ("supervisor-b", "赵主管", Role::Supervisor, Place::Second),
    ("agent-b", "陈静", Role::Agent, Place::Second),
];

/// The teams of the demo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The team above all others, 总公司.
    Whole,
    /// 杨晓玲 and 施海兵 with their supervisor.
    First,
    /// Below it, with `sheet_week_start=SAT`.
    Child,
    /// Beside it: neither sees anything of the other.
    Second,
}

/// Business time of day at which a date given with `--today` starts.
const MORNING: i64 = 9;
/// What `agent-a` said the own cycle was before any deal had closed, days.
const DECLARED_CYCLE_DAYS: i32 = 45;

/// What became of a start with `--demo`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The demo has been loaded into an empty database.
    Loaded,
    /// The database held the demo already and was left as it is.
    AlreadyThere,
}

/// The Monday of the sample sheet: day 0 of the script.
pub fn sample_monday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2009, 12, 14).unwrap_or_default()
}

/// When the demo is loaded, and where its day 0 lies.
#[derive(Clone, Copy)]
struct Calendar {
    /// The date of day 0.
    monday: NaiveDate,
    /// Business time at loading.
    now: DateTime<Utc>,
    /// The day up to which the script is entered.
    until: script::Day,
    /// Business date given with `--today`, and business time minus real time.
    started: Option<(NaiveDate, Duration)>,
}

impl Calendar {
    /// Shifted by whole weeks, so that the sample's Monday is this week's.
    fn of_this_week(now: DateTime<Utc>) -> Self {
        let today = now.with_timezone(&Shanghai).date_naive();
        let until = i64::from(today.weekday().num_days_from_monday());
        Calendar { monday: plus_days(today, -until), now, until, started: None }
    }

    /// As in the sample, with the business clock starting on a date.
    fn of_the_sample(today: NaiveDate, real_now: DateTime<Utc>) -> Self {
        let now = morning(today, real_now);
        let started = Some((today, Duration::seconds((now - real_now).num_seconds())));
        Calendar { monday: sample_monday(), now, until: 0, started }
    }
}

fn morning(date: NaiveDate, otherwise: DateTime<Utc>) -> DateTime<Utc> {
    let local = (date.and_time(NaiveTime::MIN) + Duration::hours(MORNING)).and_local_timezone(Shanghai);
    local.earliest().map_or(otherwise, |at| at.with_timezone(&Utc))
}

/// Loads the demo into an empty database, or finds it there; moves the business date on to `today`.
///
/// # Errors
/// [`StartError::Refused`] when the database holds other data or the date would go back; nothing is written then.
pub fn prepare(app: &App, today: Option<NaiveDate>) -> Result<Outcome, StartError> {
    if app.db.read_blocking(|conn| meta::get(conn, meta::DEMO))?.is_some() {
        if let Some(today) = today {
            move_on(app, today)?;
        }
        return Ok(Outcome::AlreadyThere);
    }
    let calendar = match today {
        Some(today) => {
            check_range(today)?;
            Calendar::of_the_sample(today, app.clock.now())
        }
        None => Calendar::of_this_week(app.clock.business_now()),
    };
    let hash = passwords::hash(PASSWORD, app.ids)
        .ok_or_else(|| StartError::Refused("the demo's password could not be hashed".to_owned()))?;
    let (ids, phone_key) = (app.ids, app.phone_key());
    let outcome = app.db.write_blocking(move |conn| load(conn, calendar, &hash, phone_key, ids))?;
    if outcome == Outcome::Loaded
        && let Some((_, shift)) = calendar.started
    {
        app.clock.shift_business(shift);
    }
    Ok(outcome)
}

fn check_range(today: NaiveDate) -> Result<(), StartError> {
    if today < sample_monday() || today.year() >= 2100 {
        let first = sample_monday();
        return Err(StartError::Refused(format!(
            "--today {today}: the demo begins on {first} and ends before 2100"
        )));
    }
    Ok(())
}

/// Moves the business date of a demo forward. The date that was given last may be given again: the same command goes
/// on where it was.
fn move_on(app: &App, today: NaiveDate) -> Result<(), StartError> {
    check_range(today)?;
    let last = app.db.read_blocking(|conn| meta::get(conn, meta::BUSINESS_TODAY))?;
    if last == Some(today.to_string()) {
        return Ok(());
    }
    let reached = app.clock.today(Shanghai);
    if today < reached {
        return Err(StartError::Refused(format!(
            "--today {today}: the business date of this demo is {reached} already and only moves forward; leave \
             --today out to go on from there"
        )));
    }
    if today > reached {
        let now = app.clock.now();
        let shift = Duration::seconds((morning(today, now) - now).num_seconds());
        app.db.write_blocking(move |conn| start_business_time(conn, today, shift))?;
        app.clock.shift_business(shift);
    }
    Ok(())
}

fn start_business_time(conn: &mut Conn, today: NaiveDate, shift: Duration) -> Result<(), StoreError> {
    meta::set(conn, meta::BUSINESS_TODAY, &today.to_string())?;
    meta::set(conn, meta::BUSINESS_SHIFT, &shift.num_seconds().to_string())
}

/// Everything in one transaction: of several instances that start at once, one loads and the others find it there.
fn load(
    conn: &mut Conn,
    calendar: Calendar,
    password_hash: &str,
    phone_key: PhoneKey,
    ids: Ids,
) -> Result<Outcome, DemoError> {
    let mine = ids.id().to_string();
    if meta::set_once(conn, meta::DEMO, &mine)? != mine {
        return Ok(Outcome::AlreadyThere);
    }
    if users::any(conn)? || !teams::any_two(conn)?.is_empty() {
        return Err(DemoError::OtherData);
    }
    if let Some((today, shift)) = calendar.started {
        start_business_time(conn, today, shift)?;
    }
    let users = cast(conn, calendar, password_hash, ids)?;
    let stories = stories::stories();
    let entries = script::entries(&stories, calendar.until);
    let Calendar { monday, now, .. } = calendar;
    let replay = Replay { monday, now, zone: ZONE, users: &users, phone_key, ids };
    player::play(conn, &replay, &stories, &entries)?;
    player::keep(conn, &replay, &calls::calls(calendar.until))?;
    due::settle_everybody(conn, &Occasion { now, business_now: now, ids })?;
    Ok(Outcome::Loaded)
}

const ZONE: Tz = Shanghai;
/// Day on which the teams were made and everybody joined.
const FOUNDED: script::Day = -280;

/// Teams, the insurer's tables and people, as an operator makes them; then the child team's setting and the declared cycle, by themselves.
fn cast(
    conn: &mut Conn,
    calendar: Calendar,
    password_hash: &str,
    ids: Ids,
) -> Result<HashMap<&'static str, Actor>, DemoError> {
    let joined = plus_days(calendar.monday, FOUNDED);
    let at = calendar.now + Duration::days(FOUNDED - days_between(calendar.monday, date_of(calendar.now)));
    let occasion = Occasion { now: at, business_now: at, ids };
    let whole = operator::make_team(conn, &occasion, None, ("总公司", ZONE))?;
    let first = operator::make_team(conn, &occasion, Some(&whole), ("营业一组", ZONE))?;
    let child = operator::make_team(conn, &occasion, Some(&first), ("营业一组新人班", ZONE))?;
    let second = operator::make_team(conn, &occasion, Some(&whole), ("营业二组", ZONE))?;
    insurer::fill(conn, &occasion, joined)?;
    let mut users = HashMap::new();
    for (username, display_name, role, place) in CAST {
        let team = match place {
            Place::Whole => &whole,
            Place::First => &first,
            Place::Child => &child,
            Place::Second => &second,
        };
        let new = operator::New {
            username: username.parse().map_err(|_| DemoError::Script(format!("user name {username}")))?,
            display_name: display_name.to_owned(),
            role,
            password_hash: password_hash.to_owned(),
            member_from: joined,
        };
        let user = operator::add(conn, &occasion, team, new).map_err(refused)?;
        let actor = users::actor(conn, user.id, users::FIRST_EPOCH)?.ok_or(StoreError::NotFound)?;
        users.insert(username, actor);
    }
    let saturday = SettingsPatch {
        sheet_week_start: Choice::Chosen(SheetWeekStart::Saturday),
        ..SettingsPatch::default()
    };
    if let (Some(supervisor), Some(agent)) = (users.get("supervisor-a"), users.get(stories::AGENT_A)) {
        let of_child = SettingsOf::Team { id: child.id, path: child.path.clone() };
        let chosen = (saturday, joined);
        settings::choose(conn, supervisor, &occasion, (&of_child, &Seen::Any), chosen).map_err(refused)?;
        let declared = (DECLARED_CYCLE_DAYS, Some(joined));
        cycles::declare(conn, agent, &occasion, (agent.id, &Seen::Any), declared).map_err(refused)?;
    }
    Ok(users)
}

/// The script keeps to the method: whatever is refused is a defect of it.
fn refused(why: impl std::fmt::Debug) -> DemoError {
    DemoError::Script(format!("{why:?}"))
}

fn date_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&ZONE).date_naive()
}
