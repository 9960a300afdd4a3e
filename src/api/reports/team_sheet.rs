//! The team tracking sheet (小组追踪表, method section 8).

mod forms;

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    block_sign_offs::{BlockSignOff, BlockSignOffs},
    definition::ReportDefinition,
};
use crate::{
    api::{
        extract::{Caller, On, ReaderLanguage, StrictQuery, supervisor},
        formats::{Format, report_forms},
        problem::document::Problem,
        respond::{due, money::NetMoney},
    },
    app::App,
    domain::{
        organisation::actor::{Actor, Role},
        reports::{
            report::Report,
            sheet::Book,
            sheet_week::{Block, BlockState, CheckIn, SheetWeek},
            team_sheet::{MemberBlock, TeamRow},
        },
        values::{calendar::SheetWeekStart, id::Id, text::Language, window::hold_within},
    },
    store::{
        Conn, StoreError,
        ledger::agent_context::team_with_settings,
        organisation::teams::Team,
        reports::{
            members::{self, Member},
            sheets::{self, Contacts},
        },
    },
};

/// Whose sheet, of which week.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TeamSheetQuery {
    /// The team; the caller's own when absent.
    pub team_id: Option<Id>,
    /// A day of the sheet; today when absent.
    pub week_of: Option<On>,
    /// Also the members of the teams below.
    #[serde(default)]
    #[param(required = false)]
    pub include_subteams: bool,
    /// Weekday on which the sheet starts; that of the team's settings when absent.
    pub sheet_week_start: Option<SheetWeekStart>,
}

/// The figures of one member.
#[derive(Serialize, ToSchema)]
pub struct TeamSheetRow {
    /// The member.
    pub agent_id: Id,
    /// The member's name.
    #[schema(max_length = 100, example = "杨晓玲")]
    pub name: String,
    /// 约定初次见面 at the window's end.
    #[schema(minimum = 0, maximum = 100_000, example = 3)]
    pub first_appointment: i64,
    /// 25% at the window's end.
    #[schema(minimum = 0, maximum = 100_000, example = 4)]
    pub stage_25: i64,
    /// 50% at the window's end.
    #[schema(minimum = 0, maximum = 100_000, example = 3)]
    pub stage_50: i64,
    /// 90% at the window's end.
    #[schema(minimum = 0, maximum = 100_000, example = 1)]
    pub stage_90: i64,
    /// 成交 in the window.
    #[schema(minimum = 0, maximum = 100_000, example = 2)]
    pub closed: i64,
    /// 预收保费 in the window, net of what went back.
    pub advance_premium: NetMoney,
    /// 承保标保 in the window.
    pub standard_premium: NetMoney,
    /// Something of the row's block was written down after its check-in: an entry, a closing or money.
    pub late: bool,
    /// The standing sign-off of the member's own sheet; null while the block is not signed, and in a team that the member
    /// had left by the block's end.
    #[schema(required = true)]
    pub sign_off: Option<BlockSignOff>,
}

/// The figures of all members together.
#[derive(Serialize, ToSchema)]
pub struct TeamSheetSubtotal {
    /// 约定初次见面 at the window's end.
    #[schema(minimum = 0, maximum = 10_000_000, example = 7)]
    pub first_appointment: i64,
    /// 25% at the window's end.
    #[schema(minimum = 0, maximum = 10_000_000, example = 7)]
    pub stage_25: i64,
    /// 50% at the window's end.
    #[schema(minimum = 0, maximum = 10_000_000, example = 5)]
    pub stage_50: i64,
    /// 90% at the window's end.
    #[schema(minimum = 0, maximum = 10_000_000, example = 3)]
    pub stage_90: i64,
    /// 成交 in the window.
    #[schema(minimum = 0, maximum = 10_000_000, example = 5)]
    pub closed: i64,
    /// 预收保费 in the window, net of what went back.
    pub advance_premium: NetMoney,
    /// 承保标保 in the window.
    pub standard_premium: NetMoney,
}

/// One of the three blocks.
#[derive(Serialize, ToSchema)]
pub struct TeamSheetBlock {
    /// Its check-in.
    pub check_in: CheckIn,
    /// First day.
    pub from: On,
    /// Last day.
    pub to: On,
    /// The day of the check-in.
    pub check_in_on: On,
    /// Whether it is over; a partial one is computed as of today, one that has not begun is empty.
    pub state: BlockState,
    /// One row a member, by name.
    #[schema(max_items = 10_000)]
    pub rows: Vec<TeamSheetRow>,
    /// All rows together (小计).
    pub subtotal: TeamSheetSubtotal,
}

/// A team tracking sheet.
#[derive(Serialize, ToSchema)]
pub struct TeamSheet {
    /// The team.
    pub team_id: Id,
    /// Its name.
    #[schema(max_length = 100, example = "一组")]
    pub team_name: String,
    /// Whether the teams below are in it.
    pub include_subteams: bool,
    /// First day.
    pub from: On,
    /// Last day.
    pub to: On,
    /// Weekday on which it starts.
    pub sheet_week_start: SheetWeekStart,
    /// The day as of which it is computed.
    pub as_of: On,
    /// Dates are dates in this time zone.
    #[schema(max_length = 64, example = "Asia/Shanghai")]
    pub time_zone: String,
    /// Number of members.
    #[schema(minimum = 0, maximum = 10_000, example = 2)]
    pub n: i64,
    /// The blocks of Monday, Wednesday and Friday.
    #[schema(min_items = 3, max_items = 3)]
    pub blocks: Vec<TeamSheetBlock>,
    /// What the figures mean.
    pub definition: ReportDefinition,
}

impl TeamSheetRow {
    fn new(member: &Member, tracked: &TrackedRow) -> Self {
        let (row, s) = (&tracked.row, tracked.row.subtotals);
        TeamSheetRow {
            agent_id: member.id,
            name: member.display_name.clone(),
            first_appointment: s.first_appointment,
            stage_25: s.stage_25,
            stage_50: s.stage_50,
            stage_90: s.stage_90,
            closed: s.closed,
            advance_premium: NetMoney::from_minor(row.advance_premium_minor),
            standard_premium: NetMoney::from_minor(row.standard_premium_minor),
            late: tracked.late,
            sign_off: tracked.sign_off.clone(),
        }
    }
}

impl From<TeamRow> for TeamSheetSubtotal {
    fn from(row: TeamRow) -> Self {
        let s = row.subtotals;
        TeamSheetSubtotal {
            first_appointment: s.first_appointment,
            stage_25: s.stage_25,
            stage_50: s.stage_50,
            stage_90: s.stage_90,
            closed: s.closed,
            advance_premium: NetMoney::from_minor(row.advance_premium_minor),
            standard_premium: NetMoney::from_minor(row.standard_premium_minor),
        }
    }
}

/// One block as it is filled in: a row for every member.
struct Tracked {
    block: Block,
    state: BlockState,
    /// Member by member; none for one who belonged elsewhere throughout the block.
    rows: Vec<Option<TrackedRow>>,
}

/// One member's block as it is filled in.
struct TrackedRow {
    /// As signed, or as of now.
    row: TeamRow,
    /// What signed figures would be now, where anything differs.
    restated: Option<TeamRow>,
    late: bool,
    sign_off: Option<BlockSignOff>,
}

impl Tracked {
    fn view(&self, members: &[Member]) -> TeamSheetBlock {
        TeamSheetBlock {
            check_in: self.block.check_in,
            from: On(self.block.window.from),
            to: On(self.block.window.to),
            check_in_on: On(self.block.check_in_on),
            state: self.state,
            rows: self.of(members).map(|(member, row)| TeamSheetRow::new(member, row)).collect(),
            subtotal: self.subtotal().into(),
        }
    }

    /// Those who belonged to the team in the block, each with the row.
    fn of<'s>(&'s self, members: &'s [Member]) -> impl Iterator<Item = (&'s Member, &'s TrackedRow)> {
        members.iter().zip(&self.rows).filter_map(|(member, row)| Some((member, row.as_ref()?)))
    }

    fn subtotal(&self) -> TeamRow {
        TeamRow::sum(self.rows.iter().flatten().map(|tracked| tracked.row))
    }
}

/// A team's sheet as it is filled in.
struct Filled {
    team: Team,
    include_subteams: bool,
    week: SheetWeek,
    today: NaiveDate,
    members: Vec<Member>,
    blocks: Vec<Tracked>,
}

impl Filled {
    fn json(&self, language: Language) -> TeamSheet {
        let range = self.week.window();
        TeamSheet {
            team_id: self.team.id,
            team_name: self.team.name.clone(),
            include_subteams: self.include_subteams,
            from: On(range.from),
            to: On(range.to),
            sheet_week_start: self.week.start(),
            as_of: On(self.today),
            time_zone: self.team.time_zone.clone(),
            n: i64::try_from(self.members.len()).unwrap_or(i64::MAX),
            blocks: self.blocks.iter().map(|block| block.view(&self.members)).collect(),
            definition: ReportDefinition::of(Report::TeamSheet, language),
        }
    }
}

/// Show a team tracking sheet
///
/// Per block and member: first appointments, 25%, 50%, 90%, closings, advance premium and standard premium, and a
/// subtotal. A member's row equals the subtotals of the own action sheet; who belonged elsewhere on every day of a block
/// has none in it. For supervisors.
#[utoipa::path(tag = "reports", operation_id = "getTeamSheet", params(TeamSheetQuery),
    responses((status = 200, description = "The sheet.", body = TeamSheet)))]
#[get("/v1/reports/team-sheet")]
pub async fn get_team_sheet(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    format: Format,
    query: StrictQuery<TeamSheetQuery>,
) -> Result<HttpResponse, Problem> {
    let filled = due::read(&app, &caller, move |conn, actor, now| fill_in(conn, actor, query.0, now)).await?;
    report_forms::answer(&app, &caller, (format, language.0), filled).await
}

fn fill_in(
    conn: &mut Conn,
    actor: &Actor,
    query: TeamSheetQuery,
    now: DateTime<Utc>,
) -> Result<Filled, Problem> {
    let TeamSheetQuery { team_id, week_of, include_subteams, sheet_week_start } = query;
    let (team, settings) = team_with_settings(conn, actor, team_id.unwrap_or(actor.team_id))?;
    supervisor(actor)?;
    let zone: chrono_tz::Tz =
        team.time_zone.parse().map_err(|_| StoreError::Corrupt("teams: unknown time zone".to_owned()))?;
    let today = now.with_timezone(&zone).date_naive();
    let day = week_of.map_or(today, |on| on.0);
    let start = sheet_week_start.unwrap_or(settings.on(day).sheet_week_start);
    let week = SheetWeek::containing(day, start);
    let range = week.window();
    let mut members = members::of_team(conn, (team.id, &team.path), range, include_subteams)?;
    with_what_they_brought(&mut members);
    let ids: Vec<Id> = members.iter().map(|m| m.id).collect();
    let books = sheets::books(conn, &ids, range, Contacts::Worked, None)?.of;
    // A supervisor who does not sell has no row of noughts.
    members.retain(|m| m.role == Role::Agent || books.get(&m.id).is_some_and(|book| !book.is_empty()));
    let signed = BlockSignOffs::load(conn, &ids, &week)?;
    let blocks = week.blocks().iter().map(|block| tracked(block, &members, &books, &signed, today)).collect();
    Ok(Filled { team, include_subteams, week, today, members, blocks })
}

/// What somebody brought along and dated before the first membership of all counts for that first team: it is on the own
/// sheet, and a member's row is its subtotals.
fn with_what_they_brought(members: &mut [Member]) {
    for member in members {
        let joined_on = member.joined_on;
        if let Some(first) = member.spans.first_mut().filter(|span| span.from == joined_on) {
            first.from = NaiveDate::MIN;
        }
    }
}

fn tracked(
    block: &Block,
    members: &[Member],
    books: &BTreeMap<Id, Book>,
    signed: &BlockSignOffs,
    today: NaiveDate,
) -> Tracked {
    let row = |m: &Member| {
        if !hold_within(&m.spans, block.window) {
            return None;
        }
        let of_member = |book| MemberBlock::of(book, block, today, &m.spans);
        let now = books.get(&m.id).map_or_else(MemberBlock::default, of_member);
        Some(match signed.of(m.id, block, &m.spans, &now) {
            Some((row, sign_off)) => {
                let restated = (!sign_off.restatements.is_empty()).then_some(now.row);
                TrackedRow { row, restated, late: now.late, sign_off: Some(sign_off) }
            }
            None => TrackedRow { row: now.row, restated: None, late: now.late, sign_off: None },
        })
    };
    Tracked { block: *block, state: block.state(today), rows: members.iter().map(row).collect() }
}
