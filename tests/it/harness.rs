//! What every test uses: databases, a running service, a clock, people.

pub mod actors;
pub mod app;
pub mod database;
pub mod everything;
pub mod forge;
pub mod given;
pub mod people;
pub mod proxy;
pub mod running;

pub use actors::{Cast, Person};
pub use app::{World, both, on_each_engine};
