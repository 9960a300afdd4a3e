//! Money as it flows through a window (method section 10): advance premium received, standard premium issued.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{
    prospects::{
        confirmed::{Money, Told},
        fact::FactBody,
        history::History,
    },
    values::window::{Span, Window, holds_on},
};

/// Which premium.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PremiumKind {
    /// 预收保费: first-year money received by the company; negative where it went back.
    Advance,
    /// 承保标保: standard premium of a policy issued.
    Standard,
}

impl PremiumKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            PremiumKind::Advance => "advance",
            PremiumKind::Standard => "standard",
        }
    }
}

/// One amount on its own day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PremiumFlow {
    /// The day it was received, returned or issued.
    pub on: NaiveDate,
    /// Which premium.
    pub kind: PremiumKind,
    /// Minor units.
    pub minor: i64,
    /// Day on which it was written down: what came after the check-in of its block is late (method section 8).
    pub recorded_on: NaiveDate,
}

/// The two premiums of a window, minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Premiums {
    /// Advance premium, net of what went back.
    pub advance_minor: i64,
    /// Standard premium of policies issued.
    pub standard_minor: i64,
    /// Policies issued whose standard premium is known: what case size divides by.
    pub policies: i64,
}

impl Premiums {
    /// What flowed on those days of a window that lie in one of the spans.
    pub fn within(flows: &[PremiumFlow], window: Window, spans: &[Span]) -> Self {
        let mut sum = Premiums::default();
        for flow in flows.iter().filter(|f| window.contains(f.on) && holds_on(spans, f.on)) {
            match flow.kind {
                PremiumKind::Advance => sum.advance_minor += flow.minor,
                PremiumKind::Standard => {
                    sum.standard_minor += flow.minor;
                    sum.policies += 1;
                }
            }
        }
        sum
    }
}

/// Every amount that a history knows, in no order. Amounts that nobody wrote down do not flow.
///
/// What a fallen 90 had received goes back on the day of the fall: 90 has to be earned anew with new money, and
/// where people type facts in by hand nobody records the refund apart from the fall. Of several issues told in one attempt the
/// latest counts, as it does for the rules, and none from before the signature, or whose signature was taken back. What the
/// policy system tells replaces people's word: its money goes back when it says so.
pub fn premium_flows(history: &History) -> Vec<PremiumFlow> {
    (1..=history.highest_pursuit())
        .flat_map(|number| advances(history, number).into_iter().chain(issues(history, number)))
        .collect()
}

fn advances(history: &History, number: i32) -> Vec<PremiumFlow> {
    let mut flows = Vec::new();
    let advance = |on, minor, recorded_on| PremiumFlow { on, kind: PremiumKind::Advance, minor, recorded_on };
    let mut standing: Vec<(i32, i64)> = Vec::new();
    let told = Told::of(history, number);
    flows.extend(
        told.advances().iter().map(|money| advance(money.on, money.minor, money.told_by.recorded_on)),
    );
    for fact in history.pursuit_facts(number).into_iter().filter(|f| !told.replaces(f)) {
        if let FactBody::PremiumReceived { on, amount_minor: Some(minor) } = fact.body {
            flows.push(advance(on, minor, fact.recorded_on));
            standing.push((fact.after_transition, minor));
        }
    }
    for fall in history.effective() {
        if fall.pursuit_number == number && fall.is_fall_from_90() {
            let (gone, kept) = standing.into_iter().partition(|(after, _)| *after < fall.seq);
            let returned: Vec<(i32, i64)> = gone;
            standing = kept;
            let told_on = if fall.is_automatic() { fall.occurred_on } else { fall.recorded_on };
            let back = |(_, minor): (i32, i64)| advance(fall.occurred_on, -minor, told_on);
            flows.extend(returned.into_iter().map(back));
        }
    }
    flows
}

/// What is known of the policy of one attempt.
#[derive(Default)]
struct Issue {
    signed_on: Option<NaiveDate>,
    issued_on: Option<NaiveDate>,
    standard_minor: Option<i64>,
    /// Day on which the last of it was written down.
    recorded_on: Option<NaiveDate>,
}

fn issues(history: &History, number: i32) -> Vec<PremiumFlow> {
    let mut attempts: BTreeMap<usize, Issue> = BTreeMap::new();
    let falls: Vec<i32> = history.effective().iter().filter(|t| t.is_fall_from_90()).map(|t| t.seq).collect();
    let told = Told::of(history, number);
    for fact in history.pursuit_facts(number).into_iter().filter(|f| !told.replaces(f)) {
        let attempt = falls.iter().filter(|seq| **seq <= fact.after_transition).count();
        let known = attempts.entry(attempt).or_default();
        match fact.body {
            FactBody::Signed { on } => known.signed_on = Some(on),
            FactBody::PolicyIssued { on, standard_premium_minor } => {
                known.issued_on = Some(on);
                known.standard_minor = standard_premium_minor.or(known.standard_minor);
                known.recorded_on = known.recorded_on.max(Some(fact.recorded_on));
            }
            _ => {}
        }
    }
    let confirmed_signature = told.signatures().first().copied();
    let flow = |known: &Issue| {
        let signed_on = known.signed_on.or(confirmed_signature);
        let on = known.issued_on.filter(|on| signed_on.is_some_and(|signed| signed <= *on))?;
        let (minor, recorded_on) = (known.standard_minor?, known.recorded_on?);
        Some(PremiumFlow { on, kind: PremiumKind::Standard, minor, recorded_on })
    };
    let confirmed = |money: &Money<'_>| PremiumFlow {
        on: money.on,
        kind: PremiumKind::Standard,
        minor: money.minor,
        recorded_on: money.told_by.recorded_on,
    };
    attempts.values().filter_map(flow).chain(told.issues().iter().map(confirmed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        method::stage::Stage,
        prospects::{story::Story, transition::Path},
    };

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    fn received(d: u32, minor: i64) -> FactBody {
        FactBody::PremiumReceived { on: day(d), amount_minor: Some(minor) }
    }

    #[test]
    fn money_flows_on_its_own_day_and_goes_back_on_the_day_a_90_falls() {
        let story = Story::default()
            .moved(day(1), Stage::Opportunity, Path::Created)
            .moved(day(1), Stage::Stage50, Path::Manual)
            .fact(day(3), FactBody::Signed { on: day(2) })
            .fact(day(3), received(2, 300_000))
            .moved(day(3), Stage::Stage90, Path::Manual)
            .fact(day(4), FactBody::PolicyIssued { on: day(4), standard_premium_minor: Some(60_000) })
            .moved(day(6), Stage::Stage50, Path::Manual)
            .fact(day(8), received(8, 500_000))
            .fact(day(8), FactBody::PremiumReceived { on: day(8), amount_minor: None })
            .moved(day(8), Stage::Stage90, Path::Manual);
        let flows = premium_flows(&story.told());
        let of = |from: u32, to: u32| {
            let sum = Premiums::within(&flows, Window { from: day(from), to: day(to) }, &[Span::ALWAYS]);
            (sum.advance_minor, sum.standard_minor, sum.policies)
        };
        assert_eq!(of(2, 2), (300_000, 0, 0));
        assert_eq!(of(3, 5), (0, 60_000, 1));
        assert_eq!(of(6, 7), (-300_000, 0, 0));
        assert_eq!(of(1, 31), (500_000, 60_000, 1), "the second money stays");
    }

    #[test]
    fn a_policy_is_issued_once_however_often_it_is_told_and_not_before_its_signature() {
        let issued = |d: u32, minor| FactBody::PolicyIssued { on: day(d), standard_premium_minor: minor };
        let standard = |told: &[FactBody]| {
            let mut story = Story::default().moved(day(1), Stage::Opportunity, Path::Created).moved(
                day(1),
                Stage::Stage50,
                Path::Manual,
            );
            for body in told {
                story = story.fact(body.own_date().unwrap(), body.clone());
            }
            let flows = premium_flows(&story.moved(day(9), Stage::Stage90, Path::Manual).told());
            let sum = Premiums::within(&flows, Window { from: day(1), to: day(31) }, &[Span::ALWAYS]);
            (flows.first().map(|f| f.on), sum.standard_minor, sum.policies)
        };
        let signed = FactBody::Signed { on: day(4) };
        let twice = [signed.clone(), issued(5, Some(100)), issued(5, Some(100))];
        assert_eq!(standard(&twice), (Some(day(5)), 100, 1));
        let amended = [signed.clone(), issued(5, Some(100)), issued(6, Some(150)), issued(7, None)];
        assert_eq!(standard(&amended), (Some(day(7)), 150, 1), "the amount stands until another is told");
        assert_eq!(standard(&[issued(3, Some(100)), signed]), (None, 0, 0));
        assert_eq!(standard(&[issued(5, Some(100))]), (None, 0, 0), "the signature was taken back");
    }

    #[test]
    fn only_the_days_of_a_membership_count_for_the_team() {
        let flow = |d: u32, kind, minor| PremiumFlow { on: day(d), kind, minor, recorded_on: day(d) };
        let flows = [
            flow(1, PremiumKind::Advance, 1),
            flow(2, PremiumKind::Advance, 10),
            flow(3, PremiumKind::Standard, 5),
        ];
        let member = [Span { from: day(2), until: Some(day(3)) }];
        let sum = Premiums::within(&flows, Window { from: day(1), to: day(31) }, &member);
        assert_eq!((sum.advance_minor, sum.standard_minor, sum.policies), (10, 0, 0));
    }
}
