//! The secrets with which webhooks are signed, by the scheme of Standard Webhooks: HMAC-SHA256 over id, timestamp and body.
//!
//! No secret is stored: each follows from the key of the service, the webhook and a number, so that a copy of the database
//! signs nothing.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::domain::values::id::Id;

/// What the secrets of all webhooks follow from.
#[derive(Clone)]
pub struct WebhookSecrets {
    key: [u8; 32],
}

impl std::fmt::Debug for WebhookSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secrets)")
    }
}

/// HMAC-SHA256, which takes a key of any length: the arm for a refusal only satisfies the types.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The signature of a message under the bytes of a secret, as the header has it.
fn signature(secret: &[u8], message_id: &str, timestamp: i64, body: &str) -> String {
    let signed =
        mac(secret, &[message_id.as_bytes(), b".", timestamp.to_string().as_bytes(), b".", body.as_bytes()]);
    format!("v1,{}", STANDARD.encode(signed))
}

impl WebhookSecrets {
    /// From a key that nothing else uses.
    pub fn new(key: [u8; 32]) -> Self {
        WebhookSecrets { key }
    }

    fn secret(&self, webhook_id: Id, number: i32) -> [u8; 32] {
        mac(&self.key, &[webhook_id.0.as_bytes(), &number.to_be_bytes()])
    }

    /// A secret as its holder gets it, once.
    pub fn shown(&self, webhook_id: Id, number: i32) -> String {
        format!("whsec_{}", STANDARD.encode(self.secret(webhook_id, number)))
    }

    /// The value of `webhook-signature` of a message: one signature for each of the secrets with these numbers.
    pub fn signatures(
        &self,
        (webhook_id, numbers): (Id, &[i32]),
        message_id: &str,
        timestamp: i64,
        body: &str,
    ) -> String {
        let one = |number: &i32| signature(&self.secret(webhook_id, *number), message_id, timestamp, body);
        numbers.iter().map(one).collect::<Vec<String>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the scheme's own library.
    #[test]
    fn a_signature_is_that_of_the_published_example() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed =
            signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn every_webhook_and_every_number_has_a_secret_of_its_own() {
        let secrets = WebhookSecrets::new([7; 32]);
        let [one, other] = [1, 2].map(|n| Id(uuid::Uuid::from_u128(n)));
        let all = [secrets.shown(one, 1), secrets.shown(one, 2), secrets.shown(other, 1)];
        assert!(all.iter().all(|secret| secret.starts_with("whsec_") && secret.len() == 50));
        assert!(all[0] != all[1] && all[0] != all[2] && all[1] != all[2]);
        assert_eq!(secrets.signatures((one, &[2, 1]), "msg_1", 1, "{}").split(' ').count(), 2);
    }
}
