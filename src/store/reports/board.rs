//! Prospects whose picture asks for somebody's decision: proposed fallbacks, extension requests.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{prelude::*, sql_types::Bool};

use crate::{
    domain::{
        method::stage::Stage, organisation::actor::Scope, prospects::fact::FactBody, reports::board::Card,
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::Json,
            schema::{evidence, facts, prospects},
        },
        organisation::scope,
        prospects::prospect_row::ProspectRow,
    },
};

const RUNNING: [Stage; 3] = [Stage::FirstAppointment, Stage::Stage25, Stage::Stage50];

/// The open prospects in a scope whose fallback waits for a decision, in order of id.
///
/// # Errors
/// Those of the database.
pub fn undecided(
    conn: &mut Conn,
    scope: &Scope,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<ProspectRow>, StoreError> {
    let mut query = prospects::table
        .filter(scope::owned(scope))
        .filter(prospects::erased_at.is_null())
        .filter(prospects::stage.eq_any(RUNNING))
        .filter(prospects::fallback_proposed)
        .order(prospects::id)
        .limit(limit)
        .select(ProspectRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(prospects::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// A fact about an extension.
#[derive(Clone, Debug)]
pub struct ExtensionRow {
    /// The fact.
    pub id: Id,
    /// The prospect.
    pub prospect_id: Id,
    /// The pursuit.
    pub pursuit_number: i32,
    /// Day.
    pub occurred_on: NaiveDate,
    /// When it was written down.
    pub recorded_at: NaiveDateTime,
    /// Who.
    pub actor_id: Id,
    /// Request, grant or refusal.
    pub body: FactBody,
    /// The words written with it.
    pub text: Option<String>,
    /// Whether its pursuit is the open one and has a request that waits for a decision.
    pub awaits_decision: bool,
}

type FactRow = (Id, Id, i32, NaiveDate, NaiveDateTime, Id, Json<FactBody>, Option<String>);
type StandingNow = (Stage, i32, Json<Card>);

/// All facts about extensions in a scope, in order of prospect and recording; of one prospect when named.
///
/// # Errors
/// Those of the database.
pub fn extensions(
    conn: &mut Conn,
    scope: &Scope,
    prospect_id: Option<Id>,
) -> Result<Vec<ExtensionRow>, StoreError> {
    let any = prospect_id.is_none().into_sql::<Bool>();
    let wanted = any.or(facts::prospect_id.eq(prospect_id.unwrap_or(Id(uuid::Uuid::nil()))));
    let all = facts::table
        .inner_join(prospects::table)
        .left_join(evidence::table.on(evidence::subject_id.eq(facts::id)))
        .filter(facts::kind.eq_any(["extension_requested", "extension_granted", "extension_denied"]))
        .filter(prospects::erased_at.is_null())
        .filter(wanted)
        .order((facts::prospect_id, facts::seq))
        .limit(5000)
        .select((
            (
                facts::id,
                facts::prospect_id,
                facts::pursuit_number,
                facts::occurred_on,
                facts::recorded_at,
                facts::actor_id.assume_not_null(),
                facts::body,
                evidence::content.nullable(),
            ),
            (prospects::stage, prospects::pursuit_number, prospects::card),
        ));
    let rows: Vec<(FactRow, StandingNow)> = match scope {
        Scope::Own { user_id } => all.filter(prospects::owner_id.eq(*user_id)).load(conn)?,
        Scope::Subtree { user_id, team_path } => all
            .filter(
                prospects::owner_id
                    .eq(*user_id)
                    .or(prospects::owner_id.eq_any(scope::members_below(team_path))),
            )
            .load(conn)?,
    };
    Ok(rows
        .into_iter()
        .map(|(fact, (stage, current, card))| {
            let (id, prospect_id, pursuit_number, occurred_on, recorded_at, actor_id, body, text) = fact;
            ExtensionRow {
                id,
                prospect_id,
                pursuit_number,
                occurred_on,
                recorded_at,
                actor_id,
                body: body.0,
                text,
                awaits_decision: stage.is_pursued()
                    && current == pursuit_number
                    && card.0.extension_requested.is_some(),
            }
        })
        .collect())
}

/// The prospect that an extension request is about, within a scope.
///
/// # Errors
/// `NotFound` outside the scope.
pub fn prospect_of_extension(conn: &mut Conn, scope: &Scope, request_id: Id) -> Result<Id, StoreError> {
    let prospect_id: Id = facts::table
        .filter(facts::id.eq(request_id))
        .filter(facts::kind.eq("extension_requested"))
        .select(facts::prospect_id)
        .first(conn)?;
    let visible: Id = prospects::table
        .filter(prospects::id.eq(prospect_id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select(prospects::id)
        .first(conn)?;
    Ok(visible)
}
