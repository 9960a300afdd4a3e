//! Who decides about a purchase, and when that lets one say so (criterion 1 of method section 3).
//!
//! Knows the person's role and whoever decides as well; never what has been checked, nor where it is kept.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::decision::{Refusal, Warning};

/// Who decides about a purchase (criterion 1 of method section 3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionRole {
    /// Not known yet.
    #[default]
    Unknown,
    /// Decides alone.
    Decides,
    /// Decides together with somebody, e.g. a spouse.
    DecidesJointly,
    /// Somebody else decides.
    DoesNotDecide,
}

impl DecisionRole {
    /// All roles.
    pub const ALL: [DecisionRole; 4] = [
        DecisionRole::Unknown,
        DecisionRole::Decides,
        DecisionRole::DecidesJointly,
        DecisionRole::DoesNotDecide,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            DecisionRole::Unknown => "unknown",
            DecisionRole::Decides => "decides",
            DecisionRole::DecidesJointly => "decides_jointly",
            DecisionRole::DoesNotDecide => "does_not_decide",
        }
    }
}

/// Somebody who decides as well, e.g. a spouse.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CoDecider {
    /// What they are to the person, 1 to 40 characters.
    pub relation: String,
    /// The name, at most 100 characters, where it is known.
    pub name: Option<String>,
    /// Since when they take part in the talks, not in the future; none while they do not.
    pub engaged_on: Option<NaiveDate>,
}

/// Everybody who decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deciders {
    /// What the person's own word counts for.
    pub role: DecisionRole,
    /// Whoever decides as well; they count where the decision is a joint one.
    pub co_deciders: Vec<CoDecider>,
}

impl Deciders {
    /// Whether it can be said on a day that one deals with whoever decides, and what remains to be remarked then.
    ///
    /// # Errors
    /// `CoDeciderNotEngaged` while a joint decision lacks one of those who make it; also while nobody knows who they are.
    pub fn met_on(&self, day: NaiveDate) -> Result<Option<Warning>, Refusal> {
        match self.role {
            DecisionRole::DoesNotDecide => Ok(Some(Warning::DecisionRoleContradicts)),
            DecisionRole::Unknown | DecisionRole::Decides => Ok(None),
            DecisionRole::DecidesJointly => {
                let aloof = |one: &CoDecider| one.engaged_on.is_none_or(|on| on > day);
                let places = (0..).zip(&self.co_deciders).filter(|(_, one)| aloof(one));
                let which: Vec<usize> = places.map(|(place, _)| place).collect();
                if which.is_empty() && !self.co_deciders.is_empty() {
                    return Ok(None);
                }
                Err(Refusal::CoDeciderNotEngaged { which })
            }
        }
    }

    /// What stands against the word that one deals with whoever decides, where that has been said already.
    pub fn contradiction(&self, day: NaiveDate) -> Option<Warning> {
        self.met_on(day).unwrap_or(Some(Warning::CoDeciderNotEngaged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    fn together_with(engaged: &[Option<u32>]) -> Deciders {
        let one = |on: &Option<u32>| CoDecider {
            relation: "spouse".to_owned(),
            name: None,
            engaged_on: on.map(day),
        };
        Deciders { role: DecisionRole::DecidesJointly, co_deciders: engaged.iter().map(one).collect() }
    }

    #[test]
    fn a_joint_decision_is_met_when_everybody_who_makes_it_is_engaged() {
        let refused = |which: &[usize]| Err(Refusal::CoDeciderNotEngaged { which: which.to_vec() });
        assert_eq!(together_with(&[Some(14)]).met_on(day(14)), Ok(None));
        assert_eq!(together_with(&[Some(14)]).met_on(day(13)), refused(&[0]), "only from the day on");
        assert_eq!(together_with(&[None, Some(1), Some(15)]).met_on(day(14)), refused(&[0, 2]));
        assert_eq!(together_with(&[]).met_on(day(14)), refused(&[]), "nobody knows who else decides");
    }

    #[test]
    fn whoever_does_not_decide_is_remarked_and_everybody_else_is_believed() {
        let alone = |role| Deciders { role, ..together_with(&[None]) }.met_on(day(14));
        assert_eq!(alone(DecisionRole::DoesNotDecide), Ok(Some(Warning::DecisionRoleContradicts)));
        assert_eq!(alone(DecisionRole::Decides), Ok(None));
        assert_eq!(alone(DecisionRole::Unknown), Ok(None));
    }
}
