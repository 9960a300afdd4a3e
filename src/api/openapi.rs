//! The API description: OpenAPI 3.1, assembled from the handlers and finished here.

mod components;
mod conventions;
pub mod document;
mod forms;
mod parts;
pub mod schemas;
pub mod webhooks;
