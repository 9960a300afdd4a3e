//! Prospects whose picture asks for somebody's decision: proposed fallbacks, extension requests.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    dsl::{min, not, sql},
    prelude::*,
    sql_types::{Bool, Integer, Text},
};

use crate::{
    domain::{
        method::stage::Stage,
        organisation::actor::Scope,
        prospects::{extension::ExtensionStatus, fact::FactBody},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::Json,
            dialect::after,
            schema::{evidence, facts, prospects},
        },
        organisation::scope,
        prospects::prospect_row::ProspectRow,
    },
};
use aliases::{followed, later, reasons};

mod aliases {
    #![allow(missing_docs)]
    use super::{evidence, facts};
    diesel::alias!(facts as followed: Followed, facts as later: Later, evidence as reasons: Reasons);
}

const REQUESTED: &str = "extension_requested";
const GRANTED: &str = "extension_granted";
const DENIED: &str = "extension_denied";

/// The id of nobody, before all others.
const NOBODY: Id = Id(uuid::Uuid::nil());

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

/// What was decided about a request.
#[derive(Clone, Debug)]
pub struct ExtensionAnswer {
    /// When it was written down.
    pub recorded_at: NaiveDateTime,
    /// Who.
    pub actor_id: Id,
    /// Days granted; none when it was denied.
    pub days: Option<i32>,
    /// The words written with it.
    pub text: Option<String>,
}

/// A request for more days, with what was decided.
#[derive(Clone, Debug)]
pub struct ExtensionRow {
    /// The fact that asks.
    pub id: Id,
    /// The prospect.
    pub prospect_id: Id,
    /// Its place among the facts of the prospect.
    pub seq: i32,
    /// The pursuit.
    pub pursuit_number: i32,
    /// Day.
    pub occurred_on: NaiveDate,
    /// When it was written down.
    pub recorded_at: NaiveDateTime,
    /// Who asks.
    pub actor_id: Id,
    /// Days asked for.
    pub days: i32,
    /// The words written with it.
    pub text: Option<String>,
    /// What was decided.
    pub answer: Option<ExtensionAnswer>,
    /// Where it stands.
    pub status: ExtensionStatus,
}

/// Which requests. All conditions together.
#[derive(Clone, Debug, Default)]
pub struct ExtensionFilter {
    /// Those of one prospect.
    pub prospect_id: Option<Id>,
    /// Those that stand so: alternatives, of which there may be none.
    pub statuses: Vec<ExtensionStatus>,
    /// After this place in the list.
    pub after: Option<(Id, i32)>,
}

type Asked = (Id, Id, i32, i32, NaiveDate, NaiveDateTime, Id, Json<FactBody>, Option<String>);
type Followed = (NaiveDateTime, Id, Json<FactBody>);
/// What was asked, what was said next with its words, and whether its prospect awaits a decision in which pursuit.
type Found = (Asked, Option<Followed>, Option<String>, (bool, i32));

/// Requests with the next word about an extension of the same pursuit. That is the answer; or a request anew, where the move that
/// began the pursuit was taken back with the first.
macro_rules! requests {
    () => {{
        let next = later
            .filter(later.field(facts::prospect_id).eq(facts::prospect_id))
            .filter(later.field(facts::pursuit_number).eq(facts::pursuit_number))
            .filter(later.field(facts::seq).gt(facts::seq))
            .filter(later.field(facts::kind).eq_any([REQUESTED, GRANTED, DENIED]))
            .select(min(later.field(facts::seq)));
        let follows = followed
            .field(facts::prospect_id)
            .eq(facts::prospect_id)
            .and(followed.field(facts::seq).nullable().eq(next.single_value()));
        facts::table
            .inner_join(prospects::table)
            .left_join(followed.on(follows))
            .left_join(evidence::table.on(evidence::subject_id.eq(facts::id)))
            .left_join(reasons.on(reasons.field(evidence::subject_id).eq(followed.field(facts::id))))
            // Spelled out, not bound: the index of requests is known by it.
            .filter(sql::<Bool>("facts.kind = 'extension_requested'"))
            .filter(prospects::erased_at.is_null())
            .order((facts::prospect_id, facts::seq))
            .select((
                (
                    facts::id,
                    facts::prospect_id,
                    facts::seq,
                    facts::pursuit_number,
                    facts::occurred_on,
                    facts::recorded_at,
                    facts::actor_id.assume_not_null(),
                    facts::body,
                    evidence::content.nullable(),
                ),
                (
                    followed.field(facts::recorded_at),
                    followed.field(facts::actor_id).assume_not_null(),
                    followed.field(facts::body),
                )
                    .nullable(),
                reasons.field(evidence::content).nullable(),
                (prospects::extension_pending, prospects::pursuit_number),
            ))
    }};
}

/// A page of at most `limit` requests for more days in a scope, in order of prospect and recording.
///
/// # Errors
/// Those of the database; `Corrupt` for a request that asks for nothing.
pub fn extensions(
    conn: &mut Conn,
    scope: &Scope,
    filter: &ExtensionFilter,
    limit: i64,
) -> Result<Vec<ExtensionRow>, StoreError> {
    let any = filter.prospect_id.is_none().into_sql::<Bool>();
    let of_prospect = any.or(facts::prospect_id.eq(filter.prospect_id.unwrap_or(NOBODY)));
    let (prospect_id, seq) = filter.after.unwrap_or((NOBODY, 0));
    let beyond =
        after((facts::prospect_id, facts::seq), (prospect_id.into_sql::<Text>(), seq.into_sql::<Integer>()));
    let unanswered = followed.field(facts::id).is_null();
    let open = prospects::extension_pending.and(prospects::pursuit_number.eq(facts::pursuit_number));
    let next_is = |kind| followed.field(facts::kind).eq(kind);
    let wanted = |status| {
        let all = filter.statuses.is_empty();
        (all || filter.statuses.contains(&status)).into_sql::<Bool>()
    };
    // The same as in `request`.
    let pending = unanswered.and(open);
    let lapsed = next_is(REQUESTED).or(unanswered.and(not(open)));
    let stands_so = wanted(ExtensionStatus::Granted)
        .and(next_is(GRANTED))
        .or(wanted(ExtensionStatus::Denied).and(next_is(DENIED)))
        .or(wanted(ExtensionStatus::Pending).and(pending))
        .or(wanted(ExtensionStatus::Lapsed).and(lapsed));
    let all = requests!().filter(of_prospect).filter(beyond).filter(stands_so).limit(limit);
    let rows: Vec<Found> = match scope {
        Scope::Own { user_id } => all.filter(prospects::owner_id.eq(*user_id)).load(conn)?,
        Scope::Subtree { team_path, .. } => {
            all.filter(prospects::owner_id.eq_any(scope::members_below(team_path))).load(conn)?
        }
    };
    rows.into_iter().map(request).collect()
}

/// A request as it stands, by what was said next about it.
fn request((asked, next, said, (is_pending, current)): Found) -> Result<ExtensionRow, StoreError> {
    let (id, prospect_id, seq, pursuit_number, occurred_on, recorded_at, actor_id, body, text) = asked;
    let FactBody::ExtensionRequested { days } = body.0 else {
        return Err(StoreError::Corrupt("facts: a request that asks for nothing".to_owned()));
    };
    let (status, granted) = match next.as_ref().map(|(.., body)| &body.0) {
        Some(FactBody::ExtensionGranted { days }) => (ExtensionStatus::Granted, Some(*days)),
        Some(FactBody::ExtensionDenied) => (ExtensionStatus::Denied, None),
        None if is_pending && current == pursuit_number => (ExtensionStatus::Pending, None),
        _ => (ExtensionStatus::Lapsed, None),
    };
    let is_decided = matches!(status, ExtensionStatus::Granted | ExtensionStatus::Denied);
    let answer = next.filter(|_| is_decided).map(|(recorded_at, actor_id, _)| ExtensionAnswer {
        recorded_at,
        actor_id,
        days: granted,
        text: said,
    });
    Ok(ExtensionRow {
        id,
        prospect_id,
        seq,
        pursuit_number,
        occurred_on,
        recorded_at,
        actor_id,
        days,
        text,
        answer,
        status,
    })
}

/// The prospect that an extension request is about, within a scope.
///
/// # Errors
/// `NotFound` outside the scope.
pub fn prospect_of_extension(conn: &mut Conn, scope: &Scope, request_id: Id) -> Result<Id, StoreError> {
    let prospect_id: Id = facts::table
        .filter(facts::id.eq(request_id))
        .filter(facts::kind.eq(REQUESTED))
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
