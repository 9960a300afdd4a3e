//! What anybody signed in may try out; nothing is stored.

use serde_json::json;

use super::{Access::*, Ask, Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row("classifyFacts", SignedIn, |_, _| {
            let facts = json!({"first_meeting_on": "2009-12-15",
                "next_appointment": {"starts_at": "2009-12-18T14:00:00+08:00", "agenda": "go through the plan"}});
            Ask::post("/v1/classify", json!({"as_of": "2009-12-16", "cycle_days": 28, "facts": facts}))
        }),
        row("listExercises", SignedIn, |_, _| Ask::get("/v1/exercises")),
        row("getExercise", SignedIn, |_, _| Ask::get("/v1/exercises/manager-wang")),
        row("answerExercise", SignedIn, |_, _| {
            Ask::post("/v1/exercises/manager-wang/answers", json!({"stage": "stage_25"}))
        }),
    ]
}
