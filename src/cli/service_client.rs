//! `prospector service-client`: the clients with which other systems call, for the operator.

use chrono::{NaiveDateTime, SecondsFormat};
use clap::{Subcommand, ValueEnum};

use super::terminal::say;
use crate::{
    app::{App, StartError},
    clock::{Clock, Occasion},
    commands::{
        Seen,
        organisation::service_clients::{self, Change, Issued, Manager, Refused},
    },
    config::Config,
    domain::{
        organisation::{service_client::ServiceScope, user::Status},
        values::{id::Id, words},
    },
    store::{
        Conn, StoreError,
        organisation::service_clients::{self as stored, MOST_SECRETS, ServiceClient},
    },
};

/// Clients read at a time.
const AT_ONCE: i64 = 100;

#[derive(Subcommand)]
pub(super) enum ServiceClientCommand {
    /// Make a client with its first secret, which is printed this once.
    Create {
        /// What people call it.
        name: String,
        /// What it may do; may stand several times.
        #[arg(long = "scope", value_enum, required = true)]
        scopes: Vec<ScopeName>,
    },
    /// Show every client with its secrets' ids, and when each was last used.
    List,
    /// Give a client no tokens any more; those that it has stop counting at once and for good.
    Disable {
        /// The client.
        client_id: Id,
    },
    /// Let a client get tokens again.
    Enable {
        /// The client.
        client_id: Id,
    },
    /// Make a second secret beside the one there is, and print it this once.
    NewSecret {
        /// The client.
        client_id: Id,
    },
    /// Retire a secret; the tokens that were given for it stop counting at once.
    RetireSecret {
        /// The client.
        client_id: Id,
        /// The secret's id.
        secret_id: Id,
    },
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum ScopeName {
    PolicyEvents,
    Products,
    Roster,
}

impl From<ScopeName> for ServiceScope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::PolicyEvents => ServiceScope::PolicyEvents,
            ScopeName::Products => ServiceScope::Products,
            ScopeName::Roster => ServiceScope::Roster,
        }
    }
}

pub(super) fn run(config: Config, command: ServiceClientCommand) -> Result<(), StartError> {
    let app = App::build(config, Clock::system())?;
    match command {
        ServiceClientCommand::Create { name, scopes } => {
            let name = words::line(&name, 100).map_err(|_| {
                StartError::Refused("a client has a name of 1 to 100 characters on one line".to_owned())
            })?;
            let scopes = scopes.into_iter().map(ServiceScope::from).collect();
            tell(done(&app, move |conn, at| {
                service_clients::make(conn, Manager::Operator, at, (name, scopes))
            })?)
        }
        ServiceClientCommand::List => return list(&app),
        ServiceClientCommand::Disable { client_id } => set_status(&app, client_id, Status::Disabled)?,
        ServiceClientCommand::Enable { client_id } => set_status(&app, client_id, Status::Active)?,
        ServiceClientCommand::NewSecret { client_id } => tell(done(&app, move |conn, at| {
            service_clients::add_secret(conn, Manager::Operator, at, client_id)
        })?),
        ServiceClientCommand::RetireSecret { client_id, secret_id } => {
            let which = (client_id, secret_id);
            done(&app, move |conn, at| {
                service_clients::retire_secret(conn, Manager::Operator, at, (which.0, which.1, &Seen::Any))
            })?;
            say(&format!("secret {secret_id} retired"));
        }
    }
    Ok(())
}

fn done<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&mut Conn, &Occasion) -> Result<T, Refused> + Send + 'static,
) -> Result<T, StartError> {
    let occasion = Occasion::of(&app.clock, app.ids);
    app.db.write_blocking(move |conn| work(conn, &occasion)).map_err(|refused| match refused {
        Refused::Store(StoreError::NotFound) => {
            StartError::Refused("there is no such client or secret".to_owned())
        }
        Refused::Store(error) => StartError::Store(error),
        Refused::TooManySecrets => StartError::Refused(format!(
            "the client has {MOST_SECRETS} secrets: retire one first, with retire-secret"
        )),
        other => StartError::Refused(format!("not done: {other:?}")),
    })
}

fn set_status(app: &App, client_id: Id, status: Status) -> Result<(), StartError> {
    let change = Change { status: Some(status), ..Change::default() };
    let changed = done(app, move |conn, at| {
        service_clients::change(conn, Manager::Operator, at, (client_id, &Seen::Any), change)
    })?;
    say(&line(&changed));
    Ok(())
}

fn list(app: &App) -> Result<(), StartError> {
    let mut after = None;
    loop {
        let clients = app.db.read_blocking(move |conn| stored::list(conn, after, AT_ONCE))?;
        let Some(last) = clients.last() else { return Ok(()) };
        after = Some(last.id);
        for client in &clients {
            say(&line(client));
            for secret in &client.secrets {
                let used = secret.last_used_at.map_or_else(|| "never used".to_owned(), last_used);
                say(&format!("  secret {}: {used}", secret.id));
            }
        }
    }
}

fn last_used(at: NaiveDateTime) -> String {
    format!("last used {}", at.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true))
}

fn line(client: &ServiceClient) -> String {
    let status = if client.status == Status::Active { "active" } else { "disabled" };
    format!("client {} ({}): {}, {status}", client.id, client.name, ServiceScope::joined(&client.scopes))
}

/// The secret is shown here and never again.
fn tell(issued: Issued) {
    say(&line(&issued.client));
    say(&format!("client_id: {}", issued.client.id));
    say(&format!("client_secret: {}", issued.secret));
}
