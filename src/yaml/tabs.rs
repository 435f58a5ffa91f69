//! Tabs that yaml.v3 does not take for blanks: in block style, those before the first thing on a line and those
//! behind `-`, `?` and a `:` that begins a line (L12).

/// Returns the offset of the first such tab in what stands between two things written: blanks, comments, indicators.
///
/// `at_line_start` tells that nothing stands before the gap on its line, `allowed_from` the column from which blanks
/// still belong to a plain scalar before it.
pub(super) fn find_bad_tab(gap: &str, at_line_start: bool, allowed_from: Option<usize>) -> Option<usize> {
    if !gap.contains('\t') {
        return None;
    }
    let mut allowed_from = allowed_from;
    let mut begin = 0;
    // What stands on the line of the thing before is behind it, not before the first thing.
    let mut own_line = at_line_start;
    // Between comments with lines of their own, yaml.v3 looks at no indentation; what follows the last one waits here.
    let mut commented = false;
    let mut waiting = None;
    for line in gap.split_inclusive(['\n', '\r']) {
        let lead = line.len() - line.trim_start_matches([' ', '\t', '-', '?', ':']).len();
        let tab = line[..lead].find('\t').filter(|tab| {
            line[..*tab].contains(['-', '?', ':']) || allowed_from.is_none_or(|column| *tab < column)
        });
        let found = tab.filter(|_| own_line).map(|tab| begin + tab);
        match line.trim_ascii().bytes().next() {
            Some(b'#') if commented => waiting = None,
            None if commented => waiting = waiting.or(found),
            first => {
                if waiting.or(found).is_some() {
                    return waiting.or(found);
                }
                commented = own_line && first == Some(b'#');
                // A comment or the colon behind a key ends the scalar.
                allowed_from = allowed_from.filter(|_| first.is_none());
            }
        }
        own_line = true;
        begin += line.len();
    }
    waiting
}

#[cfg(test)]
mod tests {
    use super::find_bad_tab;

    #[test]
    fn tabs_before_the_first_thing_on_a_line_are_bad() {
        assert_eq!(find_bad_tab(": ", false, None), None);
        assert_eq!(find_bad_tab(":\t# c\n", false, None), None);
        assert_eq!(find_bad_tab("\t# c\n  \t\n", false, None), Some(7));
        assert_eq!(find_bad_tab("\n\t# c\n", false, None), Some(1));
        assert_eq!(find_bad_tab("\t", true, None), Some(0));
        assert_eq!(find_bad_tab("\n  - \t", false, None), Some(5));
        assert_eq!(find_bad_tab("\n  -\t", false, Some(1)), Some(4));
    }

    #[test]
    fn blanks_behind_a_plain_scalar_belong_to_it_until_something_follows() {
        assert_eq!(find_bad_tab("\n \t\n", false, Some(1)), None);
        assert_eq!(find_bad_tab("\n\t\n", false, Some(1)), Some(1));
        assert_eq!(find_bad_tab("\n# c\n \t\n", false, Some(1)), Some(6));
        assert_eq!(find_bad_tab(":\n \t", false, Some(1)), Some(3));
    }

    #[test]
    fn tabs_between_comments_do_no_harm() {
        assert_eq!(find_bad_tab("\n# c\n\t\n\t# d\n", false, None), None);
        assert_eq!(find_bad_tab("\n# c\n\t\n", false, None), Some(5));
        assert_eq!(find_bad_tab(" # c\n\t# d\n", false, None), Some(5));
    }
}
