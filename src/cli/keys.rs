//! `prospector keys`: the keys that sign access tokens.

use clap::Subcommand;

use super::terminal::say;
use crate::{
    app::StartError,
    clock::{Clock, Ids},
    config::Config,
    security::tokens,
};

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Make a new signing key; running services publish it within a minute and sign with it after five. Keys whose
    /// last token has expired are removed.
    Rotate,
}

pub(super) fn run(config: &Config, command: &KeysCommand) -> Result<(), StartError> {
    match command {
        KeysCommand::Rotate => {
            if config.secret_key.is_some() && !config.keys_dir.exists() {
                return Err(StartError::Refused(
                    "the signing key is derived from SECRET_KEY; give all instances a KEYS_DIR to rotate keys"
                        .to_owned(),
                ));
            }
            let now = Clock::system().now();
            let id = tokens::rotate(&config.keys_dir, config.access_token_life, Ids, now)?;
            say(&format!("new signing key {id} in {}", config.keys_dir.display()));
            Ok(())
        }
    }
}
