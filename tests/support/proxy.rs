//! The proxy that stands between a client and the API server, passes on, writes down, and breaks what it is told to break.
//!
//! `tests/cluster/faults.go` says what a rule may hold.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::bed::Bed;

/// A running proxy; it ends when dropped.
pub(crate) struct Proxy {
    /// For clients that are to go through it.
    pub(crate) kubeconfig: PathBuf,
    folder: tempfile::TempDir,
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Proxy {
    /// Starts a proxy before a bed; it breaks nothing yet.
    pub(crate) fn start(bed: &Bed) -> Self {
        Self::with(bed, &[])
    }

    /// The same with flags of `bed proxy`.
    pub(crate) fn with(bed: &Bed, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a scratch directory can be made");
        let mut child = Command::new(&bed.program)
            .args(["proxy", "--kubeconfig"])
            .arg(&bed.kubeconfig)
            .arg("--folder")
            .arg(folder.path())
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("what was built can be started");
        let mut answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        answers.read_line(&mut line).expect("the proxy says where it is");
        let kubeconfig =
            Path::new(line.trim().strip_prefix("KUBECONFIG=").expect("the proxy starts")).to_owned();
        Self { kubeconfig, folder, child, answers }
    }

    /// Takes these rules, a JSON list, in place of all before.
    pub(crate) fn faults(&mut self, rules: &Value) {
        let stdin = self.child.stdin.as_mut().expect("stdin is piped");
        writeln!(stdin, "{rules}").expect("the proxy reads");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the proxy answers");
        assert_eq!(answer.trim(), "ok", "{rules}");
    }

    /// Returns all requests that have ended, in the order in which they did.
    pub(crate) fn requests(&self) -> Vec<Value> {
        let text =
            fs::read_to_string(self.folder.path().join("requests.jsonl")).expect("the record is there");
        text.lines().map(|line| serde_json::from_str(line).expect("the record is JSON")).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().expect("a child can be waited for");
    }
}
