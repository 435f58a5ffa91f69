//! Tabs that yaml.v3 does not take for blanks: those before the first thing on a line of block style (L12).

/// Returns the offset of the first such tab in what stands between two things written: blanks, comments, indicators.
///
/// `allowed_from` is the column from which blanks still belong to a plain scalar before the gap.
pub(super) fn find_bad_tab(gap: &str, allowed_from: Option<usize>) -> Option<usize> {
    if !gap.contains('\t') {
        return None;
    }
    let mut allowed_from = allowed_from;
    let mut begin = 0;
    // What stands on the line of the thing before is behind it, not before the first thing.
    let mut first = true;
    for line in gap.split_inclusive(['\n', '\r']) {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        if !first
            && let Some(tab) = line[..blanks].find('\t')
            && allowed_from.is_none_or(|column| tab < column)
        {
            return Some(begin + tab);
        }
        if line.contains('#') {
            allowed_from = None;
        }
        first = false;
        begin += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::find_bad_tab;

    #[test]
    fn tabs_before_the_first_thing_on_a_line_are_bad() {
        assert_eq!(find_bad_tab(": ", None), None);
        assert_eq!(find_bad_tab(":\t# c\n", None), None);
        assert_eq!(find_bad_tab("\t# c\n  \t\n", None), Some(7));
        assert_eq!(find_bad_tab("\n\t# c\n", None), Some(1));
    }

    #[test]
    fn blanks_behind_a_plain_scalar_belong_to_it_until_a_comment() {
        assert_eq!(find_bad_tab("\n \t\n", Some(1)), None);
        assert_eq!(find_bad_tab("\n\t\n", Some(1)), Some(1));
        assert_eq!(find_bad_tab("\n# c\n \t\n", Some(1)), Some(6));
    }
}
