//! Where a webhook may go, as far as its address alone says. A name is looked up when something is sent, not before: whoever
//! makes a webhook learns nothing about names.

use std::net::IpAddr;

use serde_json::json;
use url::{Host, Url};

use crate::{
    api::problem::{Code, document::Problem},
    domain::{
        exchange::networks::{Network, may_reach},
        values::text::Text,
    },
};

/// The address as it is kept: read and written again, so that every notation of a number is the plain one.
///
/// # Errors
/// 422 for what is no address of this kind.
pub fn checked(text: &str, allowed: &[Network]) -> Result<String, Problem> {
    let fault = |code: &'static str, en: &'static str, zh: &'static str| {
        Problem::new(Code::ValidationFailed).error("/url", code, Text::new(en, zh), json!({}))
    };
    let invalid = || {
        fault(
            "invalid_url",
            "An address https://… without user, password and fragment; http only where WEBHOOK_NETWORKS names its network.",
            "应为 https:// 开头、不含用户名、密码与片段的地址；仅 WEBHOOK_NETWORKS 所列网络可用 http。",
        )
    };
    let url = Url::parse(text).map_err(|_| invalid())?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let by_http = url.scheme() == "http" && !allowed.is_empty();
    if !plain || !(url.scheme() == "https" || by_http) || url.as_str().len() > 2048 {
        return Err(invalid());
    }
    let ip = match url.host().ok_or_else(invalid)? {
        Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
        Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
        Host::Domain(_) => None,
    };
    if ip.is_some_and(|ip| !may_reach(ip, allowed)) {
        return Err(fault(
            "address_not_allowed",
            "An address that is not public and in no network that WEBHOOK_NETWORKS names.",
            "该地址不是公网地址，也不在 WEBHOOK_NETWORKS 所列的网络之内。",
        ));
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_of_a_private_address_is_refused() {
        for text in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://0/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://169.254.169.254/latest",
            "https://0xa9fea9fe/",
            "https://[64:ff9b::7f00:1]/",
            "https://10.0.0.1:8443/x",
            "https://１２７.0.0.1/",
            "https://127。0。0。1/",
            "http://1.1.1.1/",
            "ftp://1.1.1.1/",
            "https://a:b@example.com/",
            "https://a@example.com/",
            "https://example.com/#a",
            "https://",
            "example.com",
            "",
            "file:///etc/passwd",
        ] {
            assert!(checked(text, &[]).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_public_or_named_is_taken_in_its_plain_notation() {
        assert_eq!(checked("https://Example.com", &[]).unwrap(), "https://example.com/");
        assert_eq!(checked("https://0x01010101/a?b=c", &[]).unwrap(), "https://1.1.1.1/a?b=c");
        let allowed = ["127.0.0.0/8".parse().unwrap()];
        assert_eq!(checked("http://127.1:8080/hook", &allowed).unwrap(), "http://127.0.0.1:8080/hook");
        assert!(checked("https://10.0.0.1/", &allowed).is_err());
    }
}
