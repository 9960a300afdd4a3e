//! Secrets and who somebody is: the installation's keys, passwords, access tokens.

pub mod claims;
pub mod guesses;
pub mod keys;
pub mod passwords;
pub mod people_shown;
pub mod private_files;
pub mod tokens;
pub mod webhook_secrets;
