//! Whether a service's own command line runs the image's server or another program (N27).

use crate::model::Words;
use crate::normalise::paths;

const SHELLS: &[&str] = &["sh", "bash", "ash", "dash"];

/// The script that most images start by; it runs the words behind it.
const ENTRYPOINT_SCRIPT: &str = "docker-entrypoint.sh";

/// First words that are arguments of the server in the image's entrypoint.
const ARGUMENTS: &[&str] = &["server", "serve", "start", "start-dev", "start-single-node", "agent", "run"];

/// Tells whether the first program of a command line is the image's server.
pub(super) fn runs_server(entrypoint: &Words, command: &Words, image: &str, servers: &[&str]) -> bool {
    let is_server = |program: &str| {
        program.starts_with('-')
            || program == image
            || program == ENTRYPOINT_SCRIPT
            || servers.contains(&program)
    };
    let command_words = words(command);
    match (words(entrypoint), command_words) {
        ([], []) => true,
        ([], command) => {
            let program = program(command);
            is_server(program) || (*entrypoint == Words::Inherit && ARGUMENTS.contains(&program))
        }
        (entrypoint, command) => {
            let all: Vec<String> = entrypoint.iter().chain(command).cloned().collect();
            let first = program(&all);
            is_server(first)
                && (first != ENTRYPOINT_SCRIPT || command.is_empty() || {
                    let next = program(command);
                    is_server(next) || ARGUMENTS.contains(&next)
                })
        }
    }
}

fn words(words: &Words) -> &[String] {
    match words {
        Words::Words(words) => words,
        Words::Inherit | Words::Cleared(_) => &[],
    }
}

/// The base name of the program that words run; of a shell's script, its last command.
fn program(words: &[String]) -> &str {
    let first = words.first().map_or("", |word| paths::base_name(word));
    if !SHELLS.contains(&first) {
        return first;
    }
    let script = words.iter().skip_while(|word| !is_script_flag(word)).nth(1);
    script.map_or(first, |script| last_command(script))
}

/// `-c`, alone or with other letters.
fn is_script_flag(word: &str) -> bool {
    word.starts_with('-') && !word.starts_with("--") && word.ends_with('c')
}

/// The program of a script's last command: behind variables and `exec`.
fn last_command(script: &str) -> &str {
    let commands = script.split([';', '&', '|', '\n']);
    let last = commands.map(str::trim).rfind(|command| !command.is_empty()).unwrap_or_default();
    let mut words = last.split_whitespace().skip_while(|word| *word == "exec" || is_assignment(word));
    words.next().map_or("", |word| paths::base_name(word.trim_matches(['"', '\''])))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Sources, Span, Spanned};

    fn span() -> Span {
        Span::new(Sources::default().add("", ""), 0, 0)
    }

    fn written(words: &[&str]) -> Words {
        Words::Words(Spanned::new(words.iter().map(|word| (*word).to_owned()).collect(), span()))
    }

    fn check(entrypoint: &Words, command: &Words) -> bool {
        runs_server(entrypoint, command, "redis", &["redis-server"])
    }

    #[test]
    fn the_server_and_its_arguments_keep_it_a_server() {
        for command in [
            &["redis-server", "--appendonly", "yes"][..],
            &["/usr/local/bin/redis-server"],
            &["--appendonly", "yes"],
            &["redis"],
            &["docker-entrypoint.sh", "redis-server"],
            &["server", "/data"],
            &["sh", "-c", "sleep 1 && exec redis-server $X"],
            &["bash", "-ec", "A=1 exec 'redis-server'\n"],
        ] {
            assert!(check(&Words::Inherit, &written(command)), "{command:?}");
        }
        assert!(check(&Words::Inherit, &Words::Cleared(span())));
        assert!(check(&Words::Cleared(span()), &written(&["redis-server"])));
        assert!(check(&written(&["docker-entrypoint.sh"]), &written(&["redis-server"])));
        assert!(check(&written(&["sh", "-c"]), &written(&["redis-server --x"])));
    }

    #[test]
    fn another_program_makes_it_a_tool() {
        for command in
            [&["redis-cli", "ping"][..], &["sh", "-c", "redis-server & redis-cli"], &["sh"], &["sh", "-c"]]
        {
            assert!(!check(&Words::Inherit, &written(command)), "{command:?}");
        }
        assert!(!check(&Words::Cleared(span()), &written(&["server"])));
        assert!(!check(&written(&["docker-entrypoint.sh"]), &written(&["redis-cli"])));
        assert!(!check(&written(&["server"]), &Words::Inherit));
        assert!(!check(&written(&["backup.sh"]), &written(&["redis-server"])));
    }
}
