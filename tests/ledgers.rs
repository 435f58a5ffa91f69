//! Lists that must agree: codes, their pages and their cases; the register of the rule book.
//!
//! Codes are read from the `codes!` lists in the source, so that nothing here depends on what a command prints.

#![expect(clippy::disallowed_methods, reason = "reads the repository itself; `host` is for the program")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_code_means_the_same_in_every_room() {
    let mut seen: BTreeMap<String, (String, Code)> = BTreeMap::new();
    let mut faults = Vec::new();
    for (file, code) in declared() {
        if let Some((first, other)) = seen.get(&code.name)
            && (other.severity, other.lowerable, other.guarded)
                != (code.severity, code.lowerable, code.guarded)
        {
            faults.push(format!("{}: {first} and {file}", code.name));
        }
        seen.insert(code.name.clone(), (file, code));
    }
    assert!(seen.len() > 100, "the lists of codes were not read: {}", seen.len());
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn each_page_belongs_to_a_code() {
    let codes: BTreeSet<String> = declared().into_iter().map(|(_, code)| code.name).collect();
    let pages: BTreeSet<String> =
        names("docs/codes").iter().filter_map(|name| name.strip_suffix(".md").map(str::to_owned)).collect();
    assert_eq!(
        pages.symmetric_difference(&codes).collect::<Vec<_>>(),
        [] as [&String; 0],
        "pages and codes differ"
    );
}

#[test]
fn each_page_says_what_why_example_and_way_out() {
    let mut faults = Vec::new();
    for name in names("docs/codes") {
        let text =
            fs::read_to_string(Path::new(ROOT).join("docs/codes").join(&name)).expect("a page is text");
        let heads: Vec<&str> =
            text.lines().filter(|line| line.starts_with('#') && !line.starts_with("# rcompose")).collect();
        let own = format!("# {}", name.trim_end_matches(".md"));
        let outside_code =
            heads.iter().filter(|line| line.starts_with("## ") || **line == own).copied().collect::<Vec<_>>();
        if outside_code != [own.as_str(), "## What", "## Why", "## Example", "## Way out"] {
            faults.push(format!("{name}: {outside_code:?}"));
        }
    }
    assert!(faults.is_empty(), "{} pages are not whole:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn each_code_has_a_case_or_a_reason() {
    let codes: BTreeSet<String> = declared().into_iter().map(|(_, code)| code.name).collect();
    let ledger: BTreeSet<String> = lines("fixtures/problems/ledger.txt")
        .iter()
        .map(|line| line.split_once(": ").expect("an entry is `code: reason`").0.to_owned())
        .collect();
    let cases: BTreeSet<String> =
        names("fixtures/problems").into_iter().filter(|name| name != "ledger.txt").collect();
    let known: BTreeSet<String> = cases.union(&ledger).cloned().collect();
    let missing: Vec<_> =
        codes.difference(&known).filter(|code| !needs_a_cluster(code) || !is_tested(code)).collect();
    let unknown: Vec<_> = known.difference(&codes).collect();
    let both: Vec<_> = cases.intersection(&ledger).collect();
    assert!(missing.is_empty(), "codes without a case in fixtures/problems: {missing:?}");
    assert!(unknown.is_empty(), "cases of codes that do not exist: {unknown:?}");
    assert!(both.is_empty(), "in the ledger although there is a case: {both:?}");
}

/// Tells whether only a cluster can give the code, so that no case can be made of files (G2).
fn needs_a_cluster(name: &str) -> bool {
    declared().iter().any(|(file, code)| code.name == name && file.starts_with("src/cluster/"))
}

/// Tells whether a test asserts the code by name: below `tests/`, or beside the code of the room.
fn is_tested(name: &str) -> bool {
    let quoted = format!("\"{name}\"");
    let of_room = |text: &str| text.split_once("#[cfg(test)]").map(|(_, tests)| tests.to_owned());
    let runners = rust_files(&Path::new(ROOT).join("tests"))
        .into_iter()
        .filter_map(|path| fs::read_to_string(path).ok());
    let room = rust_files(&Path::new(ROOT).join("src/cluster"));
    let room = room.into_iter().filter_map(|path| {
        let text = fs::read_to_string(&path).ok()?;
        if path.to_string_lossy().ends_with("tests.rs") { Some(text) } else { of_room(&text) }
    });
    runners.chain(room).any(|text| text.contains(&quoted))
}

#[test]
fn codes_have_the_severity_of_the_register() {
    let register = register();
    let mut faults = Vec::new();
    for (file, code) in declared() {
        match register.get(&code.name) {
            None => faults.push(format!("{}: {file}: not in docs/design/diagnostics.md", code.name)),
            Some(letters) if !letters.contains(code.severity) => {
                faults.push(format!(
                    "{}: `{}` in {file}, `{letters}` in the register",
                    code.name, code.severity
                ));
            }
            Some(letters) if letters.contains('↓') != code.lowerable => {
                faults.push(format!("{}: `lowerable` in {file} and `↓` in the register differ", code.name));
            }
            Some(letters) if letters.contains('‡') != code.guarded => {
                faults.push(format!("{}: class in {file} and `‡` in the register differ", code.name));
            }
            Some(_) => {}
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A line of a `codes!` list.
struct Code {
    name: String,
    /// `e`, `w` or `n`.
    severity: char,
    lowerable: bool,
    /// Class `Security` or `Data`.
    guarded: bool,
}

/// Returns all codes with the file that declares them.
fn declared() -> Vec<(String, Code)> {
    let mut codes = Vec::new();
    for path in rust_files(&Path::new(ROOT).join("src")) {
        let text = fs::read_to_string(&path).expect("Rust is text");
        let shown = path.strip_prefix(ROOT).unwrap_or(&path).display().to_string();
        if text.contains("codes! {") {
            codes.extend(text.lines().filter_map(code).map(|code| (shown.clone(), code)));
        }
    }
    codes
}

/// Reads `Variant = "name" Severity Class lowerable : "meaning"`.
fn code(line: &str) -> Option<Code> {
    let (variant, rest) = line.trim().split_once(" = \"")?;
    let (name, rest) = rest.split_once("\" ")?;
    let words: Vec<&str> =
        rest.split_once(": \"").map_or(rest, |(head, _)| head).split_whitespace().collect();
    let severity = match *words.first()? {
        "Error" => 'e',
        "Warning" => 'w',
        "Note" => 'n',
        _ => return None,
    };
    let plain = variant.chars().all(char::is_alphanumeric);
    let guarded = matches!(words.get(1), Some(&("Security" | "Data")));
    plain.then(|| Code {
        name: name.to_owned(),
        severity,
        lowerable: words.get(2) == Some(&"lowerable"),
        guarded,
    })
}

/// Returns the letters of each code in the register: `e`, `w`, `n`, with `‡` and `↓`.
fn register() -> BTreeMap<String, String> {
    let text =
        fs::read_to_string(Path::new(ROOT).join("docs/design/diagnostics.md")).expect("the register exists");
    let mut letters = BTreeMap::new();
    for line in text.lines() {
        if let Some(row) = line.strip_prefix("| `") {
            let cells: Vec<&str> = row.split(" | ").collect();
            // What a live command makes of it does not count here: `w (apply: e↓)`.
            let here = cells.get(1).map(|cell| cell.split("(apply").next().unwrap_or_default());
            let own =
                |part: &str| part.chars().take_while(|letter| "ewn/‡↓".contains(*letter)).collect::<String>();
            let all: String =
                here.into_iter().flat_map(|cell| cell.split([' ', '(', ')'])).map(own).collect();
            for code in format!("`{}", cells[0]).split('`').skip(1).step_by(2) {
                // `bad-value` has its letter within the cell of names.
                letters.insert(
                    code.to_owned(),
                    format!("{all}{}", if cells[0].contains("(w ") { "w" } else { "" }),
                );
            }
        } else {
            for (name, after) in pairs(line) {
                letters.insert(name, after);
            }
        }
    }
    letters
}

/// Returns `` `code` w‡ `` pairs of running text.
fn pairs(line: &str) -> Vec<(String, String)> {
    let pieces: Vec<&str> = line.split('`').collect();
    let pairs = pieces.iter().enumerate().skip(1).step_by(2).map(|(index, code)| {
        let after = pieces.get(index + 1).copied().unwrap_or_default().trim_start();
        // `(n K12)` behind the first letter adds another one.
        let letters: String = after
            .split_whitespace()
            .take(2)
            .filter_map(|word| word.trim_start_matches('(').split(',').next())
            .filter(|word| word.chars().all(|letter| "ewn/‡↓".contains(letter)))
            .collect();
        ((*code).to_owned(), letters)
    });
    pairs.filter(|(_, letters)| !letters.is_empty()).collect()
}

fn lines(path: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(ROOT).join(path)).expect("ledgers are in the repository");
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

fn names(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(Path::new(ROOT).join(directory)).expect("the repository can be listed");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("the repository can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
