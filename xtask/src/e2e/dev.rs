//! Starts `dev` as a process, and interrupts it.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::processes;

/// How long `dev` may take to build and to respond.
const START_TIMEOUT: Duration = Duration::from_mins(20);
const END_TIMEOUT: Duration = Duration::from_secs(20);

/// A running `dev`.
pub(crate) struct Dev {
    process: Child,
    pub(super) ports: [u16; 2],
    /// The file with its output.
    pub(crate) log: PathBuf,
}

impl Dev {
    /// Starts it with a data file and further arguments.
    pub(super) async fn start(data: &Path, more: &[&str]) -> Result<Self> {
        let mut program = this_program("dev");
        program.arg("--data-file").arg(data).args(more);
        Self::start_as(program, data.parent().unwrap_or(data)).await
    }

    /// Starts a program that runs `dev`, with its output in a file in this folder.
    pub(crate) async fn start_as(mut program: Command, folder: &Path) -> Result<Self> {
        let ports = [free_port()?, free_port()?];
        let log = folder.join(format!("dev-{}.log", ports[0]));
        println!("dev prints to {}", log.display());
        let process = program
            .args(["--port", &ports[0].to_string(), "--dynamodb-port", &ports[1].to_string()])
            // The tests send more requests than the rate limits permit.
            .envs([("RATE_LIMIT_READ", "off"), ("RATE_LIMIT_WRITE", "off")])
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()?;
        let mut dev = Self { process, ports, log };
        let runs = format!("Resource API runs at {}\n", dev.url());
        let deadline = Instant::now() + START_TIMEOUT;
        while !std::fs::read_to_string(&dev.log)?.contains(&runs) {
            let ended = dev.process.try_wait()?;
            ensure!(ended.is_none(), "dev ended before it responded: {}", std::fs::read_to_string(&dev.log)?);
            ensure!(Instant::now() < deadline, "dev did not respond in time");
            sleep(Duration::from_millis(100)).await;
        }
        Ok(dev)
    }

    /// The URL of the API.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[0])
    }

    /// Interrupts it, and checks that it exits successfully and that all its descendants end.
    pub(crate) async fn interrupt(&mut self) -> Result<()> {
        let id = self.process.id().context("dev has ended already")?;
        let below = processes::descendants(id).await?;
        ensure!(below.len() > 1, "dev has started no functions");
        processes::signal(i32::try_from(id)?, Signal::INT);
        let status = timeout(END_TIMEOUT, self.process.wait()).await.context("dev did not end in time")??;
        ensure!(status.success(), "dev ended with {status}");
        let left: Vec<_> = below.into_iter().filter(|pid| processes::is_running(*pid)).collect();
        ensure!(left.is_empty(), "dev left processes behind: {left:?}");
        Ok(())
    }
}

impl Drop for Dev {
    /// Ends it and its descendants if a check has failed.
    fn drop(&mut self) {
        if let Some(id) = self.process.id().and_then(|id| i32::try_from(id).ok()) {
            processes::signal(id, Signal::INT);
        }
    }
}

/// Checks that a second `dev` on the same port fails with a message of one line.
pub(super) async fn port_taken(dev: &Dev) -> Result<()> {
    let port = dev.ports[0].to_string();
    let output = this_program("dev").args(["--port", &port, "--memory"]).output().await?;
    let message = String::from_utf8(output.stderr)?;
    let expected = format!("error: port {port} cannot be used");
    ensure!(!output.status.success() && message.starts_with(&expected), "{message}");
    ensure!(message.lines().count() == 1, "more than one line: {message}");
    Ok(())
}

/// Another command of this program.
pub(crate) fn this_program(command: &str) -> Command {
    let mut program = Command::new(std::env::current_exe().unwrap_or_else(|_| "xtask".into()));
    program.arg(command);
    program
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
