//! What a refusal is called where machines get tokens: problem documents have one member more there (RFC 6749 section 5.2).

use super::Code;

/// Where machines get tokens.
pub const TOKEN_PATH: &str = "/v1/auth/token";

/// The member `error`, of a refusal at [`TOKEN_PATH`]; none elsewhere, and none for what is not the caller's fault.
pub fn error(code: Code, path: &str) -> Option<&'static str> {
    if path != TOKEN_PATH || code.number() >= 500 {
        return None;
    }
    match code {
        Code::InvalidCredentials => Some("invalid_client"),
        Code::UnsupportedGrantType => Some("unsupported_grant_type"),
        Code::InvalidScope => Some("invalid_scope"),
        Code::TooManyRequests => None,
        _ => Some("invalid_request"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_the_names_of_the_standard_at_the_one_address() {
        for (code, name) in [
            (Code::InvalidCredentials, Some("invalid_client")),
            (Code::UnsupportedGrantType, Some("unsupported_grant_type")),
            (Code::InvalidScope, Some("invalid_scope")),
            (Code::InvalidTokenRequest, Some("invalid_request")),
            (Code::UnreadableJson, Some("invalid_request")),
            (Code::TooManyRequests, None),
            (Code::Overloaded, None),
        ] {
            assert_eq!(error(code, TOKEN_PATH), name, "{code:?}");
            assert_eq!(error(code, "/v1/auth/login"), None);
        }
    }
}
