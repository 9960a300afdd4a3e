//! The method by itself, without anybody's prospects: classifying facts, and the exercises.

pub mod classify;
pub mod exercises;
