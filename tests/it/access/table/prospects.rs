//! Prospects: the people, and what is recorded about them.

use serde_json::json;

use super::{Access::*, Ask, Row, Side, row};
use crate::harness::{World, given::Prospect};

/// A prospect of the owner, with everything an agent may note down.
pub fn noted(world: &World, side: &Side) -> Prospect {
    let answer = world.post("/v1/prospects", person()).by(side.owner).status(201);
    Prospect { id: answer.string("id"), version: answer.version() }
}

fn person() -> serde_json::Value {
    json!({"name": "刘岩", "phones": ["13800001234"], "source": "met at the fair", "referrer": "范学东",
        "occupation": "printer", "tags": ["fair"], "notes": "likes tea", "decision_role": "decides_jointly",
        "co_deciders": [{"relation": "spouse", "name": "李雷", "engaged_on": "2009-12-01"}], "consent_channel": "on paper"})
}

/// A path below a prospect that was just made.
fn below(world: &World, side: &Side, rest: &str) -> Ask {
    Ask::get(noted(world, side).path(rest))
}

/// The log of one prospect, of whoever looks.
fn logged(world: &World, side: &Side, rest: &str) -> Ask {
    let prospect = noted(world, side);
    Ask::get(format!("/v1/transitions{rest}?prospect_id={}&agent_id={}", prospect.id, side.owner.id))
}

pub fn rows() -> Vec<Row> {
    vec![
        row("createProspect", SignedIn, |_, _| Ask::post("/v1/prospects", person())),
        row("listProspects", SignedIn, |_, _| Ask::get("/v1/prospects?include=total")),
        row("listProspects", SignedIn, |w, s| {
            noted(w, s);
            Ask::get(format!("/v1/prospects?include=total&agent_id={}", s.owner.id))
        }),
        row("searchProspects", SignedIn, |w, s| {
            noted(w, s);
            Ask::post(
                "/v1/prospects/search",
                json!({"agent_id": [s.owner.id], "tag": ["fair"], "q": "liu", "include": ["total"]}),
            )
        }),
        row("getProspect", OwnerAndAbove, |w, s| below(w, s, "")),
        row("updateProspect", Owner, |w, s| {
            let prospect = noted(w, s);
            Ask::patch(prospect.path(""), person()).seen(prospect.version)
        }),
        row("deleteProspect", Owner, |w, s| {
            let prospect = noted(w, s);
            Ask::delete(prospect.path("")).seen(prospect.version)
        }),
        row("getProspectExport", OwnerAndAbove, |w, s| below(w, s, "/export")),
        row("getNextSteps", OwnerAndAbove, |w, s| below(w, s, "/next-steps")),
        row("getTimeline", OwnerAndAbove, |w, s| below(w, s, "/timeline")),
        row("listPursuits", OwnerAndAbove, |w, s| below(w, s, "/pursuits")),
        row("listProspectAppointments", OwnerAndAbove, |w, s| below(w, s, "/appointments")),
        row("listCriteriaChecks", OwnerAndAbove, |w, s| below(w, s, "/criteria-checks")),
        row("listProspectTransitions", OwnerAndAbove, |w, s| below(w, s, "/transitions")),
        row("listTransitions", SignedIn, |w, s| logged(w, s, "")),
        row("exportTransitions", SignedIn, |w, s| logged(w, s, "/export")),
    ]
}
