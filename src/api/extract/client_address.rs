//! Where a request comes from.

use std::net::IpAddr;

use actix_web::http::header::{self, HeaderMap};

/// The address of the caller: of the connection, or, behind `proxies` reverse proxies, what the outermost of them
/// wrote. What stands further left in the header was written by the caller and is not believed.
pub fn of(connection: Option<IpAddr>, headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    if proxies == 0 {
        return connection;
    }
    let hops: Vec<&str> = headers
        .get_all(header::X_FORWARDED_FOR)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let outermost = hops.len().checked_sub(proxies).and_then(|nth| hops.get(nth));
    outermost.and_then(|hop| hop.trim().parse().ok()).or(connection)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn seen(hops: &[&str], proxies: usize) -> String {
        let headers = hops
            .iter()
            .map(|hop| (HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(hop).unwrap()));
        let headers: HeaderMap = headers.collect();
        of(Some("192.0.2.1".parse().unwrap()), &headers, proxies).unwrap().to_string()
    }

    #[test]
    fn only_what_our_own_proxies_wrote_is_believed() {
        assert_eq!(seen(&["198.51.100.7"], 0), "192.0.2.1");
        assert_eq!(seen(&["10.0.0.1, 198.51.100.7"], 1), "198.51.100.7");
        assert_eq!(seen(&["10.0.0.1", "198.51.100.7, 192.0.2.9"], 2), "198.51.100.7");
        assert_eq!(seen(&["2001:db8::1"], 1), "2001:db8::1");
    }

    #[test]
    fn without_a_readable_address_it_is_the_connection() {
        assert_eq!(seen(&[], 1), "192.0.2.1");
        assert_eq!(seen(&["unknown"], 1), "192.0.2.1");
        assert_eq!(seen(&["198.51.100.7"], 2), "192.0.2.1");
    }
}
