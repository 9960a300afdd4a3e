//! How many files the process may have open: every connection is one, and a second handle of it another.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit to the most that the system allows; answers it, `None` without a limit.
pub fn raise() -> Option<u64> {
    let now = getrlimit(Resource::Nofile);
    let most = Rlimit { current: now.maximum, maximum: now.maximum };
    match setrlimit(Resource::Nofile, most) {
        Ok(()) => now.maximum,
        Err(_) => now.current,
    }
}

/// Files that are needed for something else than connections: the database, the log, the keys.
const OTHERS: u64 = 256;

/// How many of so many connections fit into a limit.
pub fn connections(wanted: usize, limit: Option<u64>) -> usize {
    let fit = limit.map_or(u64::MAX, |limit| limit.saturating_sub(OTHERS).max(32) / 2);
    wanted.min(usize::try_from(fit).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_takes_two_files_and_some_are_left_for_others() {
        assert_eq!(connections(4096, None), 4096);
        assert_eq!(connections(4096, Some(1024)), 384);
        assert_eq!(connections(4096, Some(64)), 16);
    }
}
