//! The address of a PostgreSQL server, as `DATABASE_URL` gives it. It may hold a password: nothing here quotes it.

/// What cannot be read as an address, without a word of it.
const UNREADABLE: &str = "DATABASE_URL cannot be read as the address of a PostgreSQL server; in a user name or a password the characters \
    @ / ? # % stand as %40 %2F %3F %23 %25";

/// What speaks against an address.
///
/// # Errors
/// A sentence that says what would have been right.
pub(super) fn check(url: &str) -> Result<(), String> {
    let parts = Parts::of(url).ok_or_else(|| UNREADABLE.to_owned())?;
    if !parts.is_readable() {
        return Err(UNREADABLE.to_owned());
    }
    match parts.parameter("sslmode") {
        None | Some("disable") => Ok(()),
        Some(_) if cfg!(feature = "tls") => Ok(()),
        Some(_) => Err("DATABASE_URL asks for TLS (sslmode), which this build does not have: build it with \
            `cargo build --release --features tls`, or end TLS in front of the database and say sslmode=disable"
            .to_owned()),
    }
}

/// The words of the database's client without the passwords of an address.
pub(super) fn without_passwords(words: &str, url: &str) -> String {
    let Some(parts) = Parts::of(url) else { return String::new() };
    // Of what stands behind the question mark the client quotes what it cannot use: only the usual is let through.
    let usual = ["host", "hostaddr", "port", "user", "dbname"];
    let pairs = parts.parameters.split('&').filter_map(|pair| pair.split_once('='));
    let odd = pairs.filter(|(name, value)| !usual.contains(name) && value.parse::<u64>().is_err());
    let secrets =
        parts.password().into_iter().chain(odd.map(|(_, value)| value)).filter(|one| !one.is_empty());
    secrets.fold(words.to_owned(), |words, secret| words.replace(secret, "…").replace(&decoded(secret), "…"))
}

/// `scheme://USER:PASSWORD@HOSTS/NAME?PARAMETERS`.
struct Parts<'a> {
    user: Option<&'a str>,
    hosts: &'a str,
    name: &'a str,
    parameters: &'a str,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let (_, rest) = url.split_once("://")?;
        let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (Some(user), hosts),
            None => (None, authority),
        };
        Some(Parts { user, hosts, name, parameters })
    }

    fn is_readable(&self) -> bool {
        let all = [self.user.unwrap_or_default(), self.hosts, self.name, self.parameters];
        let plain = |text: &&str| {
            !text.contains(['@', '#']) && !text.contains(char::is_whitespace) && is_percent_encoded(text)
        };
        let host = |host: &str| match host.rsplit_once(']').map_or(host, |(_, rest)| rest).rsplit_once(':') {
            Some((_, port)) => port.parse::<u16>().is_ok(),
            None => true,
        };
        let parameter = |one: &str| {
            let name = one.split_once('=').map(|(name, _)| name);
            name.is_some_and(|name| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
            })
        };
        all.iter().all(plain)
            && !self.name.contains('/')
            && self.hosts.split(',').all(host)
            && (self.parameters.is_empty() || self.parameters.split('&').all(parameter))
    }

    fn password(&self) -> Option<&'a str> {
        self.user?.split_once(':').map(|(_, password)| password)
    }

    fn parameter(&self, wanted: &str) -> Option<&'a str> {
        let pairs = self.parameters.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value).next_back()
    }
}

fn is_percent_encoded(text: &str) -> bool {
    let digits = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    text.split('%').skip(1).all(digits)
}

/// A text without percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let code = (*first == b'%').then(|| others.get(..2)).flatten();
        let code = code.and_then(|two| std::str::from_utf8(two).ok());
        match code.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = others.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_refused_without_being_quoted() {
        for url in [
            "postgres://u:s3cret@word@h/d",
            "postgres://u:s3c/ret@h/d",
            "postgres://u:s3c?ret@h/d",
            "postgres://u:s3c#ret@h/d",
            "postgres://u:s3c%ret@h/d",
            "postgres://u:s3cret@h:port/d",
            "postgres://u:s3cret@h/d?connect_timeout",
            "postgres://u:s3cret@h/d?Password=x y",
        ] {
            let said = check(url).unwrap_err();
            assert!(said.contains("cannot be read") && !said.contains("s3c"), "{url}: {said}");
        }
    }

    #[test]
    fn what_the_client_takes_is_taken() {
        for url in [
            "postgres://u:p%40ss@h/d",
            "postgres://h",
            "postgresql:///d?host=/tmp/sockets&user=u",
            "postgres://u@%2Ftmp%2Fsockets/d",
            "postgres://u@[::1]:5432/d?connect_timeout=3",
            "postgres://u@one:1,two:2/d?sslmode=disable",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn the_words_of_the_client_hold_no_password() {
        let url = "postgres://u:p%40ss@h/d?sslpassword=other";
        assert_eq!(without_passwords("no p@ss, no p%40ss, no other", url), "no …, no …, no …");
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn tls_that_the_build_does_not_have_is_no_silent_plain_text() {
        for mode in ["allow", "prefer", "require", "verify-full"] {
            let said = check(&format!("postgres://u:s3cret@h/d?sslmode={mode}")).unwrap_err();
            assert!(said.contains("--features tls") && said.contains("sslmode=disable"), "{said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
    }
}
