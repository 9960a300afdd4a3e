//! `/v1/products`: what the insurer sells, and over how many years it may be paid (method section 10).

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use serde::Serialize;
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{
        ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat,
        schema::{Array, Type},
    },
};
use validator::ValidationError;

use super::tables::{self, ImportedRows, Shown, TableQuery, row_bodies};
use crate::{
    api::{
        extract::{
            AnyCaller, At, IfMatch, Line, On, PathId, StrictQuery, ValidJson,
            csv_rows::{Column, CsvRows, FromRow},
            faults::invalid,
        },
        problem::document::Problem,
    },
    app::App,
    domain::{
        exchange::insurer_tables::{Product, TERM_YEARS_MAX},
        values::{id::Id, text::Text},
    },
    store::exchange::{products::ProductRow, rows::Stamp},
};

/// A product, from a day on.
#[derive(Serialize, ToSchema)]
#[schema(as = Product, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f", "code": "TL20", "name": "定期寿险",
    "payment_terms_years": [10, 20], "valid_from": "2009-01-01", "version": 1, "updated_at": "2009-01-05T01:00:00Z"}))]
pub struct ProductView {
    /// Id of the row.
    pub id: Id,
    /// The insurer's code.
    #[schema(max_length = 40, example = "TL20")]
    pub code: String,
    /// Name.
    #[schema(max_length = 100, example = "定期寿险")]
    pub name: String,
    /// Payment terms, years, the shortest first; 1 for a premium that is paid at once.
    #[schema(schema_with = terms)]
    pub payment_terms_years: Vec<i32>,
    /// First day.
    pub valid_from: On,
    /// Version; the ETag carries it.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 1)]
    pub version: i32,
    /// When it was last written.
    pub updated_at: At,
}

impl Shown for ProductRow {
    type View = ProductView;

    const PATH: &'static str = "/v1/products";

    fn view(stamp: Stamp, content: Product) -> ProductView {
        ProductView {
            id: stamp.id,
            code: content.code,
            name: content.name,
            payment_terms_years: content.payment_terms,
            valid_from: On(content.valid_from),
            version: stamp.version,
            updated_at: At(stamp.updated_at.and_utc()),
        }
    }
}

/// Payment terms, as the API description shows them.
fn terms() -> Array {
    let years = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(1))
        .maximum(Some(TERM_YEARS_MAX));
    ArrayBuilder::new()
        .description(Some("Payment terms, years; 1 for a premium that is paid at once."))
        .min_items(Some(1))
        .max_items(Some(100))
        .examples([json!([10, 20])])
        .items(years)
        .build()
}

/// A page of products.
#[derive(Serialize, ToSchema)]
pub struct ProductPage {
    /// Rows, the latest first day first.
    #[schema(max_items = 100)]
    pub data: Vec<ProductView>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

row_bodies! {
    /// A product as it is written.
    #[schema(example = json!({"code": "TL20", "name": "定期寿险", "payment_terms_years": [10, 20], "valid_from": "2009-01-01"}))]
    pub struct CreateProduct or ReplaceProduct {
        /// The insurer's code; capital and small letters are told apart.
        #[schema(example = "TL20")]
        pub code: Line<40>,
        /// Name.
        #[schema(example = "定期寿险")]
        pub name: Line<100>,
        /// Payment terms, years; 1 for a premium that is paid at once.
        #[validate(length(min = 1, max = 100), custom(function = "are_terms"))]
        #[schema(schema_with = terms)]
        pub payment_terms_years: Vec<i32>,
        /// First day, compared with the day of the signature; until another row of the same code begins.
        pub valid_from: On,
    }
}

fn are_terms(terms: &[i32]) -> Result<(), ValidationError> {
    if terms.iter().all(|term| (1..=TERM_YEARS_MAX).contains(term)) {
        return Ok(());
    }
    let max = TERM_YEARS_MAX;
    Err(invalid("out_of_range", Text::new(format!("From 1 to {max}."), format!("应为 1 至 {max}。"))))
}

impl From<CreateProduct> for Product {
    fn from(fields: CreateProduct) -> Self {
        let mut payment_terms = fields.payment_terms_years;
        payment_terms.sort_unstable();
        payment_terms.dedup();
        let (code, name) = (fields.code.into(), fields.name.into());
        Product { code, name, payment_terms, valid_from: fields.valid_from.0 }
    }
}

impl FromRow for CreateProduct {
    const COLUMNS: &'static [(&'static str, Column)] = &[
        ("code", Column::Text),
        ("name", Column::Text),
        ("payment_terms_years", Column::Integers),
        ("valid_from", Column::Text),
    ];
}

/// Products as CSV: one line of headings, one row for each; several payment terms have semicolons between them.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 262_144,
    example = "code,name,payment_terms_years,valid_from\nTL20,Term life,10;20,2009-01-01\n")]
pub struct ImportProducts(#[allow(dead_code)] String);

/// List products
///
/// The insurer's products, each from its day on, the latest first.
#[utoipa::path(tag = "insurer", operation_id = "listProducts", params(TableQuery),
    responses((status = 200, description = "A page.", body = ProductPage)))]
#[get("/v1/products")]
pub async fn list_products(
    app: web::Data<App>,
    request: HttpRequest,
    caller: AnyCaller,
    query: StrictQuery<TableQuery>,
) -> Result<HttpResponse, Problem> {
    let (page, data, next_cursor) = tables::list::<ProductRow>(&app, caller, &request, query.0).await?;
    let body = ProductPage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

/// Read one product
///
/// One row, with its version.
#[utoipa::path(tag = "insurer", operation_id = "getProduct",
    responses((status = 200, description = "The row.", body = ProductView)))]
#[get("/v1/products/{product_id}")]
pub async fn get_product(
    app: web::Data<App>,
    caller: AnyCaller,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    tables::get::<ProductRow>(&app, caller, id.0).await
}

/// Add a product
///
/// By who heads the whole organisation, or a machine with the scope `products`.
#[utoipa::path(tag = "insurer", operation_id = "createProduct", request_body = CreateProduct,
    responses((status = 201, description = "Added.", body = ProductView)))]
#[post("/v1/products")]
pub async fn create_product(
    app: web::Data<App>,
    request: HttpRequest,
    caller: AnyCaller,
    body: ValidJson<CreateProduct>,
) -> Result<HttpResponse, Problem> {
    tables::add::<ProductRow>(&app, caller, &request, body.0.into()).await
}

/// Replace a product
///
/// Puts another row in its place; what sales have taken from it stays.
#[utoipa::path(tag = "insurer", operation_id = "replaceProduct", request_body = ReplaceProduct,
    responses((status = 200, description = "Replaced.", body = ProductView)))]
#[put("/v1/products/{product_id}")]
pub async fn replace_product(
    app: web::Data<App>,
    caller: AnyCaller,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<ReplaceProduct>,
) -> Result<HttpResponse, Problem> {
    tables::replace::<ProductRow>(&app, caller, (id.0, if_match), CreateProduct::from(body.0).into()).await
}

/// Take a product out
///
/// What sales have taken from it stays.
#[utoipa::path(tag = "insurer", operation_id = "deleteProduct",
    responses((status = 204, description = "Taken out.")))]
#[delete("/v1/products/{product_id}")]
pub async fn delete_product(
    app: web::Data<App>,
    caller: AnyCaller,
    id: PathId,
    if_match: IfMatch,
) -> Result<HttpResponse, Problem> {
    tables::take_out::<ProductRow>(&app, caller, id.0, if_match).await
}

/// Send products as a file
///
/// All rows or none: one of the same code and first day as a row that is there takes its place, others are added, and none is
/// taken out. What is wrong is told by row, as a spreadsheet counts them, and column: `/3/name`.
#[utoipa::path(tag = "insurer", operation_id = "importProducts",
    request_body(content = ImportProducts, content_type = "text/csv"),
    responses((status = 200, description = "Taken in.", body = ImportedRows)))]
#[post("/v1/products/import")]
pub async fn import_products(
    app: web::Data<App>,
    request: HttpRequest,
    caller: AnyCaller,
    rows: CsvRows<CreateProduct>,
) -> Result<HttpResponse, Problem> {
    let rows = rows.0.into_iter().map(Into::into).collect();
    tables::import::<ProductRow>(&app, caller, &request, rows).await
}
