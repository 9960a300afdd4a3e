//! A member's row is the own sheet, signed or not and whoever came in the middle; what was told late says so.

use prospector::domain::organisation::actor::Role;
use serde_json::{Value, json};

use super::{entered, subtotals};
use crate::harness::{Person, World, both, given::Prospect};

/// Where the blocks stand in a sheet of the week of 14 December: the 11th to the 13th, the 14th and 15th.
const MONDAY: usize = 0;
const WEDNESDAY: usize = 1;

/// A contact that enters column 2 on a day, told today.
fn fixed(world: &World, agent: &Person, name: &str, day: &str) -> Prospect {
    let opened = json!({"name": name, "source": "fair", "occurred_on": day});
    let answer = world.post("/v1/prospects", opened).by(agent).status(201);
    let mut p = Prospect { id: answer.string("id"), version: answer.version() };
    let facts = json!({"first_appointment": {"starts_at": "2009-12-18T10:00:00+08:00"}});
    p.moves(world, agent, json!({"to": "first_appointment", "occurred_on": day, "facts": facts}));
    p
}

fn own(world: &World, head: &Person, agent: &Person, week_of: &str, block: usize) -> Value {
    let path = format!("/v1/reports/action-sheet?week_of={week_of}&agent_id={}", agent.id);
    world.get(&path).by(head).status(200).json()["blocks"][block].clone()
}

/// The row of an agent in the team sheet of a query.
fn row(world: &World, head: &Person, agent: &Person, query: &str, block: usize) -> Value {
    let sheet = world.get(&format!("/v1/reports/team-sheet?{query}")).by(head).status(200).json();
    let rows = sheet["blocks"][block]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["agent_id"] == json!(agent.id)).unwrap().clone()
}

fn signs(world: &World, head: &Person, agent: &Person, check_in: &str) {
    let body = json!({"agent_id": agent.id, "week_of": "2009-12-14", "check_in": check_in});
    world.post("/v1/sign-offs", body).by(head).status(201);
}

fn first(row: &Value) -> i64 {
    row["first_appointment"].as_i64().unwrap()
}

#[test]
fn the_row_of_whoever_joined_in_the_week_is_the_own_sheet_and_stays_as_signed() {
    both(|world| {
        let cast = world.cast();
        let head = &cast.head_a;
        world.on("2009-12-15");
        let body = json!({"username": "newcomer", "display_name": "新", "role": "agent", "team_id": cast.north.id,
            "password": "a password for tests", "member_from": "2009-12-15"});
        let id = world.post("/v1/agents", body).by(head).status(201).string("id");
        let new = Person {
            id: id.parse().unwrap(),
            username: "newcomer".to_owned(),
            role: Role::Agent,
            team_id: cast.north.id,
            machine: None,
        };
        fixed(&world, &new, "brought along", "2009-12-12");
        fixed(&world, &new, "in time", "2009-12-15");
        let both_say = |block| {
            let own = subtotals(&own(&world, head, &new, "2009-12-14", block))[0];
            (own, first(&row(&world, head, &new, "week_of=2009-12-14", block)))
        };
        assert_eq!((both_say(MONDAY), both_say(WEDNESDAY)), ((1, 1), (1, 1)));
        signs(&world, head, &new, "wednesday");
        world.on("2009-12-17");
        fixed(&world, &new, "told late", "2009-12-15");
        assert_eq!(both_say(WEDNESDAY), (1, 1), "as signed");
        let now = row(&world, head, &new, "week_of=2009-12-14", WEDNESDAY);
        assert_eq!(now["sign_off"]["restatements"][0]["restated_count"], 2);
        assert_eq!(now["late"], true);
    });
}

#[test]
fn whoever_goes_to_a_team_below_in_a_signed_block_keeps_the_row_as_signed() {
    both(|world| {
        let cast = world.cast();
        let (head, agent) = (&cast.head_a, &cast.agent_a);
        fixed(&world, agent, "in time", "2009-12-14");
        world.on("2009-12-15");
        let to = json!({"team_id": cast.branch.id, "valid_from": "2009-12-15"});
        world.post(&format!("/v1/agents/{}/memberships", agent.id), to).by(head).status(201);
        signs(&world, head, agent, "wednesday");
        world.on("2009-12-17");
        fixed(&world, agent, "told late", "2009-12-15");
        let of = |team: &dyn ToString, more: &str| {
            let query = format!("week_of=2009-12-14&team_id={}{more}", team.to_string());
            row(&world, head, agent, &query, WEDNESDAY)
        };
        assert_eq!(subtotals(&own(&world, head, agent, "2009-12-14", WEDNESDAY))[0], 1);
        let (below, all) = (of(&cast.branch.id, ""), of(&cast.north.id, "&include_subteams=true"));
        assert_eq!(
            (first(&below), first(&all)),
            (1, 1),
            "the agent was there at its end, and never left the whole"
        );
        for row in [below, all] {
            assert_eq!(row["sign_off"]["restatements"][0]["restated_count"], 2);
        }
        let left = of(&cast.north.id, "");
        assert_eq!((first(&left), &left["sign_off"]), (0, &Value::Null), "positions went along");
    });
}

#[test]
fn two_contacts_who_change_columns_in_a_signed_block_are_restated_though_the_counts_stay() {
    both(|world| {
        let cast = world.cast();
        let (head, agent) = (&cast.head_a, &cast.agent_a);
        world.on("2009-12-15");
        let mut wrong = fixed(&world, agent, "not he", "2009-12-15");
        signs(&world, head, agent, "wednesday");
        let void = json!({"kind": "void_latest_move", "reason_text": "wrong person"});
        wrong.records(&world, head, "/corrections", void);
        fixed(&world, agent, "but she", "2009-12-15");
        let block = own(&world, head, agent, "2009-12-14", WEDNESDAY);
        let restated = json!([{"figure": "first_appointment", "signed_count": 1, "restated_count": 1,
            "signed_amount": null, "restated_amount": null, "others": true}]);
        assert_eq!((subtotals(&block)[0], &block["sign_off"]["restatements"]), (1, &restated));
        let path = format!("/v1/reports/action-sheet?week_of=2009-12-14&agent_id={}&format=csv", agent.id);
        let file = world.get(&path).by(head).header("Accept-Language", "en").status(200).text();
        assert!(file.contains("\"yes\",\"first appointment 1 (others)\""), "{file}");
    });
}

/// Everything was told on the 14th, the day of the sale.
fn sold(world: &World, agent: &Person) -> Prospect {
    let mut p = Prospect::named(world, agent, "刘岩");
    p.fix_first(world, agent, "2009-12-14");
    p.meet(world, agent, "2009-12-14", "2009-12-18");
    p.reach_50(world, agent, "2009-12-21");
    p.sign_and_pay(world, agent, "2009-12-14");
    p
}

fn patches(world: &World, agent: &Person, p: &mut Prospect, body: Value) {
    let page = world.get(&p.path("/pursuits")).by(agent).status(200).json();
    let path = p.path(&format!("/pursuits/{}", page["data"][0]["id"].as_str().unwrap()));
    p.version = world.patch(&path, body).by(agent).if_match(p.version).status(200).version();
}

#[test]
fn column_1_a_closing_and_money_that_are_told_after_the_check_in_are_marked() {
    both(|world| {
        let cast = world.cast();
        let (head, caller, seller) = (&cast.head_a, &cast.agent_a, &cast.peer);
        let called = entered(&world, caller, "旧机会", "opportunity", "2009-12-01");
        let mut p = sold(&world, seller);
        world.on("2009-12-17");
        let late = |agent: &Person, week_of: &str, block| {
            row(&world, head, agent, &format!("week_of={week_of}"), block)["late"].clone()
        };
        assert_eq!(
            (late(caller, "2009-12-14", MONDAY), late(seller, "2009-12-14", WEDNESDAY)),
            (json!(false), json!(false))
        );
        let call = json!({"kind": "call", "outcome": "connected", "prospect_id": called.id, "occurred_on": "2009-12-12"});
        world.post("/v1/activities", call).by(caller).status(201);
        let block = own(&world, head, caller, "2009-12-14", MONDAY);
        assert_eq!(block["columns"]["opportunity"][0]["late"], true);
        assert_eq!(late(caller, "2009-12-14", MONDAY), json!(true));

        let yuan = |amount: &str| json!({"amount": amount, "currency": "CNY"});
        let issued =
            json!({"policy_issued_on": "2009-12-14", "standard_premium": yuan("777.00"), "evidence": "x"});
        patches(&world, seller, &mut p, issued);
        assert_eq!(late(seller, "2009-12-14", WEDNESDAY), json!(true), "money of the 14th, told on the 17th");
        let query = "/v1/reports/team-sheet?week_of=2009-12-14&format=csv";
        let file = world.get(query).by(head).header("Accept-Language", "en").status(200).text();
        assert!(file.contains("777.00,\"CNY\",\"yes\",\"no\""), "{file}");

        // The receipt of the 15th is told in the new year: the closing of the 26th was due long before.
        world.on("2010-01-06");
        patches(&world, seller, &mut p, json!({"receipt_signed_on": "2009-12-15", "evidence": "x"}));
        let block = own(&world, head, seller, "2009-12-26", MONDAY);
        assert_eq!(block["columns"]["closed"][0]["late"], true);
        assert_eq!(late(seller, "2009-12-26", MONDAY), json!(true));
    });
}

#[test]
fn who_belongs_elsewhere_throughout_a_block_has_no_row_in_it() {
    both(|world| {
        let cast = world.cast();
        let (head, agent) = (&cast.head_a, &cast.agent_a);
        world.on("2009-12-16");
        let to = json!({"team_id": cast.branch.id, "valid_from": "2009-12-16"});
        world.post(&format!("/v1/agents/{}/memberships", agent.id), to).by(head).status(201);
        world.on("2009-12-18");
        let in_block = |team: String, more: &str| {
            let path = format!("/v1/reports/team-sheet?week_of=2009-12-14&team_id={team}{more}");
            let sheet = world.get(&path).by(head).status(200).json();
            let blocks = sheet["blocks"].as_array().unwrap().iter();
            let listed = |block: &Value| {
                block["rows"].as_array().unwrap().iter().any(|row| row["agent_id"] == json!(agent.id))
            };
            blocks.map(listed).collect::<Vec<bool>>()
        };
        assert_eq!(in_block(cast.north.id.to_string(), ""), [true, true, false]);
        assert_eq!(in_block(cast.branch.id.to_string(), ""), [false, false, true]);
        assert_eq!(in_block(cast.north.id.to_string(), "&include_subteams=true"), [true, true, true]);
        let book =
            format!("/v1/reports/team-sheet?week_of=2009-12-14&team_id={}&format=xlsx", cast.branch.id);
        world.get(&book).by(head).status(200);
    });
}
