//! Slips that cannot be taken back, or not by whoever asks.

use serde_json::json;

use super::single_rule::{conflict, one};
use crate::{
    api::problem::{Code, document::Problem},
    domain::{
        prospects::decision::{NotVoidable, VOID_DAYS},
        values::text::Text,
    },
};

/// A move or an outcome that stands.
pub fn not_voidable(why: NotVoidable) -> Problem {
    match why {
        NotVoidable::Created => {
            conflict("nothing_to_void", "There is no move that could be taken back.", "没有可以撤销的变动。")
        }
        NotVoidable::NotOwn => Problem::new(Code::Forbidden).detail(Text::new(
            "Agents take back their own latest move only; ask your supervisor.",
            "代理人只能撤销自己最近的变动；请联系主管。",
        )),
        NotVoidable::TooOld => Problem::new(Code::Forbidden).detail(Text::new(
            format!("It was recorded more than {VOID_DAYS} days ago; ask your supervisor."),
            format!("记录已超过 {VOID_DAYS} 天；请联系主管。"),
        )),
        NotVoidable::SignedOff { date } => one(
            Code::Forbidden,
            "",
            "signed_off",
            Text::new(
                format!("The block of {date} is signed off; ask your supervisor."),
                format!("{date} 所在的时段已由主管签核；请联系主管。"),
            ),
            json!({"date": date}),
        ),
        NotVoidable::MoveRestsOnIt => conflict(
            "move_rests_on_it",
            "A move came with this outcome or was made on the strength of it: take the move back first (void_latest_move).",
            "有变动随该结果一并录入，或以它为依据：请先撤销那次变动（void_latest_move）。",
        ),
    }
}

/// A date that nobody recorded.
pub fn nothing_to_correct() -> Problem {
    conflict(
        "nothing_to_correct",
        "No such date is recorded in this pursuit.",
        "该销售过程没有记录这个日期。",
    )
}
