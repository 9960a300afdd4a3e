//! What answers have in common: pages, money, enums, past days, and what is due before anything is shown.

pub mod as_of;
pub mod csv_file;
pub mod due;
pub mod enums;
pub mod money;
pub mod page;
pub mod people;
pub mod sealed;
