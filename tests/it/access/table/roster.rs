//! The roster, the teams, their settings and cycles.

use serde_json::json;

use super::{Access::*, Ask, Row, Side, row};
use crate::harness::World;

fn agent(side: &Side, rest: &str) -> String {
    format!("/v1/agents/{}{rest}", side.owner.id)
}

/// A change of something whose version is read first, by the supervisor.
fn with_version(world: &World, side: &Side, read: &str, ask: Ask) -> Ask {
    ask.seen(world.get(read).by(side.supervisor).status(200).version())
}

/// Another team of the same supervisor.
fn team_beside(world: &World, side: &Side) -> String {
    let body = json!({"name": "Beside", "parent_id": side.supervisor.team_id});
    world.post("/v1/teams", body).by(side.supervisor).status(201).string("id")
}

pub fn rows() -> Vec<Row> {
    vec![
        row("listAgents", SignedIn, |_, _| Ask::get("/v1/agents")),
        row("listAgents", SignedIn, |_, s| Ask::get(format!("/v1/agents?team_id={}", s.team.id))),
        row("createAgent", TeamSupervisors(422), |w, s| {
            let username = format!("new-{}", w.app.ids.id());
            let code = username.to_uppercase().replace("NEW-", "").replace('-', "");
            Ask::post(
                "/v1/agents",
                json!({"username": username, "display_name": "李四", "agent_code": code, "role": "agent", "team_id": s.team.id,
                    "password": "a first password"}),
            )
        }),
        row("getAgent", OwnerAndAbove, |_, s| Ask::get(agent(s, ""))),
        row("updateAgent", Above, |w, s| {
            let ask = Ask::patch(agent(s, ""), json!({"display_name": "王五"}));
            with_version(w, s, &agent(s, ""), ask)
        }),
        row("updateAgentPassword", Above, |w, s| {
            let ask = Ask::put(agent(s, "/password"), json!({"password": "a new password"}));
            with_version(w, s, &agent(s, ""), ask)
        }),
        row("listMemberships", OwnerAndAbove, |_, s| Ask::get(agent(s, "/memberships"))),
        row("createMembership", Above, |w, s| {
            Ask::post(agent(s, "/memberships"), json!({"team_id": team_beside(w, s)}))
        }),
        row("getCycle", OwnerAndAbove, |_, s| Ask::get(agent(s, "/cycle"))),
        row("declareCycle", Owner, |w, s| {
            let read = tagged_version(w, s, &agent(s, "/cycle"));
            Ask::put(agent(s, "/cycle"), json!({"declared_days": 30})).seen(read)
        }),
        row("listCycleHistory", OwnerAndAbove, |_, s| Ask::get(agent(s, "/cycle/history"))),
        row("listTeams", SignedIn, |_, _| Ask::get("/v1/teams")),
        row("createTeam", TeamSupervisors(422), |_, s| {
            Ask::post("/v1/teams", json!({"name": "二组", "parent_id": s.team.id}))
        }),
        row("getTeam", Team, |_, s| Ask::get(format!("/v1/teams/{}", s.team.id))),
        row("updateTeam", TeamSupervisors(404), |w, s| {
            let path = format!("/v1/teams/{}", s.team.id);
            with_version(w, s, &path, Ask::patch(path.clone(), json!({"name": "三组"})))
        }),
        row("getSettings", Team, |_, s| Ask::get(format!("/v1/settings?team_id={}", s.team.id))),
        row("getSettings", OwnerAndAbove, |_, s| Ask::get(format!("/v1/settings?agent_id={}", s.owner.id))),
        row("updateSettings", TeamSupervisors(404), |w, s| {
            let path = format!("/v1/settings?agent_id={}", s.owner.id);
            let seen = tagged_version(w, s, &path);
            Ask::patch(path, json!({"first_appointments_a_week": 4})).seen(seen)
        }),
        row("updateSettings", TeamSupervisors(404), |w, s| {
            let path = format!("/v1/settings?team_id={}", s.team.id);
            let seen = tagged_version(w, s, &path);
            Ask::patch(path, json!({"criteria_grace_days": 6})).seen(seen)
        }),
        row("createSweep", Supervisors, |_, _| Ask {
            body: None,
            ..Ask::post("/v1/cycles/sweep", json!({}))
        }),
    ]
}

/// The version in the ETag, where the body has none.
fn tagged_version(world: &World, side: &Side, path: &str) -> i64 {
    let answer = world.get(path).by(side.supervisor).status(200);
    let tag = answer.header("etag").unwrap().trim_matches('"');
    tag.split('.').next().unwrap().parse().unwrap()
}
