//! Twenty prospects of ten moves each, lived through the API: the patterns of which the databases are filled.

use prospector::domain::{organisation::actor::Role, values::id::Id};
use serde_json::json;

use crate::harness::{
    World,
    actors::{self, Person},
    given::Prospect,
};

/// The day on which the figures are taken.
pub const TODAY: &str = "2009-12-16";

/// What happens to a prospect.
#[derive(Clone, Copy)]
enum Step {
    /// A first appointment on a day.
    First(&'static str),
    /// The meeting, and the next date.
    Meet(&'static str),
    /// Five of five, with a day for the signature.
    Fifty(&'static str),
    /// Signed and paid.
    Ninety,
    /// Issued; the receipt is signed on the day after.
    Issued,
    /// Out of the process.
    Exit,
    /// Another attempt.
    Again,
    /// A call.
    Call,
}

use Step::{Again, Call, Exit, Fifty, First, Issued, Meet, Ninety};

type Life = &'static [(&'static str, &'static [Step])];

/// Six first moves that are the same for many: up to 50%, out, and back.
const THROUGH_50: Life = &[
    ("2009-10-05", &[Call, First("2009-10-05"), Meet("2009-10-07"), Fifty("2009-10-09")]),
    ("2009-10-06", &[Exit]),
    ("2009-10-15", &[Again]),
];
/// Five first moves: up to 25%.
const THROUGH_25: Life = &[
    ("2009-10-05", &[Call, First("2009-10-05"), Meet("2009-10-07")]),
    ("2009-10-06", &[Exit]),
    ("2009-10-15", &[Again]),
];
/// Four first moves: an appointment that came to nothing.
const THROUGH_2: Life =
    &[("2009-10-05", &[Call, First("2009-10-08")]), ("2009-10-09", &[Exit]), ("2009-10-15", &[Again])];
/// Three more of the same kind.
const ONCE_MORE: Life =
    &[("2009-11-09", &[Call, First("2009-11-12")]), ("2009-11-13", &[Exit]), ("2009-11-16", &[Again])];

/// How many live which life: its beginning, its middle, its end.
const LIVES: [(usize, [Life; 3]); 11] = [
    (
        5,
        [
            THROUGH_50,
            &[("2009-11-09", &[Call, First("2009-11-09"), Meet("2009-11-11")])],
            &[("2009-11-10", &[Exit]), ("2009-11-12", &[Again])],
        ],
    ),
    (
        2,
        [
            THROUGH_50,
            &[("2009-12-11", &[Call, First("2009-12-11"), Meet("2009-12-14")])],
            &[("2009-12-14", &[Exit]), ("2009-12-15", &[Again, Call])],
        ],
    ),
    (1, [THROUGH_50, ONCE_MORE, &[("2009-12-15", &[Call, First("2009-12-18")])]]),
    (1, [THROUGH_50, ONCE_MORE, &[("2009-12-07", &[First("2009-12-17")])]]),
    (1, [THROUGH_25, ONCE_MORE, &[("2009-12-14", &[First("2009-12-14"), Meet("2009-12-16")])]]),
    (1, [THROUGH_25, ONCE_MORE, &[("2009-12-07", &[First("2009-12-07"), Meet("2009-12-21")])]]),
    (1, [THROUGH_25, ONCE_MORE, &[("2009-12-15", &[First("2009-12-15"), Meet("2009-12-22"), Call])]]),
    (
        2,
        [
            THROUGH_2,
            ONCE_MORE,
            &[("2009-12-11", &[First("2009-12-11"), Meet("2009-12-18"), Fifty("2009-12-21"), Call])],
        ],
    ),
    (
        1,
        [
            THROUGH_50,
            &[("2009-12-08", &[Call, First("2009-12-08"), Meet("2009-12-10"), Fifty("2009-12-15")])],
            &[("2009-12-14", &[Ninety])],
        ],
    ),
    (
        2,
        [
            THROUGH_25,
            &[
                ("2009-10-26", &[Call, First("2009-10-26"), Meet("2009-11-20")]),
                ("2009-11-20", &[Fifty("2009-11-23")]),
            ],
            &[("2009-11-23", &[Ninety]), ("2009-11-24", &[Issued])],
        ],
    ),
    (
        3,
        [
            THROUGH_50,
            &[("2009-11-09", &[Call, First("2009-11-09"), Meet("2009-11-11"), Fifty("2009-11-13")])],
            &[("2009-11-10", &[Exit])],
        ],
    ),
];

/// Lives them all, each in the book of an agent of its own, and answers whose books they are: twenty prospects.
pub fn play(world: &World) -> Vec<Id> {
    let mut owners = Vec::new();
    let mut made = 0;
    for (times, life) in LIVES {
        for _ in 0..times {
            made += 1;
            let team = actors::team(world, "Pattern", None);
            let agent = actors::person(world, &format!("pattern-{made}"), Role::Agent, &team);
            live(world, &agent, &format!("客户{made}"), &life);
            owners.push(agent.id);
        }
    }
    owners
}

fn live(world: &World, agent: &Person, name: &str, life: &[Life; 3]) {
    world.on("2009-10-05");
    let mut p = Prospect::named(world, agent, name);
    for (day, steps) in life.iter().copied().flatten() {
        world.on(day);
        for step in *steps {
            // Whatever fell due is written down, and the version is the present one.
            p.read(world, agent);
            take(world, agent, &mut p, day, *step);
        }
    }
    world.on(TODAY);
    p.read(world, agent);
    let log = p.log(world, agent);
    assert_eq!(log.len(), 10, "ten moves: {log:#?}");
}

fn take(world: &World, agent: &Person, p: &mut Prospect, day: &str, step: Step) {
    match step {
        First(on) => drop(p.fix_first(world, agent, on)),
        Meet(next) => drop(p.meet(world, agent, day, next)),
        Fifty(target) => drop(p.reach_50(world, agent, target)),
        Ninety => drop(p.sign_and_pay(world, agent, day)),
        Issued => drop(p.issued(world, agent, day, day)),
        Exit => {
            let out = json!({"to": "exited", "reason": "other", "reason_text": "no need at present"});
            p.moves(world, agent, out);
        }
        Again => drop(p.moves(world, agent, json!({"to": "opportunity"}))),
        Call => {
            let call =
                json!({"kind": "call", "outcome": "connected", "prospect_id": p.id, "occurred_on": day});
            world.post("/v1/activities", call).by(agent).status(201);
        }
    }
}
