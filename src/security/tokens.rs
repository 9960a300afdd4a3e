//! Access tokens: JWTs signed with EdDSA, fifteen minutes of life, `typ: at+jwt` (RFC 9068, RFC 8725).
//!
//! Signing keys are files in `KEYS_DIR`, `signing-<unix seconds>-<random>.pem`. All of them verify; the newest that has
//! been there for [`HEAD_START`] signs, so that every instance knows a new key before it meets its first token. A
//! verification touches no database.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use ed25519_dalek::{
    SigningKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    claims::{Claims, MachineClaims, Verified},
    keys::{Keys, KeysError, write_private},
    private_files,
};
use crate::{
    clock::Ids,
    config::Config,
    domain::{
        organisation::{actor::Role, service_client::ServiceScope},
        values::id::Id,
    },
};

/// How long a key is published before it signs.
pub const HEAD_START: Duration = Duration::from_secs(300);

/// How far the clocks of two instances may be apart: a token may be this much younger than now.
const SKEW_SECONDS: i64 = 5;

/// Longest token that is looked at.
const MAX_LENGTH: usize = 2048;

/// Verified tokens that are remembered; beyond that all are forgotten and the living ones verified again.
const MOST_REMEMBERED: usize = 10_000;

const TYPE: &str = "at+jwt";

/// What stands behind the audience in tokens of machines.
const OF_MACHINES: &str = "/machines";

/// The token is not one of ours, or not any more. Says nothing about why: callers are told nothing either.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvalidToken;

/// The signing keys and what goes into a token.
pub struct Tokens {
    ring: RwLock<Vec<Key>>,
    /// What sound tokens say, by the digest of the token: a signature is checked once and not with every request. Forgotten
    /// when the keys change; whether a token is still in force is asked every time.
    verified: RwLock<HashMap<[u8; 32], Verified>>,
    /// None when the key is derived from `SECRET_KEY`.
    folder: Option<PathBuf>,
    issuer: String,
    audience: String,
    /// Tokens of machines are for somebody else, so that no door of people opens to them, nor the other way round.
    machine_audience: String,
    life: Duration,
    ids: Ids,
}

/// What somebody who checks our tokens needs of a key.
pub struct PublicKey {
    /// Its id, as in the header of a token.
    pub id: String,
    /// The key, base64url.
    pub x: String,
}

struct Key {
    /// Seconds since 1970 when it was made.
    since: i64,
    id: String,
    public: [u8; 32],
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Tokens {
    /// Reads the signing keys; makes the first one.
    ///
    /// # Errors
    /// When the folder cannot be used or a file in it is not ours.
    pub fn open(config: &Config, keys: &Keys, ids: Ids) -> Result<Self, KeysError> {
        let in_files = config.secret_key.is_none() || has_keys(&config.keys_dir);
        let ring = if in_files {
            let found = read_ring(&config.keys_dir)?;
            if found.is_empty() {
                // One fixed name, so that of several instances that start together one makes the key.
                let key = SigningKey::from_bytes(&random_seed(ids));
                write_key(&config.keys_dir, "signing-0-first.pem", &key, ids)?;
                read_ring(&config.keys_dir)?
            } else {
                found
            }
        } else {
            vec![Key::new(0, &SigningKey::from_bytes(&keys.derive("signing")))?]
        };
        Ok(Tokens {
            ring: RwLock::new(ring),
            verified: RwLock::default(),
            folder: in_files.then(|| config.keys_dir.clone()),
            issuer: config.token_issuer.clone(),
            audience: config.token_audience.clone(),
            machine_audience: format!("{}{OF_MACHINES}", config.token_audience),
            life: config.access_token_life,
            ids,
        })
    }

    /// How long a new token lives.
    pub fn life(&self) -> Duration {
        self.life
    }

    /// A new access token.
    ///
    /// # Errors
    /// When the signature cannot be made; a defect.
    pub fn issue(
        &self,
        user_id: Id,
        role: Role,
        epoch: i32,
        now: DateTime<Utc>,
    ) -> Result<String, InvalidToken> {
        let (iat, exp) = self.times(now);
        let (iss, aud, jti) = (self.issuer.clone(), self.audience.clone(), self.ids.id());
        self.signed(iat, &Claims { iss, aud, sub: user_id, iat, nbf: iat, exp, jti, role, epoch })
    }

    /// A new access token of a machine client, for some scopes; it rests on the secret for which it is given.
    ///
    /// # Errors
    /// When the signature cannot be made; a defect.
    pub fn issue_to_machine(
        &self,
        client_id: Id,
        (secret_id, epoch): (Id, i32),
        scopes: &[ServiceScope],
        now: DateTime<Utc>,
    ) -> Result<String, InvalidToken> {
        let (iat, exp) = self.times(now);
        let (iss, aud, jti) = (self.issuer.clone(), self.machine_audience.clone(), self.ids.id());
        let scope = ServiceScope::joined(scopes);
        let (sub, nbf) = (client_id, iat);
        self.signed(
            iat,
            &MachineClaims { iss, aud, sub, client_id, iat, nbf, exp, jti, scope, secret_id, epoch },
        )
    }

    /// When a token of now is issued and when it expires, seconds since 1970.
    fn times(&self, now: DateTime<Utc>) -> (i64, i64) {
        let now = now.timestamp();
        (now, now + i64::try_from(self.life.as_secs()).unwrap_or(i64::MAX / 2))
    }

    fn signed(&self, now: i64, claims: &impl Serialize) -> Result<String, InvalidToken> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let key = signing(&ring, now).ok_or(InvalidToken)?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.id.clone());
        jsonwebtoken::encode(&header, claims, &key.encoding).map_err(|_| InvalidToken)
    }

    /// What a token says that is ours and in force: whose it is follows from whom it is for.
    ///
    /// # Errors
    /// For every other text, whatever is wrong with it.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Verified, InvalidToken> {
        if token.len() > MAX_LENGTH {
            return Err(InvalidToken);
        }
        let digest: [u8; 32] = Sha256::digest(token).into();
        let known = self.verified.read().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        if let Some(verified) = known {
            return in_force(verified, now);
        }
        let kid = strict_header(token)?;
        // Pinned: what the token says about its algorithm has been compared, and decides nothing.
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[&self.audience, &self.machine_audience]);
        // Times are compared below, with our own clock and without the library's minute of leniency.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let key = ring.iter().find(|key| key.id == kid).ok_or(InvalidToken)?;
        let says =
            jsonwebtoken::decode::<Verified>(token, &key.decoding, &rules).map_err(|_| InvalidToken)?;
        let says = in_force(self.of_its_kind(says.claims)?, now)?;
        // The keys are still held: they cannot change between the check and this.
        let mut verified = self.verified.write().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= MOST_REMEMBERED {
            verified.clear();
        }
        verified.insert(digest, says.clone());
        Ok(says)
    }

    /// What a token of people says is for one audience, what one of machines says for the other.
    fn of_its_kind(&self, says: Verified) -> Result<Verified, InvalidToken> {
        let for_its_own = match &says {
            Verified::Person(claims) => claims.aud == self.audience,
            Verified::Machine(claims) => claims.aud == self.machine_audience,
        };
        if for_its_own { Ok(says) } else { Err(InvalidToken) }
    }

    /// The public keys that signatures are checked with, the newest first.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let shown = |key: &Key| PublicKey { id: key.id.clone(), x: URL_SAFE_NO_PAD.encode(key.public) };
        ring.iter().map(shown).collect()
    }

    /// Reads the folder again: another process may have rotated. The tick calls it; a folder that cannot be read
    /// leaves the keys as they are.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn reload(&self) -> Result<(), KeysError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let found = read_ring(folder)?;
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        if !found.is_empty() && !found.iter().map(|key| &key.id).eq(ring.iter().map(|key| &key.id)) {
            *ring = found;
            self.verified.write().unwrap_or_else(PoisonError::into_inner).clear();
        }
        Ok(())
    }
}

/// Makes a new signing key and removes those whose last token has expired; answers with the new key's id. Running
/// services notice by themselves.
///
/// # Errors
/// When the folder cannot be used.
pub fn rotate(folder: &Path, life: Duration, ids: Ids, now: DateTime<Utc>) -> Result<String, KeysError> {
    let now = now.timestamp();
    let ring = read_ring(folder)?;
    if let Some(present) = signing(&ring, now) {
        let margin = i64::try_from((life + HEAD_START).as_secs()).unwrap_or(i64::MAX / 2);
        // The key that signs now has signed since `since + HEAD_START`; older ones have not signed since then.
        if present.since + margin + 60 < now {
            for key in ring.iter().filter(|key| key.since < present.since) {
                remove_key(folder, &key.id)?;
            }
        }
    }
    let signing_key = SigningKey::from_bytes(&random_seed(ids));
    let key = Key::new(now, &signing_key)?;
    write_key(folder, &format!("signing-{now}-{}.pem", key.id), &signing_key, ids)?;
    Ok(key.id)
}

impl Key {
    fn new(since: i64, key: &SigningKey) -> Result<Self, KeysError> {
        let public = key.verifying_key().to_bytes();
        let x = URL_SAFE_NO_PAD.encode(public);
        let unreadable = || KeysError::Unreadable("a signing key".to_owned());
        let der = key.to_pkcs8_der().map_err(|_| unreadable())?;
        Ok(Key {
            since,
            id: URL_SAFE_NO_PAD.encode(&Sha256::digest(public)[..12]),
            public,
            encoding: EncodingKey::from_ed_der(der.as_bytes()),
            decoding: DecodingKey::from_ed_components(&x).map_err(|_| unreadable())?,
        })
    }
}

/// What a token of ours says, while it holds.
fn in_force(says: Verified, now: DateTime<Utc>) -> Result<Verified, InvalidToken> {
    let now = now.timestamp();
    let (iat, nbf, exp) = says.times();
    let begun = iat <= now + SKEW_SECONDS && nbf <= now + SKEW_SECONDS;
    if begun && now < exp && iat < exp { Ok(says) } else { Err(InvalidToken) }
}

/// The newest key that has been published long enough; failing that, the oldest.
fn signing(ring: &[Key], now: i64) -> Option<&Key> {
    let head_start = i64::try_from(HEAD_START.as_secs()).unwrap_or(0);
    ring.iter().rfind(|key| key.since + head_start <= now).or_else(|| ring.first())
}

/// The key id of a header that holds exactly `alg`, `typ` and `kid`, each as we write it. Anything more (`jwk`,
/// `jku`, `x5u`, `crit`, …) is refused rather than ignored.
fn strict_header(token: &str) -> Result<String, InvalidToken> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct StrictHeader {
        alg: String,
        typ: String,
        kid: String,
    }
    if token.split('.').count() != 3 {
        return Err(InvalidToken);
    }
    let encoded = token.split('.').next().ok_or(InvalidToken)?;
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| InvalidToken)?;
    let header: StrictHeader = serde_json::from_slice(&bytes).map_err(|_| InvalidToken)?;
    if header.alg == "EdDSA" && header.typ == TYPE { Ok(header.kid) } else { Err(InvalidToken) }
}

fn random_seed(ids: Ids) -> [u8; 32] {
    let mut seed = [0; 32];
    seed.copy_from_slice(&ids.secret(32));
    seed
}

fn write_key(folder: &Path, name: &str, key: &SigningKey, ids: Ids) -> Result<(), KeysError> {
    let path = folder.join(name);
    let fault = |error| KeysError::File { path: path.display().to_string(), error };
    let pem =
        key.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeysError::Unreadable("a signing key".to_owned()))?;
    private_files::folder(folder).map_err(fault)?;
    write_private(folder, &path, &pem, ids).map_err(fault)
}

fn remove_key(folder: &Path, id: &str) -> Result<(), KeysError> {
    for (path, _) in key_files(folder)? {
        let key = read_key(&path, 0)?;
        if key.id == id {
            fs::remove_file(&path)
                .map_err(|error| KeysError::File { path: path.display().to_string(), error })?;
        }
    }
    Ok(())
}

fn has_keys(folder: &Path) -> bool {
    key_files(folder).is_ok_and(|files| !files.is_empty())
}

/// The keys of a folder, oldest first.
fn read_ring(folder: &Path) -> Result<Vec<Key>, KeysError> {
    let mut ring = Vec::new();
    for (path, since) in key_files(folder)? {
        ring.push(read_key(&path, since)?);
    }
    ring.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
    Ok(ring)
}

fn read_key(path: &Path, since: i64) -> Result<Key, KeysError> {
    let name = path.display().to_string();
    let pem = fs::read_to_string(path).map_err(|error| KeysError::File { path: name.clone(), error })?;
    let key = SigningKey::from_pkcs8_pem(&pem).map_err(|_| KeysError::Unreadable(name))?;
    Key::new(since, &key)
}

fn key_files(folder: &Path) -> Result<Vec<(PathBuf, i64)>, KeysError> {
    let fault = |error| KeysError::File { path: folder.display().to_string(), error };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(fault)?.path();
        let since = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix("signing-")?.strip_suffix(".pem"))
            .and_then(|rest| rest.split('-').next()?.parse().ok());
        if let Some(since) = since {
            files.push((path, since));
        }
    }
    Ok(files)
}
