//! What stands in for a value that could not be read.

use std::net::SocketAddr;

use chrono_tz::Tz;

/// What stands in for a value that could not be read, until the faults are reported.
pub(super) trait FromDefault {
    fn fallback() -> Self;
}

impl FromDefault for SocketAddr {
    fn fallback() -> Self {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }
}

impl FromDefault for Tz {
    fn fallback() -> Self {
        Tz::UTC
    }
}
