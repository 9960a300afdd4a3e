//! stub
use crate::{
    api::{extract::Caller, problem::Problem},
    app::App,
    domain::id::Id,
    store::Conn,
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
/// Answer.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: serde_json::Value,
    pub prospect_id: Option<Id>,
}
impl Answer {
    pub fn new(status: u16, body: &impl Serialize) -> Self {
        Answer {
            status,
            headers: vec![],
            body: serde_json::to_value(body).unwrap_or_default(),
            prospect_id: None,
        }
    }
    pub fn header(mut self, n: &'static str, v: impl Into<String>) -> Self {
        self.headers.push((n, v.into()));
        self
    }
    pub fn about(mut self, id: Id) -> Self {
        self.prospect_id = Some(id);
        self
    }
}
pub async fn run(
    app: &web::Data<App>,
    _caller: &Caller,
    _request: &HttpRequest,
    work: impl FnOnce(&mut Conn) -> Result<Answer, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let a = app.db.write(work).await?;
    Ok(HttpResponse::Ok().json(a.body))
}
