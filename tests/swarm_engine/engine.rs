//! The one engine of a test run: started when the first test asks, stopped when the process ends.
//!
//! `engine.sh` holds it; it lets go when its standard input ends, so nothing is left behind, whatever ends the tests.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use crate::images;
use crate::skip::skipped;

/// Its network has no way out, so the engine need not ask a registry which image a name means.
const OUTSIDE: &str = "outside";

/// A running Swarm of one node.
pub(crate) struct Engine {
    /// Holds the other end of its standard input.
    _held: Child,
    prepared: PathBuf,
    host: String,
    /// The kernel can carry virtual IPs and the routing mesh.
    pub(crate) has_virtual_ips: bool,
}

/// Returns the engine, or says that the test is skipped.
pub(crate) fn engine(test: &str) -> Option<&'static Engine> {
    static ENGINE: OnceLock<Option<Engine>> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| {
        let prepared = PathBuf::from(env::var_os("RCOMPOSE_ENGINE")?);
        let engine = Engine::start(prepared.canonicalize().expect("RCOMPOSE_ENGINE is a directory"));
        if !engine.has_virtual_ips {
            skipped("swarm engine: virtual IPs, the routing mesh", "no IPVS in this kernel");
        }
        Some(engine)
    });
    if engine.is_none() {
        skipped(test, "RCOMPOSE_ENGINE names no directory that tests/debian/prepare.sh has filled");
    }
    engine.as_ref()
}

impl Engine {
    fn start(prepared: PathBuf) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/swarm_engine/engine.sh");
        let mut held = Command::new(script)
            .arg(&prepared)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the engine's script can be run");
        let lines = BufReader::new(held.stdout.take().expect("stdout is piped")).lines();
        let mut host = None;
        for line in lines.map(|line| line.expect("the script speaks UTF-8")) {
            match line.split_once(' ') {
                Some(("host", url)) => host = Some(url.to_owned()),
                _ if line == "ready" => break,
                _ => {}
            }
        }
        let engine = Self {
            _held: held,
            host: host.expect("the engine starts where it was prepared"),
            has_virtual_ips: Path::new("/proc/net/ip_vs").exists(),
            prepared,
        };
        images::import(&engine, &engine.prepared.join("roots"));
        engine.done(&["run", "-d", "--name", OUTSIDE, "--network", "host", "python:base", "sleep", "36000"]);
        engine
    }

    /// Runs the docker client of the engine.
    pub(crate) fn docker(&self, words: &[&str]) -> Output {
        self.client(words).output().expect("the docker client can be run")
    }

    /// Returns what the docker client says; panics where it fails.
    pub(crate) fn done(&self, words: &[&str]) -> String {
        let output = self.docker(words);
        assert!(
            output.status.success(),
            "docker {}: {}",
            words.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Returns the client as a command, for those who need more than words.
    pub(crate) fn client(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.prepared.join("engine/usr/bin/docker"));
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", "/nonexistent")
            .env("DOCKER_HOST", &self.host)
            // Its other builder is a plugin that Debian packs apart.
            .env("DOCKER_BUILDKIT", "0")
            .args(words)
            .stdin(Stdio::null());
        command
    }

    /// Fetches a page as one who stands before the node, from a port that is published there.
    pub(crate) fn get(&self, port: u16, path: &str) -> Result<String, String> {
        self.fetch(OUTSIDE, &format!("http://127.0.0.1:{port}{path}"), None)
    }

    /// Sends a text to a published port.
    pub(crate) fn post(&self, port: u16, path: &str, text: &str) -> Result<String, String> {
        self.fetch(OUTSIDE, &format!("http://127.0.0.1:{port}{path}"), Some(text))
    }

    /// Fetches a page from inside a container.
    pub(crate) fn fetch(&self, container: &str, url: &str, text: Option<&str>) -> Result<String, String> {
        // Busybox ends at once when it is told its own limit of time.
        let mut words = vec!["exec", container, "timeout", "5", "wget", "-q", "-O", "-"];
        words.extend(text.into_iter().flat_map(|text| ["--post-data", text]));
        words.push(url);
        let output = self.docker(&words);
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(format!("{url}: {}", String::from_utf8_lossy(&output.stderr).trim()))
        }
    }
}
