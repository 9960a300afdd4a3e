//! Every answer that is not a success: the problem document, its codes, and what makes one of a refusal.

mod code;
pub mod command_refusals;
pub mod defects;
pub mod document;
pub mod domain_refusals;
pub mod fault_codes;
pub mod oauth;
pub mod rule_fields;
pub mod unknown_routes;

pub use code::Code;
