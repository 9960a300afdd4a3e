//! Passwords: hashed with Argon2id behind a bounded number of permits, and guessed at a bounded rate.
//!
//! Each check takes 19 MiB and some 20 ms of one core, whether or not the user exists; without the permits, a burst
//! of logins would take the memory of the machine. The memory belongs to the permit and is used again: what is given
//! back to the allocator stays with the process, once for every thread that ever checked a password.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{Output, ParamsString, PasswordHash, Salt, SaltString},
};
use tokio::sync::Semaphore;

use super::guesses::{Guesses, network};
use crate::{clock::Ids, config::Config, domain::organisation::user::NO_PASSWORD};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// How long a login may wait for a permit.
const PERMIT_WAIT: Duration = Duration::from_secs(5);
/// An address may serve a whole office.
const ACCOUNTS_PER_ADDRESS: u32 = 10;

/// Why a password was not looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotChecked {
    /// Too many attempts; try again after this time.
    TooMany(Duration),
    /// Too many logins at the same time.
    Busy,
    /// The password could not be hashed; a defect.
    Failed,
}

/// The gate in front of every password.
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// What the permits that are not in use have to work in; made when a permit is used for the first time.
    idle: Arc<Mutex<Vec<Memory>>>,
    /// By name and address, so that nobody's guesses lock somebody elsewhere out.
    pairs: Guesses,
    addresses: Guesses,
    ids: Ids,
}

impl Passwords {
    /// The gate of the settings.
    pub fn new(config: &Config, ids: Ids) -> Self {
        Passwords {
            permits: Arc::new(Semaphore::new(config.login_permits)),
            idle: Arc::default(),
            pairs: Guesses::new(config.logins_per_minute),
            addresses: Guesses::new(config.logins_per_minute.saturating_mul(ACCOUNTS_PER_ADDRESS)),
            ids,
        }
    }

    /// Counts an attempt to sign in as a wrong one, until it is [given back](Passwords::was_no_guess).
    ///
    /// # Errors
    /// [`NotChecked::TooMany`] when there were too many wrong ones from this address, or from it with this name.
    pub fn attempt(&self, username: &str, address: Option<IpAddr>) -> Result<Attempt, NotChecked> {
        let now = Instant::now();
        let address = address.map(network);
        // By hashes: the memory of one entry does not depend on what was sent.
        let attempt = Attempt {
            pair: hash_of(&(username.to_ascii_lowercase(), address)),
            address: address.map(|address| hash_of(&address)),
        };
        if let Some(address) = attempt.address {
            self.addresses.take(address, now).map_err(NotChecked::TooMany)?;
        }
        self.pairs.take(attempt.pair, now).map_err(|wait| {
            // Nothing was tried: others behind the same address must not pay for it.
            if let Some(address) = attempt.address {
                self.addresses.give_back(address);
            }
            NotChecked::TooMany(wait)
        })?;
        Ok(attempt)
    }

    /// The password was the right one, or was not looked at.
    pub fn was_no_guess(&self, attempt: &Attempt) {
        if let Some(address) = attempt.address {
            self.addresses.give_back(address);
        }
        self.pairs.give_back(attempt.pair);
    }

    /// Whether a password belongs to a hash; without a hash it takes the same time and says no.
    ///
    /// # Errors
    /// [`NotChecked::Busy`] when no permit came free in time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, NotChecked> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NO_PASSWORD.to_owned());
        let matches = self.with_permit(move |memory| matches(&password, &hash, memory)).await?;
        Ok(known && matches)
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// [`NotChecked::Busy`] when no permit came free in time.
    pub async fn hash(&self, password: String) -> Result<String, NotChecked> {
        let ids = self.ids;
        self.with_permit(move |memory| hash_in(memory, &password, ids)).await?.ok_or(NotChecked::Failed)
    }

    async fn with_permit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, NotChecked> {
        let waiting = tokio::time::timeout(PERMIT_WAIT, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = waiting else { return Err(NotChecked::Busy) };
        let idle = self.idle.clone();
        let work = move || {
            // Given back when the work is done, also when nobody waits for it any more.
            let _permit = permit;
            let kept = lock(&idle).pop();
            let mut memory = kept.unwrap_or_default();
            let done = work(&mut memory);
            lock(&idle).push(memory);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| NotChecked::Failed)
    }
}

/// An attempt to sign in: where it is counted.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    pair: u64,
    address: Option<u64>,
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The memory that one password at a time is hashed in.
type Memory = Vec<Block>;

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The hash of a password, in the calling thread: for the command line and the demo. `None` is a defect.
pub fn hash(password: &str, ids: Ids) -> Option<String> {
    hash_in(&mut Memory::new(), password, ids)
}

fn hash_in(memory: &mut Memory, password: &str, ids: Ids) -> Option<String> {
    let salt = SaltString::encode_b64(&ids.secret(16)).ok()?;
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).ok()?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).ok()?,
        salt: Some(salt.as_salt()),
        hash: Some(output(memory, password, params, salt.as_salt())?),
    };
    Some(hash.to_string())
}

/// Says no as well where the hash cannot be read.
fn matches(password: &str, hash: &str, memory: &mut Memory) -> bool {
    let mut compared = || {
        let hash = PasswordHash::new(hash).ok()?;
        let ours =
            hash.algorithm == Algorithm::Argon2id.ident() && hash.version == Some(Version::V0x13.into());
        let (salt, wanted) = (hash.salt?, hash.hash?);
        // Outputs are compared in constant time.
        ours.then_some(output(memory, password, Params::try_from(&hash).ok()?, salt)? == wanted)
    };
    compared().unwrap_or(false)
}

fn output(memory: &mut Memory, password: &str, params: Params, salt: Salt<'_>) -> Option<Output> {
    let mut bytes = [0; 64];
    let salt = salt.decode_b64(&mut bytes).ok()?;
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::new());
    }
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let filled = |out: &mut [u8]| {
        Ok(argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, memory.as_mut_slice())?)
    };
    Output::init_with(length, filled).ok()
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;

    fn gate() -> Passwords {
        Passwords::new(&Config::read(|_| None).unwrap(), Ids)
    }

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let hash = hash("correct horse", Ids).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let memory = &mut Memory::new();
        assert!(matches("correct horse", &hash, memory));
        assert!(!matches("wrong horse", &hash, memory));
    }

    #[test]
    fn a_hash_is_one_that_other_readers_of_argon2_accept() {
        let hash = hash("correct horse", Ids).unwrap();
        let hash = PasswordHash::new(&hash).unwrap();
        assert_eq!(Argon2::default().verify_password(b"correct horse", &hash), Ok(()));
        let theirs = Argon2::default().hash_password(b"correct horse", hash.salt.unwrap()).unwrap();
        assert_eq!(theirs.to_string(), hash.to_string());
    }

    #[test]
    fn memory_that_was_used_before_changes_no_answer() {
        let memory = &mut Memory::new();
        for password in ["one", "two", "three"] {
            let hash = hash_in(memory, password, Ids).unwrap();
            assert!(matches(password, &hash, memory));
            assert!(!matches("four", &hash, memory));
        }
        assert_eq!(memory.len(), MEMORY_KIB as usize);
    }

    #[test]
    fn the_decoy_is_a_readable_hash_that_no_password_matches() {
        assert!(PasswordHash::new(NO_PASSWORD).is_ok());
        assert!(NO_PASSWORD.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$")));
        assert!(!matches("", NO_PASSWORD, &mut Memory::new()));
    }

    #[test]
    fn guessing_is_bounded_per_account_and_address_and_per_address() {
        let gate = gate();
        let address = Some("192.0.2.1".parse().unwrap());
        let admitted = (0..100).filter(|_| gate.attempt("anna", address).is_ok()).count();
        assert_eq!(admitted, 10);
        assert!(matches!(gate.attempt("ANNA", address), Err(NotChecked::TooMany(_))));
        assert!(gate.attempt("anna", Some("192.0.2.2".parse().unwrap())).is_ok());
        // Ten are gone, and what was refused for the name cost the address nothing.
        let admitted = (0..1000).filter(|n| gate.attempt(&format!("user{n}"), address).is_ok()).count();
        assert!((90..100).contains(&admitted), "{admitted}");
    }
}
