//! Values that a caller carries for us and cannot read meaning into, alter, or use elsewhere: authenticated, and bound to whom
//! and what they were given for.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::app::App;

const SIGNATURE_BYTES: usize = 16;

/// What seals values and opens them again.
#[derive(Clone, Debug)]
pub struct Seal {
    key: [u8; 32],
    bound_to: Vec<u8>,
}

impl Seal {
    /// For one purpose, bound to whatever must be the same when it is opened.
    pub fn new(app: &App, purpose: &str, bound_to: &[&str]) -> Self {
        Seal { key: app.keys.derive(purpose), bound_to: bound_to.join("\n").into_bytes() }
    }

    /// The value as one opaque word; none if it cannot be written as JSON.
    pub fn close(&self, value: &impl Serialize) -> Option<String> {
        let value = serde_json::to_vec(value).ok()?;
        let signature = self.mac(&value)?.finalize().into_bytes();
        Some(URL_SAFE_NO_PAD.encode([&signature[..SIGNATURE_BYTES], &value[..]].concat()))
    }

    /// The value in a word; none for one that is not ours, or was given for something else.
    pub fn open<V: DeserializeOwned>(&self, word: &str) -> Option<V> {
        let bytes = URL_SAFE_NO_PAD.decode(word).ok()?;
        let (signature, value) = bytes.split_at_checked(SIGNATURE_BYTES)?;
        self.mac(value)?.verify_truncated_left(signature).ok()?;
        serde_json::from_slice(value).ok()
    }

    fn mac(&self, value: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(&self.bound_to);
        mac.update(b"\n");
        mac.update(value);
        Some(mac)
    }
}
