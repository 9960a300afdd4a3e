//! `prospector serve`: runs the service until it is told to stop.

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
};

use actix_web::{rt, web};
use chrono::NaiveDate;

use super::{demo, terminal::say};
use crate::{
    api::{self, middleware::metrics::Metrics, pages},
    app::{App, StartError},
    clock::Clock,
    config::Config,
    file_limit, jobs,
    store::organisation::users,
};

pub(super) fn run(config: Config, with_demo: bool, today: Option<NaiveDate>) -> Result<(), StartError> {
    // First of all, so that a port in use is told before anything is written.
    let address = config.bind;
    let fault = move |error| StartError::Bind { address: address.to_string(), setting: "BIND", error };
    let listener = TcpListener::bind(address).map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    let (figures, figures_address) = figures_listener(&config)?;

    if !with_demo && today.is_some() {
        return Err(StartError::Refused("--today is for demo databases: use it with --demo".to_owned()));
    }
    let config = Config { connections: within_file_limit(config.connections), ..config };
    let app = web::Data::new(App::build(config, Clock::system())?);
    if with_demo {
        demo::prepare(&app, today)?;
        demo::introduce(&app, address);
    } else if !app.db.read_blocking(users::any)? {
        say("nobody can sign in yet; make the first supervisor with: prospector user create NAME");
    }
    say(&format!("figures for Prometheus at http://{figures_address}/metrics"));
    // The last word: who waits for the service waits for this line.
    say(&format!("prospector listens on http://{address}, documentation at http://{address}/docs"));
    rt::System::new().block_on(serve(app, listener, figures)).map_err(fault)
}

/// Raises the limit of open files and says in the log what it is; fewer connections where they would not fit.
fn within_file_limit(wanted: usize) -> usize {
    let files = file_limit::raise();
    let connections = file_limit::connections(wanted, files);
    if connections < wanted {
        tracing::warn!(files, connections, wanted, "the limit of open files allows fewer connections");
    } else {
        tracing::info!(files, connections, "the limit of open files was raised");
    }
    connections
}

/// Where the figures are served. Only where nobody said where, another address will do.
fn figures_listener(config: &Config) -> Result<(TcpListener, SocketAddr), StartError> {
    let wanted = config.metrics_bind;
    let bound = match TcpListener::bind(wanted) {
        Err(error) if error.kind() == ErrorKind::AddrInUse && !config.metrics_bind_is_set => {
            TcpListener::bind((wanted.ip(), 0))
        }
        bound => bound,
    };
    bound
        .and_then(|listener| listener.local_addr().map(|address| (listener, address)))
        .map_err(|error| StartError::Bind { address: wanted.to_string(), setting: "METRICS_BIND", error })
}

async fn serve(app: web::Data<App>, listener: TcpListener, figures: TcpListener) -> std::io::Result<()> {
    let counted = web::Data::new(Metrics::default());
    let server = api::server(app.clone(), counted.clone(), listener)?;
    let handle = server.handle();
    rt::spawn(pages::figures::server(app.clone(), counted, figures)?);
    if let Some(every) = app.config.tick {
        rt::spawn(jobs::tick(app.clone(), every));
    }
    let sending = rt::spawn(jobs::webhooks::until_the_end(app.clone()));
    rt::spawn(async move {
        stop_signal().await;
        tracing::info!("stopping");
        app.stop_taking_requests();
        rt::time::sleep(app.config.shutdown_delay).await;
        handle.stop(true).await;
    });
    let ended = server.await;
    // What is on its way to a webhook is waited for, and let go of.
    let _ = rt::time::timeout(jobs::webhooks::LONGEST_END, sending).await;
    ended
}

/// Completes on SIGTERM or SIGINT.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
