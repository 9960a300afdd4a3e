//! What other systems are told.

use super::{Access::*, Ask, Row, row};

pub fn rows() -> Vec<Row> {
    vec![row("listChanges", SignedIn, |_, _| Ask::get("/v1/changes"))]
}
