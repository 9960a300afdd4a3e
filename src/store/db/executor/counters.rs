//! What the threads count.

use std::sync::atomic::{AtomicI64, AtomicU64};

use super::figures::{TroubleCounter, WaitCounter};

#[derive(Default)]
pub(super) struct Counters {
    pub(super) running: AtomicI64,
    pub(super) jobs: AtomicU64,
    /// Write jobs that have ended, whatever came of them.
    pub(super) writes: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) refused_share: AtomicU64,
    pub(super) statements: AtomicI64,
    pub(super) given_up: AtomicU64,
    /// Connections made in place of one that was there before.
    pub(super) replaced: AtomicU64,
    pub(super) waited: WaitCounter,
    pub(super) troubles: TroubleCounter,
    /// Threads that have been given up and are not yet back from their connection.
    pub(super) lost: AtomicI64,
}
