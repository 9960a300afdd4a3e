//! What stands beside a block on paper: its check-in, its days, and how far it has come.

use chrono::NaiveDate;

use crate::domain::{
    reports::sheet_week::{Block, BlockState},
    values::text::{Language, Text},
};

/// Two lines, three where the block is not over.
pub fn block_label(block: &Block, today: NaiveDate, language: Language) -> String {
    let day = |day: NaiveDate| day.format("%m.%d").to_string();
    let state = match block.state(today) {
        BlockState::Ended => None,
        BlockState::NotBegun => Some(Text::new("not begun", "未开始")),
        BlockState::Partial => {
            let until = day(today);
            Some(Text::new(format!("up to {until}"), format!("截至 {until}")))
        }
    };
    let check_in = block.check_in.label();
    let days = format!("{}–{}", day(block.window.from), day(block.window.to));
    let state = state.map_or_else(String::new, |state| format!("\n{}", state.in_language(language)));
    format!("{}\n{days}{state}", check_in.in_language(language))
}
