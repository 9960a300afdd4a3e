//! What a test takes as given: prospects brought to a stage through the API itself.

use serde_json::{Value, json};

use super::{World, actors::Person, app::Answer};

/// A prospect as a test follows it: its address and the version last seen.
pub struct Prospect {
    pub id: String,
    pub version: i64,
}

impl Prospect {
    /// Creates an opportunity.
    #[track_caller]
    pub fn named(world: &World, owner: &Person, name: &str) -> Self {
        let body = json!({"name": name, "source": "exhibition"});
        let answer = world.post("/v1/prospects", body).by(owner).status(201);
        Prospect { id: answer.string("id"), version: answer.version() }
    }

    /// The path of a sub-resource.
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/prospects/{}{rest}", self.id)
    }

    fn seen(&mut self, answer: Answer) -> Answer {
        self.version = answer.version();
        answer
    }

    /// Asks for a move and expects it.
    #[track_caller]
    pub fn moves(&mut self, world: &World, by: &Person, body: Value) -> Answer {
        let call = world.post(&self.path("/transitions"), body).by(by).if_match(self.version);
        self.seen(call.status(201))
    }

    /// Asks for a move and expects a refusal; answers the codes of the unmet guards.
    #[track_caller]
    pub fn refused(&self, world: &World, by: &Person, body: Value) -> Vec<String> {
        let call = world.post(&self.path("/transitions"), body).by(by).if_match(self.version);
        call.problem(422, "transition_refused").error_codes()
    }

    /// Records something beside the moves.
    #[track_caller]
    pub fn records(&mut self, world: &World, by: &Person, rest: &str, body: Value) -> Answer {
        self.seen(world.post(&self.path(rest), body).by(by).status(201))
    }

    /// Reads it, and remembers its version.
    #[track_caller]
    pub fn read(&mut self, world: &World, by: &Person) -> Value {
        let answer = world.get(&self.path("")).by(by).status(200);
        self.version = answer.version();
        answer.json()
    }

    /// The stage today.
    #[track_caller]
    pub fn stage(&mut self, world: &World, by: &Person) -> String {
        self.read(world, by)["stage"].as_str().unwrap().to_owned()
    }

    /// The log as (kind, from, to, date, path).
    pub fn log(&self, world: &World, by: &Person) -> Vec<[String; 5]> {
        let json = world.get(&self.path("/transitions")).by(by).status(200).json();
        let text = |v: &Value| v.as_str().unwrap_or("-").to_owned();
        let row = |t: &Value| {
            [text(&t["kind"]), text(&t["from"]), text(&t["to"]), text(&t["occurred_on"]), text(&t["path"])]
        };
        json["data"].as_array().unwrap().iter().map(row).collect()
    }

    /// Fixes a first appointment for a day, ten in the morning in Shanghai.
    #[track_caller]
    pub fn fix_first(&mut self, world: &World, by: &Person, day: &str) -> Answer {
        let facts = json!({"first_appointment": {"starts_at": format!("{day}T10:00:00+08:00")}, "decision_maker_expected": true});
        self.moves(world, by, json!({"to": "first_appointment", "facts": facts}))
    }

    /// Meets today and fixes the next appointment: 25%.
    #[track_caller]
    pub fn meet(&mut self, world: &World, by: &Person, met: &str, next: &str) -> Answer {
        let facts = json!({"first_meeting_on": met, "further_cooperation_agreed": true,
            "next_appointment": {"starts_at": format!("{next}T14:00:00+08:00"), "agenda": "go through the plan"}});
        self.moves(world, by, json!({"to": "stage_25", "facts": facts}))
    }

    /// Records five of five and moves to 50%.
    #[track_caller]
    pub fn reach_50(&mut self, world: &World, by: &Person, target: &str) -> Answer {
        self.moves(
            world,
            by,
            json!({"to": "stage_50", "facts": {"criteria": five(), "target_signing_on": target}}),
        )
    }

    /// Signs, submits and pays on one day: 90%.
    #[track_caller]
    pub fn sign_and_pay(&mut self, world: &World, by: &Person, on: &str) -> Answer {
        let facts = json!({"signed_on": on, "documents_submitted_on": on, "premium_received_on": on,
            "advance_premium": {"amount": "3000.00", "currency": "CNY"}, "evidence": "bank slip"});
        self.moves(world, by, json!({"to": "stage_90", "facts": facts}))
    }

    /// Records issue and receipt.
    #[track_caller]
    pub fn issued(&mut self, world: &World, by: &Person, issued: &str, receipt: &str) -> Answer {
        let body = json!({"policy_issued_on": issued, "receipt_signed_on": receipt, "evidence": "receipt"});
        self.changes_pursuit(world, by, body)
    }

    /// Changes dates of the latest pursuit.
    #[track_caller]
    pub fn changes_pursuit(&mut self, world: &World, by: &Person, body: Value) -> Answer {
        let page = world.get(&self.path("/pursuits")).by(by).status(200).json();
        let id = page["data"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
        let call = world.patch(&self.path(&format!("/pursuits/{id}")), body).by(by).if_match(self.version);
        self.seen(call.status(200))
    }
}

/// Three criteria met, with evidence.
pub fn five() -> Value {
    let met = |why: &str| json!({"verdict": "met", "evidence": why});
    json!({"decision_maker": met("he decides"), "plan_fits": met("asked for it"), "budget": met("1500 a month")})
}
