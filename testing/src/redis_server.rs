//! A Redis server for tests, if one is installed.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// The time limit for its start.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct RedisServer {
    process: Child,
    port: u16,
}

impl RedisServer {
    /// Whether the program is installed. If it is not, prints once which tests are skipped.
    pub fn is_installed() -> bool {
        static SAID: Once = Once::new();
        let found = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_ok();
        if !found {
            SAID.call_once(|| {
                let message = "redis-server is not installed: what needs a cache is left out, so the tests of the cache pass \
                               without testing it";
                // Written to standard error directly, because the output of a passing test is not shown.
                let _ = writeln!(std::io::stderr(), "{message}");
            });
        }
        found
    }

    /// Starts it on a free port, with further arguments, and without persistence.
    ///
    /// # Errors
    /// If it does not respond.
    pub fn start(arguments: &[&str]) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Self::start_on(port, arguments)
    }

    /// Starts it on a port.
    ///
    /// # Errors
    /// If it does not respond.
    #[expect(clippy::disallowed_methods, reason = "no function waits here")]
    pub fn start_on(port: u16, arguments: &[&str]) -> Result<Self> {
        let process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(arguments)
            .current_dir(Path::new("/"))
            .stdout(Stdio::null())
            .spawn()?;
        let server = Self { process, port };
        let deadline = Instant::now() + START_TIMEOUT;
        while std::net::TcpStream::connect(("127.0.0.1", server.listening_port(arguments))).is_err() {
            ensure!(Instant::now() < deadline, "redis-server does not answer");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    /// Its port; 0 if it accepts only TLS.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn listening_port(&self, arguments: &[&str]) -> u16 {
        let tls = arguments.iter().position(|argument| *argument == "--tls-port");
        tls.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(self.port)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
