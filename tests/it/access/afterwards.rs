//! C13: what a write answers is what the next read finds, over every writing operation of the API document that answers
//! with something there is to read.
//!
//! Every row of the table is asked twice: on a day on which nothing is due, and on one on which a sale of the owner's has
//! matured that nobody has looked at, so that the owner's cycle is another one from that day on.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    callers::Company,
    document,
    table::{Ask, Row, rows},
};
use crate::harness::{Person, World, app::Answer, both, given::Prospect};

/// What leaves nothing behind that its caller can read, or is a reading itself. A machine learns nothing of what its event
/// came to, and a decision about one is read with the event.
const NOTHING_TO_READ: &[&str] = &[
    "answerExercise",
    "classifyFacts",
    "createAccessToken",
    "createPolicyEvent",
    "createPolicyEventBatch",
    "createPolicyEventDismissal",
    "createPolicyEventMatch",
    "createPolicyEventRevocation",
    "createTokens",
    "importCoolingOffRules",
    "importPremiumFactors",
    "importProducts",
    "refreshTokens",
    "revokeTokens",
    "createSweep",
    "searchProspects",
    "updateAgentPassword",
    "updateMyPassword",
];

#[test]
fn what_a_write_answers_is_what_the_next_read_finds() {
    both(|world| {
        let (mut compared, mut wrong) = (BTreeSet::new(), Vec::new());
        let mut places = 0;
        for matured in [false, true] {
            for (number, row) in rows().iter().enumerate() {
                let written = write(&world, row, &format!("-{matured}-{number}"), matured);
                let Some((ask, by, answer)) = written else { continue };
                let read = Compared::new(&world, &by, &ask, &answer);
                if read.places > 0 {
                    compared.insert(row.operation);
                    places += read.places;
                }
                wrong.extend(
                    read.wrong.iter().map(|w| format!("{} (matured: {matured}): {w}", row.operation)),
                );
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let writes = document::operations().into_iter().filter(|operation| operation.method != "GET");
        let missed: BTreeSet<&str> =
            writes.map(|operation| operation.id).filter(|id| !compared.contains(id)).collect();
        assert_eq!(missed, NOTHING_TO_READ.iter().copied().collect());
        println!("C13 on {:?}: {} operations, {places} places", world.engine, compared.len());
    });
}

/// Asks for a write, in a company of its own; none where the row only reads, or is refused on the later day.
fn write(world: &World, row: &Row, name: &str, matured: bool) -> Option<(Ask, Person, Answer)> {
    if document::operation(row.operation).method == "GET" {
        return None;
    }
    world.on("2009-12-14");
    let company = Company::new(world, name);
    let side = company.side();
    if matured {
        world.on("2009-12-01");
        let mut sale = Prospect::named(world, side.owner, "艾新华");
        sale.fix_first(world, side.owner, "2009-12-01");
        sale.meet(world, side.owner, "2009-12-01", "2009-12-04");
        sale.reach_50(world, side.owner, "2009-12-04");
        world.on("2009-12-04");
        sale.sign_and_pay(world, side.owner, "2009-12-04");
        sale.issued(world, side.owner, "2009-12-04", "2009-12-04");
        world.on("2009-12-14");
    }
    let ask = (row.ask)(world, &side);
    if matured {
        world.on("2009-12-15");
    }
    let by = side.whoever_may(world, row.access).clone();
    let answer = ask.call(world).by(&by).send();
    let done = (200..300).contains(&answer.status);
    assert!(done || matured, "{}: {}", row.operation, answer.text());
    done.then_some((ask, by, answer))
}

/// An answer beside what is read afterwards.
struct Compared<'a> {
    world: &'a World,
    by: &'a Person,
    /// How many values were compared.
    places: usize,
    wrong: Vec<String>,
}

impl<'a> Compared<'a> {
    fn new(world: &'a World, by: &'a Person, ask: &Ask, answer: &Answer) -> Self {
        let mut compared = Compared { world, by, places: 0, wrong: Vec::new() };
        let told = if answer.status == 204 { Value::Null } else { answer.json() };
        let kept = answer.status != 200 || ask.method != "POST";
        if ask.method == "DELETE" {
            compared.gone(&ask.path);
        } else if !kept {
            // A dry run: there is nothing of it.
        } else if told.get("board").is_some() {
            compared.board_change(&told);
        } else if told.get("held_until").is_some() {
            compared.transfer(&told);
        } else if answer.status == 207 {
            for item in told["data"].as_array().unwrap() {
                // What a machine told it does not read.
                let Some(id) = item["activity"]["id"].as_str() else { continue };
                compared.same(&item["activity"], &compared.read(&format!("/v1/activities/{id}")));
            }
        } else if ask.path.starts_with("/v1/roster/") {
            compared.roster(&told);
        } else if let Some(place) = answer.header("location") {
            let path = place.to_owned();
            compared.resource(&told, &path);
        } else if matches!(ask.method, "PATCH" | "PUT") && !told.is_null() {
            compared.resource(&told, &ask.path);
        }
        compared
    }

    fn read(&self, path: &str) -> Value {
        self.world.get(path).by(self.by).status(200).json()
    }

    fn gone(&mut self, path: &str) {
        self.places += 1;
        let answer = self.world.get(path).by(self.by).send();
        let is_gone = match answer.status {
            // A part of something, and read with it.
            405 => {
                let (part, of) = (path.rsplit('/').next().unwrap(), path.rsplitn(3, '/').last().unwrap());
                !self.read(of).to_string().contains(part)
            }
            status => status == 404,
        };
        if !is_gone {
            self.wrong.push(format!("{path} is still there"));
        }
    }

    /// Every value that both show. What is told only once, or only by the write, has no other side: a secret, a remark.
    fn same(&mut self, told: &Value, found: &Value) {
        self.same_at("", told, found);
    }

    fn same_at(&mut self, at: &str, told: &Value, found: &Value) {
        match (told, found) {
            (Value::Object(told), Value::Object(found)) => {
                for (name, value) in told.iter().filter(|(name, _)| *name != "warnings") {
                    if let Some(other) = found.get(name) {
                        self.same_at(&format!("{at}/{name}"), value, other);
                    }
                }
            }
            _ => {
                self.places += 1;
                if told != found {
                    self.wrong.push(format!("{at}: answered {told}, read {found}"));
                }
            }
        }
    }

    /// Where the prospect stands, every new record of the log.
    fn board_change(&mut self, told: &Value) {
        let prospect = format!("/v1/prospects/{}", told["prospect_id"].as_str().unwrap());
        let found = self.read(&prospect);
        self.same(&json!({"version": told["version"]}), &found);
        self.same(&told["board"], &found);
        let log = self.read(&format!("{prospect}/transitions"));
        let log = log["data"].as_array().unwrap();
        for record in told["transitions"].as_array().unwrap().iter().chain([&told["transition"]]) {
            match log.iter().find(|kept| kept["id"] == record["id"]) {
                Some(kept) => self.same(record, kept),
                None if record.is_null() => {}
                None => self.wrong.push(format!("not in the log: {record}")),
            }
        }
        let last = told["transitions"].as_array().unwrap().last().cloned().unwrap_or_default();
        if !last.is_null() && log.last().unwrap()["id"] != last["id"] {
            self.wrong.push(format!("the log goes on after {last}"));
        }
    }

    fn transfer(&mut self, told: &Value) {
        let id = told["transfer_id"].as_str().unwrap();
        let kept = self.read(&format!("/v1/transfers/{id}"));
        self.same(
            &json!({"to_agent_id": told["to_agent_id"], "transferred_on": told["transferred_on"]}),
            &kept,
        );
        for one in told["prospects"].as_array().unwrap() {
            let found = self.read(&format!("/v1/prospects/{}", one["prospect_id"].as_str().unwrap()));
            let after = &one["after"];
            let clock = json!({"cycle_days": after["cycle_days"], "falls_back_on": after["falls_back_on"],
                "falls_back_to": after["falls_back_to"]});
            let as_read = json!({"version": one["version"], "owner_id": after["agent_id"],
                "stage": after["stage"], "clock": clock});
            self.same(&as_read, &found);
        }
    }

    /// What a machine says of an agent is read where people read of agents.
    fn roster(&mut self, told: &Value) {
        let path = format!("/v1/agents?team_id={}&limit=100", told["team_id"].as_str().unwrap());
        let found = self.world.get(&path).by(&self.world.above().head).status(200).json();
        let rows = found["data"].as_array().unwrap();
        let row = rows.iter().find(|row| row["agent_code"] == told["agent_code"]).unwrap();
        self.same(told, row);
        self.same(&json!({"member_since": told["member_from"]}), row);
    }

    /// A resource with an address of its own, or a row of the list at that address.
    fn resource(&mut self, told: &Value, path: &str) {
        let found = self.read(path);
        let (told, found) = (
            told.get("feed").or(told.get("webhook")).unwrap_or(told),
            found.get("sign_off").unwrap_or(&found),
        );
        match (&found["data"], told.get("data")) {
            (Value::Array(rows), None) => {
                let key = if told.get("id").is_some() { "id" } else { "on" };
                match rows.iter().find(|row| row[key] == told[key]) {
                    Some(row) => self.same(told, row),
                    None => self.wrong.push(format!("{told} is not in {path}")),
                }
            }
            _ => self.same(told, found),
        }
    }
}
