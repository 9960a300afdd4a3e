//! The journal, and the reports.

use serde_json::json;

use super::{Access::*, Ask, Row, prospects::noted, row};

pub fn rows() -> Vec<Row> {
    let mut rows = journal();
    rows.extend(reports());
    rows
}

fn journal() -> Vec<Row> {
    vec![
        row("getToday", SignedIn, |_, _| Ask::get("/v1/today")),
        row("createActivity", SignedIn, |_, _| {
            Ask::post("/v1/activities", json!({"kind": "journal_note", "text": "plan the week"}))
        }),
        row("createActivity", Reach(422), |w, s| {
            let body = json!({"kind": "call", "outcome": "dial", "prospect_id": noted(w, s).id});
            Ask::post("/v1/activities", body)
        }),
        row("createActivityBatch", SignedIn, |w, s| {
            let call = json!({"kind": "call", "outcome": "dial", "prospect_id": noted(w, s).id, "text": "no answer"});
            Ask::post("/v1/activities/batch", json!({"items": [call]}))
        }),
        row("listActivities", SignedIn, |_, _| Ask::get("/v1/activities")),
        row("listActivities", SignedIn, |w, s| {
            let of = format!("?agent_id={}&prospect_id={}", s.owner.id, noted(w, s).id);
            Ask::get(format!("/v1/activities{of}"))
        }),
        row("listProspectActivities", OwnerAndAbove, |w, s| {
            Ask::get(format!("/v1/prospects/{}/activities", noted(w, s).id))
        }),
        row("getActivity", OwnerAndAbove, |w, s| {
            let body = json!({"kind": "visit"});
            let id = w.post("/v1/activities", body).by(s.owner).status(201).string("id");
            Ask::get(format!("/v1/activities/{id}"))
        }),
        row("deleteActivity", Owner, |w, s| {
            let body = json!({"kind": "visit"});
            let id = w.post("/v1/activities", body).by(s.owner).status(201).string("id");
            Ask::delete(format!("/v1/activities/{id}")).seen(1)
        }),
        row("createActivityTally", SignedIn, |_, _| {
            let counts = json!({"dials": 15, "connects": 7, "appointments_set": 1, "refused": 4, "visits": 0, "messages": 0});
            Ask::post("/v1/activity-tallies", counts)
        }),
        row("listActivityTallies", OwnerAndAbove, |_, s| {
            let of = format!("from=2009-12-01&to=2009-12-31&agent_id={}", s.owner.id);
            Ask::get(format!("/v1/activity-tallies?{of}"))
        }),
    ]
}

/// A report about the agent, and about the team: itself, its files, its picture where it has one.
macro_rules! report {
    ($name:literal, $path:literal) => {
        vec![
            report!(@agent concat!("get", $name), $path),
            report!(@team concat!("get", $name), $path),
            report!(@agent concat!("export", $name), concat!($path, "/export")),
            report!(@team concat!("export", $name), concat!($path, "/export")),
        ]
    };
    ($name:literal, $path:literal, picture) => {{
        let mut rows = report!($name, $path);
        rows.push(report!(@agent concat!("get", $name, "Picture"), concat!($path, "/picture")));
        rows.push(report!(@team concat!("get", $name, "Picture"), concat!($path, "/picture")));
        rows
    }};
    (@agent $operation:expr, $path:expr) => {
        row($operation, OwnerAndAbove, |_, s| Ask::get(format!("/v1/reports/{}?agent_id={}", $path, s.owner.id)))
    };
    (@team $operation:expr, $path:expr) => {
        row($operation, TeamSupervisors(404), |_, s| Ask::get(format!("/v1/reports/{}?team_id={}", $path, s.team.id)))
    };
}

fn reports() -> Vec<Row> {
    let sheets = vec![
        report!(@agent "getActionSheet", "action-sheet"),
        report!(@agent "exportActionSheet", "action-sheet/export"),
        report!(@team "getTeamSheet", "team-sheet"),
        report!(@team "exportTeamSheet", "team-sheet/export"),
    ];
    let both = [
        report!("Shape", "shape", picture),
        report!("Funnel", "funnel", picture),
        report!("Velocity", "velocity"),
        report!("Ratios", "ratios", picture),
        report!("Levers", "levers"),
        report!("FirstAppointments", "first-appointments"),
        report!("OverCycle", "over-cycle"),
        report!("Attention", "attention"),
        report!("Forecast", "forecast"),
    ];
    sheets.into_iter().chain(both.into_iter().flatten()).collect()
}
