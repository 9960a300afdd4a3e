//! Who did what, written with the write itself: one row a write, whoever acts.

use diesel::prelude::*;
use prospector::{
    domain::values::id::Id,
    store::{StoreError, db::schema::audit},
};
use serde_json::{Value, json};

use crate::harness::{both, given::Prospect};

/// Kind and id of whoever acted, what was done, and its codes.
type Row = (String, Option<Id>, String, String);

#[test]
fn every_write_on_a_prospect_leaves_one_row_that_says_who_and_no_name() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        let renamed = world.patch(&p.path(""), json!({"name": "王小芳"})).by(agent).if_match(p.version);
        p.version = renamed.status(200).version();
        p.fix_first(&world, agent, "2009-12-14");
        world.on("2010-03-01");
        world.post("/v1/cycles/sweep", Value::Null).by(&cast.head_a).status(201);
        let id = p.id.clone();
        let rows: Result<Vec<Row>, StoreError> = world.app.db.read_blocking(move |conn| {
            let of_it = audit::table.filter(audit::subject_id.eq(&id)).order(audit::id);
            Ok(of_it
                .select((audit::actor_kind, audit::actor_id, audit::action, audit::details))
                .load(conn)?)
        });
        let rows = rows.unwrap();
        let who: Vec<(&str, Option<Id>, &str)> =
            rows.iter().map(|(kind, id, action, _)| (kind.as_str(), *id, action.as_str())).collect();
        let own = |action| ("agent", Some(agent.id), action);
        assert_eq!(
            who,
            [
                own("prospect_created"),
                own("person_changed"),
                own("prospect_moved"),
                ("system", None, "prospect_moved"),
            ]
        );
        assert!(rows.iter().all(|(_, _, _, details)| !details.contains('芳')), "{rows:?}");
        let moved: Value = serde_json::from_str(&rows[2].3).unwrap();
        assert_eq!(moved["records"].as_array().unwrap().len(), 1);
        assert_eq!(moved["records"][0]["to"], "first_appointment");
        let facts: Vec<&Value> = moved["facts"].as_array().unwrap().iter().map(|f| &f["kind"]).collect();
        assert_eq!(facts, ["appointment_fixed", "decision_maker_expected"]);
    });
}
