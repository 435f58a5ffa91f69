//! One line of source, made fit to be shown: cut around the span, secrets hidden, nothing that steers a terminal (C43).

use std::ops::Range;

use crate::diag::Mask;

/// Longest part of a line that is looked at, in bytes: files of one line exist.
const WINDOW: usize = 4 * 1024;

/// A shown line and where the span lies in it, in bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

/// One character of the line, as it is shown.
struct Shown {
    text: String,
    /// It belongs to the span.
    inside: bool,
}

/// Shows the part of `line` around `span` (bytes), at most `width` characters of it.
pub(super) fn excerpt(line: &str, span: Range<usize>, width: usize, mask: &Mask) -> Excerpt {
    let (line, span) = window(line, span);
    let letters = shown_letters(line, &span, mask);
    let first = letters.iter().position(|letter| letter.inside).unwrap_or(letters.len());
    let (begin, end) = frame(letters.len(), first, width);
    let mut text = String::from(if begin > 0 { "…" } else { "" });
    let mut marked: Option<Range<usize>> = None;
    for letter in &letters[begin..end] {
        let start = text.len();
        text.push_str(&letter.text);
        if letter.inside {
            marked = Some(marked.map_or(start, |range| range.start)..text.len());
        }
    }
    let span = marked.unwrap_or(text.len()..text.len());
    if end < letters.len() {
        text.push('…');
    }
    Excerpt { text, span }
}

/// Replaces what must not reach a terminal: controls and marks that change the direction of text.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter == '\t' { " ".to_owned() } else { escaped(letter) }).collect()
}

fn escaped(letter: char) -> String {
    let steers = matches!(letter,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    if steers || letter.is_control() { format!("\\u{{{:x}}}", u32::from(letter)) } else { letter.to_string() }
}

/// Cuts a line of monstrous length down around the span, at character borders.
fn window(line: &str, span: Range<usize>) -> (&str, Range<usize>) {
    let start = border(line, span.start.min(line.len()));
    let end = border(line, span.end.clamp(start, line.len()));
    if line.len() <= WINDOW {
        return (line, start..end);
    }
    let begin = border(line, start.saturating_sub(WINDOW / 2));
    let stop = border(line, (begin + WINDOW).min(line.len()));
    (&line[begin..stop], start - begin..end.min(stop) - begin)
}

/// Returns the character border at or before a byte.
fn border(line: &str, mut at: usize) -> usize {
    while !line.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Turns a line into what is shown of each of its characters; a hidden value is one of them.
fn shown_letters(line: &str, span: &Range<usize>, mask: &Mask) -> Vec<Shown> {
    let hidden = mask.line(line);
    let mut letters = Vec::new();
    let mut next = 0;
    for (at, letter) in line.char_indices() {
        while hidden.get(next).is_some_and(|range| range.end <= at) {
            next += 1;
        }
        let inside = span.contains(&at);
        match hidden.get(next) {
            Some(range) if range.start == at => {
                let touched = span.start < range.end && range.start < span.end;
                let letters_of_mark = crate::diag::mask::HIDDEN.chars();
                letters.extend(letters_of_mark.map(|mark| Shown { text: mark.into(), inside: touched }));
            }
            Some(range) if range.contains(&at) => {}
            _ => letters.push(Shown { text: printable(&letter.to_string()), inside }),
        }
    }
    letters
}

/// Chooses the characters to show: all, else a third of the width before the span.
fn frame(length: usize, first: usize, width: usize) -> (usize, usize) {
    let width = width.max(20);
    if length <= width {
        return (0, length);
    }
    let begin = if first < width * 2 / 3 { 0 } else { first - width / 3 };
    (begin.min(length - width.min(length)), (begin + width).min(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, span: Range<usize>, width: usize, expected: &str, marked: &str) {
        let found = excerpt(line, span, width, &Mask::default());
        assert_eq!(found.text, expected);
        assert_eq!(&found.text[found.span.clone()], marked);
    }

    #[test]
    fn a_line_that_fits_is_shown_whole_with_tabs_as_one_blank() {
        check("\tkey:\tvalue", 1..4, 80, " key: value", "key");
        check("äöü: x", 0..6, 80, "äöü: x", "äöü");
    }

    #[test]
    fn long_lines_are_cut_around_the_span() {
        let line = format!("{}HERE{}", "a".repeat(100), "b".repeat(100));
        check(&line, 100..104, 30, "…aaaaaaaaaaHEREbbbbbbbbbbbbbbbb…", "HERE");
        check(&line, 0..1, 20, "aaaaaaaaaaaaaaaaaaaa…", "a");
    }

    #[test]
    fn what_steers_a_terminal_is_spelled_out() {
        check("a\u{1b}[31m\u{202e}b", 1..2, 80, "a\\u{1b}[31m\\u{202e}b", "\\u{1b}");
    }

    #[test]
    fn secrets_are_hidden_and_still_underlined() {
        check("  - DB_PASSWORD=hunter2", 4..23, 80, "  - DB_PASSWORD=‹hidden›", "DB_PASSWORD=‹hidden›");
        check("  - DB_PASSWORD=hunter2", 18..20, 80, "  - DB_PASSWORD=‹hidden›", "‹hidden›");
    }

    #[test]
    fn odd_spans_do_no_harm() {
        check("äb", 1..2, 80, "äb", "ä");
        check("ab", 7..9, 80, "ab", "");
        check("", 0..0, 80, "", "");
        let huge = "ä".repeat(100_000);
        let found = excerpt(&huge, 99_999..100_003, 40, &Mask::default());
        assert_eq!(found.text.chars().count(), 42);
    }
}
