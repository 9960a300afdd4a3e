//! The requests that are measured, and who makes them: two hundred agents, whose turns each connection takes one by one.

use std::collections::VecDeque;

use serde_json::Value;

use super::client::Asks;

/// A request that is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Read,
    List,
    Search,
    Today,
    ActionSheet,
    Shape,
    TeamSheet,
    /// The action sheet as xlsx; measured for fair shares only.
    Workbook,
    Create,
    Move,
}

/// In the order in which they are measured: those that write come last, and moves take what was created.
pub const KINDS: [Kind; 9] = [
    Kind::Read,
    Kind::List,
    Kind::Search,
    Kind::Today,
    Kind::ActionSheet,
    Kind::Shape,
    Kind::TeamSheet,
    Kind::Create,
    Kind::Move,
];

impl Kind {
    /// As the tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Read => "read one",
            Kind::List => "list of 50",
            Kind::Search => "search",
            Kind::Today => "today",
            Kind::ActionSheet => "action sheet",
            Kind::Shape => "shape of an agent",
            Kind::TeamSheet => "team sheet, 20 agents",
            Kind::Workbook => "workbooks",
            Kind::Create => "create",
            Kind::Move => "move",
        }
    }

    /// Whether it changes the database.
    pub fn writes(self) -> bool {
        matches!(self, Kind::Create | Kind::Move)
    }
}

/// Somebody who asks.
#[derive(Clone)]
pub struct Somebody {
    pub token: String,
    /// The own book.
    pub prospects: Vec<String>,
}

/// One connection's share of the agents.
#[derive(Clone)]
pub struct Asker {
    /// What is asked for now.
    pub kind: Kind,
    pub agents: Vec<Somebody>,
    pub head: Somebody,
    turn: usize,
    /// Whose turn it was and what was created: not yet moved.
    created: VecDeque<(usize, String)>,
}

impl Asker {
    /// Shares the agents among so many connections.
    pub fn share(agents: &[Somebody], head: &Somebody, connections: usize) -> Vec<Self> {
        let share = |n: usize| agents.iter().skip(n).step_by(connections).cloned().collect();
        let asker = |n| Asker {
            kind: Kind::Read,
            agents: share(n),
            head: head.clone(),
            turn: 0,
            created: VecDeque::new(),
        };
        (0..connections).map(asker).collect()
    }

    /// From a text that names it in the machine's own way: unpredictable is not needed here.
    fn key(&self) -> String {
        format!("{}-{}", &self.agents[0].prospects[0], self.turn)
    }
}

const FIRST: &str = r#"{"to":"first_appointment","facts":{"first_appointment":{"starts_at":"2009-12-18T10:00:00+08:00"},"decision_maker_expected":true}}"#;

impl Asks for Asker {
    fn request(&mut self) -> Option<Vec<u8>> {
        self.turn += 1;
        let whose = self.turn % self.agents.len();
        let me = &self.agents[whose];
        let get = |path: &str, by: &Somebody| written("GET", path, by, "", "");
        Some(match self.kind {
            Kind::Read => {
                // A stride that meets every prospect of a book.
                let id = &me.prospects[self.turn * 7 % me.prospects.len()];
                get(&format!("/v1/prospects/{id}"), me)
            }
            Kind::List => get("/v1/prospects?limit=50", me),
            Kind::Search => written("POST", "/v1/prospects/search", me, "", r#"{"q":"客户7"}"#),
            Kind::Today => get("/v1/today", me),
            Kind::ActionSheet => get("/v1/reports/action-sheet", me),
            Kind::Shape => get("/v1/reports/shape", me),
            Kind::TeamSheet => get("/v1/reports/team-sheet", &self.head),
            Kind::Workbook => get("/v1/reports/action-sheet?format=xlsx", me),
            Kind::Create => {
                let key = format!("Idempotency-Key: {}\r\n", self.key());
                let body = format!(r#"{{"name":"新客户{}","source":"exhibition"}}"#, self.turn);
                written("POST", "/v1/prospects", me, &key, &body)
            }
            Kind::Move => {
                let (whose, id) = self.created.pop_front()?;
                let headers = format!("Idempotency-Key: {}\r\nIf-Match: \"1\"\r\n", self.key());
                let path = format!("/v1/prospects/{id}/transitions");
                written("POST", &path, &self.agents[whose], &headers, FIRST)
            }
        })
    }

    fn answered(&mut self, status: u16, body: &[u8]) {
        let expected = if self.kind.writes() { 201 } else { 200 };
        assert_eq!(status, expected, "{:?}: {}", self.kind, String::from_utf8_lossy(body));
        if self.kind == Kind::Create {
            let created: Value = serde_json::from_slice(body).unwrap();
            let id = created["id"].as_str().unwrap().to_owned();
            self.created.push_back((self.turn % self.agents.len(), id));
        }
    }
}

fn written(method: &str, path: &str, by: &Somebody, headers: &str, body: &str) -> Vec<u8> {
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {}\r\n{headers}", by.token);
    if !body.is_empty() {
        request += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    }
    request += "\r\n";
    request += body;
    request.into_bytes()
}
