//! The real binary, running, with everything it says.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

/// A running binary; killed when dropped.
pub struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    /// Where it listens: `127.0.0.1:PORT`.
    pub address: String,
    /// What it said on standard output until it listened.
    pub said: Vec<String>,
}

impl Running {
    /// Ends it; answers with the rest of what it said on standard output.
    pub fn end(mut self) -> String {
        let _ = self.child.kill();
        std::io::read_to_string(&mut self.output).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves on a free port; its log, errors only, goes where ours goes.
pub fn serve(arguments: &[&str], settings: &[(&str, &str)]) -> Running {
    start(arguments, settings, Stdio::inherit())
}

/// Serves on a free port and writes its log to a file.
pub fn serve_logging_to(log: File, settings: &[(&str, &str)]) -> Running {
    start(&[], settings, Stdio::from(log))
}

fn start(arguments: &[&str], settings: &[(&str, &str)], log: Stdio) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prospector"));
    command.arg("serve").args(arguments).env_clear().env("BIND", "127.0.0.1:0").env("LOG_LEVEL", "error");
    for (name, value) in settings {
        command.env(name, value);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut running = Running { child, output, address: String::new(), said: Vec::new() };
    while running.address.is_empty() {
        let mut line = String::new();
        let read = running.output.read_line(&mut line).unwrap();
        assert!(read > 0, "it never listened: {:?}", running.said);
        if let Some((_, rest)) = line.split_once("listens on http://") {
            running.address = rest.split(',').next().unwrap().to_owned();
        }
        running.said.push(line.trim_end().to_owned());
    }
    running
}
