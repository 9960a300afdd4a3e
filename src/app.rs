//! The one value that holds everything a request needs. The only wiring.

use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use crate::{
    clock::{Clock, Ids},
    config::{Config, Faults},
    file_turns::FileTurns,
    file_writer::FileWriter,
    job_figures::JobFigures,
    security::{
        keys::{Keys, KeysError},
        passwords::Passwords,
        people_shown::PeopleShown,
        private_files,
        tokens::Tokens,
        webhook_secrets::WebhookSecrets,
    },
    store::{
        Db, StoreError,
        db::{
            connection::Target,
            executor::Threads,
            meta,
            migrate::{self, MigrateError},
        },
        exchange::outbox,
        organisation::recent_callers::RecentCallers,
        prospects::people::PhoneKey,
    },
};

/// The service, wired up.
pub struct App {
    /// The database threads.
    pub db: Db,
    /// Who has called within the last second.
    pub recent_callers: RecentCallers,
    /// Time.
    pub clock: Clock,
    /// Identifiers and randomness.
    pub ids: Ids,
    /// The settings.
    pub config: Config,
    /// The secret behind every HMAC.
    pub keys: Keys,
    /// Access tokens.
    pub tokens: Tokens,
    /// The gate in front of every password.
    pub passwords: Passwords,
    /// Who has been shown to whom within the last minute.
    pub people_shown: PeopleShown,
    /// Who may have a file made.
    pub file_turns: FileTurns,
    /// The thread that writes files.
    pub file_writer: FileWriter,
    /// What came of the work that happens by itself.
    pub job_figures: JobFigures,
    /// Events of the policy system that were told again under their id in other words, since the start.
    pub event_id_conflicts: AtomicU64,
    ready: AtomicBool,
}

/// Why the service did not start. Each is one line for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Settings that cannot be used.
    #[error("{0}")]
    Settings(#[from] Faults),
    /// `DATABASE_URL` cannot be used.
    #[error("{0}")]
    DatabaseUrl(String),
    /// The data folder cannot be written to.
    #[error("cannot write to the folder {path} (DATA_DIR): {error}")]
    Folder {
        /// The folder.
        path: String,
        /// The system's own words.
        error: std::io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address} ({setting}): {error}")]
    Bind {
        /// The address.
        address: String,
        /// The setting that names it.
        setting: &'static str,
        /// The system's own words.
        error: std::io::Error,
    },
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// The schema could not be brought up to date.
    #[error("{0}")]
    Migrate(#[from] MigrateError),
    /// The secret could not be read.
    #[error("{0}")]
    Keys(#[from] KeysError),
    /// The database failed.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// What was asked for makes no sense here.
    #[error("{0}")]
    Refused(String),
}

impl App {
    /// Connects, migrates and reads the keys.
    ///
    /// # Errors
    /// Whatever stands in the way; nothing has been destroyed.
    pub fn build(config: Config, clock: Clock) -> Result<Self, StartError> {
        let target = made(&config)?;
        migrate::run(&target)?;
        App::on(target, config, clock)
    }

    /// [`App::build`] on a database that has already been migrated.
    ///
    /// # Errors
    /// Those of [`App::build`].
    pub fn on(target: Target, config: Config, clock: Clock) -> Result<Self, StartError> {
        let ids = Ids;
        let threads =
            Threads { connections: config.db_threads, queue: config.db_queue, wait: config.db_queue_wait };
        let db = Db::open(target, threads)?;
        private_files::standing_folder(&config.keys_dir);
        private_files::files_in(&config.keys_dir);
        let keys = Keys::open(&config, &db, ids)?;
        db.write_blocking(outbox::adopt)?;
        restore_business_time(&db, &clock)?;
        let tokens = Tokens::open(&config, &keys, ids)?;
        let passwords = Passwords::new(&config, ids);
        let file_writer = FileWriter::start().map_err(StartError::Thread)?;
        let recent_callers = RecentCallers::new(db.writes());
        Ok(App {
            db,
            recent_callers,
            clock,
            ids,
            config,
            keys,
            tokens,
            passwords,
            people_shown: PeopleShown::default(),
            file_turns: FileTurns::default(),
            file_writer,
            job_figures: JobFigures::default(),
            event_id_conflicts: AtomicU64::new(0),
            ready: AtomicBool::new(true),
        })
    }

    /// The key under which telephone numbers are hashed.
    pub fn phone_key(&self) -> PhoneKey {
        PhoneKey(self.keys.derive("phone"))
    }

    /// What webhooks are signed with.
    pub fn webhook_secrets(&self) -> WebhookSecrets {
        WebhookSecrets::new(self.keys.derive("webhook"))
    }

    /// Whether new requests should be sent here: false while the service is stopping.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// Says that no new requests should be sent here.
    pub fn stop_taking_requests(&self) {
        self.ready.store(false, Ordering::Relaxed);
    }
}

/// The database of the settings; makes the data folder when the embedded one lives in it. Both are for the service alone.
///
/// # Errors
/// [`StartError::DatabaseUrl`] or [`StartError::Folder`].
pub fn target(config: &Config) -> Result<Target, StartError> {
    let target = Target::parse(&config.database_url, config.sqlite_full_sync, config.db_statement_timeout)
        .map_err(StartError::DatabaseUrl)?;
    private_files::standing_folder(&config.data_dir);
    if let Target::Sqlite { path, .. } = &target
        && path.starts_with(&config.data_dir)
    {
        private_files::folder(&config.data_dir).map_err(|error| folder(config, error))?;
        // Asked for here, because SQLite would only say that it cannot open the file.
        let probe = config.data_dir.join(format!(".probe-{}", Ids.id()));
        fs::write(&probe, b"")
            .and_then(|()| fs::remove_file(&probe))
            .map_err(|error| folder(config, error))?;
    }
    if let Target::Sqlite { path, .. } = &target {
        private_files::standing_database(path);
    }
    Ok(target)
}

/// [`target`] for whoever may make the embedded database: its file is made for the service alone.
///
/// # Errors
/// Those of [`target`].
pub fn made(config: &Config) -> Result<Target, StartError> {
    let target = target(config)?;
    if let Target::Sqlite { path, .. } = &target {
        private_files::database(path);
    }
    Ok(target)
}

fn folder(config: &Config, error: std::io::Error) -> StartError {
    StartError::Folder { path: config.data_dir.display().to_string(), error }
}

/// A demo database that was once started with `--today` keeps its business time.
fn restore_business_time(db: &Db, clock: &Clock) -> Result<(), StartError> {
    let shift = db.read_blocking(|conn| meta::get(conn, meta::BUSINESS_SHIFT))?;
    if let Some(seconds) = shift.and_then(|text| text.parse().ok()) {
        clock.shift_business(chrono::Duration::seconds(seconds));
    }
    Ok(())
}
