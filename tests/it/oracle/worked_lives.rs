//! The oracle's lives against the method's own stories and due dates.

use super::classify::{Facts, classify};
use super::simulation::{Entry, Fact, FactKind, Fallback, Refused, Row, Settings, Simulation, What};
use super::{ByDate, Criterion, Stage, Verdict, date};

struct Story(Simulation);

impl Story {
    fn begins(settings: Settings, on: &str) -> Self {
        Story(Simulation::created(settings, date(on)))
    }

    fn told(&mut self, on: &str, what: What) -> Result<(), Refused> {
        self.0.record(&Entry { recorded_on: date(on), what })
    }

    fn fact(&mut self, recorded: &str, on: &str, what: FactKind) -> &mut Self {
        let answer = self.told(recorded, What::Fact(Fact { on: date(on), what: what.clone() }));
        assert_eq!(answer, Ok(()), "{what:?} on {on}");
        self
    }

    fn moves(&mut self, on: &str, to: Stage, facts: Vec<FactKind>) -> &mut Self {
        let answer = self.tries(on, to, facts);
        assert_eq!(answer, Ok(()), "to {to:?} on {on}");
        self
    }

    fn tries(&mut self, on: &str, to: Stage, facts: Vec<FactKind>) -> Result<(), Refused> {
        let facts = facts.into_iter().map(|what| Fact { on: date(on), what }).collect();
        self.told(on, What::Move { to, occurred_on: date(on), facts })
    }

    fn at(&mut self, day: &str) -> Stage {
        self.0.wait_until(date(day));
        self.0.stage()
    }

    fn next(&self) -> Option<(String, Stage)> {
        self.0.next_automatic().map(|(on, to)| (on.to_string(), to))
    }
}

fn five_of_five(target: &str, next: &str) -> Vec<FactKind> {
    let mut facts: Vec<FactKind> = Criterion::ALL[..3]
        .iter()
        .map(|criterion| FactKind::Check { criterion: *criterion, verdict: Verdict::Met })
        .collect();
    facts.push(FactKind::TargetSigning { on: Some(date(target)) });
    facts.push(FactKind::NextAppointment { day: date(next), agenda: true });
    facts
}

/// Fixed on 12-10 for 12-12, met then, next appointment on `next`.
fn at_25(settings: Settings, next: &str) -> Story {
    let mut story = Story::begins(settings, "2009-12-10");
    story
        .moves(
            "2009-12-10",
            Stage::FirstAppointment,
            vec![FactKind::FirstAppointment { day: date("2009-12-12") }],
        )
        .moves(
            "2009-12-12",
            Stage::Stage25,
            vec![
                FactKind::Held { nth: 0 },
                FactKind::CooperationAgreed,
                FactKind::NextAppointment { day: date(next), agenda: true },
            ],
        );
    story
}

fn at_50(settings: Settings, target: &str, next: &str) -> Story {
    let mut story = at_25(settings, "2009-12-14");
    story.moves("2009-12-14", Stage::Stage50, five_of_five(target, next));
    story
}

#[test]
fn a_first_appointment_without_an_outcome_lapses_after_its_check_in() {
    let mut story = Story::begins(Settings::method(), "2009-12-10");
    story.moves(
        "2009-12-10",
        Stage::FirstAppointment,
        vec![FactKind::FirstAppointment { day: date("2009-12-12") }],
    );
    assert_eq!(story.next(), Some(("2009-12-15".into(), Stage::Opportunity)));
    assert_eq!(story.at("2009-12-14"), Stage::FirstAppointment);
    assert_eq!(story.at("2009-12-15"), Stage::Opportunity);
    // It had been postponed on the 11th after all: the late entry undoes the fallback.
    story.fact("2009-12-16", "2009-12-11", FactKind::Postponed { nth: 0, to: date("2009-12-18") });
    assert_eq!(story.at("2009-12-16"), Stage::FirstAppointment);
    assert_eq!(story.next(), Some(("2009-12-22".into(), Stage::Opportunity)));
}

#[test]
fn postponing_for_ever_ends_a_cycle_after_the_first_fixing() {
    let mut story = Story::begins(Settings::method(), "2009-12-10");
    story
        .moves(
            "2009-12-10",
            Stage::FirstAppointment,
            vec![FactKind::FirstAppointment { day: date("2009-12-12") }],
        )
        .fact("2009-12-11", "2009-12-11", FactKind::Postponed { nth: 0, to: date("2010-01-20") });
    assert_eq!(story.next(), Some(("2010-01-08".into(), Stage::Opportunity)));
}

#[test]
fn at_25_a_passed_date_lapses_whatever_its_outcome() {
    let mut story = at_25(Settings::method(), "2009-12-16");
    story.fact("2009-12-16", "2009-12-16", FactKind::Held { nth: 1 });
    // Wednesday belongs to Friday's block.
    assert_eq!(story.next(), Some(("2009-12-19".into(), Stage::Opportunity)));
    assert_eq!(story.at("2009-12-18"), Stage::Stage25);
    assert_eq!(story.at("2009-12-19"), Stage::Opportunity);
}

#[test]
fn staying_at_50_beyond_the_cycle_falls_back_on_10_january() {
    let mut story = at_50(Settings::method(), "2010-01-09", "2010-01-09");
    assert_eq!(story.next(), Some(("2010-01-10".into(), Stage::Opportunity)));
    assert_eq!(story.at("2010-01-09"), Stage::Stage50);
    assert_eq!(story.at("2010-01-10"), Stage::Opportunity);
}

#[test]
fn a_stale_criterion_keeps_50_for_the_grace_and_then_25_lapses_in_its_turn() {
    let mut story = at_50(Settings::method(), "2009-12-16", "2010-01-09");
    // 12-16 + 7 is still grace; the drop is due on the 24th, a Thursday, looked at on Friday 12-25.
    assert_eq!(story.next(), Some(("2009-12-24".into(), Stage::Stage25)));
    assert_eq!(story.at("2009-12-23"), Stage::Stage50);
    assert_eq!(story.at("2009-12-24"), Stage::Stage25);
    // Its next appointment lies on 01-09, so the cycle ends it first.
    assert_eq!(story.next(), Some(("2010-01-10".into(), Stage::Opportunity)));

    let mut story = at_50(Settings::method(), "2009-12-30", "2009-12-16");
    assert_eq!(story.at("2009-12-24"), Stage::Stage25);
    assert_eq!(story.next(), Some(("2009-12-26".into(), Stage::Opportunity)));
}

#[test]
fn an_unmet_check_at_50_is_a_move_of_the_checker() {
    let mut story = at_50(Settings::method(), "2010-01-05", "2010-01-05");
    let check = FactKind::Check { criterion: Criterion::Budget, verdict: Verdict::Unmet };
    story.fact("2009-12-20", "2009-12-18", check);
    let last = story.0.log().pop().unwrap();
    assert_eq!(
        last,
        Row { from: Stage::Stage50, to: Stage::Stage25, on: date("2009-12-18"), automatic: false }
    );
}

#[test]
fn ninety_is_dated_on_the_latest_of_its_three_facts_and_closes_by_itself() {
    let mut story = at_50(Settings::method(), "2010-01-05", "2010-01-05");
    story
        .fact("2009-12-16", "2009-12-16", FactKind::Signed)
        .fact("2009-12-17", "2009-12-17", FactKind::DocumentsSubmitted)
        .fact("2009-12-20", "2009-12-18", FactKind::PremiumReceived)
        .moves("2009-12-20", Stage::Stage90, vec![])
        .fact("2009-12-21", "2009-12-20", FactKind::PolicyIssued)
        .fact("2009-12-21", "2009-12-21", FactKind::ReceiptSigned);
    assert_eq!(story.next(), Some(("2010-01-01".into(), Stage::Closed)));
    assert_eq!(story.at("2009-12-31"), Stage::Stage90);
    assert_eq!(story.at("2010-01-01"), Stage::Closed);
    assert_eq!(story.0.stage_on(date("2009-12-17")), Stage::Stage50);
    assert_eq!(story.0.stage_on(date("2009-12-18")), Stage::Stage90);
    // A withdrawal of the last day becomes known on the 5th: history stands, the clock starts again that day.
    let facts = vec![Fact { on: date("2009-12-31"), what: FactKind::Withdrawn }];
    let late = What::Move { to: Stage::Stage50, occurred_on: date("2010-01-05"), facts };
    assert_eq!(story.told("2010-01-05", late), Ok(()));
    assert_eq!(story.0.stage_on(date("2010-01-04")), Stage::Closed);
    // Criteria 4 and 5 are stale since then.
    assert_eq!(story.next(), Some(("2010-01-13".into(), Stage::Stage25)));
}

#[test]
fn a_closing_stands_whatever_is_told_of_the_days_before_it() {
    let mut story = at_50(Settings::method(), "2010-01-05", "2010-01-05");
    let sale =
        [FactKind::Signed, FactKind::DocumentsSubmitted, FactKind::PremiumReceived, FactKind::PolicyIssued];
    story.moves("2009-12-16", Stage::Stage90, sale.to_vec()).fact(
        "2009-12-21",
        "2009-12-21",
        FactKind::ReceiptSigned,
    );
    let on = |to: Stage, day: &str, facts| What::Move { to, occurred_on: date(day), facts };
    assert!(story.told("2010-01-03", on(Stage::Exited, "2009-12-30", vec![])).is_err());
    // Withdrawn on the 30th, known on the 3rd: compensated on the 3rd, and dated no other day.
    let withdrawn = || vec![Fact { on: date("2009-12-30"), what: FactKind::Withdrawn }];
    assert!(story.told("2010-01-03", on(Stage::Stage50, "2009-12-30", withdrawn())).is_err());
    assert!(story.told("2010-01-03", on(Stage::Stage50, "2010-01-03", vec![])).is_err());
    assert_eq!(story.told("2010-01-03", on(Stage::Stage50, "2010-01-03", withdrawn())), Ok(()));
    assert_eq!(story.0.stage_on(date("2010-01-02")), Stage::Closed);
    assert_eq!(story.0.stage_on(date("2010-01-03")), Stage::Stage50);
}

#[test]
fn an_issue_and_a_receipt_alone_close_nothing() {
    let facts = Facts {
        policy_issued_on: Some(date("2009-12-20")),
        receipt_signed_on: Some(date("2009-12-21")),
        ..Facts::none()
    };
    assert_eq!(classify(&facts, 28, date("2010-01-01")), Stage::Opportunity);
    let mut story = at_25(Settings::method(), "2009-12-30");
    let pair = vec![FactKind::PolicyIssued, FactKind::ReceiptSigned];
    assert!(story.tries("2009-12-13", Stage::Stage50, pair).is_err());
}

#[test]
fn money_that_arrives_after_the_fallback_reinstates_the_pursuit() {
    let mut story = at_50(Settings::method(), "2010-01-09", "2010-01-09");
    story.fact("2010-01-08", "2010-01-08", FactKind::Signed).fact(
        "2010-01-08",
        "2010-01-08",
        FactKind::DocumentsSubmitted,
    );
    assert_eq!(story.at("2010-01-10"), Stage::Opportunity);
    story.moves("2010-01-12", Stage::Stage90, vec![FactKind::PremiumReceived]);
    let last = story.0.log().pop().unwrap();
    assert_eq!((last.from, last.to, last.on), (Stage::Opportunity, Stage::Stage90, date("2010-01-12")));
}

#[test]
fn money_dated_before_the_fallback_undoes_it() {
    for (money, undone) in [("2010-01-09", true), ("2010-01-10", true), ("2010-01-11", false)] {
        let mut story = at_50(Settings::method(), "2010-01-09", "2010-01-09");
        story.fact("2010-01-08", "2010-01-08", FactKind::Signed).fact(
            "2010-01-08",
            "2010-01-08",
            FactKind::DocumentsSubmitted,
        );
        let facts = vec![Fact { on: date(money), what: FactKind::PremiumReceived }];
        let to = Stage::Stage90;
        story.told("2010-01-12", What::Move { to, occurred_on: date("2010-01-12"), facts }).unwrap();
        let fell = story.0.log().iter().any(|row| row.automatic);
        assert_eq!(fell, !undone, "money on {money}");
    }
}

#[test]
fn a_same_day_ninety_passes_every_stage() {
    let mut story = Story::begins(Settings::method(), "2009-12-14");
    let mut facts = vec![
        FactKind::FirstAppointment { day: date("2009-12-14") },
        FactKind::Held { nth: 0 },
        FactKind::Signed,
        FactKind::DocumentsSubmitted,
        FactKind::PremiumReceived,
    ];
    facts.extend(five_of_five("2009-12-14", "2009-12-14").into_iter().take(3));
    // Nobody goes around the agreement to go further.
    assert!(story.tries("2009-12-14", Stage::Stage90, facts.clone()).is_err());
    facts.push(FactKind::CooperationAgreed);
    story.moves("2009-12-14", Stage::Stage90, facts);
    assert_eq!(story.0.log().len(), 4);
}

#[test]
fn propose_and_off_keep_the_stage_but_an_unmet_criterion_still_drops() {
    for mode in [Fallback::Propose, Fallback::Off] {
        let settings = Settings { fallback: ByDate::always(mode), ..Settings::method() };
        let mut story = at_50(settings, "2009-12-16", "2009-12-16");
        assert_eq!(story.at("2010-03-01"), Stage::Stage50);
        assert_eq!(story.0.belongs_today(), Stage::Opportunity);
        story.moves("2010-03-01", Stage::Opportunity, vec![]);
    }
}

#[test]
fn an_undecided_request_holds_the_fallback_until_after_the_next_check_in() {
    let mut story = at_50(Settings::method(), "2010-01-09", "2010-01-09");
    // Saturday 01-09; the next check-in is Monday the 11th.
    story.told("2010-01-09", What::RequestExtension).unwrap();
    assert_eq!(story.next(), Some(("2010-01-12".into(), Stage::Opportunity)));
    assert!(story.told("2010-01-11", What::GrantExtension { days: 15 }).is_err());
    story.told("2010-01-11", What::GrantExtension { days: 14 }).unwrap();
    assert!(story.told("2010-01-11", What::RequestExtension).is_err());
    // The target date of 01-09 is stale; its grace ends first.
    assert_eq!(story.next(), Some(("2010-01-17".into(), Stage::Stage25)));
}

#[test]
fn a_voided_move_leaves_no_trace_and_automatic_moves_are_derived_afresh() {
    let mut story = at_25(Settings::method(), "2009-12-14");
    story.moves("2009-12-14", Stage::Stage50, five_of_five("2010-01-05", "2010-01-05"));
    story.told("2009-12-20", What::VoidLatestMove).unwrap();
    // Without the move the appointment of Monday 12-14 had lapsed on 12-17.
    assert_eq!(story.at("2009-12-20"), Stage::Opportunity);
    assert_eq!(story.0.stage_on(date("2009-12-16")), Stage::Stage25);
}

#[test]
fn a_cycle_that_grows_later_undoes_nothing() {
    let settings =
        Settings { cycle_days: ByDate::always(20).then(date("2010-01-05"), 40), ..Settings::method() };
    let mut story = at_50(settings, "2010-01-01", "2010-01-01");
    assert_eq!(story.at("2010-01-02"), Stage::Opportunity);
    assert_eq!(story.at("2010-01-06"), Stage::Opportunity);
}

#[test]
fn a_transfer_holds_everything_for_a_week_and_then_the_new_owners_cycle_counts() {
    let shorter = Settings { cycle_days: ByDate::always(14), ..Settings::method() };
    let hands_over = |story: &mut Story, on: &str| story.told(on, What::HandOver { on: date(on) });
    // Met on the 12th; the next appointment of the 14th would lapse on the 17th.
    let mut lapsing = at_25(Settings::method(), "2009-12-14");
    assert_eq!(hands_over(&mut lapsing, "2009-12-15"), Ok(()));
    assert_eq!(lapsing.next(), Some(("2009-12-23".into(), Stage::Opportunity)));
    // The appointment lies far off: 28 days are over on 01-10, 14 days on 12-27.
    let mut slow = at_25(Settings::method(), "2010-01-08");
    slow.0.theirs = shorter.clone();
    assert_eq!(slow.next(), Some(("2010-01-10".into(), Stage::Opportunity)));
    assert_eq!(hands_over(&mut slow, "2009-12-16"), Ok(()));
    assert_eq!(slow.next(), Some(("2009-12-27".into(), Stage::Opportunity)));
    assert_eq!(hands_over(&mut slow, "2009-12-20"), Ok(()), "and back again");
    assert_eq!(slow.next(), Some(("2010-01-10".into(), Stage::Opportunity)));
    assert!(hands_over(&mut slow, "2009-12-19").is_err(), "it is the 20th already");
    let earlier = What::HandOver { on: date("2009-12-19") };
    assert!(slow.told("2009-12-21", earlier).is_err(), "before the last transfer");
    // The target is beyond the colleague's cycle: unmet from the transfer on, and yet 50 stands for a week.
    let mut fifty = at_50(Settings::method(), "2010-01-08", "2010-01-08");
    fifty.0.theirs = shorter;
    assert_eq!(hands_over(&mut fifty, "2009-12-16"), Ok(()));
    assert_eq!(fifty.next(), Some(("2009-12-24".into(), Stage::Stage25)));
}
