//! HTTP. (being built)

use std::net::TcpListener;

use actix_web::{App as ActixApp, HttpResponse, HttpServer, dev::Server, web};

use crate::app::App;

/// The server over a listening socket; signals are the caller's business.
///
/// # Errors
/// When the socket cannot be used.
pub fn server(app: web::Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let workers = app.config.http_workers;
    let server = HttpServer::new(move || {
        ActixApp::new().app_data(app.clone()).route(
            "/livez",
            web::get().to(|| async { HttpResponse::Ok().json(serde_json::json!({"status": "ok"})) }),
        )
    });
    Ok(server.workers(workers).disable_signals().shutdown_timeout(30).listen(listener)?.run())
}
