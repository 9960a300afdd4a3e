//! The settings, and the only place that reads the environment.
//!
//! [`SETTINGS`] is the one table of them: it feeds `--help`, the README and the reader below. All faults are
//! reported at once, each with the name of the setting and what it should be.

use std::{fmt, net::SocketAddr, path::PathBuf, thread, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono_tz::Tz;

use crate::domain::exchange::networks::Network;

mod fallbacks;
mod retention;
mod shown;

use fallbacks::FromDefault;
pub use retention::Retention;
pub use shown::{help, markdown};

/// One setting: an environment variable.
#[derive(Debug)]
pub struct Setting {
    /// The name of the environment variable.
    pub name: &'static str,
    /// What it is when it is not set, as people would write it.
    pub default: &'static str,
    /// What it does, in one sentence.
    pub what: &'static str,
}

/// Every setting, in the order in which the documentation shows them.
pub const SETTINGS: &[Setting] = &[
    s(
        "DATABASE_URL",
        "sqlite:DATA_DIR/prospector.db",
        "Where the data lives: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.",
    ),
    s("BIND", "127.0.0.1:8080", "Address and port to listen on; port 0 takes a free one."),
    s(
        "METRICS_BIND",
        "127.0.0.1:9464",
        "Address and port of the figures for Prometheus; where this one is taken and not set, a free one.",
    ),
    s("DATA_DIR", "./data", "Folder of the embedded database and of the keys; made when missing."),
    s(
        "KEYS_DIR",
        "DATA_DIR/keys",
        "Folder of the secret and the signing keys. Instances over one database must share it.",
    ),
    s("SECRET_KEY", "", "Base64 of at least 32 random bytes; replaces the files of KEYS_DIR."),
    s(
        "DB_THREADS",
        "2 × cores, at least 4",
        "Database threads, each with one connection (2 to 64); /readyz has one more. On SQLite one of them writes.",
    ),
    s(
        "DB_QUEUE",
        "512",
        "Requests that may wait for a database thread before the service answers 503 (1 to 100000).",
    ),
    s(
        "DB_QUEUE_WAIT_MS",
        "500",
        "Longest wait for a database thread; then the service answers 503 (10 to 60000).",
    ),
    s(
        "DB_STATEMENT_TIMEOUT_MS",
        "10000",
        "Longest single SQL statement on PostgreSQL; a connection that gives no answer within a second more is replaced (100 to 600000).",
    ),
    s(
        "SQLITE_SYNCHRONOUS",
        "full",
        "`full`: an acknowledged write survives a power cut; `normal`: it survives a crash of the service only.",
    ),
    s("HTTP_WORKERS", "cores", "Threads that serve HTTP (1 to 64)."),
    s("REQUEST_TIMEOUT_SECONDS", "30", "Longest time for one request, body included (1 to 600)."),
    s("BODY_LIMIT_BYTES", "262144", "Largest request body (1024 to 67108864)."),
    s(
        "CONNECTIONS",
        "4096",
        "Connections at one time; when there are more, those that idle longest are cut off (16 to 100000).",
    ),
    s(
        "CONNECTIONS_PER_ADDRESS",
        "1024, or 0 behind TRUSTED_PROXIES",
        "Of these from one address, or one /64 of IPv6; 0 does not count them (0 to 100000).",
    ),
    s("TICK_SECONDS", "60", "Pause between two runs of the work that happens by itself; 0 turns it off."),
    s(
        "SHUTDOWN_DELAY_SECONDS",
        "0",
        "After SIGTERM: how long /readyz already says no while requests are still taken (0 to 300).",
    ),
    s(
        "CORS_ORIGINS",
        "",
        "Origins of browser front-ends, separated by commas, e.g. `https://app.example.com`.",
    ),
    s(
        "TRUSTED_PROXIES",
        "0",
        "How many reverse proxies in front append to X-Forwarded-For; 0 ignores the header (0 to 10).",
    ),
    s("TIME_ZONE", "Asia/Shanghai", "Time zone of new teams and of the insurer."),
    s("TOKEN_ISSUER", "prospector", "The `iss` of access tokens."),
    s("TOKEN_AUDIENCE", "prospector", "The `aud` of access tokens."),
    s("ACCESS_TOKEN_SECONDS", "900", "Life of an access token (60 to 3600)."),
    s("REFRESH_TOKEN_DAYS", "30", "Life of a refresh token that is not used (1 to 365)."),
    s("LOGIN_PERMITS", "2", "Passwords checked at the same time; each keeps 19 MiB (1 to 64)."),
    s(
        "LOGINS_PER_MINUTE",
        "10",
        "Wrong logins a minute, and at once, with one name from one address; ten times that from one address (1 to 10000).",
    ),
    s("AUDIT_DAYS", "1095", "How long rows of the audit are kept (30 to 36500)."),
    s("CHANGES_DAYS", "30", "How long changes are kept for those who follow them (7 to 3650)."),
    s(
        "WEBHOOK_NETWORKS",
        "",
        "Networks that webhooks may reach beside the public internet, e.g. `10.1.0.0/16,::1`.",
    ),
    s("ANSWER_HOURS", "24", "How long a repeated Idempotency-Key gets the stored answer (1 to 168)."),
    s("ENDED_SESSION_DAYS", "7", "How long ended logins are remembered (0 to 365)."),
    s(
        "UNCONSENTED_DAYS",
        "0",
        "So many days after their last pursuit ended, people without consent are erased; 0 keeps them (0 to 36500).",
    ),
    s("LOG_FORMAT", "json", "`json` or `text`, on standard error."),
    s(
        "LOG_LEVEL",
        "info",
        "`error`, `warn`, `info`, `debug` or `trace`, or a filter such as `prospector=debug`.",
    ),
];

const fn s(name: &'static str, default: &'static str, what: &'static str) -> Setting {
    Setting { name, default, what }
}

/// The settings, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// `DATABASE_URL`, or the embedded database under the data folder.
    pub database_url: String,
    /// `BIND`.
    pub bind: SocketAddr,
    /// `METRICS_BIND`.
    pub metrics_bind: SocketAddr,
    /// Whether `METRICS_BIND` was set: then no other address will do.
    pub metrics_bind_is_set: bool,
    /// `DATA_DIR`.
    pub data_dir: PathBuf,
    /// `KEYS_DIR`.
    pub keys_dir: PathBuf,
    /// `SECRET_KEY`.
    pub secret_key: Option<Secret>,
    /// `DB_THREADS`.
    pub db_threads: usize,
    /// `DB_QUEUE`.
    pub db_queue: usize,
    /// `DB_QUEUE_WAIT_MS`.
    pub db_queue_wait: Duration,
    /// `DB_STATEMENT_TIMEOUT_MS`.
    pub db_statement_timeout: Duration,
    /// `SQLITE_SYNCHRONOUS` is `full`.
    pub sqlite_full_sync: bool,
    /// `HTTP_WORKERS`.
    pub http_workers: usize,
    /// `REQUEST_TIMEOUT_SECONDS`.
    pub request_timeout: Duration,
    /// `BODY_LIMIT_BYTES`.
    pub body_limit: usize,
    /// `CONNECTIONS`.
    pub connections: usize,
    /// `CONNECTIONS_PER_ADDRESS`; 0 without a bound.
    pub connections_per_address: usize,
    /// `TICK_SECONDS`; `None` when turned off.
    pub tick: Option<Duration>,
    /// `SHUTDOWN_DELAY_SECONDS`.
    pub shutdown_delay: Duration,
    /// `CORS_ORIGINS`.
    pub cors_origins: Vec<String>,
    /// `TRUSTED_PROXIES`.
    pub trusted_proxies: usize,
    /// `TIME_ZONE`.
    pub time_zone: Tz,
    /// `TOKEN_ISSUER`.
    pub token_issuer: String,
    /// `TOKEN_AUDIENCE`.
    pub token_audience: String,
    /// `ACCESS_TOKEN_SECONDS`.
    pub access_token_life: Duration,
    /// `REFRESH_TOKEN_DAYS`.
    pub refresh_token_life: Duration,
    /// `LOGIN_PERMITS`.
    pub login_permits: usize,
    /// `LOGINS_PER_MINUTE`.
    pub logins_per_minute: u32,
    /// How long what is kept is kept.
    pub retention: Retention,
    /// `WEBHOOK_NETWORKS`.
    pub webhook_networks: Vec<Network>,
    /// `LOG_FORMAT` is `json`.
    pub log_json: bool,
    /// `LOG_LEVEL`.
    pub log_level: String,
}

/// Bytes that must not be printed.
#[derive(Clone)]
pub struct Secret(pub Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Everything that is wrong with the settings.
#[derive(Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for Faults {}

impl Config {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// Every setting that cannot be used, at once.
    #[allow(clippy::disallowed_methods)] // the home of the rule
    pub fn from_environment() -> Result<Self, Faults> {
        Config::read(|name| std::env::var(name).ok())
    }

    /// Reads the settings from any source of named values. An empty value counts as not set.
    ///
    /// # Errors
    /// Every setting that cannot be used, at once.
    pub fn read(source: impl Fn(&str) -> Option<String>) -> Result<Self, Faults> {
        let mut from = Reader { source: &source, faults: Vec::new() };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let data_dir = PathBuf::from(from.text("DATA_DIR"));
        let database_url = from.given("DATABASE_URL");
        let keys_dir = from.given("KEYS_DIR");
        let trusted_proxies = from.number("TRUSTED_PROXIES", 0, 10) as usize;
        let of_one_address = if trusted_proxies == 0 { 1024 } else { 0 };
        let config = Config {
            database_url: database_url
                .unwrap_or_else(|| format!("sqlite:{}", data_dir.join("prospector.db").display())),
            bind: from.parsed("BIND", "an address and port such as 127.0.0.1:8080"),
            metrics_bind: from.parsed("METRICS_BIND", "an address and port such as 127.0.0.1:9464"),
            metrics_bind_is_set: from.given("METRICS_BIND").is_some(),
            keys_dir: keys_dir.map_or_else(|| data_dir.join("keys"), PathBuf::from),
            data_dir,
            secret_key: from.secret("SECRET_KEY"),
            db_threads: from.number_or("DB_THREADS", (2 * cores).max(4), 2, 64),
            db_queue: from.number("DB_QUEUE", 1, 100_000) as usize,
            db_queue_wait: Duration::from_millis(from.number("DB_QUEUE_WAIT_MS", 10, 60_000)),
            db_statement_timeout: Duration::from_millis(from.number("DB_STATEMENT_TIMEOUT_MS", 100, 600_000)),
            sqlite_full_sync: from.choice("SQLITE_SYNCHRONOUS", "full", "normal"),
            http_workers: from.number_or("HTTP_WORKERS", cores, 1, 64),
            request_timeout: Duration::from_secs(from.number("REQUEST_TIMEOUT_SECONDS", 1, 600)),
            body_limit: from.number("BODY_LIMIT_BYTES", 1_024, 67_108_864) as usize,
            connections: from.number("CONNECTIONS", 16, 100_000) as usize,
            connections_per_address: from.number_or("CONNECTIONS_PER_ADDRESS", of_one_address, 0, 100_000),
            tick: Some(from.number("TICK_SECONDS", 0, 86_400)).filter(|s| *s > 0).map(Duration::from_secs),
            shutdown_delay: Duration::from_secs(from.number("SHUTDOWN_DELAY_SECONDS", 0, 300)),
            cors_origins: from.origins("CORS_ORIGINS"),
            trusted_proxies,
            time_zone: from.parsed("TIME_ZONE", "the name of a time zone such as Asia/Shanghai"),
            token_issuer: from.text("TOKEN_ISSUER"),
            token_audience: from.text("TOKEN_AUDIENCE"),
            access_token_life: Duration::from_secs(from.number("ACCESS_TOKEN_SECONDS", 60, 3_600)),
            refresh_token_life: Duration::from_secs(86_400 * from.number("REFRESH_TOKEN_DAYS", 1, 365)),
            login_permits: from.number("LOGIN_PERMITS", 1, 64) as usize,
            logins_per_minute: from.number("LOGINS_PER_MINUTE", 1, 10_000) as u32,
            retention: Retention::read(|name, least, most| from.number(name, least, most)),
            webhook_networks: from.networks("WEBHOOK_NETWORKS"),
            log_json: from.choice("LOG_FORMAT", "json", "text"),
            log_level: from.text("LOG_LEVEL"),
        };
        match from.faults {
            faults if faults.is_empty() => Ok(config),
            faults => Err(Faults(faults)),
        }
    }
}

struct Reader<'a> {
    source: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<String>,
}

impl Reader<'_> {
    fn given(&self, name: &str) -> Option<String> {
        (self.source)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> String {
        let default = || SETTINGS.iter().find(|s| s.name == name).map_or("", |s| s.default).to_owned();
        self.given(name).unwrap_or_else(default)
    }

    fn fault(&mut self, name: &str, wanted: &str) {
        let text = self.text(name);
        // What looks like an address or a secret that was put under the wrong name is not quoted.
        let quoted = if text.contains(['@', '=']) || text.len() > 64 {
            String::new()
        } else {
            format!(", not {text:?}")
        };
        self.faults.push(format!("{name} must be {wanted}{quoted}"));
    }

    fn parsed<T: std::str::FromStr + FromDefault>(&mut self, name: &str, wanted: &str) -> T {
        self.text(name).parse().unwrap_or_else(|_| {
            self.fault(name, wanted);
            T::fallback()
        })
    }

    fn number(&mut self, name: &str, least: u64, most: u64) -> u64 {
        match self.text(name).parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                self.fault(name, &format!("a whole number from {least} to {most}"));
                least
            }
        }
    }

    /// A number that follows the machine when it is not set, as far as the bounds allow.
    fn number_or(&mut self, name: &str, unset: usize, least: u64, most: u64) -> usize {
        match self.given(name) {
            Some(_) => self.number(name, least, most) as usize,
            None => unset.clamp(least as usize, most as usize),
        }
    }

    /// True for `yes`, false for `no`, a fault for anything else.
    fn choice(&mut self, name: &str, yes: &str, no: &str) -> bool {
        let value = self.text(name);
        if value != yes && value != no {
            self.fault(name, &format!("`{yes}` or `{no}`"));
        }
        value == yes
    }

    fn secret(&mut self, name: &str) -> Option<Secret> {
        let text = self.given(name)?;
        match STANDARD.decode(&text) {
            Ok(bytes) if bytes.len() >= 32 => Some(Secret(bytes)),
            _ => {
                // Not `fault`: the value must not be printed.
                self.faults.push(format!("{name} must be the base64 of at least 32 random bytes"));
                None
            }
        }
    }

    fn networks(&mut self, name: &str) -> Vec<Network> {
        let text = self.text(name);
        let given = text.split(',').map(str::trim).filter(|one| !one.is_empty());
        given.map(str::parse).collect::<Result<_, ()>>().unwrap_or_else(|()| {
            self.fault(name, "networks such as 10.1.0.0/16, separated by commas");
            Vec::new()
        })
    }

    fn origins(&mut self, name: &str) -> Vec<String> {
        let origins: Vec<String> = self
            .text(name)
            .split(',')
            .map(|origin| origin.trim().trim_end_matches('/').to_owned())
            .filter(|origin| !origin.is_empty())
            .collect();
        let sound = |origin: &String| {
            let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            rest.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', ' ', '?', '#']))
        };
        if !origins.iter().all(sound) {
            self.fault(name, "origins such as https://app.example.com, separated by commas");
        }
        origins
    }
}
