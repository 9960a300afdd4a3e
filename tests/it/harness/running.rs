//! The real binary, as an operator starts it, and as a crash ends it.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

/// Runs a command of the binary to its end.
pub fn prospector(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    command(arguments, settings).output().unwrap()
}

/// The same with one line on standard input.
pub fn prospector_told(arguments: &[&str], settings: &[(&str, &str)], line: &str) -> Output {
    let mut command = command(arguments, settings);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
    child.wait_with_output().unwrap()
}

fn command(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prospector"));
    // Many run at the same time: each with figures on a free port, unless it is told where.
    command.args(arguments).env_clear().env("METRICS_BIND", "127.0.0.1:0");
    for (name, value) in settings {
        command.env(name, value);
    }
    command
}

/// A running service; killed (SIGKILL) when dropped.
pub struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    /// Host and port.
    pub address: String,
    /// Where its figures are.
    pub figures: String,
    /// What it said on standard output until it listened.
    pub said: Vec<String>,
}

impl Running {
    /// A line of what the system knows about the process, in MiB: `VmRSS`, `RssAnon`.
    pub fn mib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    /// Its figures, as Prometheus reads them.
    pub fn read_figures(&self) -> String {
        ureq::get(&self.figures).call().unwrap().body_mut().read_to_string().unwrap()
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`; answers when the process is gone.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

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

/// Serves on a free port and waits until it listens; its log, errors only, goes where ours goes.
pub fn serve(arguments: &[&str], settings: &[(&str, &str)]) -> Running {
    let mut command = command(&["serve"], &[("LOG_LEVEL", "error")]);
    command.args(arguments).envs(settings.iter().copied());
    listening(command)
}

/// Serves on a free port and writes its log to a file.
pub fn serve_logging_to(log: File, settings: &[(&str, &str)]) -> Running {
    let mut command = command(&["serve"], settings);
    command.stderr(Stdio::from(log));
    listening(command)
}

fn listening(mut command: Command) -> Running {
    let mut child = command.env("BIND", "127.0.0.1:0").stdout(Stdio::piped()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut running =
        Running { child, output, address: String::new(), figures: String::new(), said: Vec::new() };
    while running.address.is_empty() {
        let mut line = String::new();
        let read = running.output.read_line(&mut line).unwrap();
        assert!(read > 0, "it never listened: {:?}", running.said);
        if let Some((_, rest)) = line.split_once("listens on http://") {
            running.address = rest.split(',').next().unwrap().to_owned();
        }
        if let Some((_, rest)) = line.split_once("figures for Prometheus at ") {
            running.figures = rest.trim_end().to_owned();
        }
        running.said.push(line.trim_end().to_owned());
    }
    running
}
