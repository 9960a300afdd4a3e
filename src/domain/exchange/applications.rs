//! Which events belong to one application (method section 10): by their numbers, in the order of what happened, so that the
//! order in which they arrived makes no difference.

/// The insurer's numbers of an application; either may be unknown yet.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Numbers {
    /// Number of the application.
    pub application: Option<String>,
    /// Number of the policy.
    pub policy: Option<String>,
}

impl Numbers {
    fn is_empty(&self) -> bool {
        self.application.is_none() && self.policy.is_none()
    }

    /// Whether both could be of one application: no number differs.
    fn agrees(&self, other: &Numbers) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        same(&self.application, &other.application) && same(&self.policy, &other.policy)
    }

    /// Whether both are known by the same number.
    pub fn meets(&self, other: &Numbers) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        same(&self.application, &other.application) || same(&self.policy, &other.policy)
    }

    fn completed_by(&mut self, other: &Numbers) {
        self.application = self.application.take().or_else(|| other.application.clone());
        self.policy = self.policy.take().or_else(|| other.policy.clone());
    }
}

/// The events of one application.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Application {
    /// Its numbers, as far as they are known.
    pub numbers: Numbers,
    /// The places of its events in the list that was given, in order.
    pub events: Vec<usize>,
}

/// What becomes of the events of a pursuit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Grouped {
    /// The applications, in order of their first event.
    pub applications: Vec<Application>,
    /// The places of those whose numbers belong to different applications, or that have none while there are several.
    pub contradicting: Vec<usize>,
}

/// Sorts the events of one pursuit, which are in the order of what happened, into applications. One number in common is
/// enough; an event with both may show that two applications are one.
pub fn group(events: &[Numbers]) -> Grouped {
    let mut grouped = Grouped::default();
    for (place, numbers) in events.iter().enumerate().filter(|(_, numbers)| !numbers.is_empty()) {
        let mut same = Application { numbers: numbers.clone(), events: vec![place] };
        let (met, others): (Vec<Application>, Vec<Application>) =
            grouped.applications.iter().cloned().partition(|one| one.numbers.meets(numbers));
        let agree = met.iter().enumerate().all(|(i, one)| {
            one.numbers.agrees(numbers) && met[..i].iter().all(|before| before.numbers.agrees(&one.numbers))
        });
        if !agree {
            grouped.contradicting.push(place);
            continue;
        }
        for one in met {
            same.numbers.completed_by(&one.numbers);
            same.events.extend(one.events);
        }
        grouped.applications = others;
        grouped.applications.push(same);
    }
    let nameless: Vec<usize> = (0..events.len()).filter(|place| events[*place].is_empty()).collect();
    match grouped.applications.as_mut_slice() {
        _ if nameless.is_empty() => {}
        [] => {
            grouped.applications.push(Application { numbers: Numbers::default(), events: nameless });
        }
        [only] => only.events.extend(nameless),
        _ => grouped.contradicting.extend(nameless),
    }
    grouped.applications.iter_mut().for_each(|one| one.events.sort_unstable());
    grouped.applications.sort_by_key(|one| one.events.first().copied());
    grouped.contradicting.sort_unstable();
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(application: &str, policy: &str) -> Numbers {
        let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Numbers { application: known(application), policy: known(policy) }
    }

    fn grouped(events: &[(&str, &str)]) -> (Vec<Vec<usize>>, Vec<usize>) {
        let events: Vec<Numbers> = events.iter().map(|(a, p)| numbers(a, p)).collect();
        let Grouped { applications, contradicting } = group(&events);
        (applications.into_iter().map(|one| one.events).collect(), contradicting)
    }

    #[test]
    fn events_with_a_number_in_common_are_of_one_application() {
        assert_eq!(
            grouped(&[("A1", ""), ("A2", ""), ("A1", "P1"), ("", "P1")]),
            (vec![vec![0, 2, 3], vec![1]], vec![])
        );
        // The one with both numbers may come last.
        assert_eq!(grouped(&[("A1", ""), ("", "P1"), ("A1", "P1")]), (vec![vec![0, 1, 2]], vec![]));
        assert_eq!(grouped(&[]), (vec![], vec![]));
    }

    #[test]
    fn numbers_that_cannot_be_of_one_application_contradict() {
        assert_eq!(grouped(&[("A1", "P1"), ("A1", "P2"), ("A2", "P1")]), (vec![vec![0]], vec![1, 2]));
        assert_eq!(grouped(&[("A1", "P1"), ("A2", "P2"), ("A1", "P2")]), (vec![vec![0], vec![1]], vec![2]));
    }

    #[test]
    fn an_event_without_a_number_is_of_the_only_application_there_is() {
        assert_eq!(grouped(&[("", ""), ("A1", "")]), (vec![vec![0, 1]], vec![]));
        assert_eq!(grouped(&[("", ""), ("", "")]), (vec![vec![0, 1]], vec![]));
        assert_eq!(grouped(&[("A1", ""), ("", ""), ("A2", "")]), (vec![vec![0], vec![2]], vec![1]));
    }
}
