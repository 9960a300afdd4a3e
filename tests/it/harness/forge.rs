//! Tokens that the service would never issue, signed with its own key.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::World;

/// A token signed with the service's own key, over any header and claims: what a defect would let through.
pub struct Forge {
    key: jsonwebtoken::EncodingKey,
    /// Its name.
    pub kid: String,
    /// The public key.
    pub public: Vec<u8>,
}

impl Forge {
    /// The service's own key.
    pub fn of(world: &World) -> Self {
        let pem = std::fs::read(world.app.config.keys_dir.join("signing-0-first.pem")).unwrap();
        let keys = world.app.tokens.public_keys();
        Forge {
            key: jsonwebtoken::EncodingKey::from_ed_pem(&pem).unwrap(),
            kid: keys[0].id.clone(),
            public: URL_SAFE_NO_PAD.decode(&keys[0].x).unwrap(),
        }
    }

    /// The header that the service writes.
    pub fn header(&self) -> Value {
        json!({"typ": "at+jwt", "alg": "EdDSA", "kid": self.kid})
    }

    /// A token of any header and claims.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    /// [`Forge::sign`] from text, for what JSON values cannot say.
    pub fn sign_text(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, jsonwebtoken::Algorithm::EdDSA)
                .unwrap();
        format!("{message}.{signature}")
    }
}

/// What a token claims.
pub fn claims_of(token: &str) -> Map<String, Value> {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
