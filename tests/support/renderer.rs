//! Helm's and kustomize's own engines, built from `tests/cluster/render` with Go and the module proxy, and kept.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

use crate::skip::skipped;

/// A program that renders charts and overlays.
pub(crate) struct Renderer {
    program: &'static Path,
}

impl Renderer {
    /// Builds the program once, or says that the test is skipped: without Go, or where its modules cannot be had.
    pub(crate) fn of(test: &str) -> Option<Self> {
        static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        match BUILT.get_or_init(build) {
            Ok(program) => Some(Self { program }),
            Err(reason) => {
                skipped(test, reason);
                None
            }
        }
    }

    /// Builds a directory as `kubectl kustomize` does.
    pub(crate) fn kustomize(&self, directory: &Path) -> Result<Vec<Value>, String> {
        self.objects(&["kustomize".as_ref(), directory])
    }

    /// Renders a chart as `helm template` does.
    pub(crate) fn helm(&self, chart: &Path, values: Option<&Path>) -> Result<Vec<Value>, String> {
        let words: [&Path; 3] = ["helm".as_ref(), chart, "first".as_ref()];
        self.objects(&words.into_iter().chain(values).collect::<Vec<_>>())
    }

    /// Looks at a chart as `helm lint --strict` does.
    pub(crate) fn lint(&self, chart: &Path) -> Result<(), String> {
        self.run(&["lint".as_ref(), chart]).map(drop)
    }

    fn objects(&self, words: &[&Path]) -> Result<Vec<Value>, String> {
        let text = self.run(words)?;
        serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))
    }

    fn run(&self, words: &[&Path]) -> Result<String, String> {
        let output = Command::new(self.program).args(words).output().expect("a built program can be started");
        said(output)
    }
}

fn said(output: Output) -> Result<String, String> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn build() -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/render");
    let go = |words: &[&str]| Command::new("go").args(words).current_dir(&source).output();
    let fetched = go(&["mod", "download"]).map_err(|_| "there is no Go".to_owned())?;
    said(fetched).map_err(|error| format!("the modules of Helm and kustomize cannot be had: {error}"))?;
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("render");
    let built = go(&["build", "-o", &program.to_string_lossy(), "."]).expect("Go was there a moment ago");
    said(built).expect("the renderer builds");
    Ok(program)
}
