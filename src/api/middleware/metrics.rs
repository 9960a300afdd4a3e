//! Figures for Prometheus in its text form. Labels are method, route template and status: never a value.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::http::Method;

use super::exposition::Exposition;

/// Upper bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The figures of one process.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<Key, Series>>,
    /// Connections of clients that stand.
    pub connections: AtomicI64,
    /// Connections of clients cut off since the start: to make room, for want of room, or because they took too long.
    pub connections_cut: AtomicU64,
}

type Key = (&'static str, String, u16);

#[derive(Debug, Default, Clone)]
struct Series {
    count: u64,
    seconds: f64,
    buckets: [u64; BUCKETS.len()],
}

/// The method as labels and logs may show it. On the wire it is free text, so only the usual ones are told.
pub fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Where people and machines sign in.
const SIGN_INS: [&str; 2] = ["/v1/auth/login", "/v1/auth/token"];

impl Metrics {
    /// Counts one answered request; the method as [`known`] gives it.
    pub fn count(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let mut table = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let series = table.entry((method, route.to_owned(), status)).or_default();
        series.count += 1;
        series.seconds += took.as_secs_f64();
        for (bucket, bound) in series.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(took.as_secs_f64() <= bound);
        }
    }

    /// How sign-ins have ended, by what they were answered: `succeeded`, `failed` (wrong), `refused` (too many, or too many at
    /// once).
    pub fn logins(&self) -> [(&'static str, u64); 3] {
        let table = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = |these: &[u16]| {
            let counted = |((_, route, status), series): (&Key, &Series)| {
                (SIGN_INS.contains(&route.as_str()) && these.contains(status)).then_some(series.count)
            };
            table.iter().filter_map(counted).sum()
        };
        [("succeeded", answered(&[200])), ("failed", answered(&[401])), ("refused", answered(&[429, 503]))]
    }

    /// The requests and their connections, as the text that Prometheus reads.
    pub fn write(&self, out: &mut Exposition) {
        let standing = self.connections.load(Ordering::Relaxed);
        out.gauge("http_connections", "Connections of clients that stand.", standing);
        let help = "Connections of clients cut off: for want of room, or because they took too long.";
        out.counter("http_connections_cut_total", help, self.connections_cut.load(Ordering::Relaxed));
        let table = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let name = "http_request_duration_seconds";
        out.about(name, "histogram", "Time from request to answer.");
        for ((method, route, status), series) in table {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            out.histogram(name, &labels, (&BUCKETS, &series.buckets), (series.count, series.seconds));
        }
    }
}
