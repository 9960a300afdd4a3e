//! Pages outside the API description, and those for operators: documentation, the problem catalogue, health.

pub mod catalogue;
pub mod docs;
pub mod figures;
pub mod health;
