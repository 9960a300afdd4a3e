//! For operators: how the service is doing, as figures for Prometheus. On an address of their own, because they tell more
//! than the public needs to know; labels are routes, kinds and outcomes, never a value.

use std::{net::TcpListener, sync::atomic::Ordering};

use actix_web::{App as ActixApp, HttpResponse, HttpServer, dev::Server, get, web};

use crate::{
    api::{
        middleware::{exposition::Exposition, metrics::Metrics},
        problem::defects::Defect,
    },
    app::App,
    process_figures::ProcessFigures,
    store::{
        StoreError,
        db::{connection::Engine, executor::figures::BOUNDS},
        ledger::due,
    },
};

/// The server of the figures; signals are the caller's business.
///
/// # Errors
/// When the socket cannot be used.
pub fn server(
    app: web::Data<App>,
    requests: web::Data<Metrics>,
    listener: TcpListener,
) -> std::io::Result<Server> {
    let served = move || ActixApp::new().app_data(app.clone()).app_data(requests.clone()).service(metrics);
    Ok(HttpServer::new(served)
        .workers(1)
        .client_request_timeout(std::time::Duration::from_secs(5))
        .disable_signals()
        .listen(listener)?
        .run())
}

/// Figures for Prometheus; not part of the API description.
#[get("/metrics")]
async fn metrics(app: web::Data<App>, requests: web::Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text(&app, &requests).await)
}

/// All figures.
pub async fn text(app: &App, requests: &Metrics) -> String {
    let mut out = Exposition::default();
    process(&mut out, app);
    database(&mut out, app);
    work(&mut out, app).await;
    let help = "Sign-ins by how they ended: succeeded, failed (wrong), refused (too many).";
    out.counters("logins_total", help, "outcome", &requests.logins());
    requests.write(&mut out);
    out.text()
}

fn process(out: &mut Exposition, app: &App) {
    out.about("prospector_build_info", "gauge", "Always 1: the release and the database it works on.");
    let database = match app.db.engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    let labels = format!("version=\"{}\",database=\"{database}\"", env!("CARGO_PKG_VERSION"));
    out.value("prospector_build_info", &labels, 1);
    out.gauge(
        "ready",
        "Whether requests should be sent here: 0 while the service stops.",
        u8::from(app.is_ready()),
    );
    let known = ProcessFigures::read();
    let all = [
        ("process_resident_memory_bytes", "Memory in use.", known.resident_bytes),
        ("process_open_fds", "Files and connections that are open.", known.open_files),
        ("process_max_fds", "Files and connections that may be open.", known.most_files),
    ];
    for (name, help, value) in all {
        if let Some(value) = value {
            out.gauge(name, help, value);
        }
    }
}

fn database(out: &mut Exposition, app: &App) {
    let gauges = app.db.gauges();
    out.gauge("db_jobs_waiting", "Requests waiting for a database thread.", gauges.waiting);
    let help = "The most requests of one caller that wait for a database thread.";
    out.gauge("db_jobs_waiting_of_one_caller", help, gauges.waiting_of_one);
    out.gauge("db_jobs_running", "Database threads at work.", gauges.running);
    let counters = [
        ("db_jobs_total", "Database jobs done since the start.", gauges.jobs),
        ("db_jobs_refused_total", "Requests refused because too many were waiting.", gauges.refused),
        (
            "db_jobs_refused_share_total",
            "Of the refused those whose caller had used up the own share of the queue.",
            gauges.refused_share,
        ),
        (
            "db_connections_given_up_total",
            "Database connections that hung and were given up.",
            gauges.given_up,
        ),
        (
            "db_connections_replaced_total",
            "Database connections made in place of one that broke or hung.",
            gauges.replaced,
        ),
        (
            "db_statements_total",
            "SQL statements since the start, without those of transactions.",
            gauges.statements,
        ),
    ];
    for (name, help, value) in counters {
        out.counter(name, help, value);
    }
    let defects = [
        (
            "constraint_defects_total",
            "Writes that passed every rule and were refused by a constraint of the database.",
            Defect::Constraint,
        ),
        ("corrupt_rows_total", "Rows that the domain did not accept.", Defect::CorruptRow),
        ("database_defects_total", "Errors of the database that have no other name.", Defect::Database),
    ];
    for (name, help, defect) in defects {
        out.counter(name, help, defect.counted());
    }
    let help = "What went wrong with the database, by kind; `constraint` is often what a rule is for.";
    out.counters("db_errors_total", help, "kind", &app.db.troubles());
    let (name, waits) = ("db_queue_wait_seconds", app.db.waits());
    out.about(name, "histogram", "How long jobs waited for a database thread, refused ones included.");
    out.histogram(name, "", (&BOUNDS, &waits.buckets), (waits.count, waits.seconds));
}

async fn work(out: &mut Exposition, app: &App) {
    let (sweep, housekeeping) = (&app.job_figures.sweep, &app.job_figures.housekeeping);
    for (name, help, runs) in [
        ("sweep", "the writing down of what fell due", sweep),
        ("housekeeping", "the forgetting of what has expired", housekeeping),
    ] {
        let last =
            format!("When {help} last ended well here, in seconds since 1970; 0 before the first time.");
        out.gauge(&format!("{name}_last_success_timestamp_seconds"), &last, runs.last());
        let failed = format!("How often {help} failed.");
        out.counter(&format!("{name}_failures_total"), &failed, runs.failures());
    }
    let help = "Policy events that came again under their id with another body.";
    let conflicts = app.event_id_conflicts.load(Ordering::Relaxed);
    out.counter("policy_event_id_conflicts_total", help, conflicts);
    out.counter("sweep_moves_total", "Automatic moves written down by the sweep here.", sweep.done());
    let deliveries = &app.job_figures.deliveries;
    let help =
        "Attempts to deliver to webhooks here: delivered, postponed (to be tried again), failed (given up).";
    out.counters("webhook_deliveries_total", help, "outcome", &deliveries.outcomes());
    let help = "How long the oldest delivery to a webhook that sends has waited, in seconds.";
    out.gauge("webhook_oldest_pending_seconds", help, deliveries.oldest());
    let now = app.clock.business_now();
    // Through the door that has a connection and a short bound of its own: figures must come when everything is slow.
    let due = app.db.check(move |conn| Ok::<_, StoreError>(due::due_owners(conn, None, now)?.len())).await;
    if let Ok(due) = due {
        out.gauge("sweep_due_agents", "Agents for whom something is due and not yet written down.", due);
    }
}
