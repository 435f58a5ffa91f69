//! The cases of the corpus: how each was run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::directories::directories;

/// One project, as its `case.json` says.
pub(crate) struct Case {
    /// Its name, which is the project's too.
    pub(crate) name: String,
    /// Where it lies.
    pub(crate) directory: PathBuf,
    /// Directory below the project that it is run in.
    pub(crate) below: String,
    /// `-f`.
    pub(crate) files: Vec<String>,
    /// Variables.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Case {
    fn read(directory: &Path) -> Self {
        let text = fs::read_to_string(directory.join("case.json")).expect("a case can be read");
        let case: Value = serde_json::from_str(&text).expect("a case is JSON");
        let texts = |key: &str| -> Vec<String> {
            case[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let environment = case["env"].as_object().into_iter().flatten();
        Self {
            name: case["case"].as_str().expect("a case has a name").to_owned(),
            directory: directory.to_owned(),
            below: case["workdir"].as_str().unwrap_or(".").to_owned(),
            files: texts("files"),
            environment: environment
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
        }
    }

    /// Returns a file of what others make of it.
    pub(crate) fn expected(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.directory.join("expected").join(name)).ok()
    }

    /// Returns the command line of a command, with its flags, for the files of the case.
    pub(crate) fn command<'c>(&'c self, command: &[&'c str]) -> Vec<&'c str> {
        let mut words = vec!["-p", self.name.as_str()];
        words.extend(self.files.iter().flat_map(|file| ["-f", file.as_str()]));
        words.extend(command);
        words
    }
}

/// Reads all cases, by source and name.
pub(crate) fn cases(corpus: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for source in directories(corpus) {
        cases.extend(
            directories(&source)
                .iter()
                .filter(|case| case.join("case.json").exists())
                .map(|case| Case::read(case)),
        );
    }
    assert!(cases.len() > 700, "the corpus was not read: {} cases", cases.len());
    cases
}
