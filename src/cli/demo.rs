//! What a start with `--demo` tells the person at the terminal.

use std::net::SocketAddr;

use chrono::NaiveDate;

use super::terminal::say;
use crate::{
    app::{App, StartError},
    demo::{self, CAST, Outcome, PASSWORD},
    domain::organisation::actor::Role,
};

/// Loads the demo, or finds it there.
pub(super) fn prepare(app: &App, today: Option<NaiveDate>) -> Result<(), StartError> {
    match demo::prepare(app, today)? {
        Outcome::Loaded => say("the demo team is loaded"),
        Outcome::AlreadyThere => say(
            "this database holds the demo already; it was left as it is. For a fresh one, start with another DATA_DIR \
             (or an empty database in DATABASE_URL)",
        ),
    }
    Ok(())
}

/// Whom to sign in as, and a line to paste.
pub(super) fn introduce(app: &App, address: SocketAddr) {
    say(&format!("business date: {}", app.clock.today(app.config.time_zone)));
    say(&format!("demo logins, all with the password {PASSWORD}:"));
    for (username, name, role, _) in CAST {
        let role = match role {
            Role::Agent => "agent",
            Role::Supervisor => "supervisor",
        };
        say(&format!("  {username:<14} {role:<10} {name}"));
    }
    say("try it:");
    say(&format!(
        "  curl -s http://{address}/v1/auth/login -H 'Content-Type: application/json' \
         -d '{{\"username\":\"agent-a\",\"password\":\"{PASSWORD}\"}}'"
    ));
}
