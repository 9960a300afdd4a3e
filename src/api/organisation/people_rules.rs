//! What people, their memberships and the team tree have in common.

use serde_json::json;

use crate::{
    api::problem::{Code, document::Problem},
    commands::organisation::refused::Refused,
    domain::{organisation::user::MoveRefusal, values::text::Text},
};

/// What stands against a write on the roster or the team tree. `team` and `day` are where a body names the team and the
/// first day.
pub fn refused(refused: Refused, team: &'static str, day: &'static str) -> Problem {
    match refused {
        Refused::Store(error) => Problem::from(error),
        Refused::SupervisorsOnly => Problem::new(Code::Forbidden),
        Refused::Stale => Problem::new(Code::Stale),
        Refused::IdTaken => Problem::new(Code::IdTaken),
        Refused::UsernameTaken => Problem::new(Code::Conflict).error(
            "/username",
            "username_taken",
            Text::new("This user name is taken.", "该用户名已被占用。"),
            json!({}),
        ),
        Refused::AgentCodeTaken => Problem::new(Code::Conflict).error(
            "/agent_code",
            "agent_code_taken",
            Text::new("This code of an agent is taken.", "该工号已被占用。"),
            json!({}),
        ),
        Refused::UnknownTeam => Problem::new(Code::ValidationFailed).error(
            team,
            "unknown_team",
            Text::new("There is no such team.", "没有这个团队。"),
            json!({}),
        ),
        Refused::InTheFuture | Refused::Move(MoveRefusal::InFuture) => in_future(day),
        Refused::LeavesInTheFuture => in_future("/left_on"),
        Refused::NotKeptByMachines => Problem::new(Code::Conflict).error(
            "/path/agent_code",
            "not_kept_by_machines",
            Text::new("No machine keeps this entry of the roster.", "该人员不由系统接口维护。"),
            json!({}),
        ),
        Refused::Move(MoveRefusal::BeforePresent { since }) => Problem::new(Code::ValidationFailed).error(
            day,
            "before_present_membership",
            Text::new(
                format!("The present membership began on {since}."),
                format!("当前的团队归属始于 {since}。"),
            ),
            json!({"since": since}),
        ),
        Refused::Move(MoveRefusal::SameTeam) => Problem::new(Code::Conflict).error(
            team,
            "same_team",
            Text::new("That is the present team already.", "此人已在该团队。"),
            json!({}),
        ),
        Refused::OwnRoleOrStatus => Problem::new(Code::Forbidden).detail(Text::new(
            "Nobody changes the own role or status.",
            "任何人都不能更改自己的角色或状态。",
        )),
        Refused::OwnPassword => Problem::new(Code::Forbidden).detail(Text::new(
            "Change the own password at /v1/me/password.",
            "请在 /v1/me/password 修改自己的密码。",
        )),
    }
}

/// 422 for a date after today.
pub fn in_future(pointer: &'static str) -> Problem {
    Problem::new(Code::ValidationFailed).error(
        pointer,
        "in_the_future",
        Text::new("The date must not be in the future.", "日期不能晚于今天。"),
        json!({}),
    )
}
