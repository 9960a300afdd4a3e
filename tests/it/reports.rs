//! Shape, funnel, ratios, levers, velocity, forecast and the lists of a check-in (method sections 5, 7 and 9).

mod members;
mod shape;

use serde_json::{Value, json};

use crate::harness::{Person, World, both, given::Prospect};

fn report(world: &World, by: &Person, path: &str) -> Value {
    world.get(&format!("/v1/reports/{path}")).by(by).status(200).json()
}

fn at_first(world: &World, by: &Person, name: &str) -> Prospect {
    let mut p = Prospect::named(world, by, name);
    p.fix_first(world, by, "2009-12-14");
    p
}

fn at_25(world: &World, by: &Person, name: &str) -> Prospect {
    let mut p = at_first(world, by, name);
    p.meet(world, by, "2009-12-14", "2009-12-18");
    p
}

fn at_50(world: &World, by: &Person, name: &str) -> Prospect {
    let mut p = at_25(world, by, name);
    p.reach_50(world, by, "2009-12-22");
    p
}

fn at_90(world: &World, by: &Person, name: &str) -> Prospect {
    let mut p = at_50(world, by, name);
    p.sign_and_pay(world, by, "2009-12-14");
    p
}

fn counts(reading: &Value) -> [i64; 3] {
    ["stage_25", "stage_50", "stage_90"].map(|stage| reading[stage].as_i64().unwrap())
}

#[test]
fn the_funnel_counts_entries_and_positions_and_never_mixes_them() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        at_90(&world, agent, "nine");
        at_25(&world, agent, "quarter");
        let mut gone = at_first(&world, agent, "gone");
        gone.moves(&world, agent, json!({"to": "exited", "reason": "no_need"}));
        world.on("2009-12-22");
        let funnel = report(&world, agent, "funnel?from=2009-12-14&to=2009-12-31");
        let entered = &funnel["entered"];
        let n = |code: &str| entered[code].as_i64().unwrap();
        assert_eq!(
            [n("new_contacts"), n("first_appointment"), n("stage_25"), n("stage_50"), n("stage_90")],
            [3, 3, 2, 1, 1]
        );
        assert_eq!((n("fell_back"), n("exited")), (1, 1), "Friday's date lapsed after Monday's check-in");
        let at = &funnel["currently_at"];
        assert_eq!((&at["opportunity"], &at["stage_90"], &at["exited"]), (&json!(1), &json!(1), &json!(1)));
        assert_eq!((&at["prospects"], &at["effective"]), (&json!(1), &json!(1)));
        assert_eq!(funnel["to"], "2009-12-22", "up to today");
        let before = report(&world, agent, "funnel?from=2009-12-01&to=2009-12-13");
        assert_eq!(
            (&before["entered"]["new_contacts"], &before["currently_at"]["prospects"]),
            (&json!(0), &json!(0))
        );
        world.get("/v1/reports/funnel?from=2009-12-23").by(agent).problem(400, "invalid_parameter");
    });
}

fn ratio<'v>(ratios: &'v Value, code: &str) -> &'v Value {
    ratios["ratios"].as_array().unwrap().iter().find(|r| r["code"] == code).unwrap()
}

#[test]
fn ratios_stand_beside_their_figures_and_are_null_over_nothing() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let nothing = report(&world, agent, "ratios");
        for code in ["connect_rate", "appointment_rate", "closing_rate", "deferral_rate", "case_size"] {
            assert_eq!(ratio(&nothing, code)["value"], Value::Null, "{code}");
            assert_eq!(ratio(&nothing, code)["denominator"], 0);
        }
        assert_eq!(ratio(&nothing, "connect_rate")["benchmark"]["value"], 0.4667);
        for outcome in ["dial", "connected", "appointment_set"] {
            world.post("/v1/activities", json!({"kind": "call", "outcome": outcome})).by(agent).status(201);
        }
        let tally = json!({"on": "2009-12-11", "dials": 12, "connects": 5, "appointments_set": 1, "refused": 2, "visits": 0, "messages": 0});
        world.post("/v1/activity-tallies", tally).by(agent).status(201);
        at_90(&world, agent, "nine");
        let mut put_off = at_first(&world, agent, "put off");
        let page = world.get(&put_off.path("/appointments")).by(agent).status(200).json();
        let id = page["data"][0]["id"].as_str().unwrap().to_owned();
        let patch = |p: &mut Prospect, body: Value| {
            let call = world.patch(&p.path(&format!("/appointments/{id}")), body).by(agent);
            p.version = call.if_match(p.version).status(200).version();
        };
        patch(&mut put_off, json!({"starts_at": "2009-12-15T10:00:00+08:00"}));
        world.on("2009-12-15");
        patch(&mut put_off, json!({"outcome": "held"}));
        let ratios = report(&world, agent, "ratios?from=2009-12-11");
        let of = |code: &str| {
            let r = ratio(&ratios, code);
            (
                r["numerator"].as_i64().unwrap(),
                r["denominator"].as_i64().unwrap(),
                r["value"].as_f64().unwrap(),
            )
        };
        assert_eq!(of("connect_rate"), (7, 15, 0.4667));
        assert_eq!(of("appointment_rate"), (2, 7, 0.2857));
        assert_eq!(of("deferral_rate"), (1, 1, 1.0));
        assert_eq!(of("closing_rate"), (1, 2, 0.5));
        assert_eq!((&ratios["working_days"], &ratios["measured"]["signed"]), (&json!(3), &json!(1)));
        let of_team = format!("ratios?from=2009-12-11&team_id={}", cast.north.id);
        let team = report(&world, &cast.head_a, &of_team);
        assert_eq!(ratio(&team, "connect_rate")["numerator"], 7);
    });
}

#[test]
fn a_first_meeting_was_held_whether_or_not_anybody_had_fixed_it() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut walked_in = Prospect::named(&world, agent, "walked in");
        walked_in.meet(&world, agent, "2009-12-14", "2009-12-18");
        at_25(&world, agent, "by appointment");
        let mut taken_back = Prospect::named(&world, agent, "taken back");
        taken_back.meet(&world, agent, "2009-12-14", "2009-12-18");
        let void = json!({"kind": "void_latest_move", "reason_text": "somebody else"});
        taken_back.records(&world, agent, "/corrections", void);
        let measured = report(&world, agent, "ratios?from=2009-12-14")["measured"].take();
        assert_eq!((&measured["held_new"], &measured["held_deferred"]), (&json!(2), &json!(0)));
    });
}

#[test]
fn the_levers_give_the_methods_figures_and_go_backwards() {
    both(|world| {
        let cast = world.cast();
        let levers = report(&world, &cast.agent_a, "levers?policies_a_year=50");
        assert_eq!(levers["base"]["policies_a_year"], 50.0);
        let pulled: Vec<(String, f64, Value)> = levers["examples"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| {
                let projection = &p["projection"];
                let year = projection["policies_a_year"].as_f64().unwrap();
                (p["lever"].as_str().unwrap().to_owned(), year, projection["infeasible"].clone())
            })
            .collect();
        let expected = [
            ("dials", 100.0, json!(["too_many_dials"])),
            ("connect_rate", 71.4, json!([])),
            ("appointment_rate", 58.3, json!([])),
            ("closing_rate", 66.7, json!([])),
            ("case_size", 50.0, json!([])),
        ];
        assert_eq!(pulled, expected.map(|(lever, year, why)| (lever.to_owned(), year, why)));
        assert_eq!(levers["examples"][4]["premium_factor"], 1.2);
        let asked = &levers["demand"];
        assert_eq!((&asked["dials_a_day"], &asked["appointments_a_week"]), (&json!(15.0), &json!(8.0)));
        let sized = report(&world, &cast.agent_a, "levers?case_size=3600");
        let premium = |report: &Value| report["base"]["premium_a_year"]["amount"].clone();
        assert_eq!((premium(&levers), premium(&sized)), (Value::Null, json!("180000.00")));
        let own = report(&world, &cast.agent_a, "levers?dials_a_day=30&connect_rate=10/15");
        assert_eq!(own["base"]["policies_a_year"], 142.9);
        assert_eq!(own["base"]["infeasible"], json!(["too_many_dials"]));
        let bad = world.get("/v1/reports/levers?closing_rate=3/2").by(&cast.agent_a);
        assert_eq!(bad.problem(400, "invalid_parameter").error_codes(), ["too_large"]);
        let measured = report(&world, &cast.agent_a, "levers?basis=measured");
        assert!(measured["borrowed"].as_array().unwrap().len() >= 4, "nothing was measured yet");
        let set = report(&world, &cast.agent_a, "levers?basis=measured&connect_rate=0.5&closing_rate=1/8");
        let is_set = |code: &&Value| ["connect_rate", "closing_rate"].contains(&code.as_str().unwrap());
        let borrowed = measured["borrowed"].as_array().unwrap();
        let left: Vec<&Value> = borrowed.iter().filter(|code| !is_set(code)).collect();
        assert_eq!(
            set["borrowed"].as_array().unwrap().iter().collect::<Vec<_>>(),
            left,
            "what was set is not"
        );
        assert!(borrowed.len() > left.len());
    });
}

#[test]
fn a_year_that_no_number_of_dials_brings_is_called_unreachable() {
    both(|world| {
        let cast = world.cast();
        for nought in ["closing_rate=0", "appointment_rate=0", "connect_rate=0"] {
            let levers = report(&world, &cast.agent_a, &format!("levers?{nought}&policies_a_year=5"));
            let expected = json!({"policies_a_year": 5, "appointments_a_week": null, "new_a_week": null,
                "connects_a_day": null, "dials_a_day": null, "infeasible": ["unreachable"]});
            assert_eq!(levers["demand"], expected, "{nought}");
            let none = report(&world, &cast.agent_a, &format!("levers?{nought}"));
            assert_eq!(none["demand"], Value::Null, "none was asked about");
        }
        let idle = report(&world, &cast.agent_a, "levers?dials_a_day=0&policies_a_year=50");
        assert_eq!(
            (&idle["demand"]["dials_a_day"], &idle["demand"]["infeasible"]),
            (&json!(15.0), &json!([]))
        );
    });
}

#[test]
fn too_few_first_appointments_raise_the_alert_and_closings_leave_a_debt() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        world.on("2009-12-18");
        for i in 0..4 {
            let mut p = Prospect::named(&world, agent, &format!("first {i}"));
            p.fix_first(&world, agent, "2009-12-21");
        }
        world.on("2009-12-21");
        let level = &report(&world, agent, "first-appointments")["agents"][0];
        assert_eq!((&level["target_a_week"], &level["missing_this_week"]), (&json!(5), &json!(1)));
        assert_eq!((&level["last_week"]["new"], &level["last_week"]["below"]), (&json!(0), &json!(true)));
        assert_eq!((&level["this_week"]["new"], &level["this_week"]["wanted"]), (&json!(4), &json!(1.7)));
        assert_eq!((&level["below"], &level["replenishment"]["debt"]), (&json!(true), &json!(0)));
        let team = report(&world, &cast.head_a, &format!("first-appointments?team_id={}", cast.north.id));
        assert_eq!(team["agents"].as_array().unwrap().len(), 2, "the supervisor has never had a prospect");
    });
}

#[test]
fn velocity_counts_the_stays_that_ended() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "slow");
        p.fix_first(&world, agent, "2009-12-16");
        world.on("2009-12-16");
        p.meet(&world, agent, "2009-12-16", "2009-12-18");
        world.on("2009-12-18");
        p.reach_50(&world, agent, "2009-12-22");
        let velocity = report(&world, agent, "velocity");
        let stays: Vec<_> = velocity["time_in_stage"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| (t["stage"].as_str().unwrap(), t["days"]["mean"].as_f64()))
            .collect();
        assert_eq!(
            stays,
            [
                ("first_appointment", Some(2.0)),
                ("stage_25", Some(2.0)),
                ("stage_50", None),
                ("stage_90", None)
            ]
        );
        assert_eq!(velocity["steps"][1]["days"]["n"], 1);
        let earlier = report(&world, agent, "velocity?from=2009-12-17");
        assert_eq!(earlier["time_in_stage"][1]["days"]["mean"], 2.0, "entered before the period, left in it");
    });
}

#[test]
fn whoever_needs_attention_is_listed_the_most_pressing_first() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        at_25(&world, agent, "no date");
        at_90(&world, agent, "no receipt");
        let list = |path: &str| {
            let list = report(&world, agent, path);
            let entries = list["entries"].as_array().unwrap().clone();
            entries
                .iter()
                .map(|e| (e["name"].as_str().unwrap().to_owned(), e["flags"][0].clone()))
                .collect::<Vec<_>>()
        };
        world.on("2009-12-19");
        assert_eq!(
            list("attention"),
            [
                ("no date".to_owned(), json!("outcome_missing")),
                ("no receipt".to_owned(), json!("outcome_missing"))
            ]
        );
        assert_eq!(
            list("attention?as_of=2009-12-18"),
            [],
            "nobody waits for a receipt before the policy is issued"
        );
        assert_eq!(list("over-cycle"), []);
    });
}

#[test]
fn a_receipt_is_missed_once_the_policy_is_issued_and_an_issue_once_it_has_lasted() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut waiting = at_90(&world, agent, "waiting");
        let mut issued = at_90(&world, agent, "issued");
        // The next appointments have been; nothing else is to ask for attention.
        world.on("2009-12-18");
        for p in [&mut waiting, &mut issued] {
            let page = world.get(&p.path("/appointments")).by(agent).status(200).json();
            for open in page["data"].as_array().unwrap().iter().filter(|one| one["outcome"] == "open") {
                let path = p.path(&format!("/appointments/{}", open["id"].as_str().unwrap()));
                let held = world.patch(&path, json!({"outcome": "held"})).by(agent).if_match(p.version);
                p.version = held.status(200).version();
            }
        }
        issued.changes_pursuit(
            &world,
            agent,
            json!({"policy_issued_on": "2009-12-18", "evidence": "letter"}),
        );
        let flags = |p: &mut Prospect| p.read(&world, agent)["flags"].clone();
        assert_eq!(flags(&mut waiting), json!(["issue_pending", "claimed"]));
        assert_eq!(flags(&mut issued), json!(["claimed"]), "on the day of the issue");
        let listed = || -> Vec<(String, Value)> {
            let list = report(&world, agent, "attention");
            let entries = list["entries"].as_array().unwrap();
            entries.iter().map(|e| (e["name"].as_str().unwrap().to_owned(), e["flags"].clone())).collect()
        };
        assert_eq!(listed(), []);
        world.on("2009-12-19");
        assert_eq!(listed(), [("issued".to_owned(), json!(["receipt_missing"]))]);
        world.on("2009-12-28");
        assert_eq!(listed().len(), 1, "14 days at 90%");
        world.on("2009-12-29");
        let receipt = ("issued".to_owned(), json!(["receipt_missing"]));
        assert_eq!(listed(), [receipt.clone(), ("waiting".to_owned(), json!(["issue_pending"]))]);
        let actions = world.get("/v1/today").by(agent).status(200).json()["next_actions"].clone();
        let codes: Vec<&str> =
            actions.as_array().unwrap().iter().map(|action| action["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"get_receipt") && codes.contains(&"ask_about_issue"), "{codes:?}");
        // The team may give the company more time.
        let settings = format!("/v1/settings?team_id={}", agent.team_id);
        let longer = json!({"issue_pending_days": 20});
        world.patch(&settings, longer).by(head).header("If-Match", "*").status(200);
        assert_eq!(listed(), [receipt]);
    });
}

#[test]
fn the_forecast_begins_with_the_priors_and_learns_from_the_agents_own_deals() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        at_25(&world, agent, "quarter");
        at_50(&world, agent, "half");
        let mut sold = at_90(&world, agent, "nine");
        let forecast = report(&world, agent, "forecast");
        assert_eq!(
            (&forecast["expected"]["n"], &forecast["expected"]["policies"]),
            (&json!(3), &json!(1.65))
        );
        assert_eq!(forecast["expected"]["n_with_premium"], 0, "no case size yet");
        world.on("2009-12-17");
        sold.issued(&world, agent, "2009-12-15", "2009-12-16");
        world.on("2009-12-27");
        assert_eq!(sold.stage(&world, agent), "closed");
        let forecast = report(&world, agent, "forecast");
        let calibrated: i64 =
            forecast["calibration"].as_array().unwrap().iter().map(|bin| bin["n"].as_i64().unwrap()).sum();
        assert!(calibrated > 0, "{forecast:#}");
        let then = report(&world, agent, "forecast?as_of=2009-12-14");
        assert_eq!(then["expected"]["policies"], 1.65);
    });
}

#[test]
fn the_forecast_of_a_team_is_the_sum_of_its_members_also_on_a_past_day() {
    both(|world| {
        let cast = world.cast();
        let (agent, peer) = (&cast.agent_a, &cast.peer);
        at_first(&world, agent, "quarter").meet(&world, agent, "2009-12-14", "2009-12-24");
        at_50(&world, peer, "half");
        let mut sold = at_90(&world, peer, "nine");
        sold.issued(&world, peer, "2009-12-14", "2009-12-14");
        world.on("2009-12-22");
        let cells = |by: &Person, path: &str| -> Vec<(String, String, i64)> {
            let all = report(&world, by, path)["cells"].take();
            let text = |cell: &Value, name: &str| cell[name].as_str().unwrap().to_owned();
            let told = |c: &Value| (text(c, "stage"), text(c, "elapsed"), c["n"].as_i64().unwrap());
            all.as_array().unwrap().iter().map(told).collect()
        };
        for (day, expected) in [
            (
                "2009-12-14",
                [("stage_25", "first_quarter"), ("stage_50", "first_quarter"), ("stage_90", "first_quarter")],
            ),
            (
                "2009-12-22",
                [
                    ("stage_25", "second_quarter"),
                    ("stage_50", "second_quarter"),
                    ("stage_90", "second_quarter"),
                ],
            ),
        ] {
            let mut both: Vec<_> = [agent, peer]
                .into_iter()
                .flat_map(|by| cells(by, &format!("forecast?as_of={day}")))
                .collect();
            both.sort_unstable();
            let mut team = cells(&cast.head_a, &format!("forecast?team_id={}&as_of={day}", cast.north.id));
            team.sort_unstable();
            assert_eq!(team, both);
            let seen: Vec<_> =
                team.iter().map(|(stage, elapsed, _)| (stage.as_str(), elapsed.as_str())).collect();
            assert_eq!(seen, expected, "{day}");
        }
    });
}

#[test]
fn who_was_erased_stands_nowhere_from_that_day_on() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        at_25(&world, agent, "stays");
        let gone = at_25(&world, agent, "goes");
        world.on("2009-12-16");
        world.delete(&gone.path("")).by(agent).if_match(gone.version).status(204);
        for day in ["2009-12-16", "2010-01-04"] {
            world.on(day);
            let shape = report(&world, agent, "shape");
            assert_eq!(counts(&shape["trend"][7]["entered"]), counts(&shape["entered"]), "{day}");
        }
        let now = |day: &str| {
            let funnel = report(&world, agent, &format!("funnel?from=2009-12-14&to={day}"));
            funnel["currently_at"]["stage_25"].as_i64().unwrap()
        };
        assert_eq!([now("2009-12-15"), now("2009-12-16")], [2, 1]);
        let forecast = report(&world, agent, "forecast?as_of=2009-12-16");
        assert_eq!(forecast["expected"]["n"], 1);
    });
}

#[test]
fn an_agents_day_is_one_request() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        at_25(&world, agent, "王芳");
        let mut tomorrow = Prospect::named(&world, agent, "李强");
        tomorrow.fix_first(&world, agent, "2009-12-15");
        world.on("2009-12-18");
        for _ in 0..2 {
            world.post("/v1/activities", json!({"kind": "call", "outcome": "refused"})).by(agent).status(201);
        }
        let day = world.get("/v1/today").by(agent).status(200).json();
        let names = |list: &str| {
            let rows = day[list].as_array().unwrap().iter();
            rows.map(|row| row["name"].as_str().unwrap_or("-").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("appointments"), ["王芳"]);
        assert_eq!(day["appointments"][0]["agenda"], "go through the plan");
        // The first appointment of Tuesday lapsed after Wednesday's check-in; what came of it is still asked for.
        assert_eq!(names("outcomes_to_enter"), ["李强"]);
        assert_eq!(names("falls_back_soon"), ["王芳"], "on Tuesday, unless a new date is fixed");
        assert_eq!(
            (&day["targets"]["dials"]["done"], &day["targets"]["dials"]["wanted"]),
            (&json!(2), &json!(15))
        );
        assert!(!day["next_actions"].as_array().unwrap().is_empty());
        world.on("2009-12-19");
        let day = world.get("/v1/today").by(agent).status(200).json();
        let asked: Vec<_> = day["outcomes_to_enter"].as_array().unwrap().iter().map(|a| &a["name"]).collect();
        assert_eq!(asked, ["李强", "王芳"], "oldest first");
        assert_eq!(day["falls_back_soon"][0]["falls_back_on"], "2009-12-22");
        assert_eq!(day["first_appointments"]["below"], true);
    });
}

#[test]
fn a_window_may_be_above_a_whole_and_its_cohort_never_is() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        // Two are sold before the window and close in it, one reaches 90% in it and stays there.
        for name in ["一", "二"] {
            at_90(&world, agent, name).issued(&world, agent, "2009-12-14", "2009-12-14");
        }
        let mut third = at_50(&world, agent, "三");
        world.on("2009-12-17");
        third.sign_and_pay(&world, agent, "2009-12-17");
        world.on("2009-12-30");
        let asked = "ratios?from=2009-12-16&to=2009-12-28";
        let step = |ratios: &Value, code: &str| {
            let r = ratio(ratios, code);
            let cohort = |name: &str| r["cohort"][name].clone();
            (r["value"].clone(), [cohort("entered"), cohort("reached"), cohort("value")])
        };
        let of = |entered: i64, reached: i64, value: Value| [json!(entered), json!(reached), value];
        let ratios = report(&world, agent, asked);
        assert_eq!(step(&ratios, "rate_to_closed"), (json!(2.0), of(1, 0, json!(0.0))));
        assert_eq!(step(&ratios, "rate_to_90"), (Value::Null, of(0, 0, Value::Null)));
        assert_eq!(step(&ratios, "connect_rate").1, [Value::Null, Value::Null, Value::Null]);
        let whole = report(&world, agent, "ratios?from=2009-12-14&to=2009-12-14");
        assert_eq!(step(&whole, "rate_to_90").1, of(3, 3, json!(1.0)));
        assert_eq!(step(&whole, "sale_rate"), (json!(0.0), of(3, 2, json!(0.6667))));
        assert_eq!(step(&whole, "prospect_rate").1, of(3, 3, json!(1.0)));
        third.issued(&world, agent, "2009-12-18", "2009-12-18");
        assert_eq!(step(&report(&world, agent, asked), "rate_to_closed").1, of(1, 1, json!(1.0)), "by now");
        let of_team = format!("{asked}&team_id={}", cast.north.id);
        let team = report(&world, &cast.head_a, &of_team);
        assert_eq!(step(&team, "rate_to_closed"), (json!(2.0), of(1, 1, json!(1.0))));
    });
}
