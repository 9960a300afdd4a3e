//! What runs by itself, on every instance, safely on many at once. Nothing is ever right only because it has run:
//! every read and write catches up first.

pub mod housekeeping;
pub mod retention;
pub mod sweep;
pub mod webhooks;

use std::time::Duration;

use actix_web::{rt, web};

use crate::app::App;

/// Runs everything again and again until the service stops; what fails is logged and tried again next time.
pub async fn tick(app: web::Data<App>, every: Duration) {
    while app.is_ready() {
        sweep::run(&app).await;
        housekeeping::run(&app).await;
        retention::run(&app).await;
        rt::time::sleep(every).await;
    }
}
