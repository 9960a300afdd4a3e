//! What the insurer's policy system tells (method section 10).

use serde::{Deserialize, Serialize};

/// The kinds of events, in the order of the life of a policy: it decides between two of one instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyEventType {
    /// 投保: the application is signed and submitted.
    ApplicationSubmitted,
    /// 预收到账: the company has the money.
    PremiumReceived,
    /// The bank could not transfer it.
    PremiumFailed,
    /// 退费: the money went back.
    PremiumRefunded,
    /// 拒保: the insurer declined.
    UnderwritingDeclined,
    /// 承保: the policy was issued.
    PolicyIssued,
    /// 回执: the policyholder signed the receipt.
    ReceiptSigned,
    /// 犹豫期撤单: the policyholder withdrew.
    CoolingOffWithdrawn,
    /// The policy was declared void.
    PolicyVoided,
}

impl PolicyEventType {
    /// Every kind.
    pub const ALL: [PolicyEventType; 9] = [
        PolicyEventType::ApplicationSubmitted,
        PolicyEventType::PremiumReceived,
        PolicyEventType::PremiumFailed,
        PolicyEventType::PremiumRefunded,
        PolicyEventType::UnderwritingDeclined,
        PolicyEventType::PolicyIssued,
        PolicyEventType::ReceiptSigned,
        PolicyEventType::CoolingOffWithdrawn,
        PolicyEventType::PolicyVoided,
    ];

    /// Whether it takes a sale back.
    pub fn undoes_a_sale(self) -> bool {
        match self {
            PolicyEventType::PremiumFailed
            | PolicyEventType::PremiumRefunded
            | PolicyEventType::UnderwritingDeclined
            | PolicyEventType::CoolingOffWithdrawn
            | PolicyEventType::PolicyVoided => true,
            PolicyEventType::ApplicationSubmitted
            | PolicyEventType::PremiumReceived
            | PolicyEventType::PolicyIssued
            | PolicyEventType::ReceiptSigned => false,
        }
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            PolicyEventType::ApplicationSubmitted => "application_submitted",
            PolicyEventType::PremiumReceived => "premium_received",
            PolicyEventType::PremiumFailed => "premium_failed",
            PolicyEventType::PremiumRefunded => "premium_refunded",
            PolicyEventType::UnderwritingDeclined => "underwriting_declined",
            PolicyEventType::PolicyIssued => "policy_issued",
            PolicyEventType::ReceiptSigned => "receipt_signed",
            PolicyEventType::CoolingOffWithdrawn => "cooling_off_withdrawn",
            PolicyEventType::PolicyVoided => "policy_voided",
        }
    }
}
