//! What every write on a prospect has in common: load within the scope, decide, save, show; once per Idempotency-Key.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    extract::{Caller, IfMatch},
    idempotency,
    problem::Problem,
    transitions::answer,
};
use crate::{
    app::App,
    domain::{decision::Decision, id::Id},
    store::{
        Conn,
        ledger::{self, Loaded, Occasion},
    },
};

/// Runs `work` on a loaded prospect in one transaction and answers with what changed.
///
/// # Errors
/// 404 outside the caller's scope, 412 for another version (where `if_match` is given), what `work` refuses.
pub async fn change<F>(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    prospect_id: Id,
    if_match: Option<IfMatch>,
    work: F,
) -> Result<HttpResponse, Problem>
where
    F: FnOnce(&mut Conn, Loaded, &Occasion) -> Result<(Loaded, Decision), Problem> + Send + 'static,
{
    let (source, scope) = (app.clone(), caller.0.scope.clone());
    if let Some(if_match) = &if_match {
        if_match.present()?;
    }
    idempotency::run(app, caller, request, move |conn| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let loaded = ledger::load_for_write(conn, &scope, prospect_id, &occasion)?;
        if let Some(if_match) = &if_match {
            if_match.require(i64::from(loaded.row.version))?;
        }
        let (loaded, decided) = work(conn, loaded, &occasion)?;
        Ok(answer(&loaded, &decided))
    })
    .await
}
