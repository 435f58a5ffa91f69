//! Facts of whole Dockerfiles.

use std::time::Duration;

use super::*;
use crate::diag::Sources;
use crate::model::{Protocol, Test};

fn read(text: &str, args: &[(&str, &str)], target: Option<&str>) -> ImageFacts {
    let source = Sources::default().add("Dockerfile", text);
    let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    facts(text, Place::File(source), &args, target)
}

fn ports(facts: &ImageFacts) -> Vec<(u16, Protocol)> {
    facts.exposed.iter().map(|exposed| (exposed.port, exposed.protocol)).collect()
}

fn copied(facts: &ImageFacts) -> Vec<(&str, Option<&str>)> {
    facts.copied.iter().map(|copied| (copied.source.as_str(), copied.target.as_deref())).collect()
}

fn words(words: Option<&crate::diag::Spanned<Vec<String>>>) -> Vec<&str> {
    words.map(|words| words.iter().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
fn the_last_stage_counts_with_the_stages_it_is_built_from() {
    let facts = read(
        "FROM node AS base\nUSER node\nEXPOSE 1\nCOPY a /a\nFROM node AS other\nEXPOSE 2\nFROM Base\nEXPOSE 3 1\n",
        &[],
        None,
    );
    assert!(facts.known);
    assert_eq!(facts.user.as_ref().map(|user| user.as_str()), Some("node"));
    assert_eq!(ports(&facts), [(1, Protocol::Tcp), (3, Protocol::Tcp)]);
    assert_eq!(copied(&facts), [("a", Some("/a"))]);
}

#[test]
fn a_target_is_chosen_by_name_or_number() {
    let text = "FROM a AS Dev\nEXPOSE 1\nFROM b\nEXPOSE 2\nFROM c\nEXPOSE 3";
    assert_eq!(ports(&read(text, &[], Some("dev"))), [(1, Protocol::Tcp)]);
    assert_eq!(ports(&read(text, &[], Some("1"))), [(2, Protocol::Tcp)]);
    assert!(!read(text, &[], Some("none")).known);
    assert!(!read("# nothing", &[], None).known);
}

#[test]
fn ports_are_ranges_with_a_protocol_and_variables() {
    let facts = read(
        "ARG P=80\nFROM a\nARG P\nARG Q=90\nEXPOSE $P ${Q}/udp 8000-8002/TCP $UNKNOWN \"70\" x 80:80 0\n",
        &[("Q", "91")],
        None,
    );
    let tcp = Protocol::Tcp;
    assert_eq!(
        ports(&facts),
        [(80, tcp), (91, Protocol::Udp), (8000, tcp), (8001, tcp), (8002, tcp), (70, tcp)]
    );
    assert!(read("FROM a\nEXPOSE 1-65535", &[], None).exposed.len() <= 4096);
}

#[test]
fn unknown_variables_leave_the_fact_unknown() {
    let facts = read("FROM a\nUSER 1\nUSER $APP_UID\nSTOPSIGNAL $S\nWORKDIR $W", &[], None);
    assert!(facts.user.is_none() && facts.stop_signal.is_none() && facts.working_dir.is_none());
}

#[test]
fn working_directories_are_joined_where_known() {
    assert_eq!(read("FROM a\nWORKDIR /a\nWORKDIR ../b/./c", &[], None).working_dir.as_deref(), Some("/b/c"));
    assert_eq!(read("FROM scratch\nWORKDIR x", &[], None).working_dir.as_deref(), Some("/x"));
    assert_eq!(read("FROM a\nWORKDIR x", &[], None).working_dir, None);
}

#[test]
fn commands_have_a_json_and_a_shell_form() {
    let facts = read("FROM a\nCMD [\"a\", \"$B\"]\nENTRYPOINT run it", &[], None);
    assert_eq!(words(facts.command.as_ref()), ["a", "$B"]);
    assert_eq!(words(facts.entrypoint.as_ref()), ["/bin/sh", "-c", "run it"]);
    let facts = read("FROM a\nSHELL [\"bash\", \"-lc\"]\nCMD [not json]", &[], None);
    assert_eq!(words(facts.command.as_ref()), ["bash", "-lc", "[not json]"]);
}

#[test]
fn an_entrypoint_drops_the_command_it_inherits() {
    let text = "FROM a AS base\nCMD [\"x\"]\nFROM base\nENTRYPOINT [\"y\"]";
    assert!(read(text, &[], None).command.is_none());
    assert_eq!(words(read("FROM a\nCMD [\"x\"]\nENTRYPOINT [\"y\"]", &[], None).command.as_ref()), ["x"]);
}

#[test]
fn volumes_have_both_forms() {
    let facts = read("FROM a\nENV D=/d\nVOLUME [\"/a\", \"/b\"]\nVOLUME $D /a", &[], None);
    let volumes: Vec<_> = facts.volumes.iter().map(|volume| volume.as_str()).collect();
    assert_eq!(volumes, ["/a", "/b", "/d"]);
}

#[test]
fn health_checks_keep_their_timings() {
    let facts = read(
        "FROM a\nHEALTHCHECK --interval=5s --retries=4 \\\n  --start-period=1m CMD curl -f http://localhost/ || exit 1",
        &[],
        None,
    );
    let check = facts.health.flatten().expect("a check");
    assert_eq!(check.test.value, Test::Shell(vec!["curl -f http://localhost/ || exit 1".to_owned()]));
    assert_eq!(check.timing.interval.as_ref().map(|time| time.value), Some(Duration::from_secs(5)));
    assert_eq!(check.timing.retries.as_ref().map(|retries| retries.value), Some(4));
    assert_eq!(check.timing.timeout, None);

    let facts = read("FROM a\nHEALTHCHECK CMD [\"a\", \"b\"]", &[], None);
    let check = facts.health.flatten().expect("a check");
    assert_eq!(check.test.value, Test::Exec(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(read("FROM a\nHEALTHCHECK CMD x\nHEALTHCHECK NONE", &[], None).health, Some(None));
    assert_eq!(read("FROM a\nHEALTHCHECK CMD", &[], None).health, None);
}

#[test]
fn only_what_comes_from_the_context_is_copied() {
    let facts = read(
        "FROM a\nWORKDIR /app\nCOPY --chown=1:1 package*.json ./\nCOPY --from=x /y /z\nADD https://x/y /y\nADD a b /c\nCOPY [\"./src/\", \"/s p\"]\nCOPY . .\nCOPY <<E /e\nx\nE\nCOPY ../q $U\nONBUILD COPY o /o",
        &[],
        None,
    );
    assert_eq!(
        copied(&facts),
        [
            ("package*.json", Some("/app/")),
            ("a", Some("/c/")),
            ("b", Some("/c/")),
            ("src", Some("/s p")),
            (".", Some("/app/")),
            ("q", None)
        ]
    );
    assert_eq!(copied(&read("FROM a\nCOPY . .", &[], None)), [(".", None)]);
}

#[test]
fn facts_point_into_the_file() {
    let text = "FROM a\nUSER  x # y\n";
    let facts = read(text, &[], None);
    let span = facts.user.expect("a user").span;
    assert_eq!(&text[span.start as usize..span.end as usize], "USER  x # y");
}

#[test]
fn no_text_makes_it_panic() {
    for text in [
        "FROM",
        "FROM $",
        "FROM a AS",
        "FROM a\nEXPOSE",
        "FROM a\nCOPY",
        "FROM a\nCOPY x",
        "COPY a b",
        "\\",
        "FROM a\nUSER \"",
        "FROM a\nENV",
        "FROM a\nARG",
        "FROM a\nVOLUME []",
        "#",
        "FROM ${",
        "FROM a\nADD <<",
    ] {
        let _ = read(text, &[], None);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_can_be_read(text in "\\PC{0,60}|((FROM a( AS b)?|ARG|ENV|USER|EXPOSE|COPY|VOLUME|CMD|HEALTHCHECK|ONBUILD|RUN <<E)[ a-z0-9$={}:,\\[\\]\"\\\\\n-]{0,20}\n){0,6}") {
        let _ = read(&text, &[("a", "b")], None);
    }
}
