//! Who needs attention, and who is over the cycle (method section 5).

mod forms;

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    definition::ReportDefinition,
    subject::{PositionQuery, ReportSubject, Subject},
};
use crate::{
    api::{
        extract::{Caller, On, ReaderLanguage, StrictQuery},
        formats::{Format, report_forms},
        problem::document::Problem,
        respond::due,
    },
    app::App,
    domain::{
        method::stage::Stage,
        organisation::actor::Scope,
        reports::{
            attention::{Attention, attention},
            board::{Card, Flag},
            report::Report,
        },
        values::{id::Id, text::Language},
    },
    store::{
        Conn,
        reports::{figures, sheets},
    },
};

/// Somebody who needs attention.
#[derive(Serialize, ToSchema)]
pub struct AttentionEntry {
    /// The prospect.
    pub prospect_id: Id,
    /// The name; null when it was erased.
    #[schema(required = true, max_length = 100, example = "刘岩")]
    pub name: Option<String>,
    /// Whose.
    pub agent_id: Id,
    /// The agent's name.
    #[schema(max_length = 100, example = "杨晓玲")]
    pub agent_name: String,
    /// Where it stands.
    pub stage: Stage,
    /// Why, the most pressing first.
    #[schema(min_items = 1, max_items = 20)]
    pub flags: Vec<Flag>,
    /// What to do about the most pressing, in the reader's language.
    #[schema(max_length = 500, example = "Fix the next date.")]
    pub advice: String,
    /// The owner's cycle on that day.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
    /// The limit: the cycle and what was granted on top.
    #[schema(minimum = 1, maximum = 1000, example = 28)]
    pub limit_days: i64,
    /// Calendar days since the clock started; null where no clock runs.
    #[schema(required = true, minimum = 0, maximum = 100_000, example = 25)]
    pub days_elapsed: Option<i64>,
    /// Days left within the limit, negative when over; null where no clock runs.
    #[schema(required = true, minimum = -100_000, maximum = 1000, example = 3)]
    pub days_left: Option<i64>,
    /// When the pursuit falls back if nothing is entered.
    #[schema(required = true)]
    pub falls_back_on: Option<On>,
}

/// Who needs attention.
#[derive(Serialize, ToSchema)]
pub struct AttentionList {
    /// Which of the two lists it is.
    #[serde(skip)]
    report: Report,
    /// Whom it is about.
    pub subject: ReportSubject,
    /// Most pressing first.
    #[schema(max_items = 1_000_000)]
    pub entries: Vec<AttentionEntry>,
    /// Number of entries.
    #[schema(minimum = 0, maximum = 1_000_000, example = 4)]
    pub n: i64,
    /// What the figures mean.
    pub definition: ReportDefinition,
}

/// Everybody on the board who needs attention on a day, with names.
fn entries(
    conn: &mut Conn,
    scope: &Scope,
    subject: &Subject,
    day: NaiveDate,
    language: Language,
) -> Result<Vec<AttentionEntry>, Problem> {
    let board: Vec<(Id, Id, Stage, Card)> = if day == subject.today {
        let ids: Vec<Id> = subject.members.iter().map(|m| m.id).collect();
        let rows = figures::pressing(conn, &ids, day)?;
        rows.into_iter().map(|row| (row.id, row.owner_id, row.stage, row.card.0)).collect()
    } else {
        figures::board_on(conn, &subject.members, day)?
    };
    let owners: BTreeMap<Id, Id> = board.iter().map(|(id, owner, ..)| (*id, *owner)).collect();
    let listed: Vec<Attention> = attention(board.iter().map(|(id, _, stage, card)| (*id, *stage, card)), day);
    let ids: Vec<Id> = listed.iter().map(|a| a.prospect_id).collect();
    let known = sheets::known(conn, scope, &ids)?;
    let agents: BTreeMap<Id, &str> =
        subject.members.iter().map(|m| (m.id, m.display_name.as_str())).collect();
    let view = |a: Attention| {
        let agent_id = *owners.get(&a.prospect_id)?;
        Some(AttentionEntry {
            prospect_id: a.prospect_id,
            // Somebody handed on since is no longer to be seen, also on a past day.
            name: known.get(&a.prospect_id)?.clone(),
            agent_id,
            agent_name: (*agents.get(&agent_id)?).to_owned(),
            stage: a.stage,
            advice: a.flags.first()?.advice().in_language(language).to_owned(),
            flags: a.flags,
            cycle_days: a.cycle_days,
            limit_days: a.limit_days,
            days_elapsed: a.days_elapsed,
            days_left: a.days_left,
            falls_back_on: a.falls_back_on.map(On),
        })
    };
    Ok(listed.into_iter().filter_map(view).collect())
}

fn list(
    subject: &Subject,
    day: NaiveDate,
    report: Report,
    entries: Vec<AttentionEntry>,
    language: Language,
) -> AttentionList {
    AttentionList {
        report,
        subject: subject.view(day),
        n: i64::try_from(entries.len()).unwrap_or(i64::MAX),
        entries,
        definition: ReportDefinition::of(report, language),
    }
}

/// Show who needs attention
///
/// Over the cycle, an outcome not recorded, no next date, stuck at 90%, three quarters of the limit gone: most pressing
/// first, with what to do.
#[utoipa::path(tag = "reports", operation_id = "getAttention", params(PositionQuery),
    responses((status = 200, description = "The list.", body = AttentionList)))]
#[get("/v1/reports/attention")]
pub async fn get_attention(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    format: Format,
    query: StrictQuery<PositionQuery>,
) -> Result<HttpResponse, Problem> {
    let (query, language) = (query.0, language.0);
    let list = due::read(&app, &caller, move |conn, actor, now| {
        let (subject, day) = Subject::load(conn, actor, query, now, |today| query.day(today))?;
        let entries = entries(conn, &actor.scope, &subject, day.to, language)?;
        Ok::<_, Problem>(list(&subject, day.to, Report::Attention, entries, language))
    })
    .await?;
    report_forms::answer(&app, &caller, (format, language), list).await
}

/// Show who is over the cycle
///
/// Pursuits that have outstayed the limit and still stand, because the setting leaves the decision to people or a
/// request is pending; and those on their last day.
#[utoipa::path(tag = "reports", operation_id = "getOverCycle", params(PositionQuery),
    responses((status = 200, description = "The list.", body = AttentionList)))]
#[get("/v1/reports/over-cycle")]
pub async fn get_over_cycle(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    format: Format,
    query: StrictQuery<PositionQuery>,
) -> Result<HttpResponse, Problem> {
    let (query, language) = (query.0, language.0);
    let list = due::read(&app, &caller, move |conn, actor, now| {
        let (subject, day) = Subject::load(conn, actor, query, now, |today| query.day(today))?;
        let mut entries = entries(conn, &actor.scope, &subject, day.to, language)?;
        entries.retain(|e| e.flags.iter().any(|f| matches!(f, Flag::OverCycle | Flag::LastDay)));
        Ok::<_, Problem>(list(&subject, day.to, Report::OverCycle, entries, language))
    })
    .await?;
    report_forms::answer(&app, &caller, (format, language), list).await
}
