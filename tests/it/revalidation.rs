//! Asking again for what may not have changed: lists, reports and an agent's day (RFC 9110, section 13).

use serde_json::json;

use crate::harness::{both, given::Prospect};

#[test]
fn whoever_asks_again_is_told_that_nothing_changed_until_something_did() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        let cycle = format!("/v1/agents/{}/cycle", agent.id);
        let lists = ["/v1/today", "/v1/reports/shape", "/v1/prospects?limit=5", "/v1/reports/action-sheet"];
        for path in lists.into_iter().chain(["/v1/me", &cycle, &p.path("")]) {
            let ask = || world.get(path).by(agent);
            let first = ask().status(200);
            let tag = first.header("etag").unwrap().to_owned();
            assert_eq!(first.header("cache-control"), Some("private, no-cache"), "{path}");
            let again = ask().header("If-None-Match", &format!("\"other\", W/{tag}")).status(304);
            assert_eq!((again.text().as_str(), again.header("etag")), ("", Some(tag.as_str())), "{path}");
            assert_eq!(again.header("vary"), first.header("vary"), "{path}");
            assert_eq!(again.header("cache-control"), Some("private, no-cache"), "{path}");
            ask().header("If-None-Match", "\"other\"").status(200);
            ask().header("If-None-Match", "no quotes").problem(400, "invalid_header");
        }
        for path in lists {
            let tag = world.get(path).by(agent).status(200).header("etag").unwrap().to_owned();
            world.get(path).by(&cast.peer).header("If-None-Match", &tag).status(200);
        }
        let (shape, day) = ("/v1/reports/shape", "/v1/today");
        let tags = || {
            [shape, day].map(|path| world.get(path).by(agent).status(200).header("etag").unwrap().to_owned())
        };
        let before = tags();
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-18");
        let after = tags();
        assert!(before.iter().zip(&after).all(|(before, after)| before != after), "{before:?} {after:?}");
        let chinese = world.get(shape).by(agent).header("Accept-Language", "zh-CN");
        chinese.header("If-None-Match", &after[0]).status(200);
        let file =
            world.get("/v1/reports/shape?format=csv").by(agent).header("If-None-Match", "*").status(200);
        assert_eq!(file.header("etag"), None, "a file is not to be kept");
        world.get(shape).header("If-None-Match", "*").problem(401, "unauthenticated");
    });
}

#[test]
fn a_tag_changes_with_whatever_is_shown_not_only_with_what_has_the_version() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let own = [
            "/v1/me".to_owned(),
            format!("/v1/agents/{}", agent.id),
            format!("/v1/agents/{}/cycle", agent.id),
            format!("/v1/teams/{}", cast.north.id),
        ];
        let of_head = [
            format!("/v1/settings?team_id={}", cast.north.id),
            format!("/v1/settings?agent_id={}", agent.id),
        ];
        let asked = || -> Vec<(String, String)> {
            let one = |by, path: &String| {
                let answer = world.get(path).by(by).status(200);
                (answer.header("etag").unwrap().to_owned(), answer.text())
            };
            own.iter()
                .map(|path| one(agent, path))
                .chain(of_head.iter().map(|path| one(head, path)))
                .collect()
        };
        let mut seen = vec![asked()];
        let team = format!("/v1/teams/{}", cast.north.id);
        let version = world.get(&team).by(head).status(200).version();
        world.patch(&team, json!({"name": "North by west"})).by(head).if_match(version).status(200);
        seen.push(asked());
        world.patch(&of_head[0], json!({"default_cycle_days": 40})).by(head).if_match(1).status(200);
        seen.push(asked());
        world.on("2009-12-15");
        seen.push(asked());
        for (before, after) in seen.iter().zip(&seen[1..]) {
            for ((tag, text), (tag_after, text_after)) in before.iter().zip(after) {
                assert_eq!(tag == tag_after, text == text_after, "{text} {text_after}");
            }
        }
        let changes = |at: usize| seen[at].iter().zip(&seen[at + 1]).filter(|(a, b)| a.1 != b.1).count();
        assert_eq!(
            [changes(0), changes(1), changes(2)].map(|n| n > 1),
            [true; 3],
            "each was noticed by several"
        );
    });
}
