//! Constraints as swarmkit reads them (S11).

/// Tells whether swarmkit takes a constraint: `key==value` or `key!=value`.
pub(crate) fn is_constraint(text: &str) -> bool {
    let equal = text.find("==");
    let unequal = text.find("!=");
    let at = match (equal, unequal) {
        (Some(equal), Some(unequal)) => equal.min(unequal),
        (Some(at), None) | (None, Some(at)) => at,
        (None, None) => return false,
    };
    is_key(text[..at].trim()) && is_value(text[at + 2..].trim())
}

fn is_key(key: &str) -> bool {
    let mut letters = key.chars();
    let starts = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let mut rest = letters.peekable();
    starts
        && rest.peek().is_some()
        && rest.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'))
}

fn is_value(value: &str) -> bool {
    !value.is_empty()
        && value.chars().all(|letter| {
            letter.is_ascii_alphanumeric()
                || letter.is_ascii_whitespace()
                || ":-_.*()?+[]\\^$|/".contains(letter)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_compare_a_key_with_a_value() {
        for text in ["node.role==manager", "node.labels.a != b c", "engine.labels.x==a(b)?$"] {
            assert!(is_constraint(text), "{text}");
        }
        for text in [
            "",
            "node.role",
            "node.role=manager",
            "==a",
            "n==a",
            "node.role==",
            "a.b==c,d",
            "a.b==c=d",
            "a b==c",
            "a.b==\"c\"",
            "a.b==c!=d",
        ] {
            assert!(!is_constraint(text), "{text}");
        }
    }
}
