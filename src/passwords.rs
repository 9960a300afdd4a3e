//! Passwords: hashed with Argon2id behind a bounded number of permits, and guessed at a bounded rate.
//!
//! Each check takes 19 MiB and some 20 ms of one core, whether or not the user exists; without the permits, a burst
//! of logins would take the memory of the machine.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::SaltString,
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use tokio::sync::Semaphore;

use crate::{clock::Ids, config::Config};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// How long a login may wait for a permit.
const PERMIT_WAIT: Duration = Duration::from_secs(5);
/// Accounts or addresses whose rate is remembered before idle ones are forgotten.
const REMEMBERED: usize = 10_000;
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
    accounts: DefaultKeyedRateLimiter<u64>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    /// What the password of an unknown user is compared with, so that it takes the same time.
    decoy: String,
    ids: Ids,
}

impl Passwords {
    /// The gate of the settings.
    pub fn new(config: &Config, ids: Ids) -> Self {
        let per_account = NonZeroU32::new(config.logins_per_minute).unwrap_or(NonZeroU32::MIN);
        let per_address =
            per_account.saturating_mul(NonZeroU32::MIN.saturating_add(ACCOUNTS_PER_ADDRESS - 1));
        // Three minutes' worth at once: somebody who mistypes is not a guesser.
        let quota = |per_minute: NonZeroU32| {
            Quota::per_minute(per_minute)
                .allow_burst(per_minute.saturating_mul(NonZeroU32::MIN.saturating_add(2)))
        };
        Passwords {
            permits: Arc::new(Semaphore::new(config.login_permits)),
            accounts: RateLimiter::keyed(quota(per_account)),
            addresses: RateLimiter::keyed(quota(per_address)),
            // Hashing at the start would cost every start 20 ms; any well-formed hash does.
            decoy: format!(
                "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$c2FsdHNhbHRzYWx0c2FsdA$\
                 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            ),
            ids,
        }
    }

    /// Counts an attempt to sign in.
    ///
    /// # Errors
    /// [`NotChecked::TooMany`] when this account or this address has had too many.
    pub fn attempt(&self, username: &str, address: Option<IpAddr>) -> Result<(), NotChecked> {
        if let Some(address) = address {
            admit(&self.addresses, &address)?;
        }
        // By its hash: the memory of one entry does not depend on what was sent.
        let mut hasher = DefaultHasher::new();
        username.to_ascii_lowercase().hash(&mut hasher);
        admit(&self.accounts, &hasher.finish())
    }

    /// Whether a password belongs to a hash; without a hash it takes the same time and says no.
    ///
    /// # Errors
    /// [`NotChecked::Busy`] when no permit came free in time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, NotChecked> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let matches = self.with_permit(move || matches(&password, &hash)).await?;
        Ok(known && matches)
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// [`NotChecked::Busy`] when no permit came free in time.
    pub async fn hash(&self, password: String) -> Result<String, NotChecked> {
        let ids = self.ids;
        self.with_permit(move || hash(&password, ids)).await?.ok_or(NotChecked::Failed)
    }

    async fn with_permit<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NotChecked> {
        let waiting = tokio::time::timeout(PERMIT_WAIT, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = waiting else { return Err(NotChecked::Busy) };
        let work = move || {
            // Given back when the work is done, also when nobody waits for it any more.
            let _permit = permit;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| NotChecked::Failed)
    }
}

fn admit<K: Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), NotChecked> {
    if limiter.len() > REMEMBERED {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|early| NotChecked::TooMany(early.wait_time_from(limiter.clock().now())))
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash of a password, in the calling thread: for the command line and the demo. `None` is a defect.
pub fn hash(password: &str, ids: Ids) -> Option<String> {
    let salt = SaltString::encode_b64(&ids.secret(16)).ok()?;
    Some(argon2().hash_password(password.as_bytes(), &salt).ok()?.to_string())
}

fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Passwords {
        Passwords::new(&Config::read(|_| None).unwrap(), Ids)
    }

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let hash = hash("correct horse", Ids).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches("correct horse", &hash));
        assert!(!matches("wrong horse", &hash));
    }

    #[test]
    fn the_decoy_is_a_readable_hash_that_no_password_matches() {
        let decoy = gate().decoy;
        assert!(PasswordHash::new(&decoy).is_ok());
        assert!(!matches("", &decoy));
    }

    #[test]
    fn guessing_is_bounded_per_account_and_per_address() {
        let gate = gate();
        let address = Some("192.0.2.1".parse().unwrap());
        let admitted = (0..100).filter(|_| gate.attempt("anna", address).is_ok()).count();
        assert_eq!(admitted, 30);
        assert!(matches!(gate.attempt("ANNA", None), Err(NotChecked::TooMany(_))));
        let admitted = (0..1000).filter(|n| gate.attempt(&format!("user{n}"), address).is_ok()).count();
        assert!(admitted <= 300, "{admitted}");
    }
}
