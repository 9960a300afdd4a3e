//! The write path of a prospect: hold its owners, load, let the domain decide, save, and keep every row that follows from
//! the log.

pub mod agent_context;
pub(super) mod closings;
pub mod deals;
pub mod due;
mod evidence;
mod followed;
mod held;
pub mod history;
mod loaded;
pub(super) mod locks;
pub mod log;
pub mod placements;
pub mod projections;
pub mod replay;
pub(super) mod review;
mod rewrite_tail;
pub mod stage_writes;
mod told;

pub use evidence::{Evidence, evidence_of, save_evidence};
pub use held::load_for_write;
pub use loaded::{Loaded, load, load_all};
pub use told::load_told;
