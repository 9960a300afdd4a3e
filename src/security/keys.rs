//! The secret of an installation: one file of random bytes from which every HMAC key is derived.
//!
//! It lives in `KEYS_DIR` (or in `SECRET_KEY`), not in the database, which holds only its fingerprint. An instance
//! with another secret refuses to start: cursors, search by phone and the like would silently break.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::private_files;
use crate::{
    clock::Ids,
    config::{Config, Secret},
    store::{Db, StoreError, db::meta},
};

/// The secret.
#[derive(Clone, Debug)]
pub struct Keys {
    secret: Secret,
}

/// Why there is no secret to work with.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The folder or a file in it cannot be used.
    #[error("cannot use the keys in {path}: {error}")]
    File {
        /// The folder or file.
        path: String,
        /// The system's own words.
        error: io::Error,
    },
    /// A file is not what we wrote.
    #[error("{0} does not hold a key of ours; put the right file back")]
    Unreadable(String),
    /// The secret is not the one this database was used with.
    #[error(
        "this database was used with another secret; give this instance the KEYS_DIR (or SECRET_KEY) \
         of the others"
    )]
    Mismatch,
    /// The database could not be asked for its fingerprint.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Name of the file that holds the secret.
pub const SECRET_FILE: &str = "secret";
const SECRET_BYTES: usize = 32;

impl Keys {
    /// Reads the secret, or makes one where there is none yet, and compares it with the database's fingerprint.
    ///
    /// # Errors
    /// [`KeysError::Mismatch`] when the database belongs to another secret; nothing is written then.
    pub fn open(config: &Config, db: &Db, ids: Ids) -> Result<Self, KeysError> {
        let known = db.read_blocking(|conn| meta::get(conn, meta::KEY_FINGERPRINT))?;
        let secret = match &config.secret_key {
            Some(secret) => secret.clone(),
            None => secret_from_file(&config.keys_dir, known.is_none(), ids)?,
        };
        let keys = Keys { secret };
        let mine = keys.fingerprint();
        let standing = match known {
            Some(known) => known,
            None => {
                let mine = mine.clone();
                db.write_blocking(move |conn| meta::set_once(conn, meta::KEY_FINGERPRINT, &mine))?
            }
        };
        if standing == mine { Ok(keys) } else { Err(KeysError::Mismatch) }
    }

    /// Whether the secret of the settings is the one with this fingerprint. Makes none.
    ///
    /// # Errors
    /// [`KeysError::Mismatch`] when it is another one, or there is none.
    pub fn check(config: &Config, fingerprint: &str) -> Result<(), KeysError> {
        let secret = match &config.secret_key {
            Some(secret) => secret.clone(),
            None => secret_from_file(&config.keys_dir, false, Ids)?,
        };
        let mine = Keys { secret }.fingerprint();
        if mine == fingerprint { Ok(()) } else { Err(KeysError::Mismatch) }
    }

    /// A key of its own for each purpose; knowing one tells nothing about another.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        // An HMAC takes a key of any length, so this cannot fail; the arm only satisfies the types.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret.0) else { return [0; 32] };
        mac.update(b"prospector/");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn fingerprint(&self) -> String {
        STANDARD.encode(&self.derive("fingerprint")[..12])
    }
}

fn secret_from_file(folder: &Path, may_make: bool, ids: Ids) -> Result<Secret, KeysError> {
    let path = folder.join(SECRET_FILE);
    let fault = |error| KeysError::File { path: path.display().to_string(), error };
    match fs::read_to_string(&path) {
        Ok(text) => return decoded(&path, &text),
        // A database that knows a secret must not be given a new one.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !may_make => {
            return Err(KeysError::Mismatch);
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fault(error)),
        Err(_) => {}
    }
    private_files::folder(folder).map_err(fault)?;
    let text = STANDARD.encode(ids.secret(SECRET_BYTES));
    write_private(folder, &path, &format!("{text}\n"), ids).map_err(fault)?;
    // Another instance may have been first; what the file holds now is what counts.
    decoded(&path, &fs::read_to_string(&path).map_err(fault)?)
}

fn decoded(path: &Path, text: &str) -> Result<Secret, KeysError> {
    match STANDARD.decode(text.trim()) {
        Ok(bytes) if bytes.len() >= SECRET_BYTES => Ok(Secret(bytes)),
        _ => Err(KeysError::Unreadable(path.display().to_string())),
    }
}

/// Writes a file that only we can read; it appears whole or not at all, and never replaces one that is there.
pub(crate) fn write_private(folder: &Path, path: &Path, text: &str, ids: Ids) -> io::Result<()> {
    let draft = folder.join(format!(".draft-{}", ids.id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}
