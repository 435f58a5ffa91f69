//! `.rcompose-files`: which files of a directory are ours, and how they looked when we wrote them (C22).
//!
//! A record is read from a checkout that anybody may have changed: a path that could lead out of the directory makes
//! the whole record unreadable.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Name of the record in its directory.
pub(super) const NAME: &str = ".rcompose-files";

/// Stands for the hash of a file with secret data: the hash of a short password is as good as the password (S5).
const UNHASHED: &str = "-";

/// Our files by path, each with the hash of its bytes, `None` where it holds secret data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) files: BTreeMap<String, Option<String>>,
}

impl Record {
    /// Notes a file.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8], secret: bool) {
        self.files.insert(path.to_owned(), (!secret).then(|| hash(bytes)));
    }

    /// Reads a record; `None` if it is damaged.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let mut record = Self::default();
        for line in text.lines() {
            let (hash, path) = line.split_once("  ")?;
            let hash = if hash == UNHASHED { None } else { Some(legal_hash(hash)?) };
            if !is_inside(path) {
                return None;
            }
            record.files.insert(path.to_owned(), hash);
        }
        Some(record)
    }

    /// Prints the record: one line per file, sorted, so that lines merge in Git.
    pub(super) fn print(&self) -> String {
        self.files.iter().fold(String::new(), |mut text, (path, hash)| {
            let _ = writeln!(text, "{}  {path}", hash.as_deref().unwrap_or(UNHASHED));
            text
        })
    }

    /// Tells whether a file of ours looks as we wrote it. Of files with secret data nobody knows.
    pub(super) fn is_unchanged(&self, path: &str, bytes: &[u8]) -> bool {
        match self.files.get(path) {
            Some(Some(known)) => *known == hash(bytes),
            Some(None) => true,
            None => false,
        }
    }
}

/// Returns the hash of bytes, CRLF counted as LF: Git changes that on checkout.
fn hash(bytes: &[u8]) -> String {
    Sha256::digest(with_plain_breaks(bytes)).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Tells whether two contents differ in more than the kind of their line breaks.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    one == other || with_plain_breaks(one) == with_plain_breaks(other)
}

fn with_plain_breaks(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if !(*byte == b'\r' && bytes.get(at + 1) == Some(&b'\n')) {
            plain.push(*byte);
        }
    }
    plain
}

fn legal_hash(text: &str) -> Option<String> {
    (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_owned())
}

/// Tells whether a path stays below its directory on every system.
pub(super) fn is_inside(path: &str) -> bool {
    let legal =
        |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '\0']);
    !path.is_empty() && path.split('/').all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again_sorted() {
        let mut record = Record::default();
        record.add("b.yaml", b"x\n", false);
        record.add("a/secret", b"hunter2", true);
        let text = record.print();
        assert_eq!(text.lines().next(), Some("-  a/secret"));
        assert_eq!(Record::parse(text.as_bytes()), Some(record));
        assert_eq!(Record::parse(b""), Some(Record::default()));
    }

    #[test]
    fn line_breaks_of_windows_are_no_change() {
        let mut record = Record::default();
        record.add("a", b"1\n2\n", false);
        assert!(record.is_unchanged("a", b"1\r\n2\r\n"));
        assert!(!record.is_unchanged("a", b"1\n3\n"));
        assert!(!record.is_unchanged("b", b"1\n2\n"));
    }

    #[test]
    fn paths_that_lead_out_make_a_record_unreadable() {
        for path in ["../x", "/x", "a/../../x", "a//b", "C:x", "a\\..\\b", "."] {
            assert_eq!(Record::parse(format!("-  {path}\n").as_bytes()), None, "{path}");
        }
        assert_eq!(Record::parse(b"<<<<<<< HEAD\n"), None);
        assert_eq!(Record::parse(b"abc  x\n"), None);
    }
}
