//! A Dockerfile's text as instructions: directives, comments, continued lines and here-documents.

/// One instruction, its lines put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// Upper case.
    pub(super) keyword: String,
    /// What stands behind it, without line breaks of continued lines.
    pub(super) rest: String,
    /// The escape character of the file.
    pub(super) escape: char,
    /// First byte in the text.
    pub(super) start: usize,
    /// Byte behind the last one, here-documents left out.
    pub(super) end: usize,
}

/// Splits a text into its instructions.
pub(super) fn instructions(text: &str) -> Vec<Instruction> {
    let mut lines = Lines { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 } };
    let escape = directives(&mut lines);
    let mut found = Vec::new();
    while let Some((start, line)) = lines.next() {
        if line.trim().is_empty() || is_comment(line) {
            continue;
        }
        let instruction = gather(&mut lines, start, line, escape);
        skip_documents(&mut lines, &instruction);
        found.push(instruction);
    }
    found
}

struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a str);

    /// Returns the next line with its first byte, without its line break.
    fn next(&mut self) -> Option<(usize, &'a str)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let line = rest.split('\n').next().unwrap_or(rest);
        self.at += (line.len() + 1).min(rest.len());
        Some((start, line.strip_suffix('\r').unwrap_or(line)))
    }
}

/// Reads the parser directives, which end with the first line that is none.
fn directives(lines: &mut Lines) -> char {
    let mut escape = '\\';
    loop {
        let before = lines.at;
        let directive =
            lines.next().and_then(|(_, line)| line.trim_start().strip_prefix('#')?.split_once('='));
        let Some((name, value)) = directive else {
            lines.at = before;
            return escape;
        };
        match (name.trim().to_ascii_lowercase().as_str(), value.trim()) {
            ("escape", "`") => escape = '`',
            ("escape" | "syntax" | "check", _) => {}
            _ => {
                lines.at = before;
                return escape;
            }
        }
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Puts an instruction together from its first line and those it goes on in. Comments and empty lines in between do not
/// end it.
fn gather(lines: &mut Lines, start: usize, first: &str, escape: char) -> Instruction {
    let mut logical = String::new();
    let (mut line_start, mut line, mut end) = (start, first, start);
    loop {
        let skipped = !logical.is_empty() && (line.trim().is_empty() || is_comment(line));
        let mut goes_on = skipped;
        if !skipped {
            let trimmed = line.trim_end();
            goes_on = trimmed.ends_with(escape);
            logical.push_str(if goes_on { &trimmed[..trimmed.len() - escape.len_utf8()] } else { trimmed });
            end = line_start + trimmed.len();
        }
        match goes_on.then(|| lines.next()).flatten() {
            Some(next) => (line_start, line) = next,
            None => break,
        }
    }
    let lead = first.len() - first.trim_start().len();
    let logical = logical.trim();
    let (keyword, rest) = logical.split_once(char::is_whitespace).unwrap_or((logical, ""));
    Instruction {
        keyword: keyword.to_ascii_uppercase(),
        rest: rest.trim().to_owned(),
        escape,
        start: start + lead,
        end,
    }
}

/// Skips the here-documents that `RUN`, `COPY` and `ADD` announce.
fn skip_documents(lines: &mut Lines, instruction: &Instruction) {
    let text = match instruction.keyword.as_str() {
        "RUN" | "COPY" | "ADD" => instruction.rest.as_str(),
        "ONBUILD" => match instruction.rest.split_once(char::is_whitespace) {
            Some((inner, rest)) if is_document_keyword(inner) => rest,
            _ => return,
        },
        _ => return,
    };
    for (name, tabs) in text.split_whitespace().filter_map(document) {
        for (_, line) in lines.by_ref() {
            let line = if tabs { line.trim_start_matches('\t') } else { line };
            if line == name {
                break;
            }
        }
    }
}

fn is_document_keyword(word: &str) -> bool {
    ["RUN", "COPY", "ADD"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

/// `<<EOF`, `<<-"EOF"`, `3<<EOF`: the name that ends the here-document, and whether tabs before it count.
pub(super) fn document(word: &str) -> Option<(&str, bool)> {
    let rest = word.trim_start_matches(|character: char| character.is_ascii_digit()).strip_prefix("<<")?;
    let (rest, tabs) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
    let name = rest.trim_matches(['"', '\'']);
    (!name.is_empty() && !name.contains('<')).then_some((name, tabs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let found = instructions(text);
        let found: Vec<_> = found.iter().map(|found| (found.keyword.as_str(), found.rest.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn continued_lines_comments_and_empty_lines_make_one_instruction() {
        check(
            "from a\nRun x \\\n  # comment\n\n  y\\\nz\n# USER q\nUSER u",
            &[("FROM", "a"), ("RUN", "x   yz"), ("USER", "u")],
        );
        check("USER a\\", &[("USER", "a")]);
        check("\u{feff}FROM a\r\nUSER \\\r\n b\r\n", &[("FROM", "a"), ("USER", "b")]);
    }

    #[test]
    fn directives_count_only_at_the_top() {
        check("# syntax=x\n# escape=`\nUSER a`\nb\\\n", &[("USER", "ab\\")]);
        check("\n# escape=`\nUSER a`\nCMD b", &[("USER", "a`"), ("CMD", "b")]);
        check("# a comment\n# escape=`\nUSER a`\nCMD b", &[("USER", "a`"), ("CMD", "b")]);
    }

    #[test]
    fn here_documents_are_no_instructions() {
        check(
            "RUN <<EOF cat <<-'B' > x\nUSER a\nEOF\n\tUSER b\n\tB\nUSER c",
            &[("RUN", "<<EOF cat <<-'B' > x"), ("USER", "c")],
        );
        check("CMD cat <<EOF\nUSER c", &[("CMD", "cat <<EOF"), ("USER", "c")]);
        check("ONBUILD COPY <<E /x\nUSER a\nE\nUSER b", &[("ONBUILD", "COPY <<E /x"), ("USER", "b")]);
    }

    #[test]
    fn instructions_know_their_place() {
        let text = "FROM a\n  USER \\\n b \nCMD c";
        let found = instructions(text);
        assert_eq!(&text[found[1].start..found[1].end], "USER \\\n b");
        assert_eq!(&text[found[2].start..found[2].end], "CMD c");
    }
}
