//! One life over HTTP: every entry becomes the call that a front-end would make.

use chrono::NaiveDate;
use diesel::prelude::*;
use prospector::{
    domain::{
        organisation::actor::Role,
        reports::{attention::PRESSING, board::Flag},
        values::id::Id,
    },
    store::{
        StoreError,
        db::schema::{facts, prospects},
        ledger::deals,
        organisation::teams::Team,
        prospects::prospect_row::ProspectRow,
    },
};
use serde_json::{Value, json};

use super::words::{self, first_choice, later_choices, noon};
use crate::harness::{
    Person, World,
    actors::{person, team},
    app::{Answer, Call},
};
use crate::oracle::simulation::{Correctable, Entry, Fact, FactKind, Row, Settings, What};
use crate::oracle::{Stage, plus};

/// How a prospect's person sits in front of the screen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Reads before every write, and the supervisor sweeps all the time.
    Watchful,
    /// Only ever writes: what is due is never written down for its own sake. Settings come into force unannounced.
    Blind,
}

/// An agent in a team of the own.
struct Side {
    team: Team,
    agent: Person,
}

/// One prospect with an agent, a colleague in a team below, and the head of both.
pub struct FrontEnd<'w> {
    world: &'w World,
    habit: Habit,
    head: Person,
    sides: [Side; 2],
    /// Which of the two owns it.
    owner: usize,
    id: Id,
    version: i64,
    /// Ids in the order of the oracle's numbers.
    appointments: Vec<Option<Id>>,
    /// Choices that nobody has announced yet, each for one of the two.
    unannounced: Vec<(NaiveDate, usize, Value, Option<i64>)>,
}

impl<'w> FrontEnd<'w> {
    /// Puts the people and the prospect there. The clock is left at the beginning of the life.
    pub fn created(
        world: &'w World,
        settings: [&Settings; 2],
        on: NaiveDate,
        name: &str,
        habit: Habit,
    ) -> Self {
        // Long before, so that late entries find the first settings in force.
        let before = plus(on, -300);
        world.on(&before.to_string());
        let above = team(world, name, None);
        let below = team(world, &format!("{name} below"), Some(&above));
        let head = person(world, &format!("{name}-head"), Role::Supervisor, &above);
        let side = |team: Team, agent: &str| {
            let agent = person(world, &format!("{name}-{agent}"), Role::Agent, &team);
            Side { team, agent }
        };
        let mut one = FrontEnd {
            world,
            habit,
            head,
            sides: [side(above, "agent"), side(below, "colleague")],
            owner: 0,
            id: Id(uuid::Uuid::nil()),
            version: 1,
            appointments: Vec::new(),
            unannounced: Vec::new(),
        };
        for (side, settings) in (0..).zip(settings) {
            one.choose(side, None, first_choice(settings), Some(settings.cycle_days.first));
            for (day, choice, cycle) in later_choices(settings) {
                match habit {
                    Habit::Watchful => one.choose(side, Some(day), choice, cycle),
                    Habit::Blind => one.unannounced.push((day, side, choice, cycle)),
                }
            }
        }
        one.unannounced.sort_by_key(|choice| choice.0);
        world.on(&on.to_string());
        let body = json!({"name": name, "source": "fair"});
        let made = world.post("/v1/prospects", body).by(one.agent()).status(201);
        one.id = made.string("id").parse().unwrap();
        one
    }

    /// Whose the prospect is.
    fn agent(&self) -> &Person {
        &self.sides[self.owner].agent
    }

    /// The head of both teams, the two agents, and the team above.
    pub fn people(&self) -> (&Person, [Id; 2], Id) {
        let [first, second] = &self.sides;
        (&self.head, [first.agent.id, second.agent.id], first.team.id)
    }

    fn choose(&self, side: usize, from: Option<NaiveDate>, mut choice: Value, cycle: Option<i64>) {
        let Side { team, agent } = &self.sides[side];
        let path = format!("/v1/settings?team_id={}", team.id);
        if let Some(days) = cycle {
            // What is measured is held to what was declared, so that a closing leaves the cycle as the oracle has it.
            choice["cycle_min_days"] = json!(days);
            choice["cycle_max_days"] = json!(days);
            let body = json!({"declared_days": days, "valid_from": from});
            let path = format!("/v1/agents/{}/cycle", agent.id);
            self.world.put(&path, body).by(agent).header("If-Match", "*").status(200);
        }
        if let Some(from) = from {
            choice["valid_from"] = json!(from);
        }
        self.world.patch(&path, choice).by(&self.head).header("If-Match", "*").status(200);
    }

    /// The next day on which something has to be chosen before `day` has come.
    pub fn next_choice_by(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.unannounced.first().map(|choice| choice.0).filter(|on| *on <= day)
    }

    /// Chooses what comes into force today.
    pub fn choose_on(&mut self, today: NaiveDate) {
        while self.unannounced.first().is_some_and(|choice| choice.0 <= today) {
            let (_, side, choice, cycle) = self.unannounced.remove(0);
            self.choose(side, None, choice, cycle);
        }
    }

    /// Announces what has not come into force yet.
    pub fn announce_the_rest(&mut self) {
        for (day, side, choice, cycle) in std::mem::take(&mut self.unannounced) {
            self.choose(side, Some(day), choice, cycle);
        }
    }

    pub fn sweep(&self) {
        self.world.post("/v1/cycles/sweep", Value::Null).by(&self.head).status(201);
    }

    /// Tells one entry, and whether it was accepted.
    pub fn record(&mut self, entry: &Entry) -> bool {
        if self.habit == Habit::Watchful {
            self.read();
        }
        match &entry.what {
            What::Fact(fact) => self.fact(fact),
            What::Move { to, occurred_on, facts } => self.moves(*to, *occurred_on, facts),
            What::OverrideClosing { facts } => {
                let facts = self.facts_of(facts);
                let body = json!({"to": "closed", "override": true, "reason_text": "seen at the insurer",
                    "facts": facts});
                let accepted = self.seen(self.matched(self.post("/transitions", body)).by(&self.head));
                self.keep_appointments(accepted, 0)
            }
            What::HandOver { on } => self.hand_over(*on),
            What::RequestExtension => {
                let body = json!({"prospect_id": self.id, "days": 1, "reason_text": "abroad"});
                self.seen(self.world.post("/v1/extensions", body).by(self.agent()))
            }
            What::GrantExtension { days } => {
                self.decide(json!({"decision": "granted", "days": days, "reason_text": "worth it"}))
            }
            What::DenyExtension => self.decide(json!({"decision": "denied", "reason_text": "too long"})),
            What::VoidLatestMove => {
                self.correct(json!({"kind": "void_latest_move", "reason_text": "a slip"}))
            }
            What::RedateLatestMove { to } => {
                self.correct(json!({"kind": "redate_latest_move", "on": to, "reason_text": "a slip"}))
            }
            What::CorrectDate { which, to } => {
                let kind = match which {
                    Correctable::FirstMeeting => "first_meeting_on",
                    Correctable::PolicyIssued => "policy_issued_on",
                    Correctable::ReceiptSigned => "receipt_signed_on",
                };
                self.correct(json!({"kind": kind, "on": to, "reason_text": "a slip"}))
            }
        }
    }

    /// Stage, and the next automatic move.
    pub fn looks(&mut self) -> (String, Option<(String, String)>) {
        let board = self.read();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let clock = &board["clock"];
        let closes = text(&clock["closes_on"]).map(|on| (on, Stage::Closed.code().to_owned()));
        let falls = text(&clock["falls_back_on"]).zip(text(&clock["falls_back_to"]));
        assert!(closes.is_none() || falls.is_none(), "{clock}");
        (text(&board["stage"]).unwrap(), closes.or(falls))
    }

    /// The entries of the agent's attention list about this prospect, which must be there exactly when it shows a flag
    /// that asks for attention.
    pub fn is_listed_when_it_asks_for_attention(&self) {
        let list = self.world.get("/v1/reports/attention").by(self.agent()).status(200).json();
        let flags = |row: &Value| row["flags"].as_array().unwrap().clone();
        let listed: Vec<Value> = list["entries"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["prospect_id"] == json!(self.id))
            .flat_map(flags)
            .collect();
        let board = self.get("");
        let shown = flags(&board);
        let entered: NaiveDate = board["entered_stage_on"].as_str().unwrap().parse().unwrap();
        let today = self.world.clock.business_now().with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
        // What the company owes is nobody's affair for fifteen days.
        let early = |flag: &Flag| *flag == Flag::IssuePending && (today - entered).num_days() < 15;
        let asks = |flag: &&Flag| shown.contains(&json!(flag.code())) && !early(flag);
        let expected: Vec<Value> = PRESSING.iter().filter(asks).map(|flag| json!(flag.code())).collect();
        assert_eq!(listed, expected, "{}", self.get(""));
    }

    /// The moves that stand, in the oracle's words, after a look whether the whole log replays.
    pub fn log(&self) -> Vec<Row> {
        let page = self.get("/transitions");
        let all = page["data"].as_array().unwrap();
        let mut stage = &Value::Null;
        for (seq, record) in (1..).zip(all) {
            assert_eq!((&record["seq"], &record["from"]), (&json!(seq), stage), "{all:#?}");
            stage = &record["to"];
        }
        assert_eq!(&self.get("")["stage"], stage, "{all:#?}");
        let cancelled: Vec<&Value> = all.iter().map(|record| &record["cancels"]).collect();
        let standing = all.iter().filter(|t| t["kind"] == "move" && !cancelled.contains(&&t["id"]));
        let stage = |code: &Value| {
            let named = |stage: &Stage| stage.code() == code.as_str().unwrap();
            Stage::LADDER.into_iter().chain([Stage::Exited]).find(named).unwrap()
        };
        standing
            .filter(|t| t["path"] != "created")
            .map(|t| Row {
                from: stage(&t["from"]),
                to: stage(&t["to"]),
                on: t["occurred_on"].as_str().unwrap().parse().unwrap(),
                automatic: t["path"] == "automatic",
            })
            .collect()
    }

    /// Everything a reader can see in the end, without ids and instants.
    pub fn end(&self) -> Value {
        let mut board = self.get("");
        let mut pursuits = self.get("/pursuits")["data"].take();
        let mut appointments = self.get("/appointments")["data"].take();
        let mut checks = self.get("/criteria-checks")["data"].take();
        for name in ["id", "name", "agent_id", "version", "created_at", "updated_at"] {
            board.as_object_mut().unwrap().remove(name).unwrap();
        }
        if board["is_prospect"] == false {
            // Of no consequence there; it shows what was in force when somebody last wrote.
            board["clock"].take();
        }
        let lists = [&mut pursuits, &mut appointments, &mut checks];
        for row in lists.into_iter().flat_map(|list| list.as_array_mut().unwrap()) {
            for name in ["id", "recorded_at", "checked_by"] {
                row.as_object_mut().unwrap().remove(name);
            }
        }
        let facts: Vec<Value> = self.get("/timeline")["data"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| !row["fact"].is_null())
            .map(|row| {
                let mut fact = row["fact"].clone();
                fact.as_object_mut().unwrap().remove("appointment_id");
                json!([row["kind"], row["occurred_on"], row["pursuit_number"], fact, row["text"]])
            })
            .collect();
        json!({"board": board, "pursuits": pursuits, "appointments": appointments, "checks": checks, "facts": facts})
    }

    // ---- one call for each entry ---------------------------------------------------------------------------------

    fn fact(&mut self, fact: &Fact) -> bool {
        let on = fact.on;
        let named = |nth: usize, body: Value| -> Call<'w> {
            let id = self.appointments.get(nth).copied().flatten().unwrap_or(Id(uuid::Uuid::nil()));
            let path = format!("/v1/prospects/{}/appointments/{id}", self.id);
            self.matched(self.world.patch(&path, body)).by(self.agent())
        };
        let call = match &fact.what {
            FactKind::FirstAppointment { day } => return self.fix("first", on, *day, false),
            FactKind::NextAppointment { day, agenda } => return self.fix("next", on, *day, *agenda),
            FactKind::Postponed { nth, to } => {
                named(*nth, json!({"starts_at": noon(*to), "occurred_on": on}))
            }
            FactKind::Held { nth } => named(*nth, json!({"outcome": "held", "occurred_on": on})),
            FactKind::NoShow { nth } => named(*nth, json!({"outcome": "no_show", "occurred_on": on})),
            FactKind::Cancelled { nth } => named(*nth, json!({"outcome": "cancelled", "occurred_on": on})),
            FactKind::Check { criterion, verdict } => {
                let body = json!({"criterion": criterion.code(), "verdict": verdict.code(), "checked_on": on,
                    "evidence": "she said so"});
                self.post("/criteria-checks", body).by(self.agent())
            }
            FactKind::CooperationAgreed => {
                self.dates(json!({"further_cooperation_agreed": true, "occurred_on": on}))
            }
            FactKind::CooperationRefused => {
                self.dates(json!({"further_cooperation_agreed": false, "occurred_on": on}))
            }
            FactKind::TargetSigning { on: target } => {
                self.dates(json!({"target_signing_on": target, "occurred_on": on}))
            }
            FactKind::Signed => self.dates(json!({"signed_on": on})),
            FactKind::DocumentsSubmitted => self.dates(json!({"documents_submitted_on": on})),
            FactKind::PolicyIssued => self.dates(json!({"policy_issued_on": on})),
            FactKind::ReceiptSigned => self.dates(json!({"receipt_signed_on": on})),
            FactKind::FirstMeeting | FactKind::PremiumReceived | FactKind::Withdrawn => {
                panic!("told with a move only: {fact:?}")
            }
        };
        self.seen(call)
    }

    /// The head gives it to the other agent. Who never reads takes the version from the preview, which writes nothing.
    fn hand_over(&mut self, on: NaiveDate) -> bool {
        let to = 1 - self.owner;
        let mut body = json!({"to_agent_id": self.sides[to].agent.id, "transferred_on": on,
            "prospects": [{"prospect_id": self.id}], "reason_text": "on leave"});
        if self.habit == Habit::Blind {
            let seen = self.world.post("/v1/transfers?dry_run=true", body.clone()).by(&self.head).send();
            if seen.status != 200 {
                return false;
            }
            self.version = seen.json()["prospects"][0]["version"].as_i64().unwrap() - 1;
        }
        body["prospects"][0]["version"] = json!(self.version);
        let accepted = self.seen(self.world.post("/v1/transfers", body).by(&self.head));
        if accepted {
            self.owner = to;
        }
        accepted
    }

    fn fix(&mut self, kind: &str, on: NaiveDate, day: NaiveDate, agenda: bool) -> bool {
        let id = self.world.app.ids.id();
        let agenda = agenda.then_some("go through the plan");
        let mut body = json!({"id": id, "kind": kind, "starts_at": noon(day), "fixed_on": on});
        if let Some(agenda) = agenda {
            body["agenda"] = json!(agenda);
        }
        self.appointments.push(Some(id));
        let accepted = self.seen(self.post("/appointments", body).by(self.agent()));
        self.keep_appointments(accepted, 1)
    }

    /// A refused request fixed nothing.
    fn keep_appointments(&mut self, accepted: bool, fixed: usize) -> bool {
        if !accepted {
            self.appointments.truncate(self.appointments.len() - fixed);
        }
        accepted
    }

    fn dates(&self, body: Value) -> Call<'w> {
        let pursuit = self.pursuit_id();
        let path = format!("/v1/prospects/{}/pursuits/{pursuit}", self.id);
        self.matched(self.world.patch(&path, body)).by(self.agent())
    }

    fn moves(&mut self, to: Stage, on: NaiveDate, told: &[Fact]) -> bool {
        let known = self.appointments.len();
        let facts = self.facts_of(told);
        let fixed = self.appointments.len() - known;
        let withdrawn = told.iter().any(|fact| fact.what == FactKind::Withdrawn);
        let mut body = json!({"to": to.code(), "facts": facts});
        match to {
            Stage::Stage50 if withdrawn => body["reason"] = json!("withdrawn"),
            Stage::Stage50 => body["reason"] = json!("declined"),
            Stage::Exited => body["reason"] = json!("no_need"),
            _ => {}
        }
        // A move to 90 is dated by its facts.
        if !matches!(to, Stage::Stage90 | Stage::Closed) {
            body["occurred_on"] = json!(on);
        }
        let accepted = self.seen(self.matched(self.post("/transitions", body)).by(self.agent()));
        self.keep_appointments(accepted, fixed)
    }

    fn facts_of(&mut self, told: &[Fact]) -> Value {
        let ids = self.world.app.ids;
        words::move_facts(told, || {
            let id = ids.id();
            self.appointments.push(Some(id));
            id
        })
    }

    fn decide(&mut self, body: Value) -> bool {
        let (id, kind) = (self.id, "extension_requested");
        let latest: Result<Option<Id>, StoreError> = self.world.app.db.read_blocking(move |conn| {
            let asked = facts::table.filter(facts::prospect_id.eq(id)).filter(facts::kind.eq(kind));
            Ok(asked.order(facts::seq.desc()).select(facts::id).first(conn).optional()?)
        });
        let Some(extension) = latest.unwrap() else { return false };
        let path = format!("/v1/extensions/{extension}");
        self.seen(self.matched(self.world.patch(&path, body)).by(&self.head))
    }

    fn correct(&mut self, body: Value) -> bool {
        self.seen(self.post("/corrections", body).by(&self.head))
    }

    // ---- plumbing ------------------------------------------------------------------------------------------------

    fn post(&self, rest: &str, body: Value) -> Call<'w> {
        self.world.post(&format!("/v1/prospects/{}{rest}", self.id), body)
    }

    /// With the version that was read; who never reads has none.
    fn matched(&self, call: Call<'w>) -> Call<'w> {
        match self.habit {
            Habit::Watchful => call.if_match(self.version),
            Habit::Blind => call.header("If-Match", "*"),
        }
    }

    #[track_caller]
    fn seen(&mut self, call: Call<'w>) -> bool {
        let answer: Answer = call.send();
        match answer.status {
            200 | 201 => true,
            404 | 409 | 422 => false,
            status => panic!("{status}: {}", answer.text()),
        }
    }

    fn get(&self, rest: &str) -> Value {
        self.world.get(&format!("/v1/prospects/{}{rest}", self.id)).by(self.agent()).status(200).json()
    }

    fn read(&mut self) -> Value {
        let board = self.get("");
        self.version = board["version"].as_i64().unwrap();
        board
    }

    /// The current pursuit. Looked up in the tables: reading it over the API would write down what is due.
    fn pursuit_id(&self) -> Id {
        let id = self.id;
        let found: Result<Option<Id>, StoreError> = self.world.app.db.read_blocking(move |conn| {
            let row: ProspectRow = prospects::table.find(id).select(ProspectRow::as_select()).first(conn)?;
            Ok(deals::pursuit_ids(conn, &row)?.remove(&row.pursuit_number))
        });
        found.unwrap().unwrap_or(Id(uuid::Uuid::nil()))
    }
}
