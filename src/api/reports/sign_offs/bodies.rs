//! Bodies of `/v1/sign-offs`.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::{
        extract::{At, On, Prose},
        reports::block_sign_offs::RestatementView,
        respond::{money::NetMoney, page::whole_page},
    },
    domain::{
        reports::{
            sheet::{Columns, SheetEntry},
            sheet_week::CheckIn,
            team_sheet::TeamRow,
        },
        values::{calendar::SheetWeekStart, id::Id},
    },
    store::reports::sign_offs::{Known, SignOff},
};

/// The block to sign off.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"agent_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f", "week_of": "2009-12-14", "check_in": "monday"}))]
pub struct CreateSignOff {
    /// Whose.
    pub agent_id: Id,
    /// A day of the sheet; which week that is follows from the team's setting `sheet_week_start`.
    pub week_of: On,
    /// Which of its three blocks.
    pub check_in: CheckIn,
}

/// Why a sign-off is revoked.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason_text": "Two visits were entered under the wrong name."}))]
pub struct CreateSignOffRevocation {
    /// In words.
    #[schema(example = "Two visits were entered under the wrong name.")]
    pub reason_text: Prose<1000>,
}

/// Whose sheet, of which week.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SignOffQuery {
    /// The agent; the caller when absent.
    pub agent_id: Option<Id>,
    /// A day of the sheet; today when absent.
    pub week_of: Option<On>,
}

/// The figures of a block as signed: the agent's row of the team sheet.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedFigures)]
pub struct SignedFiguresView {
    /// 约定初次见面.
    #[schema(minimum = 0, maximum = 100_000, example = 3)]
    pub first_appointment: i64,
    /// 25%.
    #[schema(minimum = 0, maximum = 100_000, example = 4)]
    pub stage_25: i64,
    /// 50%.
    #[schema(minimum = 0, maximum = 100_000, example = 3)]
    pub stage_50: i64,
    /// 90%.
    #[schema(minimum = 0, maximum = 100_000, example = 1)]
    pub stage_90: i64,
    /// 成交.
    #[schema(minimum = 0, maximum = 100_000, example = 2)]
    pub closed: i64,
    /// 预收保费, net of what went back.
    pub advance_premium: NetMoney,
    /// 承保标保.
    pub standard_premium: NetMoney,
}

impl From<&TeamRow> for SignedFiguresView {
    fn from(row: &TeamRow) -> Self {
        let [first_appointment, stage_25, stage_50, stage_90, closed] = row.subtotals.in_order();
        SignedFiguresView {
            first_appointment,
            stage_25,
            stage_50,
            stage_90,
            closed,
            advance_premium: NetMoney::from_minor(row.advance_premium_minor),
            standard_premium: NetMoney::from_minor(row.standard_premium_minor),
        }
    }
}

/// A sign-off.
#[derive(Serialize, ToSchema)]
#[schema(as = SignOff)]
pub struct SignOffView {
    /// Id.
    pub id: Id,
    /// Whose block.
    pub agent_id: Id,
    /// Which block of the sheet.
    pub check_in: CheckIn,
    /// First day of the block.
    pub from: On,
    /// Last day of the block.
    pub to: On,
    /// Weekday on which the sheet started.
    pub sheet_week_start: SheetWeekStart,
    /// The figures as signed; they never change.
    pub figures: SignedFiguresView,
    /// The supervisor.
    pub signed_by: Id,
    /// When.
    pub signed_at: At,
    /// Figures that would be others now.
    #[schema(max_items = 7)]
    pub restatements: Vec<RestatementView>,
    /// Who revoked it; null while it stands.
    #[schema(required = true)]
    pub revoked_by: Option<Id>,
    /// When it was revoked.
    #[schema(required = true)]
    pub revoked_at: Option<At>,
    /// Why it was revoked.
    #[schema(required = true, max_length = 1000)]
    pub revocation_text: Option<String>,
}

impl SignOffView {
    /// The view of a sign-off.
    pub fn new(signed: &SignOff, restatements: Vec<RestatementView>) -> Self {
        let row = &signed.row;
        SignOffView {
            id: row.id,
            agent_id: row.agent_id,
            check_in: row.check_in,
            from: On(row.block_from),
            to: On(row.block_to),
            sheet_week_start: row.sheet_week_start,
            figures: (&row.figures.0.row).into(),
            signed_by: row.signed_by,
            signed_at: At(row.signed_at.and_utc()),
            restatements,
            revoked_by: signed.revocation.map(|r| r.revoked_by),
            revoked_at: signed.revocation.map(|r| At(r.revoked_at.and_utc())),
            revocation_text: signed.reason.clone(),
        }
    }
}

whole_page! {
    /// The sign-offs of a sheet.
    pub struct SignOffPage {
        /// By block, the earlier ones first.
        #[schema(max_items = 60)]
        data: Vec<SignOffView>
    }
}

/// That a sign-off was revoked.
#[derive(Serialize, ToSchema)]
#[schema(as = SignOffRevocation)]
pub struct RevocationView {
    /// The sign-off.
    pub sign_off_id: Id,
    /// Who.
    pub revoked_by: Id,
    /// When.
    pub revoked_at: At,
}

/// A contact in a frozen column.
#[derive(Serialize, ToSchema)]
pub struct SignedName {
    /// The contact.
    pub prospect_id: Id,
    /// The name; null when the contact was erased.
    #[schema(required = true, max_length = 100, example = "刘岩")]
    pub name: Option<String>,
    /// Whether the contact was erased since.
    pub erased: bool,
    /// The first meeting, held or planned, as signed; null in column 1.
    #[schema(required = true)]
    pub first_meeting_on: Option<On>,
    /// Days on the clock as signed.
    #[schema(required = true, minimum = 0, maximum = 100_000, example = 2)]
    pub days_elapsed: Option<i64>,
    /// Beyond the limit as signed.
    pub over_cycle: bool,
    /// Something of the block was written down after its check-in, as signed.
    pub late: bool,
}

/// The six columns as signed, as far as the contacts are yours to see now.
#[derive(Serialize, ToSchema)]
pub struct SignedColumns {
    /// 销售机会.
    #[schema(max_items = 100_000)]
    pub opportunity: Vec<SignedName>,
    /// 约定初次见面.
    #[schema(max_items = 100_000)]
    pub first_appointment: Vec<SignedName>,
    /// 25%.
    #[schema(max_items = 100_000)]
    pub stage_25: Vec<SignedName>,
    /// 50%.
    #[schema(max_items = 100_000)]
    pub stage_50: Vec<SignedName>,
    /// 90%.
    #[schema(max_items = 100_000)]
    pub stage_90: Vec<SignedName>,
    /// 成交.
    #[schema(max_items = 100_000)]
    pub closed: Vec<SignedName>,
}

/// A sign-off with the sheet that was signed.
#[derive(Serialize, ToSchema)]
pub struct SignedSheet {
    /// The sign-off.
    pub sign_off: SignOffView,
    /// Who stood where.
    pub columns: SignedColumns,
}

/// The columns with names; who may not be seen now is left out, the subtotals still count everybody.
pub fn signed_columns(columns: &Columns, known: &Known) -> SignedColumns {
    let seen = |id: Id| known.names.contains_key(&id) || known.erased.contains(&id);
    let name = |id: Id, entry: Option<&SheetEntry>| SignedName {
        prospect_id: id,
        name: known.names.get(&id).cloned(),
        erased: known.erased.contains(&id),
        first_meeting_on: entry.and_then(|e| e.first_meeting_on).map(On),
        days_elapsed: entry.and_then(|e| e.days_elapsed),
        over_cycle: entry.is_some_and(|e| e.over_cycle),
        late: entry.is_some_and(|e| e.late),
    };
    let [first_appointment, stage_25, stage_50, stage_90, closed] = columns.entries().map(|column| {
        column.iter().filter(|e| seen(e.prospect_id)).map(|e| name(e.prospect_id, Some(e))).collect()
    });
    SignedColumns {
        opportunity: columns
            .opportunity
            .iter()
            .filter(|e| seen(e.prospect_id))
            .map(|e| SignedName { late: e.late, ..name(e.prospect_id, None) })
            .collect(),
        first_appointment,
        stage_25,
        stage_50,
        stage_90,
        closed,
    }
}
