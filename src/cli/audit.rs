//! `prospector audit`: who did what, at the terminal.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use clap::Args;

use super::terminal::say;
use crate::{
    app::{App, StartError},
    clock::Clock,
    config::Config,
    domain::{organisation::user::Username, values::id::Id},
    store::{
        StoreError,
        organisation::{
            audit::list::{self, Entry, Filter},
            users,
        },
    },
};

#[derive(Args)]
pub(super) struct AuditArguments {
    /// Only what this user did: the name to sign in with, or an id.
    #[arg(long, value_name = "USER")]
    actor: Option<String>,
    /// Only this action, e.g. prospect_moved.
    #[arg(long)]
    action: Option<String>,
    /// Only what was done to this kind of thing, e.g. prospect.
    #[arg(long, value_name = "KIND")]
    subject_kind: Option<String>,
    /// Only what was done to this very thing.
    #[arg(long, value_name = "ID")]
    subject: Option<Id>,
    /// From this instant on: RFC 3339, or a date (its beginning in UTC).
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<NaiveDateTime>,
    /// Before this instant.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<NaiveDateTime>,
    /// At most so many rows, the latest first.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    limit: i64,
}

fn instant(text: &str) -> Result<NaiveDateTime, String> {
    let day = || text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN));
    let at = DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc).naive_utc());
    at.or_else(|_| day()).map_err(|_| "neither 2009-12-14T10:00:00+08:00 nor 2009-12-14".to_owned())
}

pub(super) fn run(config: Config, asked: AuditArguments) -> Result<(), StartError> {
    let app = App::build(config, Clock::system())?;
    let actor_id = asked.actor.as_deref().map(|actor| user(&app, actor)).transpose()?;
    let filter = Filter {
        actor_id,
        action: asked.action,
        subject_kind: asked.subject_kind,
        subject_id: asked.subject,
        from: asked.since,
        until: asked.until,
        after: None,
    };
    let entries: Result<Vec<Entry>, StoreError> =
        app.db.read_blocking(move |conn| list::everything(conn, &filter, asked.limit));
    entries?.iter().for_each(|entry| say(&line(entry)));
    Ok(())
}

fn user(app: &App, named: &str) -> Result<Id, StartError> {
    if let Ok(id) = named.parse() {
        return Ok(id);
    }
    let unknown = || StartError::Refused("there is no such user".to_owned());
    let name: Username = named.parse().map_err(|_| unknown())?;
    let found = app.db.read_blocking(move |conn| users::by_username(conn, &name));
    found.map(|user| user.id).map_err(|error| match error {
        StoreError::NotFound => unknown(),
        other => StartError::Store(other),
    })
}

/// One row a line, its parts separated by tabs.
fn line(entry: &Entry) -> String {
    let actor = entry.actor_id.map_or_else(String::new, |id| format!(" {id}"));
    format!(
        "{}\t{}\t{}{actor}\t{} {}\t{}",
        entry.at.and_utc().to_rfc3339_opts(SecondsFormat::Micros, true),
        entry.action,
        entry.actor_kind.code(),
        entry.subject_kind,
        entry.subject_id,
        entry.details.0
    )
}
