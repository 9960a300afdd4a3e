//! The bounds of one request.

use std::time::Duration;

use actix_web::{HttpRequest, web};

use crate::config::Config;

/// How much and how long one request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest body in bytes.
    pub body_bytes: usize,
    /// Longest time for a body to arrive: actix has no bound of its own.
    pub body_time: Duration,
    /// Longest time for the whole request.
    pub deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { body_bytes: 262_144, body_time: Duration::from_secs(10), deadline: Duration::from_secs(30) }
    }
}

impl From<&Config> for Limits {
    fn from(config: &Config) -> Self {
        let deadline = config.request_timeout;
        Limits { body_bytes: config.body_limit, body_time: deadline / 3, deadline }
    }
}

impl Limits {
    /// The limits in force for a request.
    pub fn of(request: &HttpRequest) -> Limits {
        request.app_data::<web::Data<Limits>>().map(|limits| ***limits).unwrap_or_default()
    }
}
