//! Asking again for what may not have changed: lists, reports and an agent's day (RFC 9110, section 13).

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
