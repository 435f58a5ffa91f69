//! Compares what came out with what was accepted before; `SNAPSHOTS=overwrite` accepts.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;

use similar::TextDiff;

/// Texts by path below the directory of the case.
pub(crate) type Texts = BTreeMap<String, String>;

/// Compares the texts of a case with its golden files; `owned` tells which files of the directory are golden.
pub(crate) fn compare(case: &Path, actual: &Texts, owned: impl Fn(&str) -> bool) -> Vec<String> {
    let accepted = texts_below(case, "", &owned);
    if env::var_os("SNAPSHOTS").is_some_and(|word| word == "overwrite") {
        overwrite(case, &accepted, actual);
        return Vec::new();
    }
    let names = accepted.keys().chain(actual.keys().filter(|name| !accepted.contains_key(*name)));
    names.filter_map(|name| difference(name, accepted.get(name), actual.get(name))).collect()
}

fn difference(name: &str, accepted: Option<&String>, actual: Option<&String>) -> Option<String> {
    match (accepted, actual) {
        (Some(accepted), Some(actual)) if accepted == actual => None,
        (Some(accepted), Some(actual)) => {
            let diff = TextDiff::from_lines(accepted.as_str(), actual.as_str());
            Some(diff.unified_diff().context_radius(2).header(name, "now").to_string())
        }
        (None, Some(actual)) => Some(format!("{name}: not accepted yet:\n{actual}")),
        (_, None) => Some(format!("{name}: no longer written")),
    }
}

fn overwrite(case: &Path, accepted: &Texts, actual: &Texts) {
    for name in accepted.keys().filter(|name| !actual.contains_key(*name)) {
        fs::remove_file(case.join(name)).expect("a golden file can be removed");
    }
    for (name, text) in actual.iter().filter(|(name, text)| accepted.get(*name) != Some(text)) {
        let path = case.join(name);
        fs::create_dir_all(path.parent().expect("a file has a directory")).expect("fixtures can be written");
        fs::write(path, text).expect("fixtures can be written");
    }
}

/// Reads all files below a directory that are wanted, by their path with `/`.
pub(crate) fn texts_below(directory: &Path, above: &str, wanted: &impl Fn(&str) -> bool) -> Texts {
    let mut texts = Texts::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let entry = entry.expect("fixtures can be listed");
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            texts.extend(texts_below(&entry.path(), &format!("{name}/"), wanted));
        } else if wanted(&name) {
            let bytes = fs::read(entry.path()).expect("fixtures can be read");
            texts.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    texts
}
