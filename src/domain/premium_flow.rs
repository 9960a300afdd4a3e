//! Money as it flows through a window (method section 10): advance premium received, standard premium issued.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    fact::FactBody,
    history::History,
    window::{Span, Window, holds_on},
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
/// where people type facts in by hand nobody records the refund apart from the fall.
pub fn premium_flows(history: &History) -> Vec<PremiumFlow> {
    let mut flows = Vec::new();
    let advance = |on, minor| PremiumFlow { on, kind: PremiumKind::Advance, minor };
    for number in 1..=history.highest_pursuit() {
        let mut standing: Vec<(i32, i64)> = Vec::new();
        for fact in history.pursuit_facts(number) {
            match fact.body {
                FactBody::PremiumReceived { on, amount_minor: Some(minor) } => {
                    flows.push(advance(on, minor));
                    standing.push((fact.after_transition, minor));
                }
                FactBody::PolicyIssued { on, standard_premium_minor: Some(minor) } => {
                    flows.push(PremiumFlow { on, kind: PremiumKind::Standard, minor });
                }
                _ => {}
            }
        }
        for fall in history.effective() {
            if fall.pursuit_number == number && fall.is_fall_from_90() {
                let (gone, kept) = standing.into_iter().partition(|(after, _)| *after < fall.seq);
                let returned: Vec<(i32, i64)> = gone;
                standing = kept;
                flows.extend(returned.into_iter().map(|(_, minor)| advance(fall.occurred_on, -minor)));
            }
        }
    }
    flows
}
