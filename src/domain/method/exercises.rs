//! The method's four exercises (method section 6), graded by the real rules.

use chrono::NaiveDate;

use super::{
    classify::{Classification, classify},
    criteria::Verdict,
};
use crate::domain::{
    prospects::facts::{Facts, FirstAppointment, RecordedVerdicts},
    values::text::Text,
};

/// The cycle all exercises are judged with, days.
pub const CYCLE_DAYS: i32 = 28;

/// A story to classify.
#[derive(Clone, Debug)]
pub struct Exercise {
    /// Stable code, part of the URL.
    pub id: &'static str,
    /// What the trainee reads.
    pub story: Text,
    /// The day asked about.
    pub as_of: NaiveDate,
    /// The story as facts.
    pub facts: Facts,
    /// What the trainer says afterwards.
    pub lesson: Text,
}

impl Exercise {
    /// The answer, by the rules.
    pub fn answer(&self) -> Classification {
        classify(&self.facts, CYCLE_DAYS, self.as_of)
    }
}

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2009, month, day).unwrap_or_default()
}

fn facts() -> Facts {
    Facts { cooling_off_days: super::cooling_off::DEFAULT_DAYS, ..Facts::default() }
}

/// All four, in the method's order.
pub fn all() -> Vec<Exercise> {
    vec![clothes_shop(), manager_wang(), mr_zhang(), director_tang()]
}

fn clothes_shop() -> Exercise {
    Exercise {
        id: "clothes-shop",
        story: Text::new(
            "You met online; he is a clerk in a clothes shop and knows that you sell insurance. You leave him a message and get no answer. On the phone two days later you propose to meet next Tuesday. He is keen: he has long wanted to know more. But he will be away on business, and will arrange something when he is back.",
            "你们在网上认识，他是服装店店员，知道你做保险。你给他留言，没有回音。两天后你打电话，约下周二见面。他很有兴趣，说早就想了解，但要出差，等回来再约。",
        ),
        as_of: day(12, 16),
        facts: facts(),
        lesson: Text::new(
            "Opportunity: however keen he sounds, no date is fixed. Substantive contact needs a person who agrees to meet and a fixed time.",
            "销售机会：不管听起来多有兴趣，时间没有定下来。实质性联系要求对方同意见面并且定下时间。",
        ),
    }
}

fn manager_wang() -> Exercise {
    Exercise {
        id: "manager-wang",
        story: Text::new(
            "Manager Wang of a public-relations firm was recommended to you by an acquaintance; you met two days after your call. You talked about her needs and her budget. Her sister's husband sells insurance too, and she has bought a pension plan from him. You agreed to meet again in three days and go through your proposal together.",
            "公关公司的王经理是熟人转介绍的，通话两天后你们见了面，谈了她的需要和预算。她姐夫也做保险，她在姐夫那里买过一份养老险。你们约好三天后再见面，一起看你做的计划书。",
        ),
        as_of: day(12, 10),
        facts: Facts {
            first_appointment: Some(FirstAppointment { fixed_on: day(12, 8), starts_on: day(12, 10) }),
            decision_maker_expected: true,
            first_meeting_on: Some(day(12, 10)),
            further_cooperation_agreed: true,
            next_appointment_on: Some(day(12, 13)),
            next_step_on: Some(day(12, 13)),
            recorded: RecordedVerdicts {
                decision_maker: Verdict::Met,
                plan_fits: Verdict::Unknown,
                budget: Verdict::Met,
            },
            ..facts()
        },
        lesson: Text::new(
            "25%: met, agreed to go on, and a date is fixed. Whether the plan makes sense to her is unknown until she has seen it, and no signing date is set.",
            "25%：见过面、同意继续、也约好了日期。她还没看计划，是否符合需要不得而知，也没有定下签单的时间。",
        ),
    }
}

fn mr_zhang() -> Exercise {
    Exercise {
        id: "mr-zhang",
        story: Text::new(
            "Mr Zhang owns a chain of fashion shops. You met; he has no insurance and feels guilty towards his family. A week later you talked for an hour about plans for health, for his children's education and for life insurance, about their benefits and his budget. He wants a formal proposal and a comparison with two or three companies, and would pay at most 1500 a month. Next Tuesday at two in the afternoon you will discuss it.",
            "张先生经营时装连锁店。你们见过面，他没有保险，觉得对不起家人。一周后你们谈了一个小时，谈到健康、子女教育和寿险计划，也谈了各自的利益和他的预算。他要一份正式的计划书，并与两三家公司比较，每月最多 1500 元。约好下周二下午两点见面讨论。",
        ),
        as_of: day(12, 15),
        facts: Facts {
            first_appointment: Some(FirstAppointment { fixed_on: day(12, 4), starts_on: day(12, 8) }),
            decision_maker_expected: true,
            first_meeting_on: Some(day(12, 8)),
            further_cooperation_agreed: true,
            next_appointment_on: Some(day(12, 22)),
            next_step_on: Some(day(12, 22)),
            recorded: RecordedVerdicts {
                decision_maker: Verdict::Met,
                plan_fits: Verdict::Met,
                budget: Verdict::Met,
            },
            target_signing_on: Some(day(12, 22)),
            ..facts()
        },
        lesson: Text::new(
            "50%: five of five. He decides, the plan fits, the price has been discussed, that Tuesday is the day on which he means to sign, and he knows what the meeting is for.",
            "50%：五项全部符合。他能做主，计划符合需要，价格谈过，签单就定在那个周二，他也清楚那次见面要做什么。",
        ),
    }
}

fn director_tang() -> Exercise {
    Exercise {
        id: "director-tang",
        story: Text::new(
            "You met Director Tang, who heads the office of a printing firm, a week after your call. He holds another company's health proposal that he is not happy with; you noted his needs, his budget and his health. Two weeks later he got your plan; it looks good, he said, he will talk to his wife and call you within two weeks. Three weeks later: they have not agreed, he will think further.",
            "印刷公司办公室的唐主任，通话一周后你们见了面。他手上有另一家公司的健康险计划，不太满意；你了解了他的需要、预算和健康状况。两周后他拿到你的计划，说看起来不错，要和太太商量，两周之内给你电话。三周过去了：还没商量好，再想一想。",
        ),
        as_of: day(12, 15),
        facts: Facts {
            first_appointment: Some(FirstAppointment { fixed_on: day(11, 3), starts_on: day(11, 10) }),
            first_meeting_on: Some(day(11, 10)),
            further_cooperation_agreed: true,
            next_appointment_on: Some(day(11, 24)),
            next_step_on: Some(day(11, 24)),
            recorded: RecordedVerdicts {
                decision_maker: Verdict::Unmet,
                plan_fits: Verdict::Met,
                budget: Verdict::Met,
            },
            ..facts()
        },
        lesson: Text::new(
            "Opportunity: no dated next step, his wife is not at the table, and the cycle of 28 days has gone by.",
            "销售机会：没有定下日期的下一步，他太太也没有参与，而且已经超过 28 天的销售周期。",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::method::{classify::RuleCode, criteria::Criterion, stage::Stage};

    #[test]
    fn the_four_exercises_come_out_as_the_method_says() {
        let stages: Vec<Stage> = all().iter().map(|e| e.answer().stage).collect();
        assert_eq!(stages, [Stage::Opportunity, Stage::Stage25, Stage::Stage50, Stage::Opportunity]);
    }

    #[test]
    fn manager_wang_lacks_plan_fits_and_timing() {
        let missing = manager_wang().answer().missing_for_next();
        assert_eq!(
            missing,
            [RuleCode::Criterion(Criterion::PlanFits), RuleCode::Criterion(Criterion::Timing)]
        );
    }

    #[test]
    fn no_reason_contradicts_another_or_names_a_date_that_is_not_there() {
        for exercise in all() {
            let answer = exercise.answer();
            let why: Vec<Text> = answer.rules.iter().map(|rule| rule.why()).collect();
            let says = |part: &str| why.iter().any(|text| text.en.contains(part));
            assert!(why.iter().all(|text| !text.en.contains('–') && !text.zh.contains('–')), "{why:#?}");
            assert!(!(says("was held on") && (says("still not met") || says("does not count"))), "{why:#?}");
            assert!(!(says("No first appointment with") && says("First fixed at most")), "{why:#?}");
        }
    }

    #[test]
    fn the_stories_name_whom_and_what_the_method_names() {
        let story = |id: &str| all().into_iter().find(|one| one.id == id).unwrap().story;
        let wang = story("manager-wang");
        assert!(wang.en.contains("sister's husband") && wang.zh.contains("姐夫"));
        let tang = story("director-tang");
        assert!(tang.en.contains("office of a printing firm") && tang.zh.contains("办公室的唐主任"));
        let zhang = story("mr-zhang");
        assert!(zhang.en.contains("life insurance") && zhang.zh.contains("寿险计划"));
    }

    #[test]
    fn director_tang_is_over_the_cycle_and_has_no_next_date() {
        let answer = director_tang().answer();
        let unmet: Vec<RuleCode> = answer.unmet(Stage::Stage25).map(|r| r.code).collect();
        assert_eq!(unmet, [RuleCode::NextAppointmentDated, RuleCode::WithinCycle]);
    }
}
