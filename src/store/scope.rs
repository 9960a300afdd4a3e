//! [`Scope`] as SQL: the only way to a query on prospects (method section 11).
//!
//! No reader of prospects exists that does not take one of these conditions.

use diesel::{BoxableExpression, ExpressionMethods, QueryDsl, TextExpressionMethods, dsl, sql_types::Bool};

use super::{
    connection::MultiBackend,
    schema::{memberships, prospects, teams},
};
use crate::domain::{actor::Scope, id::Id};

/// A condition on `prospects`.
pub type OnProspects = Box<dyn BoxableExpression<prospects::table, MultiBackend, SqlType = Bool>>;

type Members = dsl::Select<
    dsl::Filter<
        dsl::Filter<dsl::InnerJoin<memberships::table, teams::table>, dsl::IsNull<memberships::valid_to>>,
        dsl::Like<teams::path, String>,
    >,
    memberships::user_id,
>;

/// The users who belong today to the team with this path or to one below it.
pub fn members_below(path: &str) -> Members {
    memberships::table
        .inner_join(teams::table)
        .filter(memberships::valid_to.is_null())
        .filter(teams::path.like(format!("{path}%")))
        .select(memberships::user_id)
}

/// What the scope's holder may see: the own prospects, and for a supervisor those of the subtree.
pub fn owned(scope: &Scope) -> OnProspects {
    match scope {
        Scope::Own { user_id } => Box::new(prospects::owner_id.eq(*user_id)),
        // A supervisor belongs to the top of the own subtree. One list of owners and no "or": the planner goes from
        // the people to their prospects instead of asking of everybody's prospects whose they are.
        Scope::Subtree { team_path, .. } => Box::new(prospects::owner_id.eq_any(members_below(team_path))),
    }
}

/// Whose due moves may change what the scope's holder sees: the scope itself and, because an agent without deals goes
/// by the team's mean, the whole team of an agent.
pub fn near(scope: &Scope) -> OnProspects {
    match scope {
        Scope::Own { user_id } => team_mates(*user_id),
        Scope::Subtree { .. } => owned(scope),
    }
}

mod aliases {
    #![allow(missing_docs)]
    use super::memberships;
    diesel::alias!(memberships as mates: Mates);
}
pub(super) use aliases::mates;

/// The team to which a user belongs today, as a query.
macro_rules! own_team {
    ($user_id:expr) => {
        mates
            .filter(mates.field(memberships::user_id).eq($user_id))
            .filter(mates.field(memberships::valid_to).is_null())
            .select(mates.field(memberships::team_id))
    };
}
pub(super) use own_team;

fn team_mates(user_id: Id) -> OnProspects {
    Box::new(
        prospects::owner_id.eq_any(
            memberships::table
                .filter(memberships::valid_to.is_null())
                .filter(memberships::team_id.eq_any(own_team!(user_id)))
                .select(memberships::user_id),
        ),
    )
}
