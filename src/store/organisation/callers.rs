//! Who calls, and whether anything in the caller's reach is due, in one statement.

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::{
    backend::Backend,
    expression::{AppearsOnTable, Expression, IntoSql, SelectableExpression, ValidGrouping, is_aggregate},
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Date, Nullable},
};

use super::users::acting;
use crate::{
    domain::{
        organisation::{
            actor::{Actor, Role},
            user::Status,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::schema::{memberships, teams, users},
        ledger::due,
    },
};

/// A user as known to the database.
#[derive(Clone, Debug)]
pub struct Known {
    /// Who it is, with the role, the team and the reach of now.
    pub actor: Actor,
    /// Which tokens count: those of this epoch.
    pub epoch: i32,
    /// The earliest day on which something falls due that goes by the user's own time zone, as far as it is near.
    due_here: Option<NaiveDate>,
    /// The same of what goes by other time zones, perhaps, or was signed under somebody and handed on.
    due_elsewhere: Option<NaiveDate>,
}

impl Known {
    /// Whether something in the user's reach is due, each due date by its owner's own time zone. Nearly always the
    /// statement that found the user has told already.
    ///
    /// # Errors
    /// Those of the database.
    pub fn is_due(&self, conn: &mut Conn, business_now: DateTime<Utc>) -> Result<bool, StoreError> {
        if self.due_here.is_some_and(|day| day <= self.actor.today(business_now)) {
            return Ok(true);
        }
        match self.due_elsewhere {
            Some(_) => due::is_due(conn, &self.actor.scope, business_now),
            None => Ok(false),
        }
    }
}

/// A user by id: `None` when the user is gone or disabled.
///
/// # Errors
/// Those of the database.
pub fn known(conn: &mut Conn, user_id: Id, business_now: DateTime<Utc>) -> Result<Option<Known>, StoreError> {
    type Row = (Role, i32, Id, String, String, Option<NaiveDate>, Option<NaiveDate>);
    let utc = business_now.date_naive();
    // The furthest that "today" can be in any time zone.
    let latest = utc.checked_add_days(Days::new(1)).unwrap_or(utc);
    let row: Option<Row> = users::table
        .inner_join(memberships::table.inner_join(teams::table))
        .filter(users::id.eq(user_id))
        .filter(users::status.eq(Status::Active))
        .filter(memberships::valid_to.is_null())
        .select((
            users::role,
            users::epoch,
            teams::id,
            teams::path,
            teams::time_zone,
            DueHere(latest.into_sql::<Date>()),
            DueElsewhere(latest.into_sql::<Date>()),
        ))
        .first(conn)
        .optional()?;
    let Some((role, epoch, team_id, team_path, time_zone, due_here, due_elsewhere)) = row else {
        return Ok(None);
    };
    let actor = acting((user_id, role, epoch), (team_id, team_path, time_zone))?;
    Ok(Some(Known { actor, epoch, due_here, due_elsewhere }))
}

/// From the people of a supervisor's teams to what is due for them; what is due elsewhere is not even passed over.
const BELOW: &str = "FROM teams t INNER JOIN memberships m ON m.team_id = t.id AND m.valid_to IS NULL ";
const IN_REACH: &str = "WHERE t.path LIKE teams.path || '%' ";
const OWNED: &str = "INNER JOIN prospects p ON p.owner_id = m.user_id ";
const HANDED_ON_BY: &str = "INNER JOIN ownerships o ON o.from_agent_id = m.user_id ";
const HANDED_ON: &str = "INNER JOIN prospects p ON p.id = o.prospect_id AND p.stage = 'stage_90' ";

fn push<DB: Backend>(out: &mut AstPass<'_, '_, DB>, parts: &[&str]) {
    for part in parts {
        out.push_sql(part);
    }
}

/// A part of [`known`]'s statement, of which nothing else can make use: it speaks of that statement's tables.
macro_rules! part_of_known {
    ($name:ident, $write:item) => {
        #[derive(Clone, Copy, Debug, QueryId)]
        struct $name<D>(D);

        impl<D> $name<D> {
            /// Rows that are not erased and fall due by the latest day; closes the brackets that are open.
            fn due_by_then<'b, DB>(&'b self, mut out: AstPass<'_, 'b, DB>, close: &str) -> QueryResult<()>
            where
                DB: Backend,
                D: QueryFragment<DB>,
            {
                out.push_sql("AND p.erased_at IS NULL AND p.next_review_on <= ");
                self.0.walk_ast(out.reborrow())?;
                out.push_sql(close);
                Ok(())
            }
        }

        impl<D, DB> QueryFragment<DB> for $name<D>
        where
            DB: Backend,
            D: QueryFragment<DB>,
        {
            $write
        }

        impl<D: Expression> Expression for $name<D> {
            type SqlType = Nullable<Date>;
        }

        impl<D, GB> ValidGrouping<GB> for $name<D> {
            type IsAggregate = is_aggregate::No;
        }

        impl<D, QS> SelectableExpression<QS> for $name<D> where Self: AppearsOnTable<QS> {}

        impl<D, QS> AppearsOnTable<QS> for $name<D> where D: AppearsOnTable<QS> {}
    };
}

part_of_known!(
    DueHere,
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("CASE WHEN users.role = 'supervisor' THEN (SELECT min(p.next_review_on) ");
        push(&mut out, &[BELOW, OWNED, IN_REACH, "AND t.time_zone = teams.time_zone "]);
        self.due_by_then(out.reborrow(), ") ELSE (SELECT min(p.next_review_on) FROM prospects p ")?;
        out.push_sql("WHERE p.owner_id = users.id ");
        self.due_by_then(out.reborrow(), ") END")
    }
);

part_of_known!(
    DueElsewhere,
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("CASE WHEN users.role = 'supervisor' THEN (SELECT min(d.due) FROM (");
        out.push_sql("SELECT min(p.next_review_on) AS due ");
        push(&mut out, &[BELOW, OWNED, IN_REACH, "AND t.time_zone <> teams.time_zone "]);
        self.due_by_then(out.reborrow(), " UNION ALL SELECT min(p.next_review_on) ")?;
        push(&mut out, &[BELOW, HANDED_ON_BY, HANDED_ON, IN_REACH]);
        self.due_by_then(out.reborrow(), ") d) ELSE (SELECT min(p.next_review_on) FROM ownerships o ")?;
        push(&mut out, &[HANDED_ON, "WHERE o.from_agent_id = users.id "]);
        self.due_by_then(out.reborrow(), ") END")
    }
);
