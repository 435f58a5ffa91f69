//! The codes of the errors on a screen.

use std::collections::BTreeSet;

/// Returns the codes of all errors in what the program printed to stderr.
pub(crate) fn error_codes(stderr: &str) -> BTreeSet<String> {
    let codes = stderr.lines().filter_map(|line| line.strip_prefix("error[")?.split(']').next());
    codes.map(str::to_owned).collect()
}
