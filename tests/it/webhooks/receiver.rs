//! A receiver of webhooks: it takes what comes, and answers as the test says.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// A message as it came in.
#[derive(Clone, Debug)]
pub struct Received {
    pub id: String,
    pub timestamp: String,
    pub signatures: Vec<String>,
    pub text: String,
}

impl Received {
    pub fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub fn kind(&self) -> String {
        self.body()["type"].as_str().unwrap().to_owned()
    }

    /// Whether one of the signatures is that of a secret, as Standard Webhooks says.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", self.id, self.timestamp, self.text).as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.signatures.contains(&expected)
    }
}

/// How a receiver answers: the status line's code and further header lines; none for silence.
type Answer = Box<dyn Fn(&Received) -> Option<(u16, String)> + Send + Sync>;

/// A receiver on a port of its own.
pub struct Receiver {
    pub port: u16,
    taken: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    pub fn new(answer: impl Fn(&Received) -> Option<(u16, String)> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (taken.clone(), Arc::new(Box::new(answer) as Answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (kept.clone(), answer.clone());
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    let mut headers = Vec::new();
                    loop {
                        let mut line = String::new();
                        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                            break;
                        }
                        headers.push(line.trim().to_owned());
                    }
                    let header = |name: &str| -> String {
                        let found = headers.iter().find_map(|line| {
                            let (key, value) = line.split_once(':')?;
                            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
                        });
                        found.unwrap_or_default()
                    };
                    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
                    if reader.read_exact(&mut body).is_err() {
                        return;
                    }
                    let received = Received {
                        id: header("webhook-id"),
                        timestamp: header("webhook-timestamp"),
                        signatures: header("webhook-signature").split(' ').map(str::to_owned).collect(),
                        text: String::from_utf8(body).unwrap(),
                    };
                    let answered = answer(&received);
                    kept.lock().unwrap().push(received);
                    match answered {
                        Some((status, more)) => {
                            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{more}\r\n");
                            let _ = reader.get_mut().write_all(head.as_bytes());
                        }
                        None => thread::sleep(std::time::Duration::from_secs(60)),
                    }
                });
            }
        });
        Receiver { port, taken }
    }

    /// One that takes everything.
    pub fn willing() -> Self {
        Self::new(|_| Some((204, String::new())))
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hooks", self.port)
    }

    pub fn taken(&self) -> Vec<Received> {
        self.taken.lock().unwrap().clone()
    }

    /// The ids of what came in, each once, sorted.
    pub fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.taken().into_iter().map(|one| one.id).collect();
        ids.sort();
        ids.dedup();
        ids
    }
}
