//! Names in a sentence.

use std::collections::BTreeSet;

/// How many names a sentence bears; places of all findings stand beside it.
const MOST: usize = 20;

/// Puts names in backticks and commas between them, each name once, in the order given; of very many, the first.
pub(crate) fn listed<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let mut seen = BTreeSet::new();
    let mut shown = Vec::new();
    for name in names {
        let name = format!("`{}`", name.as_ref());
        if seen.insert(name.clone()) && shown.len() < MOST {
            shown.push(name);
        }
    }
    let more = seen.len() - shown.len();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn each_name_stands_once_in_its_place() {
        assert_eq!(listed(["web", "db", "web"]), "`web`, `db`");
    }

    #[test]
    fn of_very_many_names_the_first_are_shown_and_the_others_counted() {
        let text = listed((0..1000).map(|number| number.to_string()));
        assert!(text.starts_with("`0`, `1`, ") && text.ends_with("`19`, 980 more"), "{text}");
    }
}
