//! What the system knows about our process, where it tells: Linux.

use std::{fs, path::Path};

/// What it knows; none where it does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessFigures {
    /// Memory in use, bytes.
    pub resident_bytes: Option<u64>,
    /// Files and connections that are open.
    pub open_files: Option<u64>,
    /// How many may be.
    pub most_files: Option<u64>,
}

impl ProcessFigures {
    /// As it is now.
    pub fn read() -> Self {
        let us = Path::new("/proc/self");
        let kib = line(&us.join("status"), "VmRSS:").and_then(|rest| first_number(&rest));
        ProcessFigures {
            resident_bytes: kib.map(|kib| kib * 1024),
            open_files: fs::read_dir(us.join("fd")).ok().map(|open| open.count() as u64),
            most_files: line(&us.join("limits"), "Max open files").and_then(|rest| first_number(&rest)),
        }
    }
}

fn line(file: &Path, begins: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| line.strip_prefix(begins).map(str::to_owned))
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_tells_all_of_it() {
        let figures = ProcessFigures::read();
        assert!(figures.resident_bytes.unwrap() > 1 << 20);
        assert!(figures.open_files.unwrap() > 2);
        assert!(figures.most_files.unwrap() >= figures.open_files.unwrap());
    }
}
