//! The rule book and the program hold each other: an id that is cited is stated, a code that a rule names is registered.
//!
//! Reads text only; what a rule means is proven by the tests that cite it.

#![expect(clippy::disallowed_methods, reason = "reads the repository itself; `host` is for the program")]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn cited_rules_are_stated() {
    let stated = stated_rules();
    assert!(stated.len() > 400, "the rule book was not read: {} rules", stated.len());
    let mut unknown = Vec::new();
    for (place, id) in citations() {
        if !stated.contains(&id) {
            unknown.push(format!("{place}: {id}"));
        }
    }
    assert!(unknown.is_empty(), "cited, but stated nowhere in docs/design:\n{}", unknown.join("\n"));
}

#[test]
fn rules_cite_only_stated_rules() {
    let stated = stated_rules();
    let mut unknown = BTreeSet::new();
    for (name, text) in rule_files() {
        // The end of a range of numbers need not be a rule of its own.
        for id in words(&text).filter(|word| is_rule_id(word)) {
            if !stated.contains(id) && !text.contains(&format!("–{id}")) && !name.ends_with("README.md") {
                unknown.insert(format!("{name}: {id}"));
            }
        }
    }
    assert!(unknown.is_empty(), "cited by a rule, but stated nowhere: {unknown:?}");
}

#[test]
fn codes_named_by_rules_are_registered() {
    let register = registered_codes();
    assert!(register.len() > 200, "the register was not read: {} codes", register.len());
    let mut unknown = Vec::new();
    let mut named = 0;
    for (name, text) in rule_files() {
        for code in named_codes(&text) {
            named += 1;
            if !register.contains(&code) {
                unknown.push(format!("{name}: {code}"));
            }
        }
    }
    assert!(named > 300, "too few codes were found in the rule files: {named}");
    assert!(
        unknown.is_empty(),
        "named by a rule, but not in docs/design/diagnostics.md:\n{}",
        unknown.join("\n")
    );
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut broken = Vec::new();
    let mut pages: Vec<PathBuf> =
        files_below("docs").into_iter().filter(|path| has_extension(path, "md")).collect();
    pages.extend(
        [
            "README.md",
            "ARCHITECTURE.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
            "benches/README.md",
            "fixtures/README.md",
        ]
        .iter()
        .map(|name| Path::new(ROOT).join(name)),
    );
    for page in pages {
        let text = fs::read_to_string(&page).unwrap_or_default();
        for target in link_targets(&text) {
            if !page.parent().expect("a file has a directory").join(&target).exists() {
                broken.push(format!("{}: {target}", shown(&page)));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

/// Returns the ids that the rule book states: bold at the head of a paragraph, or in the first cell of a row.
fn stated_rules() -> BTreeSet<String> {
    let mut stated = BTreeSet::new();
    for (_, text) in rule_files() {
        for line in text.lines() {
            for start in line.match_indices("**").map(|(at, _)| &line[at + 2..]) {
                stated.extend(leading_id(start));
            }
            if let Some(cell) = line.strip_prefix("| ") {
                stated.extend(leading_id(cell));
            }
        }
    }
    stated
}

fn leading_id(text: &str) -> Option<String> {
    let first = words(text).next()?;
    (text.starts_with(first) && is_rule_id(first)).then(|| first.to_owned())
}

/// Returns place and id of each citation: comments of Rust and YAML files, and string literals that are nothing but an id.
fn citations() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for directory in ["src", "tests", "fixtures", "benches"] {
        for path in files_below(directory) {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let rust = has_extension(&path, "rs");
            for (number, line) in text.lines().enumerate() {
                let place = || format!("{}:{}", shown(&path), number + 1);
                let comment = if rust {
                    line.split_once("//").map(|(_, comment)| comment)
                } else {
                    line.trim_start().strip_prefix('#')
                };
                for id in comment.into_iter().flat_map(words).filter(|word| is_rule_id(word)) {
                    found.push((place(), id.to_owned()));
                }
                if rust {
                    for id in line.split('"').skip(1).step_by(2).filter(|text| is_rule_id(text)) {
                        found.push((place(), id.to_owned()));
                    }
                }
            }
        }
    }
    found
}

/// Tells whether a word is an id: a letter of a rule file and a number.
fn is_rule_id(word: &str) -> bool {
    let digits = word.strip_prefix("ST").unwrap_or_else(|| {
        word.strip_prefix(['D', 'L', 'K', 'N', 'S', 'A', 'C', 'T', 'G']).unwrap_or_default()
    });
    (1..=3).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

/// Splits into words; what is part of a longer name (`X-K1`, `a.K1`) is none.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_alphanumeric() || "_-.+$".contains(letter)))
        .map(|word| word.trim_matches(['.', '-']))
}

/// Returns the codes of the register: each kebab-case word in backticks there.
fn registered_codes() -> BTreeSet<String> {
    let text =
        fs::read_to_string(Path::new(ROOT).join("docs/design/diagnostics.md")).expect("the register exists");
    text.split('`').skip(1).step_by(2).filter(|code| is_kebab(code)).map(str::to_owned).collect()
}

/// Returns codes that a rule names with their severity, as `` `code (w)` ``, `` `code` w K1 `` or `E:code`.
fn named_codes(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let pieces: Vec<&str> = text.split('`').collect();
    for (index, piece) in pieces.iter().enumerate().skip(1).step_by(2) {
        if let Some((code, severity)) = piece.split_once(" (")
            && is_kebab(code)
            && severity.strip_suffix(')').is_some_and(is_severity)
        {
            named.insert(code.to_owned());
        }
        let after = pieces.get(index + 1).copied().unwrap_or_default();
        let mut following = after.trim_start().split(' ');
        if after.starts_with(' ')
            && is_kebab(piece)
            && following.next().is_some_and(is_severity)
            && following.next().is_some_and(|word| is_rule_id(word.trim_end_matches([',', '.'])))
        {
            named.insert((*piece).to_owned());
        }
    }
    for (at, _) in text.match_indices("E:") {
        if text[..at].ends_with(|letter: char| letter.is_ascii_alphanumeric()) {
            continue;
        }
        let code: String = text[at + 2..]
            .chars()
            .take_while(|letter| letter.is_ascii_lowercase() || *letter == '-')
            .collect();
        if is_kebab(&code) {
            named.insert(code);
        }
    }
    named.remove("code"); // the placeholder of the legends
    named
}

fn is_kebab(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && !word.ends_with('-')
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_severity(word: &str) -> bool {
    word.starts_with(['e', 'w', 'n']) && word.chars().all(|letter| "ewn/‡↓".contains(letter))
}

/// Returns relative targets of Markdown links, fragments cut.
fn link_targets(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for (at, _) in text.match_indices("](") {
        let target: String = text[at + 2..].chars().take_while(|letter| !") \n".contains(*letter)).collect();
        let path = target.split('#').next().unwrap_or_default();
        let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
        if plain && !path.is_empty() && !target.contains("://") {
            targets.push(path.to_owned());
        }
    }
    targets
}

fn rule_files() -> BTreeMap<String, String> {
    files_below("docs/design")
        .into_iter()
        .filter(|path| has_extension(path, "md"))
        .map(|path| (shown(&path), fs::read_to_string(&path).expect("a rule file is text")))
        .collect()
}

fn files_below(directory: &str) -> Vec<PathBuf> {
    let mut open = vec![Path::new(ROOT).join(directory)];
    let mut files = Vec::new();
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten() {
            let path = entry.expect("the repository can be listed").path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

fn shown(path: &Path) -> String {
    path.strip_prefix(ROOT).unwrap_or(path).display().to_string()
}
