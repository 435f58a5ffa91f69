//! The words of a variable's or flag's name, as N26 and N103 read them. Knows no list of words.

/// One word of a name, upper case, with its place in the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Upper case (ASCII).
    pub(super) text: String,
    /// First byte in the name.
    pub(super) start: usize,
    /// Byte behind the last.
    pub(super) end: usize,
}

/// Splits a name at `_`, `-`, `.` and where the case changes: `dbPassword`, `DB_PASSWORD` and `APIKey` have two words.
pub(super) fn split(name: &str) -> Vec<Word> {
    let bytes = name.as_bytes();
    let mut words = Vec::new();
    let mut start = None;
    for (index, byte) in bytes.iter().enumerate() {
        let separator = matches!(byte, b'_' | b'-' | b'.');
        if let Some(begin) = start
            && (separator || case_changes(bytes, index))
        {
            words.push(word(name, begin, index));
            start = None;
        }
        if !separator && start.is_none() {
            start = Some(index);
        }
    }
    if let Some(begin) = start {
        words.push(word(name, begin, bytes.len()));
    }
    words
}

/// Puts words together with `_`, so that every way to write a name gives one text.
pub(super) fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join("_")
}

fn word(name: &str, start: usize, end: usize) -> Word {
    Word { text: name[start..end].to_ascii_uppercase(), start, end }
}

/// `aB` begins a word at `B`; so does `ABc`, where an abbreviation ends. Only ASCII letters have a case here, and so
/// every cut is at a character.
fn case_changes(bytes: &[u8], index: usize) -> bool {
    let Some(before) = index.checked_sub(1).map(|before| bytes[before]) else { return false };
    let next_is_lower = bytes.get(index + 1).is_some_and(u8::is_ascii_lowercase);
    bytes[index].is_ascii_uppercase()
        && (before.is_ascii_lowercase() || (before.is_ascii_alphanumeric() && next_is_lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(name: &str) -> Vec<String> {
        split(name).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn names_are_split_at_separators_and_case_changes() {
        assert_eq!(texts("DB_PASSWORD"), ["DB", "PASSWORD"]);
        assert_eq!(texts("spring.datasource.password"), ["SPRING", "DATASOURCE", "PASSWORD"]);
        assert_eq!(texts("dbPassword"), ["DB", "PASSWORD"]);
        assert_eq!(texts("APIKey"), ["API", "KEY"]);
        assert_eq!(texts("ConnectionStrings__Default"), ["CONNECTION", "STRINGS", "DEFAULT"]);
        assert_eq!(texts("PGPASSWORD"), ["PGPASSWORD"]);
        assert_eq!(texts("__"), Vec::<String>::new());
        assert_eq!(texts("clé_Mère"), ["CLé", "MèRE"]);
    }

    #[test]
    fn words_know_their_place() {
        let words = split("x_dbHost");
        assert_eq!((words[2].start, words[2].end), (4, 8));
        assert_eq!(joined(&words), "X_DB_HOST");
    }
}
