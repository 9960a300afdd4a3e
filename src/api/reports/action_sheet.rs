//! The personal action sheet (潜在客户管理行动工具表, method section 8).

mod forms;

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    block_sign_offs::{BlockSignOff, BlockSignOffs},
    definition::ReportDefinition,
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
        reports::{
            report::Report,
            sheet::{Columns, OpportunityEntry, Sheet, SheetEntry, SheetMode, Subtotals, sheet},
            sheet_week::{BlockState, CheckIn, SheetWeek},
            team_sheet::MemberBlock,
        },
        values::{calendar::SheetWeekStart, id::Id, text::Language, window::Span},
    },
    store::{
        organisation::cycles,
        reports::sheets::{self, Contacts},
    },
};

/// Whose sheet, of which week.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActionSheetQuery {
    /// The agent; the caller when absent.
    pub agent_id: Option<Id>,
    /// A day of the sheet; today when absent.
    pub week_of: Option<On>,
    /// Whom to show.
    #[serde(default)]
    #[param(required = false)]
    pub mode: SheetMode,
    /// Weekday on which the sheet starts; that of the team's settings when absent.
    pub sheet_week_start: Option<SheetWeekStart>,
}

/// A name in column 1.
#[derive(Serialize, ToSchema)]
pub struct SheetOpportunity {
    /// The contact.
    pub prospect_id: Id,
    /// The name; null when the contact was erased.
    #[schema(required = true, max_length = 100, example = "张三")]
    pub name: Option<String>,
    /// Something of this window was written down after its check-in.
    pub late: bool,
}

/// A name in columns 2 to 6.
#[derive(Serialize, ToSchema)]
pub struct SheetName {
    /// The contact.
    pub prospect_id: Id,
    /// The name; null when the contact was erased.
    #[schema(required = true, max_length = 100, example = "刘岩")]
    pub name: Option<String>,
    /// The first meeting, held or planned.
    #[schema(required = true)]
    pub first_meeting_on: Option<On>,
    /// Days on the clock at the window's end; null before the first meeting and for a closing.
    #[schema(required = true, minimum = 0, maximum = 100_000, example = 2)]
    pub days_elapsed: Option<i64>,
    /// Beyond the limit at the window's end, by the cycle in force then.
    pub over_cycle: bool,
    /// Something of this window was written down after its check-in.
    pub late: bool,
}

/// The six columns.
#[derive(Serialize, ToSchema)]
pub struct SheetColumns {
    /// 销售机会: everyone who was one at some time in the window and was worked.
    #[schema(max_items = 100_000)]
    pub opportunity: Vec<SheetOpportunity>,
    /// 约定初次见面.
    #[schema(max_items = 100_000)]
    pub first_appointment: Vec<SheetName>,
    /// 25%.
    #[schema(max_items = 100_000)]
    pub stage_25: Vec<SheetName>,
    /// 50%.
    #[schema(max_items = 100_000)]
    pub stage_50: Vec<SheetName>,
    /// 90%.
    #[schema(max_items = 100_000)]
    pub stage_90: Vec<SheetName>,
    /// 成交: closings of the window.
    #[schema(max_items = 100_000)]
    pub closed: Vec<SheetName>,
}

/// The subtotals (小计) of columns 2 to 6; column 1 has none.
#[derive(Serialize, ToSchema)]
pub struct SheetSubtotals {
    /// 约定初次见面.
    #[schema(minimum = 0, maximum = 100_000, example = 1)]
    pub first_appointment: i64,
    /// 25%.
    #[schema(minimum = 0, maximum = 100_000, example = 1)]
    pub stage_25: i64,
    /// 50%.
    #[schema(minimum = 0, maximum = 100_000, example = 1)]
    pub stage_50: i64,
    /// 90%.
    #[schema(minimum = 0, maximum = 100_000, example = 1)]
    pub stage_90: i64,
    /// 成交.
    #[schema(minimum = 0, maximum = 100_000, example = 0)]
    pub closed: i64,
}

impl From<Subtotals> for SheetSubtotals {
    fn from(s: Subtotals) -> Self {
        let [first_appointment, stage_25, stage_50, stage_90, closed] = s.in_order();
        SheetSubtotals { first_appointment, stage_25, stage_50, stage_90, closed }
    }
}

/// One of the three blocks.
#[derive(Serialize, ToSchema)]
pub struct SheetBlockView {
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
    /// The names.
    pub columns: SheetColumns,
    /// Their number, the withheld ones included. Under `mode=activity` those of a signed block are as signed: where late
    /// entries came since, the names differ from them, and `sign_off.restatements` says by how much.
    pub subtotals: SheetSubtotals,
    /// How many of columns 2 to 6 as they would be now are not named: contacts handed to somebody out of your reach since.
    #[schema(minimum = 0, maximum = 100_000, example = 0)]
    pub withheld: i64,
    /// The standing sign-off; null while the block is not signed.
    #[schema(required = true)]
    pub sign_off: Option<BlockSignOff>,
}

/// A personal action sheet.
#[derive(Serialize, ToSchema)]
pub struct ActionSheet {
    /// The agent.
    pub agent_id: Id,
    /// The agent's name.
    #[schema(max_length = 100, example = "杨晓玲")]
    pub agent_name: String,
    /// "My sales cycle: N days": the value on the earlier of the last day and today.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
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
    /// Whom it shows.
    pub mode: SheetMode,
    /// Number of contacts on it, each counted once.
    #[schema(minimum = 0, maximum = 1_000_000, example = 6)]
    pub n: i64,
    /// The blocks of Monday, Wednesday and Friday.
    #[schema(min_items = 3, max_items = 3)]
    pub blocks: Vec<SheetBlockView>,
    /// What the figures mean.
    pub definition: ReportDefinition,
}

/// A sheet as it is filled in, with the names.
pub(super) struct Filled {
    pub(super) agent_id: Id,
    pub(super) agent_name: String,
    pub(super) time_zone: String,
    pub(super) today: NaiveDate,
    pub(super) week: SheetWeek,
    pub(super) sheet: Sheet,
    pub(super) names: BTreeMap<Id, String>,
    /// Block by block.
    pub(super) sign_offs: Vec<Option<BlockSignOff>>,
    /// Block by block: counted, and not named to this reader.
    withheld: Vec<i64>,
    /// Block by block: what signed subtotals would be now, where they differ.
    pub(super) restated: Vec<Option<Subtotals>>,
}

impl Filled {
    fn entry(&self, e: &SheetEntry) -> SheetName {
        SheetName {
            prospect_id: e.prospect_id,
            name: self.names.get(&e.prospect_id).cloned(),
            first_meeting_on: e.first_meeting_on.map(On),
            days_elapsed: e.days_elapsed,
            over_cycle: e.over_cycle,
            late: e.late,
        }
    }

    fn columns(&self, c: &Columns) -> SheetColumns {
        let entries = |column: &[SheetEntry]| column.iter().map(|e| self.entry(e)).collect();
        let opportunity = |e: &OpportunityEntry| SheetOpportunity {
            prospect_id: e.prospect_id,
            name: self.names.get(&e.prospect_id).cloned(),
            late: e.late,
        };
        SheetColumns {
            opportunity: c.opportunity.iter().map(opportunity).collect(),
            first_appointment: entries(&c.first_appointment),
            stage_25: entries(&c.stage_25),
            stage_50: entries(&c.stage_50),
            stage_90: entries(&c.stage_90),
            closed: entries(&c.closed),
        }
    }

    /// How many different contacts stand on it.
    fn n(&self) -> i64 {
        let all: BTreeSet<Id> = self.sheet.blocks.iter().flat_map(|b| b.columns.contacts()).collect();
        i64::try_from(all.len()).unwrap_or(i64::MAX)
    }

    fn json(&self, language: Language) -> ActionSheet {
        let beside = self.sign_offs.iter().zip(self.withheld.iter().copied());
        let blocks = self.sheet.blocks.iter().zip(beside).map(|(b, (sign_off, withheld))| SheetBlockView {
            check_in: b.block.check_in,
            from: On(b.block.window.from),
            to: On(b.block.window.to),
            check_in_on: On(b.block.check_in_on),
            state: b.state,
            columns: self.columns(&b.columns),
            subtotals: b.subtotals.into(),
            withheld,
            sign_off: sign_off.clone(),
        });
        ActionSheet {
            agent_id: self.agent_id,
            agent_name: self.agent_name.clone(),
            cycle_days: self.sheet.cycle_days,
            from: On(self.sheet.window.from),
            to: On(self.sheet.window.to),
            sheet_week_start: self.week.start(),
            as_of: On(self.today),
            time_zone: self.time_zone.clone(),
            mode: self.sheet.mode,
            n: self.n(),
            blocks: blocks.collect(),
            definition: ReportDefinition::of(Report::ActionSheet, language),
        }
    }
}

/// Show a personal action sheet
///
/// The six columns of Monday's, Wednesday's and Friday's block, as they were then, with the first-meeting date beside
/// every name. Whoever has been handed out of your reach since is counted, and not named. `mode=activity` shows contacts with an activity or a move in the block, `mode=board` everybody open.
#[utoipa::path(tag = "reports", operation_id = "getActionSheet", params(ActionSheetQuery),
    responses((status = 200, description = "The sheet.", body = ActionSheet)))]
#[get("/v1/reports/action-sheet")]
pub async fn get_action_sheet(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    format: Format,
    query: StrictQuery<ActionSheetQuery>,
) -> Result<HttpResponse, Problem> {
    let filled = fill_in(&app, &caller, query.0).await?;
    report_forms::answer(&app, &caller, (format, language.0), filled).await
}

async fn fill_in(app: &web::Data<App>, caller: &Caller, query: ActionSheetQuery) -> Result<Filled, Problem> {
    due::read(app, caller, move |conn, actor, now| {
        let (scope, agent_id) = (&actor.scope, query.agent_id.unwrap_or(actor.id));
        let context = cycles::of_agent_in_scope(conn, scope, agent_id)?;
        let today = now.with_timezone(&context.time_zone).date_naive();
        let week_of = query.week_of.map_or(today, |on| on.0);
        let start = query.sheet_week_start.unwrap_or(context.env.settings.on(week_of).sheet_week_start);
        let week = SheetWeek::containing(week_of, start);
        let which = match query.mode {
            SheetMode::Activity => Contacts::Worked,
            SheetMode::Board => Contacts::All,
        };
        let mut books = sheets::books(conn, &[agent_id], week.window(), which, Some(scope))?;
        let mut book = books.of.remove(&agent_id).unwrap_or_default();
        book.cycle = context.env.cycle;
        let mut sheet = sheet(&book, &week, query.mode, today);
        let signed = BlockSignOffs::load(conn, &[agent_id], &week)?;
        let ids: Vec<Id> = sheet.blocks.iter().flat_map(|b| b.columns.contacts()).collect();
        let known = books.sight.of(conn, scope, &ids)?;
        let (mut withheld, mut restated, mut sign_offs) = (Vec::new(), Vec::new(), Vec::new());
        for block in &mut sheet.blocks {
            block.columns.keep(|id| known.contains_key(&id));
            let now = block.subtotals;
            withheld.push(now.sum() - block.columns.subtotals().sum());
            let (throughout, of) = ([Span::ALWAYS], &block.block);
            let worked = MemberBlock::of(&book, of, today, &throughout);
            let (frozen, sign_off) = signed.of(agent_id, of, &throughout, &worked).unzip();
            if let Some(frozen) = frozen.filter(|_| query.mode == SheetMode::Activity) {
                block.subtotals = frozen.subtotals;
            }
            let differs = |s: &&BlockSignOff| s.restatements.iter().any(|r| r.restated_count.is_some());
            let differs = sign_off.as_ref().filter(differs).is_some();
            restated.push((differs && query.mode == SheetMode::Activity).then_some(now));
            sign_offs.push(sign_off);
        }
        Ok(Filled {
            agent_id,
            agent_name: context.display_name,
            time_zone: context.time_zone.name().to_owned(),
            today,
            week,
            sheet,
            withheld,
            restated,
            names: known.into_iter().filter_map(|(id, name)| Some((id, name?))).collect(),
            sign_offs,
        })
    })
    .await
}
