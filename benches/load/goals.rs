//! What the service should reach, as ratios of one run, and whether it does.

use super::{Pgrates, Row, requests::Kind};

/// One sentence about a goal: what it is, what was measured, and what was wanted.
pub struct Goal {
    what: String,
    measured: f64,
    wanted: f64,
    /// Whether less is better.
    at_most: bool,
}

impl Goal {
    /// At least so much is wanted.
    pub fn at_least(what: String, measured: f64, wanted: f64) -> Self {
        Goal { what, measured, wanted, at_most: false }
    }

    /// At most so much is wanted.
    pub fn at_most(what: String, measured: f64, wanted: f64) -> Self {
        Goal { what, measured, wanted, at_most: true }
    }

    fn line(&self) -> String {
        let met = if self.at_most { self.measured <= self.wanted } else { self.measured >= self.wanted };
        let sign = if self.at_most { "≤" } else { "≥" };
        let verdict = if met { "met" } else { "missed" };
        format!("| {} | {:.2} | {sign} {} | {verdict} |", self.what, self.measured, self.wanted)
    }
}

/// The table of goals.
pub fn table(postgres: &[Row], sqlite: &[Row], bare: &Pgrates) -> String {
    let row = |kind| postgres.iter().find(|row| row.kind == kind);
    let rate = |kind| row(kind).map_or(f64::NAN, |row| row.rate);
    let mut goals = Vec::new();
    let mut at_least = |what: &str, measured: f64, wanted: f64| {
        goals.push(Goal::at_least(what.to_owned(), measured, wanted));
    };
    at_least("read one ÷ bare SELECT by key", rate(Kind::Read) / bare.read, 0.25);
    at_least("list of 50 ÷ bare list of 50", rate(Kind::List) / bare.list, 0.30);
    at_least("create ÷ bare INSERT", rate(Kind::Create) / bare.insert, 0.25);
    at_least("create ÷ its own statements", rate(Kind::Create) / bare.said_create, 0.5);
    at_least("move ÷ bare UPDATE", rate(Kind::Move) / bare.update, 0.15);
    at_least("move ÷ its own statements", rate(Kind::Move) / bare.said_move, 0.5);
    for there in sqlite {
        let reads = matches!(there.kind, Kind::Read | Kind::List | Kind::Search);
        let wanted = if reads { 2.0 } else { 1.0 };
        at_least(
            &format!("{} on SQLite ÷ on PostgreSQL", there.kind.name()),
            there.rate / rate(there.kind),
            wanted,
        );
    }
    let mut at_most = |what: String, measured: f64, wanted: f64| {
        goals.push(Goal::at_most(what, measured, wanted));
    };
    for (kind, wanted) in
        [(Kind::TeamSheet, 15.0), (Kind::ActionSheet, 5.0), (Kind::Shape, 5.0), (Kind::Today, 5.0)]
    {
        at_most(format!("{} alone, ms", kind.name()), row(kind).map_or(f64::NAN, |row| row.alone), wanted);
    }
    for row in postgres {
        at_most(format!("{}: p99 ÷ p50 at saturation", row.kind.name()), row.p99 / row.p50, 5.0);
    }
    listed(&goals)
}

/// Goals as a table, each met or missed.
pub fn listed(goals: &[Goal]) -> String {
    let lines: Vec<String> = goals.iter().map(Goal::line).collect();
    format!("| goal | measured | wanted | |\n|---|---|---|---|\n{}", lines.join("\n"))
}
