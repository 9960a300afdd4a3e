//! What the insurer's tables share (method section 10): everybody signed in reads them; who heads the whole organisation writes
//! them, and machines with the scope `products`.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::{
        extract::{AnyCaller, IfMatch, Line, On, Party, csv_rows, etag, machine_caller::not_the_head},
        middleware::idempotency::{self, Answer},
        problem::{Code, document::Problem},
        respond::page::{self, Page},
    },
    app::App,
    clock::Occasion,
    commands::exchange::insurer_tables::{self, Imported, Keeper, Refused, RowFault},
    domain::{
        organisation::service_client::ServiceScope,
        values::{id::Id, text::Text},
    },
    store::{
        StoreError,
        exchange::rows::{Filter, Stamp, TableRow},
    },
};

/// Which rows of a table.
#[derive(Deserialize, Serialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// Rows that concern this product.
    #[param(value_type = String, min_length = 1, max_length = 40, example = "TL20")]
    pub product_code: Option<Line<40>>,
    /// Rows in force on this day.
    pub as_of: Option<On>,
    /// Size of a page.
    #[serde(default = "page::default_limit")]
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20, required = false)]
    pub limit: i32,
    /// `next_cursor` of the page before.
    #[validate(length(min = 1, max = 1000))]
    #[param(min_length = 1, max_length = 1000)]
    pub cursor: Option<String>,
}

/// Makes the two bodies of a table, which say the same: a row to add, and a row that takes the place of another.
macro_rules! row_bodies {
    ($(#[$doc:meta])* pub struct $create:ident or $replace:ident {
        $($(#[$of_field:meta])* pub $field:ident: $type:ty,)+
    }) => {
        #[derive(serde::Deserialize, validator::Validate, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$doc])*
        pub struct $create {
            $($(#[$of_field])* pub $field: $type,)+
        }

        #[derive(serde::Deserialize, validator::Validate, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$doc])*
        pub struct $replace {
            $($(#[$of_field])* pub $field: $type,)+
        }

        impl From<$replace> for $create {
            fn from(body: $replace) -> Self {
                $create { $($field: body.$field,)+ }
            }
        }
    };
}
pub(super) use row_bodies;

/// What became of the rows of a file.
#[derive(Serialize, ToSchema)]
pub struct ImportedRows {
    /// Rows that were added.
    #[schema(minimum = 0, maximum = 5000, example = 12)]
    pub added: i32,
    /// Rows whose place others of the same key and first day took.
    #[schema(minimum = 0, maximum = 5000, example = 1)]
    pub replaced: i32,
    /// Rows that stood there already.
    #[schema(minimum = 0, maximum = 5000, example = 30)]
    pub unchanged: i32,
}

impl From<Imported> for ImportedRows {
    fn from(imported: Imported) -> Self {
        let count = |rows: usize| i32::try_from(rows).unwrap_or(i32::MAX);
        ImportedRows {
            added: count(imported.added),
            replaced: count(imported.replaced),
            unchanged: count(imported.unchanged),
        }
    }
}

/// A row as it is shown.
pub trait Shown: TableRow {
    /// How.
    type View: Serialize + Send + 'static;

    /// Where its table is.
    const PATH: &'static str;

    /// Its view.
    fn view(stamp: Stamp, content: Self::Content) -> Self::View;
}

fn shown<R: Shown>(row: R) -> Result<R::View, StoreError> {
    Ok(R::view(row.stamp(), row.content()?))
}

/// A page of rows; the rest of the answer is the caller's.
///
/// # Errors
/// 400 for a cursor of another list.
pub async fn list<R: Shown>(
    app: &App,
    caller: AnyCaller,
    request: &HttpRequest,
    query: TableQuery,
) -> Result<(Page, Vec<R::View>, Option<String>), Problem> {
    let cursor = query.cursor.clone();
    let bound_to = TableQuery { cursor: None, ..query };
    let reader = caller.reader(ServiceScope::Products);
    let page = Page::new(app, &reader, request, bound_to.limit, &bound_to);
    let filter = Filter {
        product_code: bound_to.product_code.map(String::from),
        as_of: bound_to.as_of.map(|day| day.0),
        after: page.after(cursor.as_deref())?,
    };
    let fetch = page.fetch();
    let read = reader.read(app, move |conn, _| {
        let rows = R::list(conn, &filter, fetch)?;
        let with_key = |row: R| {
            let (stamp, content) = (row.stamp(), row.content()?);
            Ok(((R::valid_from(&content), stamp.id), R::view(stamp, content)))
        };
        Ok(rows.into_iter().map(with_key).collect::<Result<Vec<_>, StoreError>>()?)
    });
    let mut rows = read.await?;
    let next_cursor = page.cut(&mut rows, |(key, _)| *key);
    Ok((page, rows.into_iter().map(|(_, view)| view).collect(), next_cursor))
}

/// One row.
///
/// # Errors
/// 404 when there is none.
pub async fn get<R: Shown>(app: &App, caller: AnyCaller, id: Id) -> Result<HttpResponse, Problem> {
    let read = caller.reader(ServiceScope::Products).read(app, move |conn, _| {
        let row = R::find(conn, id)?;
        Ok((row.stamp(), shown(row)?))
    });
    Ok(answer(read.await?))
}

fn answer<V: Serialize>((stamp, view): (Stamp, V)) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, tag(stamp))).json(view)
}

fn tag(stamp: Stamp) -> String {
    etag(i64::from(stamp.version), &[])
}

fn keeper(party: &Party) -> Keeper<'_> {
    match party {
        Party::Person(actor) => Keeper::Head(actor),
        Party::Machine(machine) => Keeper::Machine(machine),
    }
}

/// Adds a row.
///
/// # Errors
/// 403, 422 for a product that is not known, 409 for another row of the same key and first day.
pub async fn add<R: Shown>(
    app: &web::Data<App>,
    caller: AnyCaller,
    request: &HttpRequest,
    content: R::Content,
) -> Result<HttpResponse, Problem> {
    let occasion = Occasion::of(&app.clock, app.ids);
    let by = caller.keeper(ServiceScope::Products);
    idempotency::run_as(app, &by, request, move |conn, party| {
        let row: R = insurer_tables::add(conn, keeper(party), &occasion, content).map_err(alone)?;
        let stamp = row.stamp();
        Ok(Answer::new(201, &shown(row)?)
            .header("Location", format!("{}/{}", R::PATH, stamp.id))
            .header("ETag", tag(stamp)))
    })
    .await
}

/// Puts a row in the place of what it was.
///
/// # Errors
/// As for [`add`], 404 when there is none, 412 and 428 for the precondition.
pub async fn replace<R: Shown>(
    app: &App,
    caller: AnyCaller,
    (id, if_match): (Id, IfMatch),
    content: R::Content,
) -> Result<HttpResponse, Problem> {
    let occasion = Occasion::of(&app.clock, app.ids);
    let written = caller.keeper(ServiceScope::Products).write(app, move |conn, party| {
        let seen = if_match.seen()?;
        let row: R =
            insurer_tables::replace(conn, keeper(party), &occasion, (id, &seen), content).map_err(alone)?;
        Ok((row.stamp(), shown(row)?))
    });
    Ok(answer(written.await?))
}

/// Takes a row out.
///
/// # Errors
/// 403, 404 when there is none, 412 and 428 for the precondition.
pub async fn take_out<R: Shown>(
    app: &App,
    caller: AnyCaller,
    id: Id,
    if_match: IfMatch,
) -> Result<HttpResponse, Problem> {
    let occasion = Occasion::of(&app.clock, app.ids);
    let written = caller.keeper(ServiceScope::Products).write(app, move |conn, party| {
        let seen = if_match.seen()?;
        insurer_tables::take_out::<R>(conn, keeper(party), &occasion, (id, &seen)).map_err(alone)
    });
    written.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Adds and replaces the rows of a file.
///
/// # Errors
/// 403, and 422 with everything that any row is against, by rows and columns.
pub async fn import<R: Shown>(
    app: &web::Data<App>,
    caller: AnyCaller,
    request: &HttpRequest,
    rows: Vec<R::Content>,
) -> Result<HttpResponse, Problem> {
    let occasion = Occasion::of(&app.clock, app.ids);
    let by = caller.keeper(ServiceScope::Products);
    idempotency::run_as(app, &by, request, move |conn, party| {
        let imported = insurer_tables::import::<R>(conn, keeper(party), &occasion, rows)
            .map_err(|error| refused(error, csv_rows::row_pointer))?;
        Ok(Answer::new(200, &ImportedRows::from(imported)))
    })
    .await
}

fn alone(error: Refused) -> Problem {
    refused(error, |_| String::new())
}

fn refused(error: Refused, row: impl Fn(usize) -> String) -> Problem {
    match error {
        Refused::Store(error) => Problem::from(error),
        Refused::NotTheHead => not_the_head(),
        Refused::Stale => Problem::new(Code::Stale),
        Refused::BeginsTwice => against(Code::Conflict, String::new(), RowFault::BeginsTwice),
        Refused::Rows(faults) => faults
            .into_iter()
            .map(|(place, fault)| against(Code::ValidationFailed, row(place), fault))
            .reduce(Problem::and)
            .unwrap_or_else(|| Problem::new(Code::ValidationFailed)),
    }
}

fn against(code: Code, row: String, fault: RowFault) -> Problem {
    let (field, rule, detail) = told(fault);
    Problem::new(code).error(format!("{row}/{field}"), rule, detail, json!({}))
}

fn told(fault: RowFault) -> (&'static str, &'static str, Text) {
    match fault {
        RowFault::UnknownProduct => (
            "product_code",
            "unknown_product",
            Text::new("There is no product of this code.", "没有这个代码的产品。"),
        ),
        RowFault::UnknownTerm => (
            "payment_term_years",
            "unknown_term",
            Text::new("The product has no such payment term.", "该产品没有这个缴费年期。"),
        ),
        RowFault::BeginsTwice => (
            "valid_from",
            "begins_twice",
            Text::new(
                "Another row of the same key begins on the same day.",
                "相同条件的另一行从同一天起生效。",
            ),
        ),
    }
}
