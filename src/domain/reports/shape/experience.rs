//! Whether somebody is new at it: the same shape has other causes for a beginner (method section 9).

use serde::{Deserialize, Serialize};

/// Whether somebody is a beginner: joined less than so many days ago (setting, 180).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Experience {
    /// 新人.
    Beginner,
    /// Everybody else.
    Veteran,
}

impl Experience {
    /// By tenure, days since joining.
    pub fn of(tenure_days: i64, beginner_tenure_days: i32) -> Self {
        if tenure_days < i64::from(beginner_tenure_days) { Experience::Beginner } else { Experience::Veteran }
    }

    /// Of a team, by its members: a beginner while all of them are. One veteran is enough to ask for what is asked of
    /// veterans, a change of working habits, which the whole team shares; joint visits stand in each beginner's own row. A
    /// team with nobody in it has no beginners.
    pub fn of_team(members: impl IntoIterator<Item = Experience>) -> Self {
        let mut members = members.into_iter().peekable();
        let beginners = members.peek().is_some() && members.all(|one| one == Experience::Beginner);
        if beginners { Experience::Beginner } else { Experience::Veteran }
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Experience::Beginner => "beginner",
            Experience::Veteran => "veteran",
        }
    }
}
