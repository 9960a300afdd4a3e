//! Who is in the demo's books. The figures of the method's sample sheets (section 8) come out of these lines: the
//! personal sheet of `agent-a`, and the Monday block of the team sheet of 杨晓玲 and 施海兵 (day -3 to day -1).

use super::script::{Day, Step, Story};
use crate::domain::prospects::transition::Reason;

/// The agent of the sample sheet.
pub const AGENT_A: &str = "agent-a";
/// 杨晓玲 of the team sheet.
pub const YANG: &str = "yang.xiaoling";
/// 施海兵 of the team sheet.
pub const SHI: &str = "shi.haibing";
/// The agent of another tree of teams.
pub const AGENT_B: &str = "agent-b";

/// Every story, book by book.
pub fn stories() -> Vec<Story> {
    [ten_deals(), sample_sheet(), yang(), shi(), agent_b()].concat()
}

fn story(owner: &'static str, person: [&'static str; 3], steps: &[(Day, Step)]) -> Story {
    let [name, source, occupation] = person;
    Story { owner, name, source, occupation, steps: steps.to_vec() }
}

/// A name that is only in the book.
fn name(owner: &'static str, person: [&'static str; 3], day: Day) -> Story {
    story(owner, person, &[(day, Step::Created)])
}

/// A first appointment, fixed on a day for another.
fn appointed(owner: &'static str, person: [&'static str; 3], fixed: Day, on: Day) -> Story {
    story(owner, person, &[(fixed - 2, Step::Created), (fixed, Step::Fixed { on })])
}

/// Met on a day, the next meeting fixed.
fn met(owner: &'static str, person: [&'static str; 3], day: Day, next: Day) -> Story {
    let mut told = appointed(owner, person, day - 3, day);
    told.steps.push((day, Step::Met { next }));
    told
}

/// Five of five on a day, the signing agreed.
fn qualified(owner: &'static str, person: [&'static str; 3], first: Day, day: Day, signing: Day) -> Story {
    let mut told = met(owner, person, first, day);
    told.steps.push((day, Step::Qualified { signing }));
    told
}

/// Signed, submitted and paid on a day, half-way between the meetings all five criteria met.
fn paid(owner: &'static str, person: [&'static str; 3], first: Day, signed: Day, yuan: i64) -> Story {
    let mut told = qualified(owner, person, first, first + (signed - first) / 2, signed);
    told.steps.push((signed, Step::Paid { yuan }));
    told
}

/// A sale of so many days that closes by the end of its cooling-off period on a day: the receipt was signed eleven
/// days before it (method section 10).
fn closed(
    owner: &'static str,
    person: [&'static str; 3],
    days: i64,
    signed: Day,
    closes: Day,
    yuan: i64,
) -> Story {
    let mut told = paid(owner, person, signed - days, signed, yuan);
    let receipt = closes - 11;
    told.steps.push((receipt - 3, Step::Issued { yuan }));
    told.steps.push((receipt, Step::Receipt));
    told
}

/// The ten worked durations of method section 5; together they make a cycle of 28 days. All were signed before the
/// first of them closed, so that the cycle in force until then is the declared one.
fn ten_deals() -> Vec<Story> {
    let deal = |person, days, signed, closes, yuan| closed(AGENT_A, person, days, signed, closes, yuan);
    vec![
        deal(["钱志远", "缘故", "会计"], 20, -62, -33, 4_800),
        deal(["吴桂芳", "转介绍", "教师"], 25, -60, -30, 3_600),
        deal(["郑海涛", "缘故", "工程师"], 31, -57, -28, 6_000),
        deal(["冯晓燕", "转介绍", "护士"], 28, -55, -26, 2_400),
        deal(["褚立新", "陌生拜访", "店主"], 14, -52, -23, 3_000),
        deal(["卫国华", "转介绍", "司机"], 35, -49, -21, 5_200),
        deal(["蒋雪梅", "缘故", "药剂师"], 42, -46, -19, 8_000),
        deal(["沈大勇", "转介绍", "厨师"], 30, -43, -16, 3_300),
        deal(["韩丽娟", "缘故", "设计师"], 21, -40, -12, 4_100),
        deal(["朱永康", "转介绍", "经理"], 34, -37, -8, 7_200),
    ]
}

/// The six contacts of the personal sheet, all worked in its first block (day -2 to day 0).
fn sample_sheet() -> Vec<Story> {
    let of = |person, steps: &[(Day, Step)]| story(AGENT_A, person, steps);
    let created = (-2, Step::Created);
    vec![
        of(["何建国", "转介绍", "公务员"], &[created, (-1, Step::Fixed { on: 1 })]),
        of(["刘岩", "缘故", "教师"], &[created, (-2, Step::Fixed { on: -2 }), (-2, Step::Met { next: 3 })]),
        of(
            ["范学东", "转介绍", "个体经营"],
            &[
                created,
                (-2, Step::Fixed { on: -1 }),
                (-1, Step::Met { next: 0 }),
                (0, Step::Qualified { signing: 4 }),
            ],
        ),
        of(
            ["艾新华", "缘故", "企业主"],
            &[created, (-1, Step::Fixed { on: 0 }), (0, Step::SoldAtOnce { yuan: 5_000 })],
        ),
        of(["刘兵", "陌生拜访", "销售"], &[created]),
        of(["张三", "转介绍", "工人"], &[(-1, Step::Created)]),
    ]
}

/// Monday block: 3 4 3 1 2, 3000 yuan received, 6000 yuan of standard premium issued.
fn yang() -> Vec<Story> {
    let mut sold = paid(YANG, ["许文静", "转介绍", "医生"], -15, -2, 3_000);
    sold.steps.push((-1, Step::Issued { yuan: 6_000 }));
    vec![
        appointed(YANG, ["秦小兰", "转介绍", "会计"], -3, 1),
        appointed(YANG, ["尤志强", "缘故", "司机"], -2, 2),
        appointed(YANG, ["吕春梅", "陌生拜访", "店主"], -1, 4),
        met(YANG, ["施国庆", "转介绍", "教师"], -3, 2),
        met(YANG, ["张丽华", "缘故", "护士"], -3, 3),
        met(YANG, ["孔令军", "转介绍", "工程师"], -2, 1),
        met(YANG, ["曹玉兰", "缘故", "公务员"], -1, 4),
        qualified(YANG, ["严学军", "转介绍", "经理"], -14, -3, 3),
        qualified(YANG, ["华秀英", "缘故", "教师"], -10, -2, 4),
        qualified(YANG, ["金建军", "转介绍", "企业主"], -8, -1, 5),
        sold,
        closed(YANG, ["魏淑珍", "缘故", "会计"], 28, -20, -3, 4_000),
        closed(YANG, ["陶志刚", "转介绍", "工程师"], 26, -19, -2, 2_600),
        name(YANG, ["姜海燕", "转介绍", "设计师"], -5),
        name(YANG, ["戚光明", "陌生拜访", "店主"], -1),
        // Did not come, and nothing was fixed again: fell back by itself.
        story(
            YANG,
            ["谢永红", "陌生拜访", "销售"],
            &[(-32, Step::Created), (-30, Step::Fixed { on: -27 }), (-27, Step::NoShow)],
        ),
        story(
            YANG,
            ["邹德胜", "缘故", "厨师"],
            &[
                (-25, Step::Created),
                (-24, Step::Fixed { on: -22 }),
                (-22, Step::Met { next: -18 }),
                (-18, Step::Left(Reason::ChoseCompetitor)),
            ],
        ),
    ]
}

/// Monday block: 4 3 2 2 3, 10000 yuan received, 8000 yuan of standard premium issued.
fn shi() -> Vec<Story> {
    let mut first = paid(SHI, ["喻家明", "转介绍", "企业主"], -16, -3, 6_000);
    first.steps.push((-1, Step::Issued { yuan: 5_000 }));
    let mut second = paid(SHI, ["柏青青", "缘故", "药剂师"], -13, -2, 4_000);
    second.steps.push((-1, Step::Issued { yuan: 3_000 }));
    vec![
        appointed(SHI, ["水清源", "转介绍", "工程师"], -3, 1),
        appointed(SHI, ["窦玉成", "缘故", "教师"], -3, 3),
        appointed(SHI, ["章小红", "陌生拜访", "护士"], -2, 2),
        appointed(SHI, ["云志鹏", "转介绍", "司机"], -1, 5),
        met(SHI, ["苏文博", "转介绍", "医生"], -3, 1),
        met(SHI, ["潘桂香", "缘故", "会计"], -2, 3),
        met(SHI, ["葛长青", "转介绍", "公务员"], -1, 4),
        qualified(SHI, ["奚晓东", "缘故", "经理"], -12, -3, 2),
        qualified(SHI, ["范建平", "转介绍", "企业主"], -9, -1, 6),
        first,
        second,
        closed(SHI, ["彭永年", "缘故", "教师"], 28, -21, -3, 3_800),
        closed(SHI, ["郎秀芝", "转介绍", "会计"], 27, -20, -2, 5_500),
        closed(SHI, ["鲁国栋", "缘故", "店主"], 26, -18, -1, 2_900),
        name(SHI, ["韦少华", "陌生拜访", "销售"], -6),
        // Never signed, and stayed longer than the cycle: fell back by itself.
        story(
            SHI,
            ["昌明远", "转介绍", "工程师"],
            &[
                (-42, Step::Created),
                (-41, Step::Fixed { on: -38 }),
                (-38, Step::Met { next: -30 }),
                (-30, Step::Qualified { signing: -14 }),
            ],
        ),
    ]
}

/// The second team, so that visibility can be seen.
fn agent_b() -> Vec<Story> {
    vec![
        appointed(AGENT_B, ["马思远", "转介绍", "医生"], -1, 3),
        met(AGENT_B, ["苗春生", "缘故", "教师"], -4, 2),
        name(AGENT_B, ["凤玉梅", "陌生拜访", "店主"], -2),
    ]
}
