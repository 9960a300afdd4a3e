//! [`Scope`] as SQL: the only way to a query on prospects (method section 11).
//!
//! No reader of prospects exists that does not take one of these conditions.

use diesel::{BoxableExpression, ExpressionMethods, QueryDsl, TextExpressionMethods, dsl, sql_types::Bool};

use crate::{
    domain::organisation::actor::Scope,
    store::db::{
        connection::MultiBackend,
        schema::{memberships, prospects, teams},
    },
};

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

type ZoneOfOwner = dsl::Select<
    dsl::Filter<
        dsl::Filter<dsl::InnerJoin<memberships::table, teams::table>, dsl::IsNull<memberships::valid_to>>,
        dsl::Eq<memberships::user_id, prospects::owner_id>,
    >,
    teams::time_zone,
>;

/// The name of the time zone of the team to which a prospect's owner belongs: its days are dates there, whoever reads.
pub fn zone_of_owner() -> ZoneOfOwner {
    memberships::table
        .inner_join(teams::table)
        .filter(memberships::valid_to.is_null())
        .filter(memberships::user_id.eq(prospects::owner_id))
        .select(teams::time_zone)
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
