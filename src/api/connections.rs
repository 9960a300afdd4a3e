//! The connections themselves (reliability O4): how many there may be, altogether and from one address, and how long one may
//! stay without a request.
//!
//! The HTTP library has a timer for the first head of a connection and for the pause after an answer, and none for a second
//! head that drips in or for an answer that nobody takes. What is over a bound is cut off from here: the socket is shut
//! down, and the library notices its end. Where there is no room, the connection that has idled longest makes some, so
//! that however many are opened and kept, somebody who asks gets in.

use std::{
    any::Any,
    collections::HashMap,
    net::IpAddr,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use actix_web::{
    dev::Extensions,
    rt::{self, net::TcpStream},
    web,
};
use rustix::net::{Shutdown, shutdown};

use crate::{api::middleware::metrics::Metrics, config::Config, security::guesses::network};

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at one time.
    pub altogether: usize,
    /// Of these from one address, of IPv6 from one network of 64 bits; `None` without a bound.
    pub of_one_address: Option<usize>,
    /// How long one may stay between an answer and the next request, its head included.
    pub idle: Duration,
    /// How long a request may take, its body and its answer included.
    pub busy: Duration,
}

/// Longest pause between two requests, whatever the requests may take: some seconds more than the library's own.
const IDLE: Duration = Duration::from_secs(15);

impl From<&Config> for Bounds {
    fn from(config: &Config) -> Self {
        Bounds {
            altogether: config.connections,
            of_one_address: Some(config.connections_per_address).filter(|most| *most > 0),
            idle: IDLE.min(config.request_timeout),
            busy: 2 * config.request_timeout,
        }
    }
}

/// Every connection that stands.
pub struct Connections {
    bounds: Bounds,
    state: Mutex<State>,
    figures: web::Data<Metrics>,
}

#[derive(Default)]
struct State {
    last: u64,
    standing: HashMap<u64, Standing>,
    of_address: HashMap<IpAddr, usize>,
}

struct Standing {
    /// A second handle of the socket: with it the connection can be ended from outside.
    socket: OwnedFd,
    from: Option<IpAddr>,
    /// Requests that have been read and not yet answered.
    requests: usize,
    /// Since when it idles, or when the last of its requests began.
    since: Instant,
}

impl State {
    fn remove(&mut self, number: u64) -> Option<Standing> {
        let gone = self.standing.remove(&number)?;
        if let Some(from) = gone.from
            && let Some(n) = self.of_address.get_mut(&from)
        {
            *n -= 1;
            if *n == 0 {
                self.of_address.remove(&from);
            }
        }
        Some(gone)
    }

    /// The connection that has idled longest, of one address or of any.
    fn idlest(&self, from: Option<IpAddr>) -> Option<u64> {
        let idle = self.standing.iter().filter(|(_, one)| one.requests == 0);
        let wanted = idle.filter(|(_, one)| from.is_none() || one.from == from);
        wanted.min_by_key(|(_, one)| one.since).map(|(number, _)| *number)
    }
}

impl Connections {
    /// None yet.
    pub fn new(bounds: Bounds, figures: web::Data<Metrics>) -> Arc<Self> {
        Arc::new(Connections { bounds, state: Mutex::default(), figures })
    }

    /// Takes a new connection in; its place is kept with it and ends with it.
    pub fn admit(self: &Arc<Self>, connection: &dyn Any, data: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
        let from = stream.peer_addr().ok().map(|address| network(address.ip()));
        match stream.as_fd().try_clone_to_owned().ok().and_then(|socket| self.seat(socket, from)) {
            Some(seat) => {
                data.insert(seat);
            }
            None => self.cut(stream.as_fd()),
        }
    }

    fn seat(self: &Arc<Self>, socket: OwnedFd, from: Option<IpAddr>) -> Option<Seat> {
        let mut state = self.lock();
        let of_address = from.and_then(|from| state.of_address.get(&from)).copied().unwrap_or(0);
        if self.bounds.of_one_address.is_some_and(|most| of_address >= most) {
            self.make_room(&mut state, from)?;
        }
        if state.standing.len() >= self.bounds.altogether {
            self.make_room(&mut state, None)?;
        }
        state.last += 1;
        let number = state.last;
        state.standing.insert(number, Standing { socket, from, requests: 0, since: Instant::now() });
        if let Some(from) = from {
            *state.of_address.entry(from).or_default() += 1;
        }
        self.tell(&state);
        Some(Seat(Arc::new(Place { connections: self.clone(), number })))
    }

    /// Cuts off the connection that has idled longest; `None` when none idles.
    fn make_room(&self, state: &mut State, from: Option<IpAddr>) -> Option<()> {
        let number = state.idlest(from)?;
        let gone = state.remove(number)?;
        self.cut(gone.socket.as_fd());
        Some(())
    }

    /// Cuts off whatever has taken too long.
    fn cut_late(&self, now: Instant) {
        let mut state = self.lock();
        let late = |one: &Standing| {
            let limit = if one.requests == 0 { self.bounds.idle } else { self.bounds.busy };
            now.saturating_duration_since(one.since) > limit
        };
        let numbers: Vec<u64> =
            state.standing.iter().filter(|(_, one)| late(one)).map(|(number, _)| *number).collect();
        for gone in numbers.into_iter().filter_map(|number| state.remove(number)) {
            self.cut(gone.socket.as_fd());
        }
        self.tell(&state);
    }

    fn cut(&self, socket: BorrowedFd<'_>) {
        self.figures.connections_cut.fetch_add(1, Ordering::Relaxed);
        // It may have ended by itself meanwhile.
        let _ = shutdown(socket, Shutdown::Both);
    }

    fn tell(&self, state: &State) {
        let standing = i64::try_from(state.standing.len()).unwrap_or(i64::MAX);
        self.figures.connections.store(standing, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks for connections that have taken too long, as long as there is a server for them. Within the server's runtime.
pub fn watch(connections: &Arc<Connections>) {
    let connections = Arc::downgrade(connections);
    rt::spawn(async move {
        loop {
            rt::time::sleep(Duration::from_millis(500)).await;
            let Some(connections) = connections.upgrade() else { return };
            connections.cut_late(Instant::now());
        }
    });
}

/// The place of a connection, kept with it.
#[derive(Clone)]
pub struct Seat(Arc<Place>);

struct Place {
    connections: Arc<Connections>,
    number: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.connections.lock();
        state.remove(self.number);
        self.connections.tell(&state);
    }
}

impl Seat {
    /// A request begins; it ends when the answer is dropped.
    pub fn request(&self) -> Busy {
        self.change(|one| one.requests += 1);
        Busy(self.clone())
    }

    fn change(&self, change: impl FnOnce(&mut Standing)) {
        if let Some(one) = self.0.connections.lock().standing.get_mut(&self.0.number) {
            change(one);
            one.since = Instant::now();
        }
    }
}

/// A request that is under way.
pub struct Busy(Seat);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.change(|one| one.requests = one.requests.saturating_sub(1));
    }
}
