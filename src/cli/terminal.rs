//! What is said to the person at the terminal.

use std::io::{self, Write};

/// One line (or several) on standard output; a closed pipe is not our fault.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
