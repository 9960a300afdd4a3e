//! What the tables of a report have to say, row by row, read off its JSON; in English.

use prospector::domain::{
    method::stage::Stage,
    reports::{board::Flag, forecast::ElapsedShare, lever::Lever, ratio::RatioCode, shape::Shape},
    values::text::{Language, Text},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What a row is expected to say under some headings.
pub type Expected = Vec<(&'static str, Value)>;

/// All rows of a report's tables, from its JSON.
pub type RowsOf = fn(&Value) -> Vec<Expected>;

/// Every report without a paper form.
pub const REPORTS: [(&str, RowsOf); 9] = [
    ("shape", shape),
    ("funnel", funnel),
    ("ratios", ratios),
    ("velocity", velocity),
    ("levers", levers),
    ("first-appointments", first_appointments),
    ("attention", attention),
    ("over-cycle", attention),
    ("forecast", forecast),
];

pub fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of[name].as_array().unwrap()
}

/// The English label of a code.
fn label<T: DeserializeOwned>(code: &Value, label: impl Fn(T) -> Text) -> Value {
    if code.is_null() {
        return Value::Null;
    }
    json!(label(serde_json::from_value(code.clone()).unwrap()).in_language(Language::En))
}

fn stage(code: &Value) -> Value {
    label(code, Stage::label)
}

fn board(part: &str, member: &Value, of: &Value) -> Vec<Expected> {
    let one = |name: &str, r: &Value| {
        let remedies: Vec<&str> = list(r, "remedies").iter().map(|r| r["text"].as_str().unwrap()).collect();
        vec![
            ("Part", json!(part)),
            ("Member", member["agent_name"].clone()),
            ("Member id", member["agent_id"].clone()),
            ("Board", json!(name)),
            ("25%", r["stage_25"].clone()),
            ("50%", r["stage_50"].clone()),
            ("90%", r["stage_90"].clone()),
            ("Effective prospects", r["n"].clone()),
            ("Shape", label(&r["shape"], Shape::label)),
            ("Nearest to", label(&r["nearest"], Shape::label)),
            ("Where it comes from", r["cause"]["text"].clone()),
            ("What to do", json!(remedies.join(" "))),
        ]
    };
    vec![one("as entered", &of["entered"]), one("verified by the rules", &of["verified"])]
}

fn shape(json: &Value) -> Vec<Expected> {
    let mut rows = board("Board", &Value::Null, json);
    rows.extend(list(json, "members").iter().flat_map(|m| board("Each member", m, m)));
    rows.extend(list(json, "trend").iter().flat_map(|week| {
        [("as entered", &week["entered"]), ("verified by the rules", &week["verified"])].map(
            |(name, board)| {
                vec![
                    ("Counted on", week["on"].clone()),
                    ("Board", json!(name)),
                    ("25%", board["stage_25"].clone()),
                    ("50%", board["stage_50"].clone()),
                    ("90%", board["stage_90"].clone()),
                    ("Effective prospects", board["n"].clone()),
                    ("Shape", label(&board["shape"], Shape::label)),
                ]
            },
        )
    }));
    rows.extend(list(json, "next_actions").iter().map(|action| {
        vec![
            ("What to do", action["text"].clone()),
            ("Name", action["name"].clone()),
            ("By", action["by"].clone()),
            ("Prospect id", action["prospect_id"].clone()),
        ]
    }));
    rows
}

fn funnel(json: &Value) -> Vec<Expected> {
    let of = |group: &str, codes: &[(&str, &str)]| {
        let row = |(code, label): &(&str, &str)| {
            vec![("Stage", json!(label)), ("Number", json[group][code].clone())]
        };
        codes.iter().map(row).collect::<Vec<_>>()
    };
    let entered = [
        ("new_contacts", "new contacts"),
        ("first_appointment", "first appointment"),
        ("stage_25", "25%"),
        ("stage_50", "50%"),
        ("stage_90", "90%"),
        ("closed", "closed"),
        ("fell_back", "fell back"),
        ("exited", "left the process"),
    ];
    let at = [
        ("opportunity", "opportunity"),
        ("first_appointment", "first appointment"),
        ("stage_25", "25%"),
        ("stage_50", "50%"),
        ("stage_90", "90%"),
        ("closed", "closed"),
        ("exited", "left the process"),
        ("prospects", "prospects: first appointment to 90%"),
        ("effective", "effective prospects: 25 to 90%"),
    ];
    [of("entered", &entered), of("currently_at", &at)].concat()
}

/// Minor units as an amount.
fn yuan(minor: &Value) -> Value {
    minor.as_f64().map_or(Value::Null, |minor| json!(minor / 100.0))
}

fn ratio(member: &Value, r: &Value) -> Expected {
    let money = r["code"] == "case_size";
    let amount = |value: &Value| if money { yuan(value) } else { value.clone() };
    vec![
        ("Member", member["agent_name"].clone()),
        ("Ratio", label(&r["code"], RatioCode::label)),
        ("Upper figure", amount(&r["numerator"])),
        ("Lower figure", r["denominator"].clone()),
        ("Per so many of the lower figure", r["per"].clone()),
        ("Cases, n", r["n"].clone()),
        ("Measured in the period", amount(&r["value"])),
        ("Benchmark", r["benchmark"]["value"].clone()),
        ("Cohort: entered in the period", r["cohort"]["entered"].clone()),
        ("Cohort: of these reached by now", r["cohort"]["reached"].clone()),
        ("Cohort", r["cohort"]["value"].clone()),
    ]
}

fn measured(member: &Value, m: &Value) -> Expected {
    vec![
        ("Member", member["agent_name"].clone()),
        ("Dials", m["dials"].clone()),
        ("Connects", m["connects"].clone()),
        ("Appointments set", m["appointments_set"].clone()),
        ("New, held", m["held_new"].clone()),
        ("Deferred, held", m["held_deferred"].clone()),
        ("New contacts", m["new_contacts"].clone()),
        ("Prospects developed", m["developed"].clone()),
        ("Entered 25%", m["entered_25"].clone()),
        ("Entered 50%", m["entered_50"].clone()),
        ("Entered 90%", m["entered_90"].clone()),
        ("Signed", m["signed"].clone()),
        ("Closed", m["closed"].clone()),
        ("Advance premium", m["advance_premium"].clone()),
        ("Standard premium", m["standard_premium"].clone()),
    ]
}

fn ratios(json: &Value) -> Vec<Expected> {
    let mut rows: Vec<Expected> = list(json, "ratios").iter().map(|r| ratio(&Value::Null, r)).collect();
    rows.push(measured(&Value::Null, &json["measured"]));
    let members = list(json, "members");
    rows.extend(members.iter().flat_map(|m| list(m, "ratios").iter().map(move |r| ratio(m, r))));
    rows.extend(members.iter().map(|m| measured(m, &m["measured"])));
    rows
}

fn velocity(json: &Value) -> Vec<Expected> {
    let row = |from: &Value, to: Value, days: &Value| {
        let cases = if days.is_null() { json!(0) } else { days["n"].clone() };
        vec![
            ("Stage", stage(from)),
            ("Next stage", to),
            ("Cases", cases),
            ("Mean, days", days["mean"].clone()),
            ("Median, days", days["median"].clone()),
            ("Shortest, days", days["min"].clone()),
            ("Longest, days", days["max"].clone()),
        ]
    };
    let stays = list(json, "time_in_stage").iter().map(|t| row(&t["stage"], json!("any"), &t["days"]));
    stays.chain(list(json, "steps").iter().map(|s| row(&s["from"], stage(&s["to"]), &s["days"]))).collect()
}

fn levers(json: &Value) -> Vec<Expected> {
    let year = |lever: Value, levers: &Value, year: &Value, pulled: &Value| {
        vec![
            ("Lever", lever),
            ("Dials a day", levers["dials_a_day"].clone()),
            ("Connects per dial", levers["connect_rate"].clone()),
            ("Appointments per connect", levers["appointment_rate"].clone()),
            ("Deferred per new appointment", levers["deferral_rate"].clone()),
            ("Signed per appointment held", levers["closing_rate"].clone()),
            ("Case size", levers["case_size"].clone()),
            ("Policies a year", year["policies_a_year"].clone()),
            ("Appointments a week", year["appointments_a_week"].clone()),
            ("Standard premium a year", year["premium_a_year"].clone()),
            ("Policies, times the base", pulled["policies_factor"].clone()),
            ("Premium, times the base", pulled["premium_factor"].clone()),
        ]
    };
    let mut rows = vec![year(json!("none: as it stands"), &json["levers"], &json["base"], &Value::Null)];
    for p in list(json, "examples") {
        rows.push(year(label(&p["lever"], Lever::label), &p["levers"], &p["projection"], p));
    }
    let asked = &json["demand"];
    rows.push(vec![
        ("Policies wanted a year", asked["policies_a_year"].clone()),
        ("Appointments a week", asked["appointments_a_week"].clone()),
        ("New appointments a week", asked["new_a_week"].clone()),
        ("Connects a day", asked["connects_a_day"].clone()),
        ("Dials a day", asked["dials_a_day"].clone()),
    ]);
    rows
}

fn first_appointments(json: &Value) -> Vec<Expected> {
    let agents = list(json, "agents");
    let week = |agent: &Value, name: &str, missing: Value, judged: &Value| {
        vec![
            ("Member", agent["agent_name"].clone()),
            ("Week", json!(name)),
            ("First day", judged["from"].clone()),
            ("Last day", judged["to"].clone()),
            ("New first appointments", judged["new"].clone()),
            ("Wanted by then", judged["wanted"].clone()),
            ("Below", judged["below"].clone()),
            ("Wanted a week", agent["target_a_week"].clone()),
            ("Missing this week", missing),
        ]
    };
    let weeks = agents.iter().flat_map(|a| {
        [
            week(a, "last full week", Value::Null, &a["last_week"]),
            week(a, "this week", a["missing_this_week"].clone(), &a["this_week"]),
        ]
    });
    let debts = agents.iter().map(|a| {
        let r = &a["replenishment"];
        vec![
            ("Member", a["agent_name"].clone()),
            ("Sales cycle, days", a["cycle_days"].clone()),
            ("First day", r["from"].clone()),
            ("Last day", r["to"].clone()),
            ("Closings", r["closings"].clone()),
            ("Prospects developed", r["developed"].clone()),
            ("To be filled up", r["debt"].clone()),
        ]
    });
    weeks.chain(debts).collect()
}

/// Also the list of those over the cycle.
pub fn attention(json: &Value) -> Vec<Expected> {
    let row = |e: &Value| {
        let named = |code: &Value| Flag::ALL.into_iter().find(|flag| code == flag.code()).unwrap();
        let flags: Vec<String> = list(e, "flags").iter().map(|f| named(f).label().en.into_owned()).collect();
        vec![
            ("Stage", stage(&e["stage"])),
            ("Why", json!(flags.join(", "))),
            ("What to do", e["advice"].clone()),
            ("Limit (days)", e["limit_days"].clone()),
            ("Days elapsed", e["days_elapsed"].clone()),
            ("Days left", e["days_left"].clone()),
            ("Falls back on", e["falls_back_on"].clone()),
            ("Owner", e["agent_name"].clone()),
            ("Prospect id", e["prospect_id"].clone()),
            ("Owner id", e["agent_id"].clone()),
        ]
    };
    list(json, "entries").iter().map(row).collect()
}

fn forecast(json: &Value) -> Vec<Expected> {
    let sum = &json["expected"];
    let sum = vec![
        ("Prospects", sum["n"].clone()),
        ("Policies to expect", sum["policies"].clone()),
        ("Standard premium to expect", sum["premium"].clone()),
        ("Prospects with a known case size", sum["n_with_premium"].clone()),
    ];
    let cells = list(json, "cells").iter().map(|cell| {
        vec![
            ("Member", cell["agent_name"].clone()),
            ("Stage", stage(&cell["stage"])),
            ("Of the limit gone", label(&cell["elapsed"], ElapsedShare::label)),
            ("Prospects", cell["n"].clone()),
            ("Probability", cell["probability"].clone()),
            ("Finished cases", cell["cases"].clone()),
            ("Closed", cell["closed"].clone()),
            ("Member id", cell["agent_id"].clone()),
        ]
    });
    let bins = list(json, "calibration").iter().map(|bin| {
        vec![
            ("Probability from", bin["p_from"].clone()),
            ("Probability to", bin["p_to"].clone()),
            ("Finished cases", bin["n"].clone()),
            ("Mean forecast", bin["forecast"].clone()),
            ("Share closed", bin["observed"].clone()),
        ]
    });
    [sum].into_iter().chain(cells).chain(bins).collect()
}

/// What stands in front of every line: whose report, of which days, by which cycle.
pub fn above(json: &Value) -> Expected {
    let subject = &json["subject"];
    let name = if subject["team_id"].is_null() { "Agent" } else { "Team" };
    let mut above = vec![(name, subject["name"].clone()), ("Time zone", subject["time_zone"].clone())];
    if json["from"].is_null() {
        above.push(("As of", subject["as_of"].clone()));
    } else {
        above.extend([("From", json["from"].clone()), ("To", json["to"].clone())]);
    }
    if !subject["cycle_days"].is_null() {
        above.push(("Sales cycle, days", subject["cycle_days"].clone()));
    }
    if !json["entries"].is_null() {
        above.push(("Entries", json["n"].clone()));
    }
    above
}
