//! The insurer's policy system (method section 10): lives of policies, told out of order, late and more than once, end where
//! an oracle puts them that hears everything in the order in which it happened (reliability C6).

mod lives;
mod oracle;
mod over_http;
mod rules;
