//! How many SQL statements a request takes: few, and as many for ten thousand rows as for one; all of them in one job.

use prospector::store::db::connection::Engine;
use serde_json::json;

use crate::harness::{
    World,
    actors::{Cast, Person},
    app::Call,
    both,
    given::Prospect,
};

/// The statements of one request, the one that reads who calls included. Everything is done in one job, which is one
/// transaction.
fn statements(world: &World, request: impl Fn() -> u16) -> u64 {
    let count = || {
        // The last statement may be counted after the answer is on its way.
        while world.app.db.gauges().running > 0 {
            std::thread::yield_now();
        }
        world.app.db.gauges()
    };
    let before = count();
    let status = request();
    assert!((200..300).contains(&status), "{status}");
    let after = count();
    assert_eq!(after.jobs - before.jobs, 1, "jobs of one request");
    after.statements - before.statements
}

fn reading(world: &World, by: &Person, path: &str) -> u64 {
    let request = || world.get(path).by(by).send().status;
    // What fell due is written down at the first look; after two seconds nobody remembers who called.
    request();
    world.clock.advance(chrono::Duration::seconds(2));
    statements(world, request)
}

/// Somebody at every stage up to 90%, a meeting held, an activity, a tally, a deal.
fn busy(world: &World, agent: &Person, names: [&str; 4]) {
    for (way, name) in names.into_iter().enumerate() {
        let mut p = Prospect::named(world, agent, name);
        let call =
            json!({"kind": "call", "outcome": "connected", "prospect_id": p.id, "occurred_on": "2009-12-14"});
        world.post("/v1/activities", call).by(agent).status(201);
        p.fix_first(world, agent, "2009-12-14");
        if way > 0 {
            p.meet(world, agent, "2009-12-14", "2009-12-18");
        }
        if way > 1 {
            p.reach_50(world, agent, "2009-12-21");
        }
        if way > 2 {
            p.sign_and_pay(world, agent, "2009-12-14");
        }
    }
}

/// The same question before and after there is much more to answer it from.
fn alike(world: &World, cast: &Cast, questions: &[(&Person, String)]) -> Vec<u64> {
    busy(world, &cast.agent_a, ["王芳", "李强", "赵敏", "孙丽"]);
    let ask = || -> Vec<u64> { questions.iter().map(|(by, path)| reading(world, by, path)).collect() };
    let before = ask();
    busy(world, &cast.agent_a, ["周杰", "吴倩", "郑爽", "冯刚"]);
    busy(world, &cast.peer, ["陈晨", "褚云", "卫青", "蒋欣"]);
    let after = ask();
    let told = |costs: &[u64]| -> Vec<String> {
        questions.iter().zip(costs).map(|((by, path), n)| format!("{n} {path} by {}", by.username)).collect()
    };
    assert_eq!(told(&before), told(&after));
    after
}

/// Everything that takes more than it may.
fn above(most: u64, questions: &[(&Person, String)], costs: &[u64]) -> Vec<String> {
    let costly = questions.iter().zip(costs).filter(|(_, n)| **n > most);
    costly.map(|((by, path), n)| format!("{n} {path} by {}", by.username)).collect()
}

#[test]
fn a_report_takes_eight_statements_at_most_however_much_it_is_about() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut questions = vec![(agent, "/v1/today".to_owned())];
        questions.push((agent, "/v1/reports/action-sheet".to_owned()));
        questions.push((agent, "/v1/reports/action-sheet?mode=board".to_owned()));
        questions.push((head, format!("/v1/reports/action-sheet?agent_id={}", agent.id)));
        for more in ["", "&include_subteams=true"] {
            questions.push((head, format!("/v1/reports/team-sheet?team_id={}{more}", cast.north.id)));
        }
        let reports =
            ["shape", "funnel", "ratios", "levers?basis=measured", "over-cycle", "first-appointments"];
        for report in reports.into_iter().chain(["velocity", "attention", "forecast"]) {
            let joint = if report.contains('?') { '&' } else { '?' };
            questions.push((agent, format!("/v1/reports/{report}")));
            questions.push((head, format!("/v1/reports/{report}{joint}agent_id={}", agent.id)));
            questions.push((head, format!("/v1/reports/{report}{joint}team_id={}", cast.north.id)));
        }
        let costs = alike(&world, &cast, &questions);
        assert_eq!(above(8, &questions, &costs), Vec::<String>::new());
    });
}

#[test]
fn a_sheet_of_a_week_in_which_prospects_changed_hands_takes_no_more() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        busy(&world, agent, ["王芳", "李强", "赵敏", "孙丽"]);
        let mut given = Prospect::named(&world, agent, "周杰");
        given.fix_first(&world, agent, "2009-12-14");
        given.meet(&world, agent, "2009-12-14", "2009-12-18");
        let body = json!({"to_agent_id": cast.peer.id, "reason_text": "nearer by",
            "prospects": [{"prospect_id": given.id, "version": given.version}]});
        world.post("/v1/transfers", body).by(head).status(201);
        let mut questions = Vec::new();
        for who in [agent, &cast.peer] {
            for mode in ["activity", "board"] {
                questions.push((who, format!("/v1/reports/action-sheet?mode={mode}")));
                questions.push((head, format!("/v1/reports/action-sheet?mode={mode}&agent_id={}", who.id)));
            }
        }
        questions.push((head, format!("/v1/reports/team-sheet?team_id={}", cast.north.id)));
        let costs: Vec<u64> = questions.iter().map(|(by, path)| reading(&world, by, path)).collect();
        assert_eq!(above(8, &questions, &costs), Vec::<String>::new());
    });
}

#[test]
fn a_page_takes_three_statements_at_most_and_a_prospect_as_many() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut questions = Vec::new();
        for by in [agent, head] {
            for limit in [1, 100] {
                let missing = "appointments?missing_outcome=true&";
                let lists = ["prospects?", "agents?", "activities?", "appointments?", missing, "teams?"];
                for path in lists.into_iter().chain(["transitions?", "changes?"]) {
                    questions.push((by, format!("/v1/{path}limit={limit}")));
                }
            }
            let sorted = "sort=falls_back_on&stage=stage_25&stage=stage_50&q=e";
            questions.push((by, format!("/v1/prospects?{sorted}")));
        }
        let costs = alike(&world, &cast, &questions);
        assert_eq!(above(3, &questions, &costs), Vec::<String>::new());
        let p = Prospect::named(&world, agent, "褚月");
        for by in [agent, head] {
            // Who calls and what is due, the prospect with the person.
            assert_eq!(reading(&world, by, &p.path("")), 2);
            // Whoever called a moment ago is remembered.
            assert_eq!(statements(&world, || world.get(&p.path("")).by(by).send().status), 1);
        }
    });
}

#[test]
fn a_move_takes_as_many_statements_in_a_full_book_as_in_an_empty_one() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let costs = |name: &str| -> Vec<u64> {
            let p = Prospect::named(&world, agent, name);
            let moved = |version: i64, body: serde_json::Value| {
                let call = || -> Call<'_> {
                    world.post(&p.path("/transitions"), body.clone()).by(agent).if_match(version)
                };
                statements(&world, || call().send().status)
            };
            let appointment = json!({"starts_at": "2009-12-14T10:00:00+08:00"});
            let first = json!({"to": "first_appointment",
                "facts": {"first_appointment": appointment, "decision_maker_expected": true}});
            let next = json!({"starts_at": "2009-12-18T14:00:00+08:00", "agenda": "go through the plan"});
            let met = json!({"to": "stage_25", "facts": {"first_meeting_on": "2009-12-14",
                "further_cooperation_agreed": true, "next_appointment": next}});
            vec![moved(1, first), moved(2, met)]
        };
        let before = costs("王芳");
        busy(&world, agent, ["周杰", "吴倩", "郑爽", "冯刚"]);
        let after = costs("李强");
        assert!(after.iter().zip(&before).all(|(full, empty)| full <= empty), "{before:?} {after:?}");
        // On SQLite, which is asked without a way there and back, several rows at once are a statement each.
        let expected = if world.engine == Engine::Sqlite { [23, 28] } else { [19, 20] };
        assert_eq!(after, expected);
    });
}

#[test]
fn creating_a_prospect_takes_a_dozen_statements_and_two_more_with_a_phone() {
    both(|world| {
        let cast = world.cast();
        let create = |body: serde_json::Value| {
            let call = || world.post("/v1/prospects", body.clone()).by(&cast.agent_a);
            statements(&world, || call().send().status)
        };
        let bare = create(json!({"name": "王芳", "source": "exhibition"}));
        let phone = json!(["13800138000"]);
        let full = create(json!({"name": "李强", "source": "exhibition", "phones": phone}));
        let expected = if world.engine == Engine::Sqlite { (14, 16) } else { (13, 15) };
        assert_eq!((bare, full), expected);
    });
}

#[test]
fn following_the_changes_takes_three_statements_however_many_there_are() {
    both(|world| {
        let cast = world.cast();
        for by in [&cast.agent_a, &cast.head_a] {
            let token = world.get("/v1/changes").by(by).status(200).string("next");
            let path = format!("/v1/changes?limit=100&since={token}");
            let before = reading(&world, by, &path);
            busy(&world, &cast.agent_a, ["王芳", "李强", "赵敏", "孙丽"]);
            let after = reading(&world, by, &path);
            assert_eq!((before, after), (3, 3), "by {}", by.username);
        }
    });
}
