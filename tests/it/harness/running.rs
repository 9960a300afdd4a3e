//! The real binary, as an operator starts it, and as a crash ends it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Output, Stdio},
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
    command.args(arguments).env_clear();
    for (name, value) in settings {
        command.env(name, value);
    }
    command
}

/// A running service; killed (SIGKILL) when dropped.
pub struct Running {
    child: Child,
    /// Host and port.
    pub address: String,
    /// What it said until it listened.
    pub said: Vec<String>,
}

impl Running {
    /// `kill -9`; answers when the process is gone.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the service on a free port and waits until it listens.
pub fn serve(arguments: &[&str], settings: &[(&str, &str)]) -> Running {
    let mut command = command(&["serve"], settings);
    command.args(arguments).env("BIND", "127.0.0.1:0").env("LOG_LEVEL", "error");
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut running = Running { child, address: String::new(), said: Vec::new() };
    let output = running.child.stdout.take().unwrap();
    for line in BufReader::new(output).lines() {
        let line = line.unwrap();
        if let Some((_, rest)) = line.split_once("listens on http://") {
            running.address = rest.split(',').next().unwrap().to_owned();
        }
        running.said.push(line);
        if !running.address.is_empty() {
            return running;
        }
    }
    panic!("it never listened: {:?}", running.said);
}
