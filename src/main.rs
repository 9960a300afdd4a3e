//! The command line of Prospector.

fn main() {}
