//! What processes have used, from `/proc`.

use std::fs;

/// Processor time of one process.
pub fn of(process: u32) -> f64 {
    let fields = Fields::of(process).expect("the process has ended");
    seconds(fields.own)
}

/// Processor time of PostgreSQL: the postmaster, its children, and those that it had.
pub fn of_cluster(postmaster: u32) -> f64 {
    let main = Fields::of(postmaster).expect("PostgreSQL has ended");
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let children = processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Fields::of)
        .filter(|fields| fields.parent == postmaster);
    seconds(main.own + main.gone + children.map(|child| child.own).sum::<u64>())
}

/// Resident memory of a process, in MB.
pub fn memory(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

/// Processor time of everything on the machine.
pub fn of_all() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap();
    let fields: Vec<u64> = text.lines().next().unwrap().split(' ').filter_map(|n| n.parse().ok()).collect();
    // Neither idle nor waiting for a disk; guests are counted by their hosts.
    seconds(fields.iter().take(8).sum::<u64>() - fields[3] - fields[4])
}

/// Clock ticks.
struct Fields {
    parent: u32,
    own: u64,
    /// Of children that have ended.
    gone: u64,
}

impl Fields {
    fn of(process: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name stands in brackets and may hold anything; the fields after it begin with the third.
        let rest: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
        let number = |field: usize| rest.get(field - 3)?.parse::<u64>().ok();
        Some(Fields {
            parent: u32::try_from(number(4)?).ok()?,
            own: number(14)? + number(15)?,
            gone: number(16)? + number(17)?,
        })
    }
}

/// Linux shows a hundred ticks a second to programs, whatever its own clock does.
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / 100.0
}
