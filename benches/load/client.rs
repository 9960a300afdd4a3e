//! A load generator that costs little, because it shares the machine with what it measures: one thread and one kept
//! connection each, requests written as bytes, answers read as far as needed.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

/// A kept connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Whether the last answer said when to ask again.
    pub says_when: bool,
}

impl Connection {
    /// Connects to `host:port`.
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Connection { stream, buffer: vec![0; 1 << 16], says_when: false }
    }

    /// Sends a request and reads the answer: its status and its body.
    pub fn ask(&mut self, request: &[u8]) -> (u16, &[u8]) {
        self.stream.write_all(request).unwrap();
        let (mut have, mut head) = (0, None);
        loop {
            if have == self.buffer.len() {
                self.buffer.resize(2 * have, 0);
            }
            let read = self.stream.read(&mut self.buffer[have..]).unwrap();
            assert!(read > 0, "the service closed the connection");
            have += read;
            head = head.or_else(|| Head::of(&self.buffer[..have]));
            if let Some(Head { status, body, length, says_when }) = head
                && have >= body + length
            {
                self.says_when = says_when;
                return (status, &self.buffer[body..body + length]);
            }
        }
    }
}

/// What the head of an answer says.
#[derive(Clone, Copy)]
struct Head {
    status: u16,
    body: usize,
    length: usize,
    says_when: bool,
}

impl Head {
    /// `None` until the head is complete.
    fn of(bytes: &[u8]) -> Option<Self> {
        let body = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let text = std::str::from_utf8(&bytes[..body]).unwrap();
        let status = text[9..12].parse().unwrap();
        let value = |wanted: &str| {
            text.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case(wanted).then_some(value)
            })
        };
        let length = value("content-length").unwrap_or_else(|| panic!("no length: {text}"));
        let says_when = value("retry-after").is_some();
        Some(Head { status, body, length: length.parse().unwrap(), says_when })
    }
}

/// Who asks over one connection.
pub trait Asks: Send {
    /// The next request; `None` when there is nothing more to ask.
    fn request(&mut self) -> Option<Vec<u8>>;

    /// Its answer.
    fn answered(&mut self, status: u16, body: &[u8]);
}

/// What came of it.
pub struct Pressed {
    /// Requests answered.
    pub n: usize,
    /// From the first request to the last answer, in seconds.
    pub seconds: f64,
    took: Vec<Duration>,
}

impl Pressed {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        self.n as f64 / self.seconds
    }

    /// The time in milliseconds within which this part of the requests was answered.
    pub fn within(&self, part: f64) -> f64 {
        let last = self.took.len().saturating_sub(1);
        self.took
            .get((last as f64 * part).round() as usize)
            .map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0)
    }
}

/// Lets everybody ask as fast as answers come, for a time.
pub fn press<A: Asks>(address: &str, askers: &mut [A], length: Duration) -> Pressed {
    let start = &Barrier::new(askers.len());
    let begun = Instant::now();
    let mut took: Vec<Duration> = thread::scope(|scope| {
        let threads: Vec<_> = askers
            .iter_mut()
            .map(|asker| {
                scope.spawn(move || {
                    let mut connection = Connection::open(address);
                    start.wait();
                    ask_until(&mut connection, asker, Instant::now() + length)
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let seconds = begun.elapsed().as_secs_f64();
    took.sort_unstable();
    Pressed { n: took.len(), seconds, took }
}

fn ask_until<A: Asks>(connection: &mut Connection, asker: &mut A, end: Instant) -> Vec<Duration> {
    let mut took = Vec::new();
    while Instant::now() < end
        && let Some(request) = asker.request()
    {
        let begun = Instant::now();
        let (status, body) = connection.ask(&request);
        took.push(begun.elapsed());
        asker.answered(status, body);
    }
    took
}
