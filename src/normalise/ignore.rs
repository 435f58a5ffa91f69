//! A `.gitignore` file: which paths of the project are not under version control, and so missing in a fresh checkout.
//!
//! Reads the project directory's own file only; what further files below, or the user's settings, say is not asked.

use super::glob;

/// The patterns of one file.
#[derive(Debug, Default)]
pub(super) struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    parts: Vec<String>,
    negated: bool,
    directories: bool,
}

impl Ignore {
    /// Reads the patterns of a text.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { patterns: text.lines().filter_map(pattern).collect() }
    }

    /// Tells whether a path, relative to the file's directory, is ignored; below an ignored directory everything is.
    pub(super) fn ignores(&self, path: &str, directory: bool) -> bool {
        let parts: Vec<&str> = path.split('/').filter(|part| *part != ".").collect();
        !self.patterns.is_empty()
            && (1..=parts.len()).any(|length| {
                let directory = directory || length < parts.len();
                let last = self.patterns.iter().rev().find(|pattern| {
                    (directory || !pattern.directories)
                        && glob::matches_path(&pattern.parts, &parts[..length])
                });
                last.is_some_and(|pattern| !pattern.negated)
            })
    }
}

fn pattern(line: &str) -> Option<Pattern> {
    let line = without_trailing_blanks(line);
    if line.starts_with('#') {
        return None;
    }
    let (line, negated) = line.strip_prefix('!').map_or((line, false), |rest| (rest, true));
    let (line, directories) = line.strip_suffix('/').map_or((line, false), |rest| (rest, true));
    if line.is_empty() {
        return None;
    }
    let anchored = line.contains('/');
    let line = line.strip_prefix('/').unwrap_or(line);
    let mut parts: Vec<String> = line.split('/').map(str::to_owned).collect();
    if !anchored {
        parts.insert(0, "**".to_owned());
    }
    Some(Pattern { parts, negated, directories })
}

/// Blanks at the end do not count unless the last one is escaped.
fn without_trailing_blanks(line: &str) -> &str {
    let trimmed = line.trim_end_matches([' ', '\t', '\r']);
    if trimmed.ends_with('\\') && trimmed.len() < line.len() { &line[..=trimmed.len()] } else { trimmed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, ignored: &[&str], kept: &[&str]) {
        let ignore = Ignore::parse(text);
        let ask = |path: &str| ignore.ignores(path.trim_end_matches('/'), path.ends_with('/'));
        for path in ignored {
            assert!(ask(path), "{path} by {text}");
        }
        for path in kept {
            assert!(!ask(path), "{path} by {text}");
        }
    }

    #[test]
    fn names_match_at_any_depth_and_paths_at_theirs() {
        check("data\n", &["data/", "data", "a/data/", "data/x/y"], &["database/"]);
        check("/data", &["data/"], &["a/data/"]);
        check("a/b", &["a/b"], &["x/a/b", "b"]);
        check("data/", &["data/", "data/x"], &["data"]);
    }

    #[test]
    fn later_patterns_win_but_not_below_an_ignored_directory() {
        check("*.log\n!keep.log", &["a.log"], &["keep.log"]);
        check("logs/\n!logs/keep", &["logs/keep"], &[]);
        check("data/*\n!data/.gitkeep", &["data/x"], &["data/", "data/.gitkeep"]);
    }

    #[test]
    fn wildcards_comments_and_escapes() {
        check("# data\n\\#x\n\\!y\nz\\ \n", &["#x", "!y", "z "], &["data"]);
        check("a/**/z\n**/q\nw/**", &["a/z", "a/b/c/z", "x/q", "w/x"], &["w/"]);
        check("[Dd]ata?  \n", &["data1", "Datax"], &["data"]);
        check("", &[], &["x"]);
    }
}
