//! Command line of a container: entrypoint and command (K20), and the dollar that must arrive as written (K21).

use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::problem::Report;
use crate::diag::Spanned;
use crate::model::{ImageFacts, Words};

/// What a container runs; `None` leaves it to the image.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct CommandLine {
    /// `command`: takes the place of the image's ENTRYPOINT.
    pub(crate) command: Option<Noted<Vec<String>>>,
    /// `args`: takes the place of the image's CMD.
    pub(crate) args: Option<Noted<Vec<String>>>,
}

/// Decides what is run. The engine drops the image's CMD when an entrypoint is given, as Kubernetes does; an empty list
/// for the command alone still means the image's CMD.
pub(crate) fn command_line(
    entrypoint: &Words,
    command: &Words,
    facts: &ImageFacts,
    report: &mut Report<'_>,
) -> CommandLine {
    match (entrypoint, command) {
        (Words::Inherit, Words::Inherit) => CommandLine::default(),
        (Words::Inherit, Words::Cleared(span)) => {
            report.approximated(
                KubernetesCode::CommandResetIgnored,
                "command",
                *span,
                "is empty, so the image's own command runs, as under Docker",
                "write the words to run, or reset `entrypoint` too",
            );
            CommandLine::default()
        }
        (Words::Inherit, Words::Words(words)) => CommandLine { command: None, args: Some(noted(words)) },
        (Words::Words(words), Words::Inherit | Words::Cleared(_)) => {
            CommandLine { command: Some(noted(words)), args: None }
        }
        (Words::Words(entrypoint), Words::Words(command)) => {
            CommandLine { command: Some(noted(entrypoint)), args: Some(noted(command)) }
        }
        (Words::Cleared(_), Words::Words(words)) => CommandLine { command: Some(noted(words)), args: None },
        (Words::Cleared(span), Words::Inherit | Words::Cleared(_)) => match &facts.command {
            Some(words) if !words.is_empty() => CommandLine { command: Some(noted(words)), args: None },
            _ => {
                report.refused(
                    BackendCode::EntrypointResetNeedsCommand,
                    "entrypoint",
                    *span,
                    "is reset, and no command says what runs instead: the image's own is not known here",
                    "write `command:` with the words to run",
                );
                CommandLine::default()
            }
        },
    }
}

fn noted(words: &Spanned<Vec<String>>) -> Noted<Vec<String>> {
    Noted::written(escaped(words), "K20", words.span)
}

/// Escapes each word for the kubelet.
pub(crate) fn escaped(words: &[String]) -> Vec<String> {
    words.iter().map(|word| escape(word)).collect()
}

/// Doubles each `$` before `$` or `(`: the kubelet expands `$(NAME)` and halves `$$` in command, args, env values and
/// exec probes, and only there (K21).
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        escaped.push(character);
        if character == '$' && matches!(rest.peek(), Some('$' | '(')) {
            escaped.push('$');
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    /// What the kubelet does to a text when `$(NAME)` is set for every name.
    fn kubelet_expands(text: &str) -> String {
        let mut result = String::new();
        let mut rest = text;
        while let Some(position) = rest.find('$') {
            result.push_str(&rest[..position]);
            let tail = &rest[position + 1..];
            if let Some(tail) = tail.strip_prefix('$') {
                result.push('$');
                rest = tail;
            } else if let Some((_, after)) = tail.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
                result.push_str("EXPANDED");
                rest = after;
            } else {
                result.push('$');
                rest = tail;
            }
        }
        result + rest
    }

    fn run(entrypoint: &Words, command: &Words) -> (CommandLine, Vec<String>) {
        report_of(|report| command_line(entrypoint, command, &ImageFacts::default(), report))
    }

    fn words(text: &str) -> Words {
        Words::Words(at(text.split(' ').map(ToOwned::to_owned).collect()))
    }

    #[test]
    fn a_command_replaces_the_images_command_only() {
        let (line, codes) = run(&Words::Inherit, &words("a b"));
        assert_eq!(line.command, None);
        assert_eq!(line.args.map(|args| args.value), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert!(codes.is_empty());
    }

    #[test]
    fn a_reset_entrypoint_makes_the_command_the_program() {
        let (line, _) = run(&Words::Cleared(at(()).span), &words("a b"));
        assert_eq!(line.command.map(|words| words.value.len()), Some(2));
        assert_eq!(line.args, None);
    }

    #[test]
    fn a_reset_entrypoint_without_anything_to_run_is_refused() {
        let (_, codes) = run(&Words::Cleared(at(()).span), &Words::Inherit);
        assert_eq!(codes, ["entrypoint-reset-needs-command"]);
    }

    #[test]
    fn a_reset_entrypoint_runs_the_dockerfiles_command() {
        let facts = ImageFacts { command: Some(at(vec!["serve".to_owned()])), ..ImageFacts::default() };
        let (line, codes) =
            report_of(|report| command_line(&Words::Cleared(at(()).span), &Words::Inherit, &facts, report));
        assert_eq!(line.command.map(|words| words.value), Some(vec!["serve".to_owned()]));
        assert!(codes.is_empty());
    }

    #[test]
    fn an_empty_command_is_the_images() {
        let (line, codes) = run(&Words::Inherit, &Words::Cleared(at(()).span));
        assert_eq!(line, CommandLine::default());
        assert_eq!(codes, ["command-reset-ignored"]);
    }

    #[test]
    fn dollars_are_doubled_only_where_the_kubelet_reads_them() {
        assert_eq!(escape("$(id) $$ $HOME $"), "$$(id) $$$ $HOME $");
    }

    proptest! {
        #[test]
        fn what_the_kubelet_makes_of_it_is_what_was_written(text in "[$()a-c ]{0,24}") {
            prop_assert_eq!(kubelet_expands(&escape(&text)), text);
        }
    }
}
