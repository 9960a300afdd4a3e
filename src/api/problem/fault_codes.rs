//! Every `errors[].code`: one row each. An item of a batch that no single place is to blame for has the code of its problem.

use crate::domain::values::text::Text;

/// A code that a fault may have, and what it says in both languages.
type Row = (&'static str, &'static str, &'static str);

/// The codes, in order of the alphabet. A code keeps its meaning for good.
const CODES: &[Row] = &[
    ("above_connects", "More outcomes than calls that got through.", "结果数多于接通数。"),
    ("above_dials", "More calls that got through than dials.", "接通数多于拨打数。"),
    ("above_maximum", "Above the most that is allowed here.", "超过此处允许的最大值。"),
    (
        "address_not_allowed",
        "The address is not public, and no network that the operator names.",
        "该地址不是公网地址，也不在运维所列的网络之内。",
    ),
    ("after_cooling_off", "The cooling-off period was over by then.", "当时犹豫期已过。"),
    ("agent_code_taken", "The code of an agent is taken.", "工号已被占用。"),
    ("agent_disabled", "The user is disabled.", "该用户已停用。"),
    ("already_revoked", "It was revoked before.", "此前已撤销。"),
    ("already_signed_off", "The block is signed off.", "该时段已签核。"),
    ("already_there", "The prospect stands at that stage.", "该客户已在此阶段。"),
    ("another_day", "The instant and the day beside it do not agree.", "时间与所填日期不是同一天。"),
    (
        "another_width",
        "A row with another number of cells than there are headings.",
        "该行单元格数与列标题数不符。",
    ),
    ("appointment_settled", "What came of the appointment is recorded.", "该见面的结果已记录。"),
    ("before_it_was_fixed", "Before the day on which it was fixed.", "早于约定的日期。"),
    ("before_its_day", "Nothing can come of it before its own day.", "未到约定之日，尚无结果。"),
    ("before_last_move", "Before the last move that stands.", "早于最近一次有效的变动。"),
    ("before_last_transfer", "Before the last transfer.", "早于最近一次转交。"),
    ("before_membership", "Before the agent joined.", "早于代理人加入的日期。"),
    ("before_present_membership", "Before the present team was joined.", "早于加入现有小组的日期。"),
    ("before_the_signature", "Before the application was signed.", "早于签署投保单的日期。"),
    (
        "begins_twice",
        "Another row of the same key begins on the same day.",
        "相同条件的另一行从同一天起生效。",
    ),
    ("blank", "Nothing but blanks.", "只有空白。"),
    ("block_not_over", "The block has not come to its last day.", "该时段尚未到最后一天。"),
    ("budget", "Criterion 3: the price has been discussed.", "标准三：预算已谈过。"),
    ("co_decider_not_engaged", "Somebody who decides as well takes no part yet.", "有共同决定人尚未参与。"),
    (
        "computed_criterion",
        "The criterion follows from dates; only unmet can be recorded.",
        "该标准由日期得出；只能记录未满足。",
    ),
    ("control_character", "A control character in a text of one line.", "单行文字中含控制字符。"),
    ("cooling_off_over", "The cooling-off period is over.", "犹豫期已过。"),
    ("cooling_off_too_short", "Shorter than the cooling-off period in force.", "短于现行的犹豫期。"),
    ("criteria_still_met", "The criteria of the stage still hold.", "该阶段的标准仍然满足。"),
    ("dated_elsewhere", "The move has its date from elsewhere.", "该推进的日期另有来由。"),
    ("decision_maker", "Criterion 1: the person decides.", "标准一：对方是能做决定的人。"),
    ("documents_submitted", "The documents are submitted.", "资料已提交。"),
    ("duplicate_field", "A name stands twice in one object.", "同一对象中字段名重复。"),
    ("event_not_waiting", "The event is matched or dismissed.", "该事件已匹配或已驳回。"),
    ("event_refused", "The rules refuse the event as things stand.", "按现状，规则不接受该事件。"),
    ("extension_exists", "A pursuit has one request for an extension.", "每个销售过程只能申请一次延长。"),
    (
        "extension_lapsed",
        "The pursuit ended before the request was decided.",
        "申请未及决定，销售过程已结束。",
    ),
    ("fallback_not_due", "No fallback waits for a decision.", "没有待决定的回退。"),
    (
        "first_appointment_dated",
        "A first appointment that lies ahead, at most a cycle off, and is not yet held.",
        "须有一次在今后一个周期之内、尚未进行的初次见面。",
    ),
    (
        "first_appointment_exists",
        "A pursuit has one open first appointment at a time.",
        "每个销售过程同时只能有一个未了结的初次见面。",
    ),
    ("first_fixed_in_cycle", "First fixed at most a cycle ago.", "首次约定不超过一个周期。"),
    ("first_meeting_held", "The first meeting is held.", "初次见面已进行。"),
    ("further_cooperation_agreed", "Further co-operation is agreed.", "已同意进一步合作。"),
    ("in_the_future", "After today.", "晚于今天。"),
    ("in_the_past", "Before the first day that can still be chosen.", "早于仍可选择的第一天。"),
    ("incomplete", "The body broke off.", "请求体中途中断。"),
    ("invalid_agent_code", "Not the code of an agent.", "不是有效的工号。"),
    ("invalid_amount", "Not an amount of money of this currency.", "不是该货币的有效金额。"),
    ("invalid_date", "Not a date YYYY-MM-DD.", "不是 YYYY-MM-DD 形式的日期。"),
    ("invalid_etag", "Not an entity tag.", "不是有效的实体标签。"),
    ("invalid_factor", "Not a factor from 0 to 100.", "不是 0 至 100 之间的系数。"),
    ("invalid_format", "Not in the form that the field takes.", "不符合该字段的格式。"),
    ("invalid_idempotency_key", "Not an idempotency key.", "不是有效的幂等键。"),
    ("invalid_instant", "Not an instant as in RFC 3339.", "不是 RFC 3339 形式的时间。"),
    ("invalid_length", "Of a length that is not taken.", "长度不符。"),
    ("invalid_number", "Not a number.", "不是数字。"),
    ("invalid_phone", "Not a telephone number.", "不是电话号码。"),
    ("invalid_url", "No address of this kind.", "不是此类地址。"),
    ("invalid_username", "Not a user name.", "不是有效的用户名。"),
    ("invalid_uuid", "Not a UUID.", "不是 UUID。"),
    ("move_rests_on_it", "A move rests on it: take that back first.", "有变动以它为依据：请先撤销该变动。"),
    ("newer_pursuit_begun", "Dated before the present pursuit began.", "早于现在的销售过程开始的日期。"),
    ("next_appointment_dated", "A next appointment has its date.", "下次见面已定日期。"),
    ("next_appointment_in_cycle", "The next appointment is at most a cycle off.", "下次见面在一个周期之内。"),
    ("next_step", "Criterion 5: a next appointment with an agenda.", "标准五：带议程的下次见面。"),
    ("no_open_pursuit", "No pursuit is open.", "没有进行中的销售过程。"),
    ("no_pending_extension", "No request waits for a decision.", "没有待决定的申请。"),
    ("no_pursuit", "Nothing has been begun with the prospect.", "与该客户尚未开始销售过程。"),
    ("no_such_move", "From there nobody moves there by hand.", "不能从该阶段手动变动到所选阶段。"),
    ("not_allowed", "None of the words that are taken.", "不在可选值之内。"),
    ("not_kept_by_machines", "No machine keeps this entry of the roster.", "该人员不由系统接口维护。"),
    ("not_offered", "Not among what is offered here.", "此处不提供。"),
    ("not_recordable", "It follows from dates and cannot be recorded.", "由日期得出，不能记录。"),
    ("not_the_current_pursuit", "Another pursuit than the present one.", "不是当前的销售过程。"),
    ("not_the_latest_date", "Not the latest date of its kind.", "不是同类日期中最近的一个。"),
    ("not_withdrawn", "Nobody withdrew within the cooling-off period.", "犹豫期内未撤单。"),
    ("nothing_to_correct", "No such date is recorded.", "没有记录这个日期。"),
    ("nothing_to_record", "The body says nothing to record.", "请求体没有可记录的内容。"),
    ("nothing_to_revoke", "The event is neither matched nor dismissed.", "该事件既未匹配，也未驳回。"),
    ("nothing_to_void", "There is nothing to take back.", "没有可撤销的内容。"),
    ("nul_character", "The character NUL.", "含 NUL 字符。"),
    ("of_teams_only", "A choice of teams, not of one agent.", "只能为小组设定，不能为单个代理人设定。"),
    ("older_pursuit", "The event is of an older pursuit than the latest.", "该事件属于较早的销售过程。"),
    ("one_of", "Exactly one of several is to be given.", "须且只能给出其中之一。"),
    ("out_of_range", "Beyond the bounds.", "超出范围。"),
    ("outcome_of_calls", "Calls have an outcome, and nothing else has.", "只有通话有结果。"),
    ("phone_or_source_required", "A phone or a source is needed.", "需要电话或来源之一。"),
    ("plan_fits", "Criterion 2: the plan makes sense to the client.", "标准二：计划符合客户需要。"),
    ("policy_issued", "The policy is issued.", "保单已签发。"),
    ("premium_received", "The company has received the premium.", "公司已收到保费。"),
    ("prospect_exited", "The prospect has left the process.", "该客户已退出。"),
    ("pursuit_ended", "The pursuit is over.", "销售过程已结束。"),
    ("reason_required", "This reason needs words beside it.", "该原因须附说明。"),
    ("receipt_signed", "The receipt is signed.", "回执已签收。"),
    ("repeated", "More than once.", "重复出现。"),
    ("required", "Missing.", "缺少必填内容。"),
    ("same_owner", "It is this agent's already.", "已归此代理人所有。"),
    ("same_team", "The agent is in this team.", "代理人已在该小组。"),
    ("signed", "The application is signed.", "投保单已签署。"),
    ("signed_off", "The block is signed off and keeps its moves.", "该时段已签核，其变动不再更改。"),
    ("signed_too_often", "Signed and revoked too often.", "签核和撤销次数过多。"),
    ("stale", "Another version by now.", "版本已更新。"),
    (
        "supervisor_confirmation",
        "A supervisor has confirmed it, where the settings ask for that.",
        "设置要求时，主管已确认。",
    ),
    ("syntax", "Not JSON at this place.", "此处不是有效的 JSON。"),
    ("ten_or_twenty", "Ten or twenty.", "应为 10 或 20。"),
    ("tied_elsewhere", "Its numbers are tied to another application.", "其编号已对应其他投保申请。"),
    ("timing", "Criterion 4: a signing date inside the cycle.", "标准四：周期之内的签单日期。"),
    ("too_deep", "Nested too deeply.", "嵌套过深。"),
    ("too_large", "Above the most.", "大于最大值。"),
    ("too_long", "Longer than the most.", "超过最大长度。"),
    ("too_many_days", "More days than an extension may have.", "超过允许延长的天数。"),
    ("too_many_feeds", "As many links as one may have.", "链接数已达上限。"),
    ("too_many_secrets", "As many secrets count as may.", "有效密钥数已达上限。"),
    ("too_many_webhooks", "As many webhooks stand as may.", "现有 webhook 已达上限。"),
    ("too_short", "Shorter than the least.", "短于最小长度。"),
    ("too_small", "Below the least.", "小于最小值。"),
    ("unknown_agent", "There is no such agent.", "没有这位代理人。"),
    ("unknown_currency", "There is no such currency here.", "没有这种货币。"),
    ("unknown_field", "No field of this name is taken.", "没有这个名称的字段。"),
    ("unknown_parameter", "No parameter of this name is taken.", "没有这个名称的参数。"),
    ("unknown_product", "There is no such product.", "没有这个产品。"),
    ("unknown_prospect", "There is no such prospect.", "没有这位潜在客户。"),
    ("unknown_supervisor", "There is no such supervisor.", "没有这位主管。"),
    ("unknown_team", "There is no such team.", "没有这个小组。"),
    ("unknown_term", "The product has no such payment term.", "该产品没有这个缴费年期。"),
    ("unknown_time_zone", "There is no such time zone.", "没有这个时区。"),
    ("unreadable", "Not readable.", "无法读取。"),
    ("username_taken", "The user name is taken.", "用户名已被占用。"),
    (
        "webhook_ended",
        "The webhook ended with the account or its password.",
        "该 webhook 已随账号或密码终止。",
    ),
    ("within_cycle", "The pursuit is within its cycle.", "销售过程未超过周期。"),
    ("wrong_password", "Not the present password.", "与当前密码不符。"),
    ("wrong_type", "Of another JSON type.", "JSON 类型不符。"),
];

/// Every code, with what it says.
pub fn all() -> impl Iterator<Item = (&'static str, Text)> {
    CODES.iter().map(|(code, en, zh)| (*code, Text::new(*en, *zh)))
}

/// Whether a code stands in the table.
pub fn is_known(code: &str) -> bool {
    CODES.binary_search_by_key(&code, |(known, ..)| known).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_in_its_order() {
        assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(CODES.iter().all(|(code, ..)| is_known(code)) && !is_known("in_future"));
    }
}
