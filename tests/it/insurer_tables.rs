//! The tables of the insurer: products, cooling-off rules, premium factors (method section 10).

mod in_force;
mod of_the_demo;
mod over_http;
