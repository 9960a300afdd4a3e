//! How many wrong passwords somebody may try: so many at once, and as many more every minute.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Of how many it is remembered before those are forgotten who may try as often as anybody again.
const REMEMBERED: usize = 10_000;

/// Who has tried how often; kept by one process.
#[derive(Debug)]
pub struct Guesses {
    per_minute: f64,
    left: Mutex<HashMap<u64, Left>>,
}

#[derive(Clone, Copy, Debug)]
struct Left {
    tries: f64,
    at: Instant,
}

impl Guesses {
    /// So many at once, and so many more a minute.
    pub fn new(per_minute: u32) -> Self {
        Guesses { per_minute: f64::from(per_minute.max(1)), left: Mutex::default() }
    }

    /// Takes one try before it is made, so that many at once are no more than many in a row.
    ///
    /// # Errors
    /// How long to wait for the next.
    pub fn take(&self, key: u64, now: Instant) -> Result<(), Duration> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.len() >= REMEMBERED {
            left.retain(|_, left| self.grown(*left, now) < self.per_minute);
        }
        let tries = left.get(&key).map_or(self.per_minute, |left| self.grown(*left, now));
        let taken = tries - 1.0;
        if taken < 0.0 {
            return Err(Duration::from_secs_f64(-taken * 60.0 / self.per_minute));
        }
        left.insert(key, Left { tries: taken, at: now });
        Ok(())
    }

    /// Gives a try back that was no wrong one.
    pub fn give_back(&self, key: u64) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = left.get_mut(&key) {
            left.tries = (left.tries + 1.0).min(self.per_minute);
        }
    }

    fn grown(&self, left: Left, now: Instant) -> f64 {
        let minutes = now.saturating_duration_since(left.at).as_secs_f64() / 60.0;
        (left.tries + minutes * self.per_minute).min(self.per_minute)
    }
}

/// The network that counts as one address: of IPv6 the 64 bits that one customer is given, of which he has every address.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        IpAddr::V4(address) => IpAddr::V4(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_at_once_and_then_one_after_the_other() {
        let (guesses, now) = (Guesses::new(10), Instant::now());
        let taken = (0..100).filter(|_| guesses.take(1, now).is_ok()).count();
        assert_eq!(taken, 10);
        assert!(guesses.take(1, now).unwrap_err() <= Duration::from_secs(6));
        assert!(guesses.take(2, now).is_ok());
        let later = now + Duration::from_secs(7);
        assert_eq!((guesses.take(1, later).is_ok(), guesses.take(1, later).is_ok()), (true, false));
    }

    #[test]
    fn a_try_that_is_given_back_does_not_count() {
        let (guesses, now) = (Guesses::new(10), Instant::now());
        for _ in 0..100 {
            guesses.take(1, now).unwrap();
            guesses.give_back(1);
        }
    }

    #[test]
    fn an_ipv6_customer_is_one_address_and_a_mapped_ipv4_the_one_it_is() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_eq!(of("192.0.2.7").to_string(), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7").to_string(), "192.0.2.7");
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
