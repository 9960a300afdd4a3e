//! `/v1/roster`: the roster as the insurer's own system keeps it: agents, their names and their teams.

use actix_web::{HttpResponse, put, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::people_rules;
use crate::{
    api::{
        extract::{Line, MachineCaller, On, ValidJson},
        problem::{Code, document::Problem},
    },
    app::App,
    clock::Occasion,
    commands::organisation::roster::{self, Entry, Kept},
    domain::{
        organisation::{service_client::ServiceScope, user::AgentCode},
        values::{id::Id, text::Text},
    },
};

/// What is said of an agent.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"display_name": "李四", "team_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f",
    "member_from": "2009-12-14", "left_on": null}))]
pub struct KeepRosterEntry {
    /// The name to show.
    #[schema(example = "李四")]
    pub display_name: Line<100>,
    /// The team; not the one above all others.
    pub team_id: Id,
    /// First day in it, never in the future. It counts where the team is another one than before.
    pub member_from: On,
    /// Last day of an agent who has left, never in the future: nobody signs in as this agent any more. The book stays with the
    /// agent until a supervisor hands it on.
    #[serde(default)]
    pub left_on: Option<On>,
}

/// An agent as the roster has it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"agent_code": "10017", "display_name": "李四", "team_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f",
    "member_from": "2009-12-14", "left_on": null}))]
pub struct RosterEntry {
    /// The agent's code.
    #[schema(max_length = 32, example = "10017")]
    pub agent_code: String,
    /// The name to show.
    #[schema(max_length = 100, example = "李四")]
    pub display_name: String,
    /// The present team.
    pub team_id: Id,
    /// First day in it.
    pub member_from: On,
    /// As it was said.
    #[schema(required = true)]
    pub left_on: Option<On>,
}

/// Keep an agent on the roster
///
/// For machines with the scope `roster`. An agent of an unknown code is put there, disabled until a supervisor sets a
/// password, and signs in with the code in small letters; of one who is there, name and team are changed. The same said
/// twice changes nothing. It never changes a role or a password. A code that belongs to no agent whom machines keep is
/// refused with 409.
#[utoipa::path(tag = "agents", operation_id = "keepRosterEntry", request_body = KeepRosterEntry,
    params(("agent_code" = String, Path, description = "The agent's code (工号): 2 to 32 of `A-Z 0-9 . _ -`.",
        min_length = 2, max_length = 32, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{1,31}$", example = "10017")),
    responses((status = 200, description = "The agent as the roster has it.", body = RosterEntry),
        (status = 201, description = "Put on the roster.", body = RosterEntry)))]
#[put("/v1/roster/{agent_code}")]
pub async fn keep_agent(
    app: web::Data<App>,
    caller: MachineCaller,
    code: web::Path<String>,
    body: ValidJson<KeepRosterEntry>,
) -> Result<HttpResponse, Problem> {
    let code: AgentCode = code.parse().map_err(|_| no_code())?;
    let (occasion, said) = (Occasion::of(&app.clock, app.ids), body.0);
    let left_on = said.left_on;
    let entry = Entry {
        code,
        display_name: said.display_name.into(),
        team_id: said.team_id,
        member_from: said.member_from.0,
        left_on: left_on.map(|on| on.0),
    };
    let caller = caller.within(ServiceScope::Roster);
    let keep = |entry: Entry| {
        caller.clone().write(&app, move |conn, machine| {
            roster::keep(conn, machine, &occasion, entry)
                .map_err(|refused| people_rules::refused(refused, "/team_id", "/member_from"))
        })
    };
    let Kept { user, is_new } = match keep(entry.clone()).await {
        // It was put there or written meanwhile: now that is what is there.
        Err(problem) if problem.code() == Code::Stale => keep(entry).await?,
        other => other?,
    };
    let entry = RosterEntry {
        agent_code: user.agent_code.unwrap_or_default(),
        display_name: user.display_name,
        team_id: user.team_id,
        member_from: On(user.member_since),
        left_on,
    };
    let mut answer = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(entry))
}

fn no_code() -> Problem {
    Problem::new(Code::InvalidParameter).error(
        "/path/agent_code",
        "invalid_agent_code",
        Text::new(
            "2 to 32 letters, digits, dots, underscores or hyphens, beginning with a letter or digit.",
            "2 至 32 个英文字母、数字、点、下划线或连字符，以字母或数字开头。",
        ),
        json!({}),
    )
}
