//! People who sign in, and the team tree they belong to (method section 11).

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::values::id::Id;

/// Whether a user may sign in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// May sign in.
    Active,
    /// May not; tokens already given out do not count any more.
    Disabled,
}

/// A name to sign in with: 2 to 64 characters of `a-z 0-9 . _ -`, beginning with a letter or digit. Capital letters
/// are read as small ones, so that two accounts never differ by case alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Username(String);

/// The text cannot be a user name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoUsername;

impl FromStr for Username {
    type Err = NoUsername;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim().to_ascii_lowercase();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let sound = (2..=64).contains(&name.len())
            && name.starts_with(plain)
            && name.chars().all(|c| plain(c) || matches!(c, '.' | '_' | '-'));
        if sound { Ok(Username(name)) } else { Err(NoUsername) }
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number under which the insurer's other systems know an agent (工号): 2 to 32 of `A-Z 0-9 . _ -`, beginning with a letter
/// or digit. Small letters are read as capital ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentCode(String);

/// The text cannot be the code of an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoAgentCode;

impl FromStr for AgentCode {
    type Err = NoAgentCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_uppercase();
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        let sound = (2..=32).contains(&code.len())
            && code.starts_with(plain)
            && code.chars().all(|c| plain(c) || matches!(c, '.' | '_' | '-'));
        if sound { Ok(AgentCode(code)) } else { Err(NoAgentCode) }
    }
}

impl fmt::Display for AgentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AgentCode {
    /// The name that an agent whom a machine puts on the roster signs in with.
    ///
    /// # Errors
    /// Never, as codes are.
    pub fn as_username(&self) -> Result<Username, NoUsername> {
        self.0.parse()
    }
}

/// What stands in the place of a hash until somebody sets the first password: no password has it.
pub const NO_PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$\
                               AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Shortest password, in characters.
pub const PASSWORD_MIN: usize = 10;
/// Longest password, in characters: hashing takes time by length.
pub const PASSWORD_MAX: usize = 128;

/// The path of a team below a parent: the ids from the root down, `/<root>/…/<self>/`. A team is in the subtree of
/// another when its path starts with the other's.
pub fn team_path(parent: Option<&str>, id: Id) -> String {
    format!("{}{id}/", parent.unwrap_or("/"))
}

/// Why somebody cannot change teams on a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MoveRefusal {
    /// The date has not come yet: who belongs where is known for today and before only.
    InFuture,
    /// The present membership began later.
    BeforePresent {
        /// Its first day.
        since: NaiveDate,
    },
    /// That is the team already.
    SameTeam,
}

/// Whether a user who has belonged to a team since a date may belong to another from `on`. Moving twice on one day
/// replaces the first move.
///
/// # Errors
/// The reason why not.
pub fn may_move(
    since: NaiveDate,
    on: NaiveDate,
    today: NaiveDate,
    same_team: bool,
) -> Result<(), MoveRefusal> {
    if same_team {
        Err(MoveRefusal::SameTeam)
    } else if on > today {
        Err(MoveRefusal::InFuture)
    } else if on < since {
        Err(MoveRefusal::BeforePresent { since })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_small_and_plain() {
        assert_eq!("Yang.Xiaoling".parse::<Username>().unwrap().to_string(), "yang.xiaoling");
        for wrong in ["", "a", ".ab", "a b", "杨晓玲", &"a".repeat(65)] {
            assert!(wrong.parse::<Username>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn codes_of_agents_are_capital_and_plain() {
        let read = |text: &str| text.parse::<AgentCode>().map(|code| code.to_string());
        assert_eq!(read(" sh-10017a "), Ok("SH-10017A".to_owned()));
        for wrong in ["", "1", "-1", "1 7", "工号", "a/b", &"1".repeat(33)] {
            assert_eq!(read(wrong), Err(NoAgentCode), "{wrong}");
        }
        assert_eq!("SH-1".parse::<AgentCode>().unwrap().as_username().unwrap().to_string(), "sh-1");
    }

    #[test]
    fn the_path_of_a_team_begins_with_its_parents() {
        let (a, b) = (Id(uuid::Uuid::from_u128(1)), Id(uuid::Uuid::from_u128(2)));
        let parent = team_path(None, a);
        let child = team_path(Some(&parent), b);
        assert!(child.starts_with(&parent) && !parent.starts_with(&child));
    }

    #[test]
    fn nobody_moves_in_the_future_or_before_the_present_membership() {
        let day = |d| NaiveDate::from_ymd_opt(2009, 12, d).unwrap();
        assert_eq!(may_move(day(1), day(14), day(14), false), Ok(()));
        assert_eq!(may_move(day(1), day(1), day(14), false), Ok(()));
        assert_eq!(may_move(day(1), day(15), day(14), false), Err(MoveRefusal::InFuture));
        let before = MoveRefusal::BeforePresent { since: day(2) };
        assert_eq!(may_move(day(2), day(1), day(14), false), Err(before));
        assert_eq!(may_move(day(1), day(14), day(14), true), Err(MoveRefusal::SameTeam));
    }
}
