//! The known name that somebody may have meant: commands, flags, codes, keys, services, volumes (C44).
//!
//! Suggests only; nobody may act on the answer by itself.

/// Returns the known name nearest to `word` by Damerau-Levenshtein distance, within a third of its length (at least 1).
///
/// The word itself is no suggestion, and two names at the same distance are none.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = word.chars().collect();
    let limit = (typed.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for name in known {
        let Some(found) = distance(&typed, name, limit).filter(|found| *found > 0) else { continue };
        match best {
            Some((least, _)) if found > least => {}
            Some((least, other)) if found == least => tied |= other != name,
            _ => {
                best = Some((found, name));
                tied = false;
            }
        }
    }
    best.filter(|_| !tied).map(|(_, name)| name)
}

/// Counts insertions, deletions, replacements and swaps of neighbours; `None` above `limit`.
fn distance(typed: &[char], name: &str, limit: usize) -> Option<usize> {
    let name: Vec<char> = name.chars().collect();
    if typed.len().abs_diff(name.len()) > limit || typed.len() > 256 {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=name.len()).collect();
    for (row, left) in typed.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, right) in name.iter().enumerate() {
            let replaced = last[column] + usize::from(left != right);
            let mut cost = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let swapped = row > 0 && column > 0 && *left == name[column - 1] && typed[row - 1] == *right;
            if swapped {
                cost = cost.min(before_last[column - 1] + 1);
            }
            current.push(cost);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().filter(|found| *found <= limit)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn one_slip_is_forgiven_in_short_words_and_a_third_in_long_ones() {
        assert_eq!(nearest("replica", ["replicas", "resources"]), Some("replicas"));
        assert_eq!(nearest("prots", ["ports", "image"]), Some("ports"));
        assert_eq!(nearest("ab", ["xy"]), None);
        assert_eq!(nearest("heathchekc", ["healthcheck"]), Some("healthcheck"));
    }

    #[test]
    fn ties_and_the_word_itself_are_no_suggestion() {
        assert_eq!(nearest("wab", ["web", "wob"]), None);
        assert_eq!(nearest("web", ["web"]), None);
        assert_eq!(nearest("wab", ["web", "web"]), Some("web"));
    }

    #[test]
    fn nothing_known_gives_nothing() {
        assert_eq!(nearest("", ["a", "b"]), None);
        assert_eq!(nearest("x", []), None);
    }
}
