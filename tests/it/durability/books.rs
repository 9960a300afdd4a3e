//! What a writer was told, and whether the service still says so.

use std::{cell::Cell, time::Duration};

use serde_json::{Value, json};

use crate::harness::given::five;

/// A write, so that it can be sent again to the letter.
#[derive(Clone)]
pub struct Request {
    path: String,
    body: Value,
    if_match: Option<i64>,
    key: String,
}

/// What came back from a write.
pub enum Heard {
    /// 201 and its body, whole.
    Acknowledged(Value),
    /// The connection broke.
    Nothing,
}

/// One signed-in user of one running service.
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: String,
    replayed: Cell<bool>,
}

impl Client {
    pub fn signed_in(address: &str, username: &str, password: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .build()
            .new_agent();
        let base = format!("http://{address}");
        let mut client = Client { agent, base, token: String::new(), replayed: Cell::new(false) };
        let body = json!({"username": username, "password": password});
        let (status, tokens) = client.ask("/v1/auth/login", &body, None, None).unwrap();
        assert_eq!(status, 200, "{tokens}");
        client.token = tokens["access_token"].as_str().unwrap().to_owned();
        client
    }

    pub fn get(&self, path: &str) -> Value {
        let call = self.agent.get(format!("{}{path}", self.base));
        let mut answer = call.header("Authorization", format!("Bearer {}", self.token)).call().unwrap();
        let body: Value = answer.body_mut().read_json().unwrap();
        assert_eq!(answer.status(), 200, "GET {path}: {body}");
        body
    }

    pub fn create(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(path, body, None, None).unwrap();
        assert_eq!(status, 201, "POST {path}: {answer}");
        answer
    }

    /// Sends a write; anything but an acknowledgement or silence is a fault of the service.
    pub fn send(&self, request: &Request) -> Heard {
        match self.ask(&request.path, &request.body, request.if_match, Some(&request.key)) {
            Ok((201, body)) => Heard::Acknowledged(body),
            Ok((status, body)) => panic!("{} {}: {status} {body}", request.path, request.body),
            Err(_) => Heard::Nothing,
        }
    }

    fn ask(
        &self,
        path: &str,
        body: &Value,
        if_match: Option<i64>,
        key: Option<&str>,
    ) -> Result<(u16, Value), ureq::Error> {
        let mut call = self.agent.post(format!("{}{path}", self.base));
        if !self.token.is_empty() {
            call = call.header("Authorization", format!("Bearer {}", self.token));
        }
        if let Some(version) = if_match {
            call = call.header("If-Match", format!("\"{version}\""));
        }
        if let Some(key) = key {
            call = call.header("Idempotency-Key", key);
        }
        let mut answer = call.send_json(body)?;
        self.replayed.set(answer.headers().contains_key("idempotency-replayed"));
        let status = answer.status().as_u16();
        Ok((status, answer.body_mut().read_json()?))
    }
}

/// One prospect as its writer knows it.
struct Written {
    name: String,
    id: String,
    version: i64,
    /// Ids of the records that answered each acknowledged move.
    records: Vec<String>,
    requests: Vec<(Request, Value)>,
}

/// Everything one writer did.
pub struct Book {
    pub username: String,
    pub acknowledgements: usize,
    pub repeated: usize,
    /// A day that is never in the service's future.
    today: String,
    keys: usize,
    prospects: Vec<Written>,
    in_flight: Option<Request>,
    /// Prospects before this one were compared after an earlier kill and have not been written since.
    compared: usize,
}

/// How many acknowledged writes make a whole life.
const LIFE: usize = 6;

impl Book {
    pub fn new(username: &str, today: &str) -> Self {
        Book {
            username: username.to_owned(),
            acknowledgements: 0,
            repeated: 0,
            today: today.to_owned(),
            keys: 0,
            prospects: Vec::new(),
            in_flight: None,
            compared: 0,
        }
    }

    /// A new prospect, or the next move of the last one.
    pub fn next_request(&mut self) -> Request {
        self.keys += 1;
        let key = format!("{}-{}", self.username, self.keys);
        match self.prospects.last().filter(|last| last.requests.len() < LIFE) {
            Some(last) => Request {
                path: format!("/v1/prospects/{}/transitions", last.id),
                body: self.next_move(last.requests.len()),
                if_match: Some(last.version),
                key,
            },
            None => Request {
                path: "/v1/prospects".to_owned(),
                body: json!({"name": format!("{} {:06}", self.username, self.prospects.len()), "source": "fair"}),
                if_match: None,
                key,
            },
        }
    }

    fn next_move(&self, done: usize) -> Value {
        let today = &self.today;
        let in_days = |n: u64| {
            let day: chrono::NaiveDate = today.parse().unwrap();
            format!("{}T10:00:00+08:00", day + chrono::Days::new(n))
        };
        match done {
            1 => json!({"to": "first_appointment", "facts": {"decision_maker_expected": true,
                "first_appointment": {"starts_at": in_days(3)}}}),
            2 => {
                json!({"to": "stage_25", "facts": {"first_meeting_on": today, "further_cooperation_agreed": true,
                "next_appointment": {"starts_at": in_days(5), "agenda": "go through the plan"}}})
            }
            3 => json!({"to": "stage_50",
                "facts": {"criteria": five(), "target_signing_on": in_days(5)[..10]}}),
            4 => json!({"to": "stage_90", "facts": {"signed_on": today, "documents_submitted_on": today,
                "premium_received_on": today, "evidence": "bank slip"}}),
            _ => json!({"to": "exited", "reason": "moved_away"}),
        }
    }

    pub fn acknowledged(&mut self, request: Request, answer: Value) {
        self.acknowledgements += 1;
        let version = answer["version"].as_i64().unwrap();
        if request.if_match.is_none() {
            self.prospects.push(Written {
                name: request.body["name"].as_str().unwrap().to_owned(),
                id: answer["id"].as_str().unwrap().to_owned(),
                version,
                records: Vec::new(),
                requests: vec![(request, answer)],
            });
            return;
        }
        let last = self.prospects.last_mut().unwrap();
        last.version = version;
        last.records.push(answer["transition"]["id"].as_str().unwrap().to_owned());
        last.requests.push((request, answer));
    }

    pub fn left_in_flight(&mut self, request: Request) {
        self.in_flight = Some(request);
    }

    /// After a restart: what was acknowledged since the last kill is there, what was in flight is repeated and has one
    /// effect, the last acknowledged write has no second one.
    pub fn compare(&mut self, client: &Client) {
        let pending = self.in_flight.take();
        for written in &self.prospects[self.compared..] {
            // What was in flight is about the last prospect; it may have come through.
            let last = written.id == self.prospects[self.prospects.len() - 1].id;
            let may_be_ahead = last && pending.as_ref().is_some_and(|request| request.if_match.is_some());
            written.still_there(client, may_be_ahead);
        }
        if let Some((request, answer)) = self.prospects.last().and_then(|last| last.requests.last()) {
            repeats(client, request, answer);
        }
        if let Some(request) = pending {
            self.repeated += 1;
            let Heard::Acknowledged(answer) = client.send(&request) else {
                panic!("no answer to a repetition")
            };
            repeats(client, &request, &answer);
            self.acknowledged(request, answer);
            self.prospects.last().unwrap().still_there(client, false);
        }
        self.compared = self.prospects.len() - 1;
        self.each_once(client);
    }

    /// Everything that was ever acknowledged.
    pub fn compare_all(&self, client: &Client) {
        for written in &self.prospects {
            written.still_there(client, false);
        }
        self.each_once(client);
    }

    /// Every name stands once in the writer's list, at the stage and version last told, and nothing else does.
    fn each_once(&self, client: &Client) {
        let mut found: Vec<(String, i64)> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = client.get(&format!("/v1/prospects?limit=100{cursor}"));
            for row in page["data"].as_array().unwrap() {
                found.push((row["name"].as_str().unwrap().to_owned(), row["version"].as_i64().unwrap()));
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        found.sort();
        let told: Vec<(String, i64)> = self.prospects.iter().map(|p| (p.name.clone(), p.version)).collect();
        assert_eq!(found, told, "the list of {}", self.username);
    }
}

impl Written {
    /// The log is whole, ends at the stage, and holds every record that was acknowledged; beside them at most the one
    /// that was in flight.
    fn still_there(&self, client: &Client, may_be_ahead: bool) {
        let prospect = client.get(&format!("/v1/prospects/{}", self.id));
        let log = client.get(&format!("/v1/prospects/{}/transitions", self.id));
        let log = log["data"].as_array().unwrap();
        let mut stage = &Value::Null;
        for (seq, record) in (1..).zip(log) {
            assert_eq!(record["seq"], seq, "{}: {log:#?}", self.name);
            assert_eq!(&record["from"], stage, "{}: {log:#?}", self.name);
            stage = &record["to"];
        }
        assert_eq!(&prospect["stage"], stage, "{}: the fold of the log is the stage", self.name);
        let ids: Vec<&str> = log.iter().skip(1).map(|record| record["id"].as_str().unwrap()).collect();
        let ahead = ids.len().saturating_sub(self.records.len());
        assert_eq!(ids[..ids.len() - ahead], self.records, "{}: lost or invented", self.name);
        assert!(ahead == 0 || (ahead == 1 && may_be_ahead), "{}: {ahead} records nobody knows of", self.name);
        let version = self.version + i64::try_from(ahead).unwrap();
        assert_eq!(prospect["version"], version, "{}", self.name);
    }
}

/// The same request again has the same answer and no effect; another one under its key is refused.
fn repeats(client: &Client, request: &Request, answer: &Value) {
    let Heard::Acknowledged(again) = client.send(request) else { panic!("no answer to a repetition") };
    assert_eq!(&again, answer);
    assert!(client.replayed.get(), "{}: done a second time", request.path);
    let other = json!({"name": "somebody else", "source": "fair"});
    let other = if request.if_match.is_none() { other } else { json!({"to": "opportunity"}) };
    let (status, problem) = client.ask(&request.path, &other, request.if_match, Some(&request.key)).unwrap();
    assert_eq!((status, &problem["code"]), (422, &json!("idempotency_key_reused")), "{problem}");
}
