//! Scripts that ask published JSON schemas: they run in Python, in an environment of their own that has the packages.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Carries the schemas of Kubernetes, and brings the package jsonschema along.
const SCHEMAS: &str = "kubernetes-validate==1.37.0";

/// Runs a script that reads names of files, prints a line per fault, and at the end how much it checked; `Err` says why it
/// cannot run.
pub(crate) fn faults(script: &str, arguments: &[&str], files: &[PathBuf]) -> Result<Vec<String>, String> {
    let mut child = Command::new(python()?)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let list: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin.write_all(list.join("\n").as_bytes()).expect("the script reads its list");
    drop(stdin);
    let output = child.wait_with_output().expect("the script ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let mut lines: Vec<String> = said.lines().map(str::to_owned).collect();
    let total = lines.pop().unwrap_or_default();
    let checked: usize =
        total.split(' ').next().and_then(|number| number.parse().ok()).expect("the script counts");
    assert!(checked >= files.len(), "{total} in {} files", files.len());
    Ok(lines)
}

static INSTALLING: Mutex<()> = Mutex::new(());

/// Returns a Python that has the schemas, in an environment of its own below `target`.
fn python() -> Result<PathBuf, String> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kubernetes-schemas");
    let python = place.join("bin/python");
    let _lock = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let ready = place.join(SCHEMAS);
    if !ready.exists() {
        quiet(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place))?;
        quiet(Command::new(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            SCHEMAS,
        ]))?;
        fs::write(ready, "").expect("target can be written");
    }
    Ok(python)
}

fn quiet(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let said = || String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {}", said())) }
}
