//! One definition per figure: wherever a figure appears, in JSON, on paper or in a picture, it means this (method sections 5
//! and 7 to 10). A report returns the definitions of the figures it shows.

use super::attention::PRESSING;
use crate::domain::values::text::Text;

/// Declares the figures: one row each, with its stable code and what it is.
macro_rules! figures {
    ($($variant:ident $code:literal $text:expr;)+) => {
        /// A figure that a report shows.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
        pub enum Figure {
            $(#[doc = concat!("`", $code, "`.")] $variant,)+
        }

        impl Figure {
            /// Every figure.
            pub const ALL: &'static [Figure] = &[$(Figure::$variant,)+];

            /// The stable code.
            pub fn code(self) -> &'static str {
                match self { $(Figure::$variant => $code,)+ }
            }

            /// What it is, in both languages.
            pub fn text(self) -> Text {
                match self { $(Figure::$variant => $text,)+ }
            }
        }
    };
}

figures! {
    SheetOpportunity "sheet_opportunity" Text::new(
        "Column 1: everyone who was an opportunity at some time in the window and was worked, also those promoted since; under mode=board also every other opportunity at its end. No subtotal.",
        "第 1 栏：窗口期内曾是销售机会且有过活动的人，包括之后已推进的人；mode=board 时还包括期末其余的销售机会。不设小计。",
    );
    SheetPosition "sheet_position" Text::new(
        "Columns 2 to 5: contacts at that stage at the window's end; under mode=activity only those with an activity or a move in the window.",
        "第 2 至 5 栏：期末处于该阶段的联系人；mode=activity 时只列窗口期内有活动或变动的人。",
    );
    SheetClosed "sheet_closed" Text::new(
        "Column 6: closings whose date lies in the window, whatever came after. A deal counts for the owner on the day of the signature.",
        "第 6 栏：成交日期在窗口期内的成交，不论之后如何。业绩归签单当日的归属代理人。",
    );
    Window "window" Text::new(
        "The days of the block, both ends included, in the team's time zone; a block that has not ended is computed up to today (partial), one that has not begun is empty.",
        "该时段的日历日，含首尾两天，按团队所在时区；未结束的时段算到今天（partial），未开始的为空。",
    );
    Worked "worked" Text::new(
        "A contact is worked on a day when an activity of any kind names it, a meeting with it was held, or it moved. A day's tally names nobody.",
        "当天有任何一种活动涉及该联系人、或与其见了面、或阶段有变动，即为有活动。只报数字的日统计不涉及具体联系人。",
    );
    FirstMeetingOn "first_meeting_on" Text::new(
        "The date beside a name: when the first meeting of the pursuit was held, or, before that, the day it is fixed for.",
        "姓名旁的日期：初次见面的日期；尚未见面的，为约定的日期。",
    );
    DaysElapsed "days_elapsed" Text::new(
        "Calendar days from the first meeting, or the last fall from 90% to 50%, to the window's end.",
        "自初次见面（或最近一次由 90% 退回 50%）到期末的日历天数。",
    );
    OverCycle "over_cycle" Text::new(
        "More days elapsed than the cycle in force at the window's end plus a granted extension; before the first meeting, more than a cycle since the appointment was first fixed. Equal is still in; never at 90%.",
        "已过天数超过期末有效的销售周期加获准的延长；未见面的，自首次约定起超过一个周期。等于不算超过；90% 不适用。",
    );
    CycleDays "cycle_days" Text::new(
        "My sales cycle: the mean of the days from first meeting to signature of the last 10 or 20 closed deals, rounded half up and clamped; the value in force on the earlier of the window's last day and today.",
        "我的销售周期：最近 10 单或 20 单成交从初次见面到签单天数的平均值，四舍五入并限制在上下限内；取窗口最后一天与今天中较早一天的有效值。",
    );
    Late "late" Text::new(
        "Something of the window was written down after its check-in day.",
        "窗口期内有内容是在检视日之后才补录的。",
    );
    Restatement "restatement" Text::new(
        "What a signed figure would be now, after entries that came later. The signed figure stays.",
        "签核之后因补录而变化的数字；已签核的数字保持不变。",
    );
    AdvancePremium "advance_premium" Text::new(
        "Advance premium: first-year money received by the company in the window, net of what went back in it.",
        "预收保费：窗口期内公司收到的首年保费，扣除同期退回的金额。",
    );
    StandardPremium "standard_premium" Text::new(
        "Standard premium of the policies issued in the window.",
        "承保标保：窗口期内承保保单的标准保费。",
    );
    Dials "dials" Text::new(
        "Calls made, whatever came of them. Where there is a day's tally it stands for the whole day: the larger of tally and single records.",
        "拨打电话数，不论结果。有日统计的，日统计代表全天：取日统计与逐条记录中较大的数。",
    );
    Connects "connects" Text::new(
        "Calls that were answered; counted like dials.",
        "接通的电话数；计法同拨打数。",
    );
    AppointmentsSet "appointments_set" Text::new(
        "Calls that ended with an appointment; counted like dials.",
        "约成的电话数；计法同拨打数。",
    );
    HeldNew "held_new" Text::new(
        "First appointments held in the period that had never been put off, and first meetings held without an appointment.",
        "期内进行的、从未延期的初次见面，包括未经约定而进行的初次见面。",
    );
    HeldDeferred "held_deferred" Text::new(
        "First appointments held in the period that had been put off at least once.",
        "期内进行的、曾经延期的初次见面。",
    );
    NewContacts "new_contacts" Text::new(
        "Prospect records begun in the period.",
        "期内新增的联系人。",
    );
    Developed "developed" Text::new(
        "Prospects developed: entries into the stage of the first appointment.",
        "开发的潜在客户：期内进入“约定初次见面”的次数。",
    );
    Entered "entered" Text::new(
        "Entries into a stage going forward in the period, by business date; passing through counts, a way back does not. Not who stands there.",
        "期内按发生日期向前进入该阶段的次数；途经也算，退回不算。不同于当前人数。",
    );
    CurrentlyAt "currently_at" Text::new(
        "Who stands at a stage at the end of the day. Not who entered it.",
        "当天结束时处于该阶段的人数。不同于进入次数。",
    );
    FellBack "fell_back" Text::new(
        "Ways back to opportunity out of a pursuit in the period.",
        "期内退回销售机会的次数。",
    );
    Exited "exited" Text::new(
        "Ways out of the process in the period.",
        "期内退出的次数。",
    );
    Signed "signed" Text::new(
        "Applications signed in the period, by the day of the signature; of several dates recorded for one attempt the latest counts.",
        "期内签单数，按签署日期；同一次销售记有多个签署日期的，以最晚的为准。",
    );
    Closed "closed" Text::new(
        "Closings in the period: the day after the cooling-off period. A deal counts for the owner on the day of the signature.",
        "期内成交数，以犹豫期结束次日为准。业绩归签单当日的归属代理人。",
    );
    CaseSize "case_size" Text::new(
        "Standard premium issued over policies issued whose standard premium is known.",
        "件均：承保标保除以标准保费已知的承保件数。",
    );
    Pace "pace" Text::new(
        "A count over the working days of the period, Monday to Friday, for a day or a working week: numerator × `per` ÷ denominator, where `per` is 1 or the working days of a week. The days count from the first day in the service, for a team while the agent belonged to it.",
        "数量除以期内工作日数（周一至周五），按日或按工作周计：分子 × `per` ÷ 分母，`per` 为 1 或每周工作日数。工作日自入司首日起计；团队报表只计属于该团队的日子。",
    );
    ConnectRate "connect_rate" Text::new(
        "c = connects / dials.",
        "c＝接通数／拨打数。",
    );
    AppointmentRate "appointment_rate" Text::new(
        "a = appointments set / connects.",
        "a＝约成数／接通数。",
    );
    DeferralRate "deferral_rate" Text::new(
        "k = deferred / new first appointments held.",
        "k＝延期的／新的初次见面数。",
    );
    ClosingRate "closing_rate" Text::new(
        "s = signed / first appointments held, new and deferred.",
        "s＝签单数／初次见面数（新的与延期的合计）。",
    );
    ProspectRate "prospect_rate" Text::new(
        "Prospects developed / new contacts; benchmark 5 of 20.",
        "开发的潜在客户数／新增联系人数；参考比例为 20 比 5。",
    );
    SaleRate "sale_rate" Text::new(
        "Closings / prospects developed, both in the period; benchmark 1 of 5.",
        "期内成交数／期内开发的潜在客户数；参考比例为 5 比 1。",
    );
    StageRate "stage_rate" Text::new(
        "The window's figure: entries into a stage over entries into the one before, in the same period. They are not the same people, so it may be above 100%.",
        "窗口期的数字：同期进入该阶段的次数／进入前一阶段的次数。两者不是同一批人，可能超过 100%。",
    );
    Cohort "cohort" Text::new(
        "The cohort's figure, beside the window's: of those who entered the earlier stage in the period, how many have reached the later one by now. The same people, so never above 100%; it may still grow.",
        "同批的数字，与窗口期的数字并列：期内进入前一阶段的人中，至今有多少已到后一阶段。是同一批人，不会超过 100%，以后还可能增加。",
    );
    Benchmark "benchmark" Text::new(
        "The benchmark in force on the last day of the period: each agent's own, for a team together the team's. The sets 15-7-1, 5+3, 8:1 and 20:5:1 stand beside each other and are never chained.",
        "期末有效的参考比例：个人按本人的，团队合计按团队的。15-7-1、5+3、8:1、20:5:1 各自独立，不相连乘。",
    );
    Levers "levers" Text::new(
        "Sales a year = dials a day · c · a · (1 + k) · s · working days a week · working weeks a year, on the benchmarks or on own ratios; what was never measured is taken from the benchmarks and named. For a team it is the year of the average agent: the figures of all over the working days of all.",
        "年签单数＝日拨打数 · c · a ·（1＋k）· s · 每周工作日 · 每年工作周，按参考比例或按自己的比例计算；没有测得的比例取参考比例并注明。小组的结果是平均每位代理人的一年：全体的数字除以全体的工作日。",
    );
    FirstAppointmentLevel "first_appointment_level" Text::new(
        "New first appointments of the last full sheet week against the agent's own weekly target; in the running week against a third of it for every block that has ended. An agent who changed the team is judged by everything since joining, so that the team's report says what the agent's own says.",
        "上一完整周新增的初次见面与本人的每周目标相比；本周每结束一个时段按目标的三分之一计。换过团队的代理人按入司以来的全部记录判定，团队报表与本人报表一致。",
    );
    ReplenishmentDebt "replenishment_debt" Text::new(
        "Prospects consumed by each sale (5) × closings in the last cycle − prospects developed in it, 0 or more.",
        "每单消耗的潜在客户数（5）×上一周期成交数 − 同期开发的潜在客户数，不小于 0。",
    );
    ShapeEntered "shape_entered" Text::new(
        "The shape of the open pursuits at 25, 50 and 90% as entered.",
        "按录入的 25%、50%、90% 人数得出的形态。",
    );
    ShapeVerified "shape_verified" Text::new(
        "The shape with every open pursuit counted at the stage that the rules give it on that day. Claimed facts count unless contradicted; their number stands beside it.",
        "按标准重新判定每个进行中的联系人当天所属阶段后得出的形态。自报的事实在未被否定前有效，并另列其数。",
    );
    Confidence "confidence" Text::new(
        "Low below four effective prospects; for a measured cycle, below the number of deals asked for.",
        "有效潜在客户不足 4 人为低；就销售周期而言，成交单数不足时为低。",
    );
    Trend "trend" Text::new(
        "The shape and its counts, as entered and as verified on that day, at the end of each of the last eight sheet weeks; of the running one, today's. A late entry counts on its own day.",
        "最近八个检视周每周期末的形态与人数，分别按录入和按当天标准核实统计；本周取今天。补录计入其发生之日。",
    );
    NextAction "next_action" Text::new(
        "What to do next, from the board and its shape: first what the standard asks for, then what the shape asks for.",
        "由看板及其形态得出的下一步行动：先按标准，再按形态。",
    );
    TimeInStage "time_in_stage" Text::new(
        "Calendar days at a stage before it was left, whichever way, of the stays that ended in the period.",
        "期内结束的停留：在该阶段停留的日历天数，不论去向。",
    );
    StepTime "step_time" Text::new(
        "Calendar days from entering a stage to entering the next, of those who went on in the period.",
        "期内进入下一阶段的人：从进入该阶段到进入下一阶段的日历天数。",
    );
    ForecastProbability "forecast_probability" Text::new(
        "p = (closed among the n cases + max(0, 20 − n) · prior) / max(n, 20), with priors 25, 50 and 90%; cases are the agent's finished pursuits that stood at the stage in the same quarter of the limit.",
        "p＝（n 个案例中的成交数＋max(0, 20−n)·先验值）／max(n, 20)，先验值为 25%、50%、90%；案例为本人已结束、曾在同一阶段且处于期限同一四分段的销售。",
    );
    ExpectedPolicies "expected_policies" Text::new(
        "The sum of the probabilities shown.",
        "所示概率之和。",
    );
    ExpectedPremium "expected_premium" Text::new(
        "The sum of probability times premium, of those whose premium is known.",
        "保费已知者的概率乘以保费之和。",
    );
    Calibration "calibration" Text::new(
        "Of those forecast at about p, with what was known before that day, how many closed.",
        "按当日之前所知预测约为 p 的人中，实际成交的比例。",
    );
    Attention "attention" pressing_first();
}

/// The flags that ask for something, in their order.
fn pressing_first() -> Text {
    let why = |label: fn(&Text) -> &str, between: &str| {
        PRESSING.map(|flag| label(&flag.label()).to_owned()).join(between)
    };
    Text::new(
        format!(
            "Open prospects with a flag that asks for something, the most pressing first: {}.",
            why(|text| &text.en, ", ")
        ),
        format!("需要关注的联系人，最紧迫的在前：{}。", why(|text| &text.zh, "、")),
    )
}
