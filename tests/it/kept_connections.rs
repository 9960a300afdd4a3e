//! How long an answer takes on a connection that is kept.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use prospector::store::db::connection::Engine;

use crate::harness::World;

/// The fastest of some answers on one connection: a machine that is busy delays some of them, a delayed
/// acknowledgement every one.
fn fastest(address: &str, path: &str, encoding: &str) -> Duration {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: {encoding}\r\n\r\n");
    let answers = (0..12).map(|_| {
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).unwrap();
        let head = read_answer(&mut stream);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert_eq!(head.contains("content-encoding: gzip"), encoding == "gzip", "{head}");
        asked.elapsed()
    });
    answers.min().unwrap()
}

/// Reads one answer to its end; gives its head.
fn read_answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 1 << 16];
    loop {
        let n = stream.read(&mut buffer).unwrap();
        assert!(n > 0, "the connection was closed");
        bytes.extend_from_slice(&buffer[..n]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head =
            String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase().replace("http/1.1", "HTTP/1.1");
        let body = &bytes[end + 4..];
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let whole = match length {
            Some(length) => body.len() >= length.parse::<usize>().unwrap(),
            None => body.ends_with(b"0\r\n\r\n"),
        };
        if whole {
            return head;
        }
    }
}

#[test]
fn a_compressed_answer_on_a_kept_connection_costs_less_than_ten_milliseconds_more() {
    let world = World::new(Engine::Sqlite).unwrap();
    let address = world.base.strip_prefix("http://").unwrap();
    let plain = fastest(address, "/problems", "identity");
    let compressed = fastest(address, "/problems", "gzip");
    println!("plain {plain:?}, compressed {compressed:?}");
    assert!(compressed < plain + Duration::from_millis(10), "plain {plain:?}, compressed {compressed:?}");
}
