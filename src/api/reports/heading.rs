//! What stands above a report in every form but JSON: whose it is, of which days, by which cycle; its file name and audit row
//! say the same.

use super::subject::{ReportSubject, Whose};
use crate::{
    api::{
        extract::On,
        formats::{About, Cell, Column, Kind, table::columns},
    },
    domain::{
        reports::report::Report,
        values::{
            text::{Language, Text},
            window::Window,
        },
    },
};

/// The days from one to another, both included.
pub fn days(from: On, to: On) -> Window {
    Window { from: from.0, to: to.0 }
}

impl ReportSubject {
    /// The one day on which a position is reported.
    pub fn day(&self) -> Window {
        days(self.as_of, self.as_of)
    }

    /// What a report of these days is about.
    pub fn about(&self, report: Report, window: Window) -> About {
        let (subject_kind, subject_id) = match self.whose {
            Whose::Agent(id) => ("user", id),
            Whose::Team(id) => ("team", id),
        };
        About { report, subject_kind, subject_id, window }
    }

    /// What holds for every row of a report of these days; one day is the day as of which it is.
    pub fn above(&self, window: Window, language: Language) -> Vec<(Column, Cell)> {
        let mut above = Vec::new();
        let mut say = |heading: (Kind, &'static str, &'static str), cell: Cell| {
            above.extend(columns(language, &[heading]).into_iter().map(|column| (column, cell.clone())));
        };
        let name = Cell::Text(self.name.clone());
        match self.whose {
            Whose::Agent(id) => {
                say((Kind::Text, "Agent", "代理人"), name);
                say((Kind::Key, "Agent id", "代理人编号"), id.into());
            }
            Whose::Team(id) => {
                say((Kind::Text, "Team", "小组"), name);
                say(
                    (Kind::Text, "Teams below too", "含下属小组"),
                    Cell::yes(self.include_subteams, language),
                );
                say((Kind::Integer, "Members", "人数"), Cell::Integer(self.agents));
                say((Kind::Key, "Team id", "小组编号"), id.into());
            }
        }
        if window.from == window.to {
            say((Kind::Date, "As of", "截至"), Cell::Date(window.to));
        } else {
            say((Kind::Date, "From", "起"), Cell::Date(window.from));
            say((Kind::Date, "To", "止"), Cell::Date(window.to));
        }
        if let Some(days) = self.cycle_days {
            say((Kind::Integer, "Sales cycle, days", "销售周期（天）"), Cell::Integer(i64::from(days)));
        }
        say((Kind::Text, "Time zone", "时区"), Cell::Text(self.time_zone.clone()));
        above
    }

    /// Whose report it is, in words.
    pub fn of(&self, language: Language) -> String {
        let below = Text::new(" and the teams below", "及下属小组");
        format!("{}{}", self.name, if self.include_subteams { below.in_language(language) } else { "" })
    }

    /// The line under a picture's title: whose it is, and of which days.
    pub fn caption(&self, window: Window, language: Language) -> String {
        let Window { from, to } = window;
        let days = if from == to { to.to_string() } else { format!("{from} – {to}") };
        format!("{} · {days}", self.of(language))
    }
}
