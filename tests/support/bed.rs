//! A real API server, built and started when a test first asks for it; one for all tests of a binary. `tests/cluster/` holds its
//! sources, `tests/README.md` says how it is found.

use std::env;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use crate::skip::skipped;

/// Says where the bed is: a folder that `tests/cluster/up --folder` filled; or what to do without one, [`OFF`] or [`REQUIRED`].
pub(crate) const VARIABLE: &str = "RCOMPOSE_TESTBED";
/// Tests that need a bed are skipped.
pub(crate) const OFF: &str = "off";
/// Tests that need a bed fail where it cannot be had.
pub(crate) const REQUIRED: &str = "required";
/// How `tests/cluster/build` ends where the bed cannot be had here.
const CANNOT: i32 = 3;

/// A running API server.
pub(crate) struct Bed {
    pub(crate) program: PathBuf,
    /// That of the administrator.
    pub(crate) kubeconfig: PathBuf,
    /// The bed ends when its standard input does, and that is when this process ends, however it does.
    _leash: Option<Child>,
}

/// What the server says of objects in a strict dry-run.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// `PROJECT: KIND/NAME: message`, of what it refuses.
    pub(crate) refused: Vec<String>,
    /// The same, of what it takes with a warning.
    pub(crate) warned: Vec<String>,
    /// `PROJECT: KIND/NAME` of kinds that only their own controllers define.
    pub(crate) exempt: Vec<String>,
    /// How many objects it was asked about.
    pub(crate) checked: usize,
}

/// Returns the bed of this run, started with these flags where it is not there yet; or says that the test is skipped.
pub(crate) fn bed(test: &str, flags: &[&str]) -> Option<&'static Bed> {
    static BED: OnceLock<Result<Bed, String>> = OnceLock::new();
    let reason = match BED.get_or_init(|| Bed::find(flags)) {
        Ok(bed) => return Some(bed),
        Err(reason) => reason,
    };
    assert!(env::var_os(VARIABLE).is_none_or(|word| word != REQUIRED), "{test}: no bed: {reason}");
    skipped(test, reason);
    None
}

impl Bed {
    pub(crate) fn find(flags: &[&str]) -> Result<Self, String> {
        let place = env::var(VARIABLE).unwrap_or_default();
        if place == OFF {
            return Err(format!("${VARIABLE} says so"));
        }
        let built = build()?;
        if !matches!(place.as_str(), "" | REQUIRED) {
            let kubeconfig = Path::new(&place).join("kubeconfig");
            assert!(kubeconfig.exists(), "${VARIABLE} names a folder without a kubeconfig: {place}");
            return Ok(Self { program: built.join("bed"), kubeconfig, _leash: None });
        }
        Self::start(&built, flags)
    }

    /// Starts a bed of its own; `Err` says what this machine lacks for it.
    pub(crate) fn start(built: &Path, flags: &[&str]) -> Result<Self, String> {
        let program = built.join("bed");
        let mut child = Command::new(&program)
            .args(["up", "--until-eof", "--definitions"])
            .arg(built.join("definitions"))
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("what was built can be started");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut line).expect("the bed says where it is");
        if let Some(reason) = line.trim().strip_prefix("cannot: ") {
            child.wait().expect("a child can be waited for");
            return Err(reason.to_owned());
        }
        // Nothing is said where it did not start; why, it says on stderr.
        let kubeconfig = line.trim().strip_prefix("KUBECONFIG=").expect("the bed starts");
        Ok(Self { program, kubeconfig: PathBuf::from(kubeconfig), _leash: Some(child) })
    }

    /// Runs kubectl, of the release of the server, as the administrator or with another kubeconfig.
    pub(crate) fn kubectl(&self, kubeconfig: Option<&Path>, words: &[&str]) -> Output {
        Command::new(&self.program)
            .arg("kubectl")
            .env("KUBECONFIG", kubeconfig.unwrap_or(&self.kubeconfig))
            .args(words)
            .output()
            .expect("what was built can be started")
    }

    /// Sends the files of each project through a strict dry-run, in a namespace of its own.
    pub(crate) fn dry_run(&self, projects: &[(String, Vec<PathBuf>)]) -> Verdict {
        let mut list = String::new();
        for (name, file) in
            projects.iter().flat_map(|(name, files)| files.iter().map(move |file| (name, file)))
        {
            writeln!(list, "{name}\t{}", file.display()).expect("a text can be written");
        }
        let mut child = Command::new(&self.program)
            .args(["dry-run", "--kubeconfig"])
            .arg(&self.kubeconfig)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("what was built can be started");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        stdin.write_all(list.as_bytes()).expect("the whole list is read first");
        drop(stdin);
        let output = child.wait_with_output().expect("the dry-run ends");
        assert!(output.status.success(), "the dry-run broke off: its reason stands on stderr");
        Verdict::read(&String::from_utf8_lossy(&output.stdout))
    }
}

impl Verdict {
    fn read(said: &str) -> Self {
        let mut verdict = Self::default();
        for line in said.lines() {
            let (outcome, text) = line.split_once(": ").unwrap_or((line, ""));
            match outcome {
                "refused" => verdict.refused.push(text.to_owned()),
                "warned" => verdict.warned.push(text.to_owned()),
                "exempt" => verdict.exempt.push(text.to_owned()),
                _ => {
                    let number = line.strip_suffix(" objects checked").and_then(|number| number.parse().ok());
                    verdict.checked = number.expect("the last line counts");
                }
            }
        }
        verdict
    }
}

/// Builds the bed unless that was done, and returns where it is; `Err` says why it cannot be had here.
pub(crate) fn build() -> Result<PathBuf, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/build");
    let output = Command::new("sh").arg(script).output().map_err(|error| format!("no shell: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    match output.status.code() {
        Some(0) => Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())),
        Some(CANNOT) => Err(said),
        _ => panic!("the bed does not build:\n{said}"),
    }
}
