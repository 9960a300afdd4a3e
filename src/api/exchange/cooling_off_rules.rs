//! `/v1/cooling-off-rules`: how long cooling-off (犹豫期) lasts, by product and channel (method section 10).

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::tables::{self, ImportedRows, Shown, TableQuery, row_bodies};
use crate::{
    api::{
        extract::{
            AnyCaller, At, IfMatch, Line, On, PathId, StrictQuery, ValidJson,
            csv_rows::{Column, CsvRows, FromRow},
        },
        problem::document::Problem,
    },
    app::App,
    domain::{
        exchange::insurer_tables::{COOLING_OFF_DAYS_MAX, CoolingOffRule},
        values::id::Id,
    },
    store::exchange::{cooling_off_rules::RuleRow, rows::Stamp},
};

/// How long cooling-off lasts, from a day on.
#[derive(Serialize, ToSchema)]
#[schema(as = CoolingOffRule, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f", "product_code": "TL20",
    "channel": null, "days": 15, "valid_from": "2009-01-01", "version": 1, "updated_at": "2009-01-05T01:00:00Z"}))]
pub struct CoolingOffRuleView {
    /// Id of the row.
    pub id: Id,
    /// For this product; null for any.
    #[schema(required = true, max_length = 40, example = "TL20")]
    pub product_code: Option<String>,
    /// For what is sold through this channel; null for any.
    #[schema(required = true, max_length = 40, example = "bank")]
    pub channel: Option<String>,
    /// Natural days.
    #[schema(minimum = 0, maximum = 60, example = 15)]
    pub days: i32,
    /// First day.
    pub valid_from: On,
    /// Version; the ETag carries it.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 1)]
    pub version: i32,
    /// When it was last written.
    pub updated_at: At,
}

impl Shown for RuleRow {
    type View = CoolingOffRuleView;

    const PATH: &'static str = "/v1/cooling-off-rules";

    fn view(stamp: Stamp, content: CoolingOffRule) -> CoolingOffRuleView {
        CoolingOffRuleView {
            id: stamp.id,
            product_code: content.product_code,
            channel: content.channel,
            days: content.days,
            valid_from: On(content.valid_from),
            version: stamp.version,
            updated_at: At(stamp.updated_at.and_utc()),
        }
    }
}

/// A page of cooling-off rules.
#[derive(Serialize, ToSchema)]
pub struct CoolingOffRulePage {
    /// Rows, the latest first day first.
    #[schema(max_items = 100)]
    pub data: Vec<CoolingOffRuleView>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

row_bodies! {
    /// A cooling-off rule as it is written. Of those in force on the day of a signature the one that says most counts: product and
    /// channel, then the product, then the channel, then neither; without any, the setting `cooling_off_days`.
    #[schema(example = json!({"product_code": "TL20", "channel": "bank", "days": 15, "valid_from": "2009-01-01"}))]
    pub struct CreateCoolingOffRule or ReplaceCoolingOffRule {
        /// For this product, one of `/v1/products`; for any when absent.
        #[serde(default)]
        #[schema(example = "TL20")]
        pub product_code: Option<Line<40>>,
        /// For what is sold through this channel; for any when absent. Capital and small letters are told apart.
        #[serde(default)]
        #[schema(example = "bank")]
        pub channel: Option<Line<40>>,
        /// Natural days.
        #[validate(range(min = 0, max = COOLING_OFF_DAYS_MAX))]
        #[schema(minimum = 0, maximum = 60, example = 15)]
        pub days: i32,
        /// First day, compared with the day of the signature; until another row of the same product and channel begins.
        pub valid_from: On,
    }
}

impl From<CreateCoolingOffRule> for CoolingOffRule {
    fn from(fields: CreateCoolingOffRule) -> Self {
        CoolingOffRule {
            product_code: fields.product_code.map(String::from),
            channel: fields.channel.map(String::from),
            days: fields.days,
            valid_from: fields.valid_from.0,
        }
    }
}

impl FromRow for CreateCoolingOffRule {
    const COLUMNS: &'static [(&'static str, Column)] = &[
        ("product_code", Column::Text),
        ("channel", Column::Text),
        ("days", Column::Integer),
        ("valid_from", Column::Text),
    ];
}

/// Cooling-off rules as CSV: one line of headings, one row for each; an empty cell stands for any product or channel.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 262_144,
    example = "product_code,channel,days,valid_from\nTL20,bank,15,2009-01-01\n,,10,2009-01-01\n")]
pub struct ImportCoolingOffRules(#[allow(dead_code)] String);

/// List cooling-off rules
///
/// Each from its day on, the latest first. With `product_code` those of this product and those of any.
#[utoipa::path(tag = "insurer", operation_id = "listCoolingOffRules", params(TableQuery),
    responses((status = 200, description = "A page.", body = CoolingOffRulePage)))]
#[get("/v1/cooling-off-rules")]
pub async fn list_cooling_off_rules(
    app: web::Data<App>,
    request: HttpRequest,
    caller: AnyCaller,
    query: StrictQuery<TableQuery>,
) -> Result<HttpResponse, Problem> {
    let (page, data, next_cursor) = tables::list::<RuleRow>(&app, caller, &request, query.0).await?;
    let body = CoolingOffRulePage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

/// Read one cooling-off rule
///
/// One row, with its version.
#[utoipa::path(tag = "insurer", operation_id = "getCoolingOffRule",
    responses((status = 200, description = "The row.", body = CoolingOffRuleView)))]
#[get("/v1/cooling-off-rules/{rule_id}")]
pub async fn get_cooling_off_rule(
    app: web::Data<App>,
    caller: AnyCaller,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    tables::get::<RuleRow>(&app, caller, id.0).await
}

/// Add a cooling-off rule
///
/// By who heads the whole organisation, or a machine with the scope `products`.
#[utoipa::path(tag = "insurer", operation_id = "createCoolingOffRule", request_body = CreateCoolingOffRule,
    responses((status = 201, description = "Added.", body = CoolingOffRuleView)))]
#[post("/v1/cooling-off-rules")]
pub async fn create_cooling_off_rule(
    app: web::Data<App>,
    request: HttpRequest,
    caller: AnyCaller,
    body: ValidJson<CreateCoolingOffRule>,
) -> Result<HttpResponse, Problem> {
    tables::add::<RuleRow>(&app, caller, &request, body.0.into()).await
}

/// Replace a cooling-off rule
///
/// Puts another row in its place; what sales have taken from it stays.
#[utoipa::path(tag = "insurer", operation_id = "replaceCoolingOffRule", request_body = ReplaceCoolingOffRule,
    responses((status = 200, description = "Replaced.", body = CoolingOffRuleView)))]
#[put("/v1/cooling-off-rules/{rule_id}")]
pub async fn replace_cooling_off_rule(
    app: web::Data<App>,
    caller: AnyCaller,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<ReplaceCoolingOffRule>,
) -> Result<HttpResponse, Problem> {
    tables::replace::<RuleRow>(&app, caller, (id.0, if_match), CreateCoolingOffRule::from(body.0).into())
        .await
}

/// Take a cooling-off rule out
///
/// What sales have taken from it stays.
#[utoipa::path(tag = "insurer", operation_id = "deleteCoolingOffRule",
    responses((status = 204, description = "Taken out.")))]
#[delete("/v1/cooling-off-rules/{rule_id}")]
pub async fn delete_cooling_off_rule(
    app: web::Data<App>,
    caller: AnyCaller,
    id: PathId,
    if_match: IfMatch,
) -> Result<HttpResponse, Problem> {
    tables::take_out::<RuleRow>(&app, caller, id.0, if_match).await
}

/// Send cooling-off rules as a file
///
/// All rows or none: one of the same product, channel and first day as a row that is there takes its place, others are added,
/// and none is taken out. What is wrong is told by row, as a spreadsheet counts them, and column: `/3/days`.
#[utoipa::path(tag = "insurer", operation_id = "importCoolingOffRules",
    request_body(content = ImportCoolingOffRules, content_type = "text/csv"),
    responses((status = 200, description = "Taken in.", body = ImportedRows)))]
#[post("/v1/cooling-off-rules/import")]
pub async fn import_cooling_off_rules(
    app: web::Data<App>,
    request: HttpRequest,
    caller: AnyCaller,
    rows: CsvRows<CreateCoolingOffRule>,
) -> Result<HttpResponse, Problem> {
    let rows = rows.0.into_iter().map(Into::into).collect();
    tables::import::<RuleRow>(&app, caller, &request, rows).await
}
