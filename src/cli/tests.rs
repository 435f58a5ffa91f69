//! Whole runs in a world in memory: exit codes, which stream says what, where flags may stand.

use std::ffi::OsString;

use super::exit::Exit;
use super::printer::{Printer, Terminal};
use super::run;
use crate::host::MemoryHost;

const COMPOSE: &str = "\
name: shop
services:
  web:
    image: nginx:1.27
    ports: [\"8080:80\"]
  db:
    image: postgres:16
    profiles: [data]
";

fn shop() -> MemoryHost {
    MemoryHost::new().cwd("/shop").file("/shop/compose.yaml", COMPOSE)
}

/// What a run ended with and wrote.
pub(super) struct Said {
    pub(super) exit: Exit,
    pub(super) out: String,
    pub(super) err: String,
}

/// Runs a command line as in a shell, without quotes.
pub(super) fn say(line: &str, host: &MemoryHost) -> Said {
    let words = std::iter::once("rcompose").chain(line.split_whitespace());
    let argv: Vec<OsString> = words.map(OsString::from).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = run(&argv, host, &mut Printer::new(&mut out, &mut err, Terminal::default()));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("we write UTF-8");
    Said { exit, out: text(out), err: text(err) }
}

#[test]
fn every_ending_has_its_exit_code() {
    let broken = MemoryHost::new().cwd("/p").file("/p/compose.yaml", "services: {web: {imag: x}}\n");
    let nothing = MemoryHost::new().cwd("/p");
    let (done, failed, differs) = (Exit::Done, Exit::Failed, Exit::Differs);
    for (line, host, expected) in [
        ("", &shop(), done),
        ("", &nothing, done),
        ("", &broken, done),
        ("--help", &nothing, done),
        ("convert -h", &nothing, done),
        ("--version", &nothing, done),
        ("convert --version", &nothing, done),
        ("config", &shop(), done),
        ("config", &broken, failed),
        ("config", &nothing, failed),
        ("config nope", &shop(), failed),
        ("check", &shop(), done),
        ("check", &broken, failed),
        ("check", &nothing, failed),
        ("check --deny notes", &shop(), failed),
        ("convert", &shop(), done),
        ("convert", &broken, failed),
        ("convert --to swarm", &shop(), done),
        ("convert -o k8s/ --check", &shop(), differs),
        ("convert -o compose.yaml", &shop(), failed),
        ("explain --list", &nothing, done),
        ("explain output-busy", &nothing, done),
        ("explain services.deploy", &nothing, done),
        ("explain nothing", &nothing, failed),
        ("explain", &nothing, failed),
        ("support", &nothing, done),
        ("support --to helm deploy.replicas", &nothing, done),
        ("support ulimit", &nothing, failed),
        ("completion bash", &nothing, done),
        ("completion tcsh", &nothing, failed),
        ("nonsense", &shop(), failed),
        ("convert --nonsense", &shop(), failed),
        ("convert --to nonsense", &shop(), failed),
        ("convert --to helm", &shop(), failed),
        ("convert --check", &shop(), failed),
        ("convert --to swarm --expose none", &shop(), failed),
        ("convert --deny nonsense", &shop(), failed),
        ("apply", &shop(), failed),
    ] {
        let said = say(line, host);
        assert_eq!(said.exit, expected, "rcompose {line}\n{}{}", said.out, said.err);
    }
}

#[test]
fn what_jobs_need_stands_at_the_end() {
    let compose = "services: {web: {image: web:1}, seed: {image: seed:1, restart: \"no\"}}\n";
    let host = MemoryHost::new().cwd("/shop").file("/shop/compose.yaml", compose);
    let said = say("convert --to swarm", &host);
    let lines: Vec<&str> = said.err.lines().rev().take(2).collect();
    assert_eq!(
        lines,
        [
            "a service that was no job before must be removed first: docker service rm shop_seed",
            "each deployment runs `seed` again; with `--detach=false` it may wait for ever",
        ]
    );
    assert!(!say("convert --to swarm -q", &host).err.contains("docker service rm"));
    assert!(!say("convert --to swarm", &shop()).err.contains("docker service rm"));
}

#[test]
fn files_that_are_mounted_travel_or_stay() {
    let compose = "services: {web: {image: web:1, volumes: [\"./a.conf:/etc/a.conf:ro\"]}}\n";
    let host =
        MemoryHost::new().cwd("/shop").file("/shop/compose.yaml", compose).file("/shop/a.conf", "a=1\n");
    let stack = |words: &str| say(&format!("convert --to swarm {words}"), &host).out;
    assert!(stack("").contains("file: ./a.conf") && !stack("").contains("type: bind"));
    let kept = stack("--bind-policy host");
    assert!(kept.contains("type: bind") && kept.contains("source: ./a.conf"), "{kept}");
}

#[test]
fn wrong_usage_says_what_was_meant_and_where_help_is() {
    for (line, message, usage) in [
        (
            "convert --expoze none",
            "unknown option `--expoze`; did you mean `--expose`?",
            "convert [OPTIONS] [SERVICE…]",
        ),
        ("cofnig", "unknown command `cofnig`; did you mean `config`?", "[OPTIONS] COMMAND"),
        (
            "compose.yaml",
            "unknown command `compose.yaml`; did you mean `-f compose.yaml`?",
            "[OPTIONS] COMMAND",
        ),
        (
            "config --expose none",
            "unknown option `--expose`; it belongs to `rcompose convert`",
            "config [OPTIONS]",
        ),
        ("convert --to swrm", "`swrm` is no value of `--to`; did you mean `swarm`?", "convert [OPTIONS]"),
        ("convert --to", "`--to` needs a value", "convert [OPTIONS]"),
        ("convert --to helm --format json", "`--format json` means nothing for helm", "convert [OPTIONS]"),
        ("convert --to swarm --templates t", "`--templates` means nothing for swarm", "convert [OPTIONS]"),
        ("convert --to stack --probes http", "`--probes` means nothing for swarm", "convert [OPTIONS]"),
        ("convert --image web", "`--image web`: SERVICE=IMAGE is meant", "convert [OPTIONS]"),
        ("convert --create-namespace", "`--create-namespace` needs `--namespace NAME`", "convert [OPTIONS]"),
        ("convert --check", "`--check` compares with files: name them with `-o PATH`", "convert [OPTIONS]"),
        ("completion", "SHELL is missing", "completion SHELL"),
        ("completion bash zsh", "`zsh` is one argument too many", "completion SHELL"),
        (
            "config --services --volumes",
            "the argument `--services` cannot be used with `--volumes`",
            "config [OPTIONS]",
        ),
        ("rollback", "`rollback` is not built yet", "[OPTIONS] COMMAND"),
        (
            "check --allow output-bussy",
            "unknown code `output-bussy` after `--allow`; did you mean `output-busy`?",
            "check [OPTIONS]",
        ),
    ] {
        let said = say(line, &shop());
        let mut lines = said.err.lines();
        assert_eq!(lines.next(), Some(format!("error: {message}").as_str()), "rcompose {line}");
        let second = lines.next().unwrap_or_default();
        assert!(second.starts_with(&format!("usage: rcompose {usage}")), "rcompose {line}\n{second}");
        assert!(second.contains("     more: rcompose "), "rcompose {line}\n{second}");
        assert_eq!((lines.next(), said.out.as_str()), (None, ""), "rcompose {line}");
    }
}

#[test]
fn global_flags_stand_before_or_after_the_command() {
    let host = shop().file("/shop/other.yaml", "services: {extra: {image: busybox}}\n");
    let services = |line: &str| say(line, &host).out;
    assert_eq!(services("config --services"), "web\n");
    assert_eq!(services("--profile data config --services"), "db\nweb\n");
    assert_eq!(services("config --profile data --services"), "db\nweb\n");
    // Repeatable ones add up, of single ones the later wins.
    assert_eq!(services("-f compose.yaml config -f other.yaml --services"), "extra\nweb\n");
    let name = say("-p one config -p two --format json", &host).out;
    assert!(name.contains("\"name\": \"two\""), "{name}");
    assert_eq!(services("config --services -p one -p two"), "web\n");
}

#[test]
fn data_is_on_stdout_and_talk_on_stderr() {
    let host =
        MemoryHost::new().cwd("/p").file("/p/compose.yaml", "version: '3'\nservices: {web: {image: x}}\n");
    let said = say("config --services", &host);
    assert_eq!(said.out, "web\n");
    assert!(said.err.starts_with("note[version-obsolete]: "), "{}", said.err);
    assert_eq!(say("config --services -q", &host).err, "");
}

#[test]
fn config_writes_files_but_none_of_the_projects() {
    let host = shop();
    assert_eq!(say("config -o resolved.yaml", &host).exit, Exit::Done);
    assert!(host.text("/shop/resolved.yaml").is_some_and(|text| text.starts_with("name: shop\nservices:\n")));
    let said = say("config -o ./compose.yaml", &host);
    assert!(said.err.starts_with("error: `./compose.yaml` is a file of this project"), "{}", said.err);
    assert_eq!(host.text("/shop/compose.yaml").as_deref(), Some(COMPOSE));
}

#[test]
fn hashes_are_asked_for_by_names_that_exist() {
    let said = say("config --hash wep", &shop());
    assert!(said.err.starts_with("error: no service `wep`; did you mean `web`?"), "{}", said.err);
    assert!(say("config --hash *", &shop()).out.starts_with("web "));
}

#[test]
fn a_missing_directory_is_told_beside_other_errors_c4_c20() {
    let compose = "services: {web: {image: web:1, x-rcompose: {replica: 3}}}\n";
    let host = MemoryHost::new().cwd("/shop").file("/shop/compose.yaml", compose);
    let said = say("convert --to helm", &host);
    assert_eq!(said.exit, Exit::Failed);
    assert!(said.err.contains("error[hint-unknown]"), "{}", said.err);
    assert!(said.err.contains("error[output-needs-directory]"), "{}", said.err);
    assert!(!say("convert --to helm -o chart/", &host).err.contains("output-needs-directory"));
}

#[test]
fn objects_of_templates_are_in_the_namespace_n112_n115() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n---\napiVersion: v1\nkind: ConfigMap\n\
                    metadata: {name: other, namespace: theirs}\n---\napiVersion: scheduling.k8s.io/v1\n\
                    kind: PriorityClass\nmetadata: {name: high}\nvalue: 1\n";
    let host = shop().file("/shop/t/extra.yaml.jinja", template);
    let said = say("convert --templates t -n shop", &host);
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    let object = |name: &str| {
        let name = format!("  name: {name}\n");
        said.out.split("---\n").find(|object| object.contains(&name)).map(str::to_owned).unwrap_or_default()
    };
    assert!(object("own").contains("namespace: shop\n"), "{}", said.out);
    assert!(object("other").contains("namespace: theirs\n"), "{}", said.out);
    assert!(
        object("high").contains("kind: PriorityClass") && !object("high").contains("namespace:"),
        "{}",
        said.out
    );
    assert!(!say("convert --templates t", &host).out.contains("namespace: shop"));
}
