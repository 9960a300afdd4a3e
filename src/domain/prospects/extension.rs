//! Extensions of a pursuit: asked for, then granted or refused (method section 5). The one place that reads them from facts.

use serde::{Deserialize, Serialize};

use super::fact::{Fact, FactBody};

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtensionStatus {
    /// Undecided: it holds the fallback until the day after the next check-in day.
    Pending,
    /// More days.
    Granted,
    /// No more days.
    Denied,
    /// The pursuit ended before anybody decided: nothing is left to extend.
    Lapsed,
}

impl ExtensionStatus {
    /// Every one.
    pub const ALL: [ExtensionStatus; 4] = [
        ExtensionStatus::Pending,
        ExtensionStatus::Granted,
        ExtensionStatus::Denied,
        ExtensionStatus::Lapsed,
    ];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            ExtensionStatus::Pending => "pending",
            ExtensionStatus::Granted => "granted",
            ExtensionStatus::Denied => "denied",
            ExtensionStatus::Lapsed => "lapsed",
        }
    }
}

/// A request and what came of it. `T` is whatever stands for a fact: itself, or its row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request<T> {
    /// The fact that asks.
    pub asked: T,
    /// Days asked for.
    pub days: i32,
    /// The fact that decides, with the days granted.
    pub answer: Option<(T, Option<i32>)>,
}

/// Requests in order, whatever stands for their facts. An answer is one to the latest request.
fn requests<'b, T>(facts: impl IntoIterator<Item = (T, &'b FactBody)>) -> Vec<Request<T>> {
    let mut all: Vec<Request<T>> = Vec::new();
    for (fact, body) in facts {
        let granted = match *body {
            FactBody::ExtensionRequested { days } => {
                all.push(Request { asked: fact, days, answer: None });
                continue;
            }
            FactBody::ExtensionGranted { days } => Some(days),
            FactBody::ExtensionDenied => None,
            _ => continue,
        };
        if let Some(request) = all.last_mut() {
            request.answer = Some((fact, granted));
        }
    }
    all
}

/// The requests of one pursuit in order, from its facts.
pub fn requests_in<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Vec<Request<&'a Fact>> {
    requests(facts.into_iter().map(|fact| (fact, &fact.body)))
}

/// The request that nobody has decided yet.
pub fn pending<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Option<Request<&'a Fact>> {
    requests_in(facts).pop().filter(|request| request.answer.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_to_the_latest_request() {
        let asked = |days| FactBody::ExtensionRequested { days };
        let bodies = [
            asked(7),
            asked(9),
            FactBody::ExtensionGranted { days: 5 },
            FactBody::Withdrawn { on: chrono::NaiveDate::MIN },
        ];
        let all = requests((0..).zip(&bodies));
        assert_eq!(
            all,
            [
                Request { asked: 0, days: 7, answer: None },
                Request { asked: 1, days: 9, answer: Some((2, Some(5))) },
            ]
        );
        let refused = requests((0..).zip(&[asked(7), FactBody::ExtensionDenied, asked(8)]));
        assert_eq!(refused.iter().map(|r| r.answer).collect::<Vec<_>>(), [Some((1, None)), None]);
    }
}
