//! A run of the program that is still under way: it can be killed, held up, interrupted; and what a proxy has written down of one.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::Run;
use crate::proxy::Proxy;

/// What does not happen in this time does not happen.
const PATIENCE: Duration = Duration::from_secs(90);

/// A run under way.
pub(crate) struct Running {
    child: Child,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

impl Running {
    /// Starts a command.
    pub(crate) fn start(mut command: Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be started");
        let stdout = collect(child.stdout.take().expect("stdout is piped"));
        let stderr = collect(child.stderr.take().expect("stderr is piped"));
        Self { child, stdout, stderr }
    }

    /// Tells whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_some()
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) -> Run {
        self.child.kill().expect("a child can be killed");
        self.end()
    }

    /// Sends it a signal, `INT` or `STOP`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let (name, identity) = (format!("-{name}"), self.child.id().to_string());
        let status = Command::new("kill").args([name, identity]).status().expect("there is a `kill`");
        assert!(status.success(), "it runs");
    }

    /// Waits until it has ended.
    pub(crate) fn end(mut self) -> Run {
        until("the end of the run", || self.has_ended());
        let code = self.child.wait().expect("a child can be waited for").code();
        let said = |thread: JoinHandle<String>| thread.join().expect("a pipe is read to its end");
        Run { code, stdout: said(self.stdout), stderr: said(self.stderr) }
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits until something holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "no {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// One request that could leave something behind, as a proxy saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    /// When it came, in microseconds of the epoch.
    pub(crate) at: u64,
    /// When it was over.
    pub(crate) end: u64,
    pub(crate) method: String,
    pub(crate) url: String,
    /// 0 where no answer was given.
    pub(crate) status: u64,
    pub(crate) fault: Option<String>,
    /// Equal for equal bodies.
    pub(crate) body: String,
}

/// Returns the writing requests that a proxy has seen, in the order in which they came.
pub(crate) fn writes(proxy: &Proxy) -> Vec<Write> {
    let mut writes: Vec<Write> = proxy.requests().iter().filter_map(Write::of).collect();
    writes.sort_by_key(|write| write.at);
    writes
}

impl Write {
    fn of(request: &Value) -> Option<Self> {
        let text = |key: &str| request[key].as_str().unwrap_or_default().to_owned();
        let number = |key: &str| request[key].as_u64().unwrap_or_default();
        let (method, url) = (text("method"), text("url"));
        let persists =
            method != "GET" && !url.contains("dryRun=All") && !url.contains("authorization.k8s.io");
        persists.then(|| Self {
            at: number("at"),
            end: number("at") + number("milliseconds") * 1000,
            status: number("status"),
            fault: request["fault"].as_str().map(str::to_owned),
            body: text("body"),
            method,
            url,
        })
    }

    /// Tells whether the server took it: what was lost on the way back counts.
    pub(crate) fn is_done(&self) -> bool {
        (200..300).contains(&self.status) || self.fault.as_deref() == Some("lost")
    }

    /// Tells whether it is about the lock, which all may ask for.
    pub(crate) fn is_of_lock(&self) -> bool {
        self.url.contains("/leases")
    }
}

/// Returns what a run says of itself as JSON: the last document that it prints.
pub(crate) fn result(run: &Run) -> Value {
    let last = serde_json::Deserializer::from_str(&run.stdout).into_iter::<Value>().last();
    last.and_then(Result::ok).unwrap_or_default()
}

/// Returns how it says that it ended.
pub(crate) fn ending(run: &Run) -> String {
    result(run)["ending"].as_str().unwrap_or_default().to_owned()
}

/// Returns `Kind/name` of the objects of which a run says that they came to this.
pub(crate) fn objects(run: &Run, state: &str) -> Vec<String> {
    let result = result(run);
    let objects = result["objects"].as_array().into_iter().flatten();
    let of_state = objects.filter(|object| object["state"] == state);
    let mut names: Vec<String> =
        of_state.filter_map(|object| object["object"].as_str()).map(str::to_owned).collect();
    names.sort();
    names
}
