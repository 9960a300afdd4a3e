//! Who may be told of a row of the outbox, as SQL: by the reach of now (method section 11).

use diesel::{BoxableExpression, prelude::*, sql_types::Bool};

use crate::{
    domain::{
        exchange::change::Topic,
        organisation::actor::{Actor, Scope},
    },
    store::{
        db::{
            connection::MultiBackend,
            schema::{outbox, prospects, teams},
        },
        organisation::scope::members_below,
    },
};
use aliases::own_team;

/// A condition on `outbox`.
pub(super) type OnOutbox = Box<dyn BoxableExpression<outbox::table, MultiBackend, SqlType = Bool>>;

/// What the scope's holder sees of the prospects, erased ones too.
macro_rules! seen {
    ($scope:expr, $query:expr, $ids:ident => $what:expr) => {
        match $scope {
            Scope::Own { user_id } => {
                let $ids = || $query.filter(prospects::owner_id.eq(*user_id)).select(prospects::id);
                Box::new($what) as OnOutbox
            }
            Scope::Subtree { team_path, .. } => {
                let below = || prospects::owner_id.eq_any(members_below(team_path));
                let $ids = || $query.filter(below()).select(prospects::id);
                Box::new($what) as OnOutbox
            }
        }
    };
}

mod aliases {
    #![allow(missing_docs)]
    use super::teams;
    diesel::alias!(teams as own_team: OwnTeam);
}

/// What the actor may be told of.
pub(super) fn of(actor: &Actor) -> OnOutbox {
    let kind = |kind: &'static str| outbox::audience.eq(kind);
    let id = || outbox::audience_id.assume_not_null();
    let without = || outbox::without_id.assume_not_null();
    let of_prospects: OnOutbox = seen!(&actor.scope, prospects::table, all => {
        let standing = all().filter(prospects::erased_at.is_null());
        let erased = outbox::topic.eq(Topic::ProspectErased).and(id().eq_any(all()));
        kind("prospect").and(id().eq_any(standing).or(erased))
    });
    let only = kind("only").and(id().eq(actor.id));
    // The own team and those above it.
    let above = teams::table
        .inner_join(own_team.on(own_team.field(teams::path).like(teams::path.concat("%"))))
        .filter(own_team.field(teams::id).eq(actor.team_id))
        .select(teams::id);
    let above_or_own = kind("team_and_below").and(id().eq_any(above));
    let common: OnOutbox = Box::new(of_prospects.or(only).or(above_or_own).or(kind("everybody")));
    match &actor.scope {
        Scope::Own { user_id } => {
            let own = prospects::table.filter(prospects::owner_id.eq(*user_id)).select(prospects::id);
            let of_users = kind("user").and(id().eq(*user_id));
            let left = kind("user_without").and(id().eq(*user_id)).and(without().ne_all(own));
            let of_teams = kind("team").and(id().eq(actor.team_id));
            Box::new(common.or(of_users).or(left).or(of_teams))
        }
        Scope::Subtree { team_path, .. } => {
            let people = || members_below(team_path);
            let below = || teams::table.filter(teams::path.like(format!("{team_path}%"))).select(teams::id);
            let theirs = prospects::table.filter(prospects::owner_id.eq_any(people())).select(prospects::id);
            let of_users = kind("user").and(id().eq_any(people()));
            let left = kind("user_without").and(id().eq_any(people())).and(without().ne_all(theirs));
            let of_teams = kind("team").or(kind("team_and_below")).and(id().eq_any(below()));
            let crossed = kind("team_without").and(id().eq_any(below())).and(without().ne_all(below()));
            Box::new(common.or(of_users).or(left).or(of_teams).or(crossed))
        }
    }
}
