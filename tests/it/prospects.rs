//! Prospects as people: created, found, changed, erased; and what one may not see does not exist.

use diesel::prelude::*;
use prospector::{
    domain::organisation::actor::Role,
    store::{
        StoreError,
        db::schema::{audit, evidence, idempotent_answers, prospect_people, prospect_phones, transitions},
    },
};
use serde_json::{Value, json};

use crate::harness::{Person, World, both, given::Prospect, people};

/// Two agents of one team, their supervisor, and an agent of another team.
struct Cast {
    one: String,
    mate: String,
    boss: String,
    stranger: String,
}

fn cast(world: &World) -> Cast {
    let (team, _) = people::team(world, None);
    let (other, _) = people::team(world, None);
    let agent = |team| people::token(world, people::user(world, team, Role::Agent), Role::Agent);
    let boss = people::user(world, team, Role::Supervisor);
    Cast {
        one: agent(team),
        mate: agent(team),
        boss: people::token(world, boss, Role::Supervisor),
        stranger: agent(other),
    }
}

fn created(world: &World, token: &str, body: Value) -> Value {
    world.post("/v1/prospects", body).token(token).status(201).json()
}

fn names(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_prospect_is_created_read_and_changed() {
    both(|world| {
        let Cast { one, .. } = cast(&world);
        let answer = world
            .post("/v1/prospects", json!({"name": " 刘岩 ", "phones": ["138 0000 1234"], "tags": ["fair"]}))
            .token(&one)
            .status(201);
        let prospect = answer.json();
        let path = answer.header("location").unwrap().to_owned();
        assert_eq!(path, format!("/v1/prospects/{}", prospect["id"].as_str().unwrap()));
        assert_eq!(prospect["name"], "刘岩");
        let phone = json!({"as_typed": "138 0000 1234", "e164": "+8613800001234", "extension": null});
        assert_eq!(prospect["phones"], json!([phone]));
        assert_eq!((&prospect["stage"], &prospect["version"]), (&json!("opportunity"), &json!(1)));
        assert_eq!(prospect["warnings"], json!([]));

        let read = world.get(&path).token(&one).status(200);
        assert_eq!(read.json(), prospect);
        let tag = read.header("etag").unwrap().to_owned();
        assert_eq!(Some(tag.as_str()), answer.header("etag"));
        world.get(&path).token(&one).header("If-None-Match", &tag).status(304);

        let patch = json!({"occupation": "printer", "tags": [], "birthday": "1980-02-29"});
        world.patch(&path, patch.clone()).token(&one).problem(428, "precondition_required");
        let changed = world.patch(&path, patch).token(&one).header("If-Match", &tag).status(200).json();
        assert_eq!((&changed["version"], &changed["tags"]), (&json!(2), &json!([])));
        assert_eq!(changed["phones"], prospect["phones"]);
        world.patch(&path, json!({})).token(&one).header("If-Match", &tag).problem(412, "stale");
        let cleared =
            world.patch(&path, json!({"birthday": null})).token(&one).if_match(2).status(200).json();
        assert_eq!((&cleared["birthday"], &cleared["occupation"]), (&Value::Null, &json!("printer")));
        let refused = world.patch(&path, json!({"phones": []})).token(&one).if_match(3);
        assert_eq!(refused.problem(422, "validation_failed").error_codes(), ["phone_or_source_required"]);
        world.patch(&path, json!({"stage": "closed"})).token(&one).if_match(3).problem(422, "unknown_field");
        assert_eq!(world.get(&path).token(&one).status(200).version(), 3);
    });
}

#[test]
fn every_wrong_field_of_a_new_prospect_is_named() {
    both(|world| {
        let Cast { one, .. } = cast(&world);
        let refused =
            |body: Value| world.post("/v1/prospects", body).token(&one).problem(422, "validation_failed");
        assert_eq!(refused(json!({"name": "A"})).error_codes(), ["phone_or_source_required"]);
        let many = refused(json!({"name": " ", "phones": ["12"], "birthday": "2009-12-15", "source": "x"}));
        assert_eq!(many.error_codes(), ["blank", "invalid_phone"]);
        let long = refused(json!({"name": "x".repeat(101), "source": "x", "notes": ""}));
        assert_eq!(long.error_codes(), ["blank", "too_long"]);
        let born = refused(json!({"name": "A", "birthday": "2009-12-15", "consent_given_on": "2009-12-15"}));
        assert_eq!(born.error_codes(), ["in_the_future", "in_the_future", "phone_or_source_required"]);
        let future = refused(json!({"name": "A", "source": "x", "occurred_on": "2009-12-15"}));
        assert_eq!(future.error_codes(), ["in_the_future"]);
        assert_eq!(names(&world.get("/v1/prospects").token(&one).status(200).json()), Vec::<String>::new());
    });
}

#[test]
fn an_id_of_ones_own_is_taken_once() {
    both(|world| {
        let Cast { one, stranger, .. } = cast(&world);
        let body = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "name": "A", "source": "x"});
        let made = created(&world, &one, body.clone());
        assert_eq!(made["id"], "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e");
        world.post("/v1/prospects", body.clone()).token(&one).problem(409, "id_taken");
        world.post("/v1/prospects", body).token(&stranger).problem(409, "id_taken");
    });
}

#[test]
fn the_same_phone_warns_within_ones_own_book_only() {
    both(|world| {
        let Cast { one, mate, .. } = cast(&world);
        let body = |name: &str| json!({"name": name, "phones": ["13800001234"]});
        let first = created(&world, &one, body("A"));
        let second = created(&world, &one, json!({"name": "B", "phones": ["+86 138 0000 1234"]}));
        assert_eq!(second["warnings"][0]["code"], "possible_duplicate");
        assert_eq!(second["warnings"][0]["prospect_id"], first["id"]);
        assert_eq!(created(&world, &mate, body("C"))["warnings"], json!([]));
        let third = created(&world, &one, json!({"name": "D", "source": "x"}));
        let path = format!("/v1/prospects/{}", third["id"].as_str().unwrap());
        let patched =
            world.patch(&path, json!({"phones": ["13800001234"]})).token(&one).if_match(1).status(200).json();
        assert_eq!(patched["warnings"][0]["prospect_id"], first["id"]);
    });
}

#[test]
fn what_one_may_not_see_does_not_exist() {
    both(|world| {
        let Cast { one, mate, boss, stranger } = cast(&world);
        let made = created(&world, &one, json!({"name": "A", "phones": ["13800001234"]}));
        let mine = format!("/v1/prospects/{}", made["id"].as_str().unwrap());
        let missing = format!("/v1/prospects/{}", world.app.ids.id());
        for other in [&mate, &stranger] {
            let seen = |path: &str| {
                let mut answers = vec![
                    world.get(path).token(other).problem(404, "not_found").json(),
                    world.patch(path, json!({})).token(other).if_match(9).problem(404, "not_found").json(),
                    world.delete(path).token(other).if_match(1).problem(404, "not_found").json(),
                    world.delete(path).token(other).problem(428, "precondition_required").json(),
                ];
                for answer in &mut answers {
                    answer["request_id"].take();
                    answer["instance"].take();
                }
                answers
            };
            assert_eq!(seen(&mine), seen(&missing));
            let page = world.get("/v1/prospects?q=1234&include=total").token(other).status(200).json();
            assert_eq!((page["data"].clone(), page["total"].clone()), (json!([]), json!(0)));
        }
        assert_eq!(world.get(&mine).token(&boss).status(200).json()["id"], made["id"]);
        world.patch(&mine, json!({})).token(&boss).if_match(1).problem(403, "forbidden");
        world.delete(&mine).token(&boss).if_match(1).problem(403, "forbidden");
        world.get(&mine).problem(401, "unauthenticated");
    });
}

#[test]
fn a_list_is_paged_filtered_and_searched() {
    both(|world| {
        let Cast { one, mate, .. } = cast(&world);
        for (name, phone, tag) in [
            ("何建国", "13800000001", "fair"),
            ("刘岩", "13800000002", "fair"),
            ("范学东", "13800000003", "vip"),
            ("艾新华", "13800000004", "a\"b%"),
            ("Li_Lei", "13800000005", "vip"),
        ] {
            world.clock.advance(chrono::Duration::seconds(1));
            created(&world, &one, json!({"name": name, "phones": [phone], "tags": [tag]}));
        }
        let list =
            |query: &str| names(&world.get(&format!("/v1/prospects{query}")).token(&one).status(200).json());
        assert_eq!(list(""), ["Li_Lei", "艾新华", "范学东", "刘岩", "何建国"]);
        assert_eq!(list("?sort=created_at&limit=2"), ["何建国", "刘岩"]);
        assert_eq!(list("?q=liuyan"), ["刘岩"]);
        assert_eq!(list("?q=LY"), ["刘岩"]);
        assert_eq!(list("?q=%E5%BB%BA%E5%9B%BD"), ["何建国"]);
        assert_eq!(list("?q=0003"), ["范学东"]);
        assert_eq!(list("?q=li_"), ["Li_Lei"]);
        assert_eq!(list("?q=%25"), Vec::<String>::new());
        assert_eq!(list("?tag=vip&tag=fair&sort=created_at"), ["何建国", "刘岩", "范学东", "Li_Lei"]);
        assert_eq!(list("?tag=a%22b%25"), ["艾新华"]);
        assert_eq!(list("?stage=stage_25&stage=closed"), Vec::<String>::new());
        assert_eq!(list("?stage=opportunity&limit=1"), ["Li_Lei"]);
        assert_eq!(list("?sort=falls_back_on").len(), 5, "nobody falls back, and nobody is left out");

        let mut found = Vec::new();
        let mut query = "?limit=2".to_owned();
        loop {
            let answer = world.get(&format!("/v1/prospects{query}")).token(&one).status(200);
            let page = answer.json();
            found.extend(names(&page));
            let Some(cursor) = page["next_cursor"].as_str() else {
                assert_eq!((page["has_more"].clone(), answer.header("link")), (json!(false), None));
                break;
            };
            query = format!("?limit=2&cursor={cursor}");
            assert_eq!(answer.header("link").unwrap(), format!("</v1/prospects{query}>; rel=\"next\""));
        }
        assert_eq!(found, ["Li_Lei", "艾新华", "范学东", "刘岩", "何建国"]);

        let first = world.get("/v1/prospects?limit=2").token(&one).status(200).json();
        let cursor = first["next_cursor"].as_str().unwrap();
        let refused =
            |query: String, token: &str| world.get(&query).token(token).problem(400, "invalid_cursor");
        refused(format!("/v1/prospects?limit=2&q=a&cursor={cursor}"), &one);
        refused(format!("/v1/prospects?limit=2&cursor={cursor}"), &mate);
        refused("/v1/prospects?cursor=AAAA".to_owned(), &one);
        world.get("/v1/prospects?limit=101").token(&one).problem(400, "invalid_parameter");

        let body = json!({"q": "liuyan", "include": ["total"]});
        let searched = world.post("/v1/prospects/search", body).token(&one).status(200).json();
        assert_eq!((names(&searched), searched["total"].clone()), (vec!["刘岩".to_owned()], json!(1)));
    });
}

#[test]
fn a_page_takes_as_many_statements_however_long_it_is() {
    both(|world| {
        let Cast { one, .. } = cast(&world);
        for number in 0..12 {
            created(&world, &one, json!({"name": format!("N{number}"), "source": "x"}));
        }
        let cost = |limit: i32| {
            let before = world.app.db.gauges().statements;
            world.get(&format!("/v1/prospects?limit={limit}")).token(&one).status(200);
            world.app.db.gauges().statements - before
        };
        cost(2);
        assert_eq!(cost(2), cost(12));
        assert!(cost(12) <= 4, "{}", cost(12)); // one of them is the caller's row
    });
}

#[test]
fn an_erased_prospect_is_gone_for_good() {
    both(|world| {
        let Cast { one, .. } = cast(&world);
        let body = json!({"name": "刘岩", "phones": ["13800001234"], "notes": "canary"});
        let send = || world.post("/v1/prospects", body.clone()).token(&one).header("Idempotency-Key", "k");
        let made = send().status(201).json();
        let path = format!("/v1/prospects/{}", made["id"].as_str().unwrap());
        world.delete(&path).token(&one).if_match(2).problem(412, "stale");
        world.delete(&path).token(&one).if_match(1).status(204);
        world.get(&path).token(&one).problem(404, "not_found");
        world.delete(&path).token(&one).if_match(2).problem(404, "not_found");
        assert_eq!(names(&world.get("/v1/prospects").token(&one).status(200).json()), Vec::<String>::new());
        let left: Result<[i64; 5], StoreError> = world.app.db.read_blocking(|conn| {
            Ok([
                prospect_people::table.count().get_result(conn)?,
                prospect_phones::table.count().get_result(conn)?,
                evidence::table.count().get_result(conn)?,
                idempotent_answers::table.count().get_result(conn)?,
                transitions::table.count().get_result(conn)?,
            ])
        });
        assert_eq!(left.unwrap(), [0, 0, 0, 0, 1]);
        let told: Result<Vec<(String, String)>, StoreError> = world.app.db.read_blocking(|conn| {
            let of_prospects = audit::table.filter(audit::subject_kind.eq("prospect"));
            let erased = of_prospects.filter(audit::action.eq("prospect_erased"));
            Ok(erased.select((audit::action, audit::details)).load(conn)?)
        });
        let expected = ("prospect_erased".to_owned(), r#"{"stage":"opportunity"}"#.to_owned());
        assert_eq!(told.unwrap(), [expected], "who erased whom stays, and nothing personal");
        // The key is free again; the number warns nobody any more.
        assert_eq!(send().status(201).json()["warnings"], json!([]));
    });
}

#[test]
fn a_past_day_is_shown_as_it_was_whether_or_not_anything_ran_since() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = crate::harness::given::Prospect::named(&world, agent, "李强");
        p.fix_first(&world, agent, "2009-12-15");
        world.on("2009-12-15");
        p.meet(&world, agent, "2009-12-15", "2009-12-18");
        world.on("2010-03-01");
        let on = |day: &str| {
            let view = world.get(&p.path(&format!("?as_of={day}"))).by(agent).status(200).json();
            (
                view["stage"].clone(),
                view["clock"]["days_elapsed"].clone(),
                view["clock"]["falls_back_on"].clone(),
            )
        };
        // Tuesday's date is checked on Wednesday, Friday's on Monday the 21st: without a new one it lapses the day after.
        assert_eq!(on("2009-12-14"), (json!("first_appointment"), json!(null), json!("2009-12-17")));
        assert_eq!(on("2009-12-21"), (json!("stage_25"), json!(6), json!("2009-12-22")));
        assert_eq!(on("2009-12-22"), (json!("opportunity"), json!(null), json!(null)));
        world.get(&p.path("?as_of=2009-12-13")).by(agent).problem(404, "not_found");
        world.get(&p.path("?as_of=2010-03-02")).by(agent).problem(400, "invalid_parameter");
    });
}

/// Page by page: the names, and what each page says of the rest: whether there is more, and how many there are in all.
fn page_by_page(world: &World, by: &Person, query: &str) -> Vec<String> {
    let (mut found, mut cursor): (Vec<String>, _) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/v1/prospects?{query}{cursor}")).by(by).status(200).json();
        found.extend(names(&page));
        let more = page["has_more"].as_bool().unwrap();
        let total = usize::try_from(page["total"].as_i64().unwrap()).unwrap();
        assert_eq!(more, found.len() < total, "{query}: {} of {total}", found.len());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[test]
fn who_never_falls_back_comes_last_and_no_order_loses_a_row() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        for (name, appointment) in
            [("一", None), ("二", Some("2009-12-21")), ("三", None), ("四", Some("2009-12-15")), ("五", None)]
        {
            world.clock.advance(chrono::Duration::seconds(1));
            let mut p = Prospect::named(&world, agent, name);
            if let Some(day) = appointment {
                p.fix_first(&world, agent, day);
            }
        }
        for limit in 1..=5 {
            let all =
                |sort: &str| page_by_page(&world, agent, &format!("sort={sort}&include=total&limit={limit}"));
            assert_eq!(all("falls_back_on"), ["四", "二", "一", "三", "五"]);
            assert_eq!(all("-falls_back_on"), ["二", "四", "五", "三", "一"]);
            assert_eq!(all("created_at"), ["一", "二", "三", "四", "五"]);
            assert_eq!(all("-updated_at").len(), 5);
            let some = format!("sort=falls_back_on&falls_back_on_lt=2009-12-20&include=total&limit={limit}");
            assert_eq!(page_by_page(&world, agent, &some), ["四"], "who never does is before no day");
        }
    });
}
