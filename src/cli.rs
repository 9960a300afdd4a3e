//! The command line: what an operator can do with the binary. One file per command.
//!
//! Every fault is one line on standard error and a non-zero exit.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use chrono::NaiveDate;
use clap::{Parser, Subcommand};
use tracing_subscriber::{EnvFilter, filter::ParseError};

use self::terminal::say;
use crate::{
    api::{middleware::request_context, openapi::document},
    app::{self, StartError},
    config::{self, Config},
    store::db::migrate,
};

mod audit;
mod backup;
mod demo;
mod keys;
mod serve;
mod service_client;
mod terminal;
mod user;

#[derive(Parser)]
#[command(name = "prospector", version, about, after_help = config::help())]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service.
    #[command(after_help = config::help())]
    Serve {
        /// Load the demo team into an empty database.
        #[arg(long)]
        demo: bool,
        /// Start the business clock of a demo database on this date (may only be moved forward).
        #[arg(long, value_name = "YYYY-MM-DD")]
        today: Option<NaiveDate>,
    },
    /// Bring the database schema up to date and exit.
    Migrate,
    /// Write down every automatic move that is due and exit.
    Sweep,
    /// Add users, disable them, reset their passwords.
    User {
        #[command(subcommand)]
        command: user::UserCommand,
    },
    /// Make clients for other systems, disable them, change their secrets.
    ServiceClient {
        #[command(subcommand)]
        command: service_client::ServiceClientCommand,
    },
    /// Copy the SQLite database in use into a new file, with its keys, and check the copy.
    Backup {
        /// The file; it must not be there yet.
        file: std::path::PathBuf,
        /// Leave the keys out: then they must be kept elsewhere.
        #[arg(long)]
        without_keys: bool,
    },
    /// Put a backup in place, where there is no database yet. It is checked first.
    Restore {
        /// The file.
        file: std::path::PathBuf,
        /// Only check it and write nothing.
        #[arg(long)]
        verify: bool,
    },
    /// Check the database in use: that its log says what its rows say, and for SQLite the file itself.
    Verify,
    /// Show who did what, the latest first, one row a line.
    Audit(audit::AuditArguments),
    /// Rotate the keys that sign access tokens.
    Keys {
        #[command(subcommand)]
        command: keys::KeysCommand,
    },
    /// Print the settings as a Markdown table.
    Settings,
    /// Print the API description (OpenAPI 3.1, JSON).
    Openapi,
}

/// Reads the command line, runs the command and says how it ended.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "prospector: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), StartError> {
    match command {
        Command::Serve { demo, today } => {
            let config = Config::from_environment()?;
            start_logging(&config)?;
            request_context::install_panic_hook();
            serve::run(config, demo, today)
        }
        Command::Migrate => {
            let config = Config::from_environment()?;
            let applied = migrate::run(&app::made(&config)?)?;
            say(&match applied.len() {
                0 => "the schema is up to date".to_owned(),
                n => format!("applied {n} migrations, up to {}", applied[n - 1]),
            });
            Ok(())
        }
        Command::Sweep => {
            let app = app::App::build(Config::from_environment()?, crate::clock::Clock::system())?;
            let caught = crate::commands::due::everywhere_blocking(&app.db, &app.clock, app.ids)?;
            say(&format!(
                "looked at {} prospects, wrote down {} automatic moves",
                caught.prospects, caught.moves
            ));
            Ok(())
        }
        Command::User { command } => user::run(Config::from_environment()?, command),
        Command::ServiceClient { command } => service_client::run(Config::from_environment()?, command),
        Command::Backup { file, without_keys } => {
            backup::back_up(&Config::from_environment()?, &file, without_keys)
        }
        Command::Restore { file, verify } => backup::restore(&Config::from_environment()?, &file, verify),
        Command::Verify => backup::verify(&Config::from_environment()?),
        Command::Audit(asked) => audit::run(Config::from_environment()?, asked),
        Command::Keys { command } => keys::run(&Config::from_environment()?, &command),
        Command::Openapi => {
            say(document::text().trim_end());
            Ok(())
        }
        Command::Settings => {
            say(config::markdown().trim_end());
            Ok(())
        }
    }
}

/// Below this level the reader of HTTP headers quotes what it refuses, whatever `LOG_LEVEL` asks for.
const QUOTES_HEADERS: &str = "actix_http::h1::decoder=info";

fn start_logging(config: &Config) -> Result<(), StartError> {
    let unreadable = |error: ParseError| StartError::Refused(format!("LOG_LEVEL cannot be read: {error}"));
    let filter = EnvFilter::try_new(&config.log_level)
        .map_err(unreadable)?
        .add_directive(QUOTES_HEADERS.parse().map_err(unreadable)?);
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = if config.log_json {
        logs.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    } else {
        logs.try_init()
    };
    started.map_err(|error| StartError::Refused(format!("cannot start logging: {error}")))
}
