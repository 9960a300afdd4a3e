//! `/v1/premium-factors`: what premiums count (折标系数), by product and payment term (method section 10).

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use serde::{Deserialize as _, Deserializer, Serialize, de::Error};
use utoipa::ToSchema;

use super::tables::{self, ImportedRows, Shown, TableQuery, row_bodies};
use crate::{
    api::{
        extract::{
            AnyCaller, At, IfMatch, Line, On, PathId, StrictQuery, ValidJson,
            csv_rows::{Column, CsvRows, FromRow},
            faults,
        },
        problem::document::Problem,
    },
    app::App,
    domain::{
        exchange::insurer_tables::{Factor, PremiumFactor, TERM_YEARS_MAX},
        values::{id::Id, text::Text},
    },
    store::exchange::{premium_factors::FactorRow, rows::Stamp},
};

/// What a premium counts, from a day on.
#[derive(Serialize, ToSchema)]
#[schema(as = PremiumFactor, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f", "product_code": "TL20",
    "payment_term_years": 20, "factor": "0.55", "valid_from": "2009-01-01", "version": 1, "updated_at": "2009-01-05T01:00:00Z"}))]
pub struct PremiumFactorView {
    /// Id of the row.
    pub id: Id,
    /// The product.
    #[schema(max_length = 40, example = "TL20")]
    pub product_code: String,
    /// Payment term, years; 1 for a premium that is paid at once.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub payment_term_years: i32,
    /// By what the premium is multiplied: an exact decimal number.
    #[schema(max_length = 10, pattern = "^[0-9]{1,3}([.][0-9]{1,6})?$", example = "0.55")]
    pub factor: String,
    /// First day.
    pub valid_from: On,
    /// Version; the ETag carries it.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 1)]
    pub version: i32,
    /// When it was last written.
    pub updated_at: At,
}

impl Shown for FactorRow {
    type View = PremiumFactorView;

    const PATH: &'static str = "/v1/premium-factors";

    fn view(stamp: Stamp, content: PremiumFactor) -> PremiumFactorView {
        PremiumFactorView {
            id: stamp.id,
            product_code: content.product_code,
            payment_term_years: content.payment_term_years,
            factor: content.factor.written(),
            valid_from: On(content.valid_from),
            version: stamp.version,
            updated_at: At(stamp.updated_at.and_utc()),
        }
    }
}

/// A page of premium factors.
#[derive(Serialize, ToSchema)]
pub struct PremiumFactorPage {
    /// Rows, the latest first day first.
    #[schema(max_items = 100)]
    pub data: Vec<PremiumFactorView>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

row_bodies! {
    /// A premium factor as it is written.
    #[schema(example = json!({"product_code": "TL20", "payment_term_years": 20, "factor": "0.55", "valid_from": "2009-01-01"}))]
    pub struct CreatePremiumFactor or ReplacePremiumFactor {
        /// The product, one of `/v1/products`.
        #[schema(example = "TL20")]
        pub product_code: Line<40>,
        /// Payment term, years, one of the product's; 1 for a premium that is paid at once.
        #[validate(range(min = 1, max = TERM_YEARS_MAX))]
        #[schema(minimum = 1, maximum = 100, example = 20)]
        pub payment_term_years: i32,
        /// By what the premium is multiplied: a decimal number with at most six places, from 0 to 100.
        #[serde(deserialize_with = "factor")]
        #[schema(value_type = String, min_length = 1, max_length = 10, pattern = "^[0-9]{1,3}([.][0-9]{1,6})?$", example = "0.55")]
        pub factor: Factor,
        /// First day, compared with the day of the signature; until another row of the same product and payment term begins.
        pub valid_from: On,
    }
}

fn factor<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Factor, D::Error> {
    let text = String::deserialize(deserializer)?;
    Factor::parse(&text).ok_or_else(|| {
        D::Error::custom(faults::message(
            "invalid_factor",
            &Text::new(
                "A decimal number with at most six places from 0 to 100, e.g. \"0.55\".",
                "应为 0 至 100 之间、至多六位小数的数，例如 \"0.55\"。",
            ),
        ))
    })
}

impl From<CreatePremiumFactor> for PremiumFactor {
    fn from(fields: CreatePremiumFactor) -> Self {
        PremiumFactor {
            product_code: fields.product_code.into(),
            payment_term_years: fields.payment_term_years,
            factor: fields.factor,
            valid_from: fields.valid_from.0,
        }
    }
}

impl FromRow for CreatePremiumFactor {
    const COLUMNS: &'static [(&'static str, Column)] = &[
        ("product_code", Column::Text),
        ("payment_term_years", Column::Integer),
        ("factor", Column::Text),
        ("valid_from", Column::Text),
    ];
}

/// Premium factors as CSV: one line of headings, one row for each.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 262_144,
    example = "product_code,payment_term_years,factor,valid_from\nTL20,20,0.55,2009-01-01\n")]
pub struct ImportPremiumFactors(#[allow(dead_code)] String);

/// List premium factors
///
/// Each from its day on, the latest first.
#[utoipa::path(tag = "insurer", operation_id = "listPremiumFactors", params(TableQuery),
    responses((status = 200, description = "A page.", body = PremiumFactorPage)))]
#[get("/v1/premium-factors")]
pub async fn list_premium_factors(
    app: web::Data<App>,
    request: HttpRequest,
    caller: AnyCaller,
    query: StrictQuery<TableQuery>,
) -> Result<HttpResponse, Problem> {
    let (page, data, next_cursor) = tables::list::<FactorRow>(&app, caller, &request, query.0).await?;
    let body = PremiumFactorPage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

/// Read one premium factor
///
/// One row, with its version.
#[utoipa::path(tag = "insurer", operation_id = "getPremiumFactor",
    responses((status = 200, description = "The row.", body = PremiumFactorView)))]
#[get("/v1/premium-factors/{factor_id}")]
pub async fn get_premium_factor(
    app: web::Data<App>,
    caller: AnyCaller,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    tables::get::<FactorRow>(&app, caller, id.0).await
}

/// Add a premium factor
///
/// By who heads the whole organisation, or a machine with the scope `products`.
#[utoipa::path(tag = "insurer", operation_id = "createPremiumFactor", request_body = CreatePremiumFactor,
    responses((status = 201, description = "Added.", body = PremiumFactorView)))]
#[post("/v1/premium-factors")]
pub async fn create_premium_factor(
    app: web::Data<App>,
    request: HttpRequest,
    caller: AnyCaller,
    body: ValidJson<CreatePremiumFactor>,
) -> Result<HttpResponse, Problem> {
    tables::add::<FactorRow>(&app, caller, &request, body.0.into()).await
}

/// Replace a premium factor
///
/// Puts another row in its place; what sales have taken from it stays.
#[utoipa::path(tag = "insurer", operation_id = "replacePremiumFactor", request_body = ReplacePremiumFactor,
    responses((status = 200, description = "Replaced.", body = PremiumFactorView)))]
#[put("/v1/premium-factors/{factor_id}")]
pub async fn replace_premium_factor(
    app: web::Data<App>,
    caller: AnyCaller,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<ReplacePremiumFactor>,
) -> Result<HttpResponse, Problem> {
    tables::replace::<FactorRow>(&app, caller, (id.0, if_match), CreatePremiumFactor::from(body.0).into())
        .await
}

/// Take a premium factor out
///
/// What sales have taken from it stays.
#[utoipa::path(tag = "insurer", operation_id = "deletePremiumFactor",
    responses((status = 204, description = "Taken out.")))]
#[delete("/v1/premium-factors/{factor_id}")]
pub async fn delete_premium_factor(
    app: web::Data<App>,
    caller: AnyCaller,
    id: PathId,
    if_match: IfMatch,
) -> Result<HttpResponse, Problem> {
    tables::take_out::<FactorRow>(&app, caller, id.0, if_match).await
}

/// Send premium factors as a file
///
/// All rows or none: one of the same product, payment term and first day as a row that is there takes its place, others are
/// added, and none is taken out. What is wrong is told by row, as a spreadsheet counts them, and column: `/3/factor`.
#[utoipa::path(tag = "insurer", operation_id = "importPremiumFactors",
    request_body(content = ImportPremiumFactors, content_type = "text/csv"),
    responses((status = 200, description = "Taken in.", body = ImportedRows)))]
#[post("/v1/premium-factors/import")]
pub async fn import_premium_factors(
    app: web::Data<App>,
    request: HttpRequest,
    caller: AnyCaller,
    rows: CsvRows<CreatePremiumFactor>,
) -> Result<HttpResponse, Problem> {
    let rows = rows.0.into_iter().map(Into::into).collect();
    tables::import::<FactorRow>(&app, caller, &request, rows).await
}
