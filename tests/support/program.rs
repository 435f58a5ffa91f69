//! Runs the program as a user would: in a copy of a directory, with an environment of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A run that takes longer hangs; nothing here comes near.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a run left.
pub(crate) struct Run {
    /// Exit code; `None` where the program was stopped.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A copy of a directory, removed when dropped.
pub(crate) struct Stage {
    _root: tempfile::TempDir,
    /// The copy; its last part is the name that was asked for.
    pub(crate) directory: PathBuf,
    home: PathBuf,
}

impl Stage {
    /// Copies a directory to a scratch place, all but the names to leave out.
    pub(crate) fn of(source: &Path, name: &str, leave_out: &[&str]) -> Self {
        let root = tempfile::tempdir().expect("a scratch directory can be made");
        let real = root.path().canonicalize().expect("a scratch directory is there");
        // Two steps down, so that a path that leads out of the copy still lies in the scratch place.
        let (directory, home) = (real.join("copies").join(name), real.join("copies/.home"));
        fs::create_dir_all(&home).expect("a scratch directory can be written");
        copy(source, &directory, leave_out).expect("a fixture can be copied");
        Self { _root: root, directory, home }
    }

    /// Runs the program in a directory below the copy.
    pub(crate) fn run(&self, below: &str, environment: &BTreeMap<String, String>, words: &[&str]) -> Run {
        self.run_other(env!("CARGO_BIN_EXE_rcompose"), below, environment, words)
    }

    /// Runs another program there, in the same way.
    pub(crate) fn run_other(
        &self,
        program: &str,
        below: &str,
        environment: &BTreeMap<String, String>,
        words: &[&str],
    ) -> Run {
        let directory = if below == "." { self.directory.clone() } else { self.directory.join(below) };
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8").env("HOME", &self.home);
        command.env("PWD", &directory).envs(environment).args(words).current_dir(&directory);
        finish(&mut command)
    }
}

fn finish(command: &mut Command) -> Run {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    let stdout = collect(child.stdout.take().expect("stdout is piped"));
    let stderr = collect(child.stderr.take().expect("stderr is piped"));
    let Ok(stdout) = stdout.recv_timeout(PATIENCE) else {
        child.kill().expect("a child can be stopped");
        child.wait().expect("a child can be waited for");
        return Run { code: None, stdout: String::new(), stderr: format!("stopped after {PATIENCE:?}") };
    };
    let stderr = stderr.recv().expect("stderr ends with the program");
    Run { code: child.wait().expect("a child can be waited for").code(), stdout, stderr }
}

fn collect(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        sender.send(read.map_or_else(|error| format!("unreadable: {error}"), |_| text))
    });
    receiver
}

fn copy(source: &Path, target: &Path, leave_out: &[&str]) -> io::Result<()> {
    fs::create_dir_all(target)?;
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        let name = entry.file_name();
        if leave_out.iter().any(|left| name == *left) {
            continue;
        }
        let (from, to) = (entry.path(), target.join(&name));
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            link(&fs::read_link(&from)?, &to)?;
        } else if kind.is_dir() {
            copy(&from, &to, &[])?;
        } else {
            fs::write(&to, fs::read(&from)?)?;
            let mode = fs::metadata(&from)?.permissions();
            fs::set_permissions(&to, writable(mode))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(not(unix))]
fn link(target: &Path, at: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, at)
}

/// Keeps who may execute, and lets the owner write: sources may be read-only.
#[cfg(unix)]
fn writable(mut permissions: fs::Permissions) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    permissions.set_mode(permissions.mode() | 0o600);
    permissions
}

#[cfg(not(unix))]
fn writable(permissions: fs::Permissions) -> fs::Permissions {
    permissions
}
