//! The fence between the rooms, where clippy cannot hold it: who may name whom, and what stands nowhere.
//!
//! Reads source text. It knows paths (`crate::room`, `super::…`, names of crates), not types.

#![expect(clippy::disallowed_methods, reason = "reads the repository itself; `host` is for the program")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Which rooms a room may name. What is absent here is a wall; each new line needs a reason in ARCHITECTURE.md.
const ROOMS: &[(&str, &[&str])] = &[
    ("diag", &[]),
    ("host", &[]),
    ("yaml", &["diag"]),
    ("model", &["diag"]),
    ("compose", &["diag", "host", "yaml"]),
    ("normalise", &["compose", "diag", "host", "model", "yaml"]),
    ("backend", &["diag", "model", "yaml"]),
    ("emit", &["backend", "diag", "host", "yaml"]),
    ("account", &["backend", "compose", "diag", "yaml"]),
    ("cluster", &["backend", "diag", "host"]),
    (
        "cli",
        &["account", "backend", "cluster", "compose", "diag", "emit", "host", "model", "normalise", "yaml"],
    ),
];

/// Holes in the walls, each with what it is for; to be closed, never widened. A hole that nobody uses fails the test.
const HOLES: &[(&str, &str)] = &[
    ("compose/load.rs", "model"), // `NameSource`: where the project's name comes from
    ("compose/project.rs", "model"), // the same
];

/// Which places may name a crate; a place is a room, or one file. Crates that are not listed may be named anywhere.
const CRATES: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["diag/render/human.rs"]),
    ("anstream", &["cli", "diag"]),
    ("anstyle", &["cli", "diag"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("futures", &["cluster"]),
    ("granit_parser", &["yaml"]),
    ("http", &["cluster"]),
    ("k8s_openapi", &["backend/kubernetes", "cluster"]),
    ("kube", &["cluster"]),
    ("minijinja", &["backend"]),
    ("rustix", &["host"]),
    ("serde", &["backend", "cli", "cluster", "compose", "diag", "emit"]),
    ("serde_json", &["account", "backend", "cli", "cluster", "compose", "diag", "emit", "normalise", "yaml"]),
    ("similar", &["cli", "cluster", "emit"]),
    ("tokio", &["cluster"]),
    ("tracing_subscriber", &["cli"]),
];

/// Crates that change hands easily when only one file knows them.
const ONE_FILE: &[&str] = &["annotate_snippets", "granit_parser"];

#[test]
fn rooms_name_only_the_rooms_below_them() {
    let mut breaches = Vec::new();
    let mut holes: BTreeSet<_> = HOLES.iter().collect();
    for file in sources() {
        let Some(room) = file.room() else { continue };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            breaches.push(format!("{}: room `{room}` is not in the table", file.path));
            continue;
        };
        for (line, named) in file.rooms_named() {
            let is_room = ROOMS.iter().any(|(name, _)| *name == named);
            let is_hole = HOLES.contains(&(file.path.as_str(), named.as_str()));
            holes.retain(|hole| **hole != (file.path.as_str(), named.as_str()));
            if named != room && is_room && !is_hole && !allowed.contains(&named.as_str()) {
                breaches.push(format!("{}:{line}: `{room}` names `{named}`", file.path));
            }
        }
    }
    assert!(holes.is_empty(), "holes that nobody uses any more: {holes:?}");
    assert!(breaches.is_empty(), "through a wall:\n{}", breaches.join("\n"));
}

/// Parts of live apply that are pure, and the parts around them that they must not know (A112).
const PURE: &[&str] = &["diff", "fields", "plan"];
const AROUND: &[&str] = &[
    "access", "client", "execute", "link", "look", "read", "remove", "role", "round", "run", "state",
    "status",
];

#[test]
fn the_plan_of_live_apply_knows_no_client() {
    let mut breaches = Vec::new();
    let is_pure = |file: &Source| PURE.iter().any(|part| file.path.starts_with(&format!("cluster/{part}/")));
    for file in sources().into_iter().filter(is_pure) {
        for (line, named) in file.paths("crate::cluster::") {
            if AROUND.contains(&named.as_str()) {
                breaches.push(format!("{}:{line}: names `{named}`", file.path));
            }
        }
    }
    assert!(breaches.is_empty(), "through a wall:\n{}", breaches.join("\n"));
}

#[test]
fn targets_do_not_know_each_other() {
    let targets = ["helm", "kubernetes", "kustomize", "swarm"];
    let mut breaches = Vec::new();
    for file in sources() {
        for own in targets.iter().filter(|target| file.path.starts_with(&format!("backend/{target}/"))) {
            for (line, path) in file.paths("crate::backend::") {
                if targets.iter().any(|target| target != own && path == *target) {
                    breaches.push(format!("{}:{line}: `{own}` names `{path}`", file.path));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "through a wall:\n{}", breaches.join("\n"));
}

#[test]
fn crates_stay_in_their_rooms() {
    let mut breaches = Vec::new();
    for file in sources() {
        for (name, places) in CRATES {
            let inside =
                places.iter().any(|place| file.path == *place || file.path.starts_with(&format!("{place}/")));
            if !inside && let Some(line) = file.names_crate(name) {
                breaches.push(format!("{}:{line}: names `{name}`, which belongs to {places:?}", file.path));
            }
        }
    }
    assert!(breaches.is_empty(), "crates out of their room:\n{}", breaches.join("\n"));
}

#[test]
fn some_crates_are_named_in_one_file() {
    for name in ONE_FILE {
        let files: Vec<_> = sources()
            .into_iter()
            .filter(|file| file.names_crate(name).is_some())
            .map(|file| file.path)
            .collect();
        assert!(files.len() <= 1, "`{name}` is named in several files: {files:?}");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| format!("src/{}", file.path))
        .chain(
            rust_files("tests")
                .into_iter()
                .filter(|(_, text)| !text.starts_with("//! "))
                .map(|(path, _)| path),
        )
        .collect();
    assert!(silent.is_empty(), "files that do not begin with `//! `: {silent:?}");
}

#[test]
fn files_carry_the_name_of_what_is_in_them() {
    let vague = ["common", "helper", "helpers", "manager", "misc", "util", "utils"];
    let found: Vec<_> = rust_files("src")
        .into_iter()
        .chain(rust_files("tests"))
        .map(|(path, _)| path)
        .filter(|path| {
            Path::new(path).with_extension("").iter().any(|part| vague.iter().any(|name| part == *name))
        })
        .collect();
    assert!(found.is_empty(), "names that say nothing: {found:?}");
}

#[test]
fn output_does_not_hang_on_the_order_of_a_hash() {
    let found: Vec<_> = sources()
        .iter()
        .flat_map(|file| {
            file.code()
                .filter(|(_, line)| line.contains("HashMap") || line.contains("HashSet"))
                .map(|(number, _)| format!("{}:{number}", file.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "BTreeMap or Vec instead: {found:?}");
}

#[test]
fn structs_are_taken_apart_in_full() {
    let mut breaches = Vec::new();
    for file in sources() {
        if matches!(file.room(), Some("backend" | "normalise")) {
            breaches.extend(file.rest_patterns().into_iter().map(|line| format!("{}:{line}", file.path)));
        }
    }
    assert!(breaches.is_empty(), "`..` hides a new field from whoever must decide:\n{}", breaches.join("\n"));
}

#[test]
fn the_checks_see_what_they_look_for() {
    let file = Source::new(
        "backend/kubernetes/x.rs",
        "//! X.\nuse crate::{diag::Span, model::{self, Port}};\nuse super::super::swarm::Y;\n// crate::cli\nlet Port { a, .. } = p;\n\
         if let Port::A { .. } = p {}\nlet Port::B { a, .. } = p else { return };\nlet q = matches!(p, Port { .. }) || f(Port { a, ..p });\nlet Self(\n    Port { b, .. },\n) = p;\nkube::run(); self::http::x(); \"tokio::x\";\nfn f(Port { a, .. }: &Port) {}\n",
    );
    let named: BTreeSet<String> = file.rooms_named().into_iter().map(|(_, room)| room).collect();
    assert_eq!(named, BTreeSet::from(["diag".to_owned(), "model".to_owned()]));
    assert_eq!(file.names_crate("kube"), Some(12));
    assert_eq!(file.names_crate("http"), None);
    assert_eq!(file.names_crate("tokio"), None);
    assert_eq!(file.rest_patterns(), [5, 10, 13]);
    let nested = Source::new(
        "compose/load.rs",
        "use super::super::cli::X;\nmod tests {\n    use super::super::yaml;\n}\n",
    );
    assert_eq!(nested.rooms_named(), [(1, "cli".to_owned())]);
}

/// One file below `src`.
struct Source {
    /// Path below `src`, with `/`.
    path: String,
    text: String,
    /// The text with comments and string literals blanked out, lines kept.
    bare: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), bare: blank_comments_and_strings(text) }
    }

    /// Returns the directory below `src`; `None` for `main.rs` and `lib.rs`.
    fn room(&self) -> Option<&str> {
        self.path.split_once('/').map(|(room, _)| room)
    }

    /// Returns the lines of code with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.bare.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Returns the rooms that paths from the root of the crate name, `super::` resolved.
    fn rooms_named(&self) -> Vec<(usize, String)> {
        let mut named = self.paths("crate::");
        for (number, line) in self.code() {
            // A module inside the file (`mod tests`) is one step deeper.
            let depth = self.depth() + usize::from(line.starts_with(' '));
            let chain = "super::".repeat(depth);
            if let Some((before, after)) = line.split_once(&chain)
                && !before.ends_with("super::")
                && !after.starts_with("super::")
            {
                named.push((number, leading_identifier(after)));
            }
        }
        named
    }

    /// Returns how many modules the file is below the root of the crate.
    fn depth(&self) -> usize {
        let path = Path::new(&self.path).with_extension("");
        path.iter().filter(|part| *part != "mod").count()
    }

    /// Returns the first names after each `prefix`, groups in braces opened.
    fn paths(&self, prefix: &str) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (at, _) in self.bare.match_indices(prefix) {
            if self.bare[..at].ends_with(is_identifier) {
                continue;
            }
            let number = self.bare[..at].matches('\n').count() + 1;
            let rest = &self.bare[at + prefix.len()..];
            if rest.starts_with('{') {
                found.extend(group_members(rest).into_iter().map(|name| (number, name)));
            } else {
                found.push((number, leading_identifier(rest)));
            }
        }
        found
    }

    /// Returns the first line with a path that begins with this crate.
    fn names_crate(&self, name: &str) -> Option<usize> {
        self.code().find_map(|(number, line)| {
            let named = line.match_indices(name).any(|(at, _)| {
                let before = &line[..at];
                let begins =
                    !before.ends_with(|letter| is_identifier(letter) || letter == ':' || letter == '.');
                let after = &line[at + name.len()..];
                begins
                    && (after.starts_with("::")
                        || before.trim_end().ends_with("use") && after.starts_with([';', ' ']))
            });
            named.then_some(number)
        })
    }

    /// Returns the lines where a `let` or a parameter takes a struct apart with `..`.
    fn rest_patterns(&self) -> Vec<usize> {
        let mut lines = Vec::new();
        for (at, _) in self.bare.match_indices("..") {
            let after = self.bare[at + 2..].trim_start();
            let Some(after) = after.strip_prefix('}') else { continue };
            let Some(open) = opening_brace(&self.bare[..at]) else { continue };
            let head = self.bare[..open].trim_end();
            let path = head
                .rsplit(|letter: char| !(is_identifier(letter) || letter == ':'))
                .next()
                .unwrap_or_default();
            let before = &head[..head.len() - path.len()];
            let statement = before.rsplit([';', '{', '}']).next().unwrap_or_default().trim_start();
            // With `else` it asks for one variant of an enum, and takes no struct apart.
            let refutable = after.split(';').next().is_some_and(|rest| rest.contains(" else {"));
            let in_let = statement.starts_with("let ") && !statement.contains('=') && !refutable;
            let in_parameter = after.trim_start().starts_with(':') && !after.trim_start().starts_with("::");
            if !path.is_empty() && (in_let || in_parameter) {
                lines.push(self.bare[..at].matches('\n').count() + 1);
            }
        }
        lines
    }
}

fn sources() -> Vec<Source> {
    rust_files("src")
        .into_iter()
        .map(|(path, text)| Source::new(path.trim_start_matches("src/"), &text))
        .collect()
}

/// Returns all Rust files below a directory of the repository, with `/` in their paths.
fn rust_files(directory: &str) -> Vec<(String, String)> {
    let mut open = vec![PathBuf::from(ROOT).join(directory)];
    let mut files = Vec::new();
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("the repository can be listed") {
            let path = entry.expect("the repository can be listed").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let shown =
                    path.strip_prefix(ROOT).expect("below the root").display().to_string().replace('\\', "/");
                files.push((shown, fs::read_to_string(&path).expect("Rust is text")));
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "no Rust below `{directory}`");
    files
}

/// Puts blanks in the place of comments and literals, so that only code is left; line breaks stay.
fn blank_comments_and_strings(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut bare = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let rest = &letters[at..];
        let length = match rest {
            ['/', '/', ..] => rest.iter().position(|letter| *letter == '\n').unwrap_or(rest.len()),
            ['r', '#' | '"', ..] if !bare.ends_with(is_identifier) => raw_string_length(rest).unwrap_or(0),
            ['"', ..] => string_length(rest),
            ['\'', '\\', _, ..] => 3 + rest[3..].iter().position(|letter| *letter == '\'').unwrap_or(0) + 1,
            ['\'', _, '\'', ..] => 3,
            _ => 0,
        };
        if length == 0 {
            bare.push(letters[at]);
            at += 1;
        } else {
            bare.extend(rest[..length].iter().map(|letter| if *letter == '\n' { '\n' } else { ' ' }));
            at += length;
        }
    }
    bare
}

/// Returns the length of `"…"`, escapes known.
fn string_length(letters: &[char]) -> usize {
    let mut at = 1;
    while at < letters.len() && letters[at] != '"' {
        at += if letters[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(letters.len())
}

/// Returns the length of `r"…"`, `r#"…"#`; `None` for a raw identifier.
fn raw_string_length(letters: &[char]) -> Option<usize> {
    let hashes = letters[1..].iter().take_while(|letter| **letter == '#').count();
    if letters.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = 2 + hashes;
    let length = letters[body..].windows(end.len()).position(|window| window == end)?;
    Some(body + length + end.len())
}

fn is_identifier(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn leading_identifier(text: &str) -> String {
    text.chars().take_while(|letter| is_identifier(*letter)).collect()
}

/// Returns the first names of the members of `{a::b, c::{d}}`.
fn group_members(text: &str) -> Vec<String> {
    let mut members = Vec::new();
    let mut depth = 0;
    let mut expects = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(letter, '{' | ',') {
            expects = true;
        } else if expects && is_identifier(letter) {
            members.push(leading_identifier(&text[at..]));
            expects = false;
        }
    }
    members
}

/// Returns the place of the `{` that is still open at the end of the text.
fn opening_brace(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in text.char_indices().rev() {
        match letter {
            '}' => depth += 1,
            '{' if depth == 0 => return Some(at),
            '{' => depth -= 1,
            _ => {}
        }
    }
    None
}
