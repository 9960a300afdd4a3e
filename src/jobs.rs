//! What runs by itself, on every instance, safely on many at once. Nothing is ever right only because it has run.

pub mod housekeeping;

use actix_web::web;

use crate::app::App;

/// Runs everything once; what fails is logged and tried again at the next tick.
pub async fn tick(app: &web::Data<App>) {
    housekeeping::run(app).await;
}
