//! A running service for a test, and a pleasant way to talk to it.
//!
//! `world.post("/v1/prospects", json!({…})).by(&agent).status(201).string("id")`

use std::{
    io::Write as _,
    net::TcpListener,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use actix_web::{dev::ServerHandle, rt, web};
use chrono::{DateTime, Utc};
use prospector::{
    api::{middleware::metrics::Metrics, pages},
    app::App,
    clock::Clock,
    config::Config,
    store::db::connection::Engine,
};
use serde_json::Value;
use ureq::http;

use super::{
    actors::{Above, Person},
    database::Database,
};

/// The Monday of the method's own sample sheet, nine in the morning in Shanghai.
pub const MONDAY: &str = "2009-12-14T01:00:00Z";

/// A running service over a database of its own, with a clock that stands still until the test moves it.
pub struct World {
    pub app: web::Data<App>,
    pub clock: Clock,
    pub engine: Engine,
    pub base: String,
    agent: ureq::Agent,
    figures: web::Data<Metrics>,
    handle: ServerHandle,
    above: OnceLock<Above>,
    /// Dropped last: it owns the database's file.
    pub database: Database,
}

/// Runs a test on SQLite and on PostgreSQL, each with a world of its own. Says on which one it failed.
pub fn both(test: impl Fn(World)) {
    on_each_engine(|engine| {
        if let Some(world) = World::new(engine) {
            test(world);
        }
    });
}

/// Runs a test once per engine; for tests that need no running service.
pub fn on_each_engine(test: impl Fn(Engine)) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| test(engine))) {
            let _ = writeln!(std::io::stderr(), "failed on {engine:?}");
            resume_unwind(panic);
        }
    }
}

/// Settings for tests: nothing times out because the machine is busy.
pub fn settings(database: &Database) -> Config {
    let folder = database.folder.path().display().to_string();
    let url = database.url();
    Config::read(|name| {
        Some(match name {
            "DATABASE_URL" => url.clone(),
            "DATA_DIR" => folder.clone(),
            "DB_THREADS" => "3".to_owned(),
            "DB_QUEUE_WAIT_MS" => "60000".to_owned(),
            "HTTP_WORKERS" => "1".to_owned(),
            "TICK_SECONDS" => "0".to_owned(),
            "SQLITE_SYNCHRONOUS" => "normal".to_owned(),
            _ => return None,
        })
    })
    .unwrap()
}

impl World {
    /// A world on an engine; `None` when the machine does not have it.
    pub fn new(engine: Engine) -> Option<Self> {
        Self::with(engine, |_| {})
    }

    /// A world with other settings.
    pub fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> Option<Self> {
        Some(Self::over(Database::migrated(engine)?, change))
    }

    /// A world over a database that has been migrated.
    pub fn over(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = settings(&database);
        change(&mut config);
        let clock = Clock::test(MONDAY.parse().unwrap());
        let target = database.target.clone();
        let app = web::Data::new(App::on(target, config, clock.clone()).unwrap());
        let figures = web::Data::new(Metrics::default());
        let (base, handle) = start(app.clone(), figures.clone(), |_| {});
        let agent = client();
        let (engine, above) = (database.target.engine(), OnceLock::new());
        World { app, clock, engine, base, agent, figures, handle, above, database }
    }

    /// The same world behind a service that also has routes of the test's own.
    pub fn also_serving(mut self, more: fn(&mut web::ServiceConfig)) -> Self {
        let (base, handle) = start(self.app.clone(), self.figures.clone(), more);
        drop(self.handle.stop(false));
        self.base = base;
        self.handle = handle;
        self
    }

    /// A request without anybody signed in, unless `.by` says who.
    pub fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    /// A POST with a JSON body and an idempotency key of its own.
    pub fn post(&self, path: &str, body: impl Into<Value>) -> Call<'_> {
        let key = self.app.ids.id().to_string();
        self.call("POST", path).json(body).header("Idempotency-Key", &key)
    }

    /// A PATCH with a merge patch.
    pub fn patch(&self, path: &str, body: impl Into<Value>) -> Call<'_> {
        self.call("PATCH", path).json(body).header("Content-Type", "application/merge-patch+json")
    }

    /// A PUT with a JSON body.
    pub fn put(&self, path: &str, body: impl Into<Value>) -> Call<'_> {
        self.call("PUT", path).json(body)
    }

    /// A DELETE.
    pub fn delete(&self, path: &str) -> Call<'_> {
        self.call("DELETE", path)
    }

    /// Any request.
    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        let request = http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        let label = format!("{method} {path}");
        Call { app: &self.app, agent: &self.agent, request, path: path.to_owned(), body: None, label }
    }

    /// The figures of the service in this process, as Prometheus would read them.
    pub fn figures(&self) -> String {
        let (app, figures) = (self.app.clone(), self.figures.clone());
        rt::System::new().block_on(async move { pages::figures::text(&app, &figures).await })
    }

    /// The team above all others and its machines, made the first time: before other teams, or those are not below it.
    pub fn above(&self) -> &Above {
        self.above.get_or_init(|| Above::of(self))
    }

    /// Moves the clock to noon in Shanghai of a date.
    pub fn on(&self, date: &str) {
        let noon: DateTime<Utc> = format!("{date}T04:00:00Z").parse().unwrap();
        self.clock.set(noon);
    }
}

/// Another instance of the service, on the same database and the same keys.
pub struct Instance {
    base: String,
    handle: ServerHandle,
}

impl World {
    /// Starts another instance beside the first.
    pub fn another(&self) -> Instance {
        let (target, config) = (self.app.db.target().clone(), self.app.config.clone());
        let app = web::Data::new(App::on(target, config, self.clock.clone()).unwrap());
        let (base, handle) = start(app, web::Data::new(Metrics::default()), |_| {});
        Instance { base, handle }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The answer is not awaited: the thread ends by itself.
        drop(self.handle.stop(false));
    }
}

fn client() -> ureq::Agent {
    static CLIENT: OnceLock<ureq::Agent> = OnceLock::new();
    CLIENT
        .get_or_init(|| {
            ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .allow_non_standard_methods(true)
                .timeout_global(Some(Duration::from_secs(120)))
                .build()
                .new_agent()
        })
        .clone()
}

/// Starts the service on a free port, on a thread of its own.
fn start(
    app: web::Data<App>,
    figures: web::Data<Metrics>,
    more: fn(&mut web::ServiceConfig),
) -> (String, ServerHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        rt::System::new().block_on(async move {
            let server = prospector::api::server_with(app, figures, listener, more).unwrap();
            sender.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    (base, receiver.recv().unwrap())
}

/// A request being put together.
pub struct Call<'a> {
    app: &'a App,
    agent: &'a ureq::Agent,
    request: http::request::Builder,
    path: String,
    body: Option<Vec<u8>>,
    label: String,
}

impl Call<'_> {
    /// Sets a header; the last value of a name counts.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Some(headers) = self.request.headers_mut() {
            let name: http::HeaderName = name.parse().unwrap();
            headers.insert(name, value.parse().unwrap());
        }
        self
    }

    /// Of another instance than the world's first.
    pub fn at(mut self, instance: &Instance) -> Self {
        self.request = self.request.uri(format!("{}{}", instance.base, self.path));
        self
    }

    /// As somebody, with a token of this moment.
    pub fn by(self, person: &Person) -> Self {
        let token = person.token(self.app);
        self.token(&token)
    }

    /// A bearer token.
    pub fn token(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// The version the caller saw.
    pub fn if_match(self, version: i64) -> Self {
        self.header("If-Match", &format!("\"{version}\""))
    }

    /// A JSON body.
    pub fn json(mut self, body: impl Into<Value>) -> Self {
        self.body = Some(body.into().to_string().into_bytes());
        self.header("Content-Type", "application/json")
    }

    /// A body as it is.
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends it, whatever the answer.
    pub fn send(self) -> Answer {
        let label = self.label;
        let sent = match self.body {
            Some(body) => self.agent.run(self.request.body(body).unwrap()),
            None => self.agent.run(self.request.body(()).unwrap()),
        };
        let mut response = sent.unwrap_or_else(|error| panic!("{label}: {error}"));
        let body = response.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap();
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), body, label }
    }

    /// Sends it and expects a status.
    #[track_caller]
    pub fn status(self, expected: u16) -> Answer {
        let answer = self.send();
        assert_eq!(answer.status, expected, "{}: {}", answer.label, answer.text());
        answer
    }

    /// Sends it and expects a problem with a status and a code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Answer {
        let answer = self.status(status);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.label);
        assert_eq!(answer.json()["code"], code, "{}: {}", answer.label, answer.text());
        answer
    }
}

/// What the service answered. `answer["field"]` reads the JSON body.
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Vec<u8>,
    label: String,
}

impl Answer {
    /// A header, if there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.label, self.text()))
    }

    /// The codes of `errors[]`, sorted.
    pub fn error_codes(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        let mut codes: Vec<String> =
            errors.iter().map(|error| error["code"].as_str().unwrap_or_default().to_owned()).collect();
        codes.sort();
        codes
    }

    /// Where the faults of `errors[]` are, sorted.
    pub fn pointers(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        let mut pointers: Vec<String> =
            errors.iter().map(|error| error["pointer"].as_str().unwrap_or_default().to_owned()).collect();
        pointers.sort();
        pointers
    }

    /// A string field.
    #[track_caller]
    pub fn string(&self, field: &str) -> String {
        self.json()[field].as_str().unwrap_or_else(|| panic!("no {field} in {}", self.text())).to_owned()
    }

    /// The version in the body.
    #[track_caller]
    pub fn version(&self) -> i64 {
        self.json()["version"].as_i64().unwrap_or_else(|| panic!("no version in {}", self.text()))
    }
}
