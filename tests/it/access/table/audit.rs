//! The audit.

use super::{Access::*, Ask, Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row("listAudit", Supervisors, |_, s| {
            Ask::get(format!("/v1/audit?actor_id={}&subject_id={}", s.owner.id, s.owner.id))
        }),
        row("exportAudit", Supervisors, |_, s| {
            Ask::get(format!("/v1/audit/export?actor_id={}&subject_id={}", s.owner.id, s.owner.id))
        }),
    ]
}
