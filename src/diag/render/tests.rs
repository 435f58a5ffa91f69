//! One set of findings in every format.

#![expect(
    clippy::disallowed_methods,
    clippy::needless_raw_string_hashes,
    reason = "what the macros of snapbox expand to, and how it writes inline snapshots"
)]

use super::*;
use crate::diag::{Class, Code, CodeInfo, Diagnostic, Outcome, Severity, SourceId};

const PAGE: &str = "# page\n\n## What\n\nText.\n";

const fn info(name: &'static str, severity: Severity) -> CodeInfo {
    CodeInfo { name, severity, class: Class::Load, lowerable: false, meaning: "what it means", page: PAGE }
}

static UNKNOWN_KEY: CodeInfo = info("unknown-key", Severity::Error);
static NEEDS_RWX: CodeInfo = info("volume-needs-rwx", Severity::Warning);
static PORT_INFERRED: CodeInfo = info("port-inferred", Severity::Note);
static ULIMITS: CodeInfo = info("ulimits-dropped", Severity::Warning);
static DEFAULT: CodeInfo = info("already-default", Severity::Note);

const BASE: &str = "\
services:
  web:
    image: shop/web
    environment:
      REDIS_URL: redis://redis:6379
      DB_PASSWORD: hunter2
    ulimits: {nofile: 1}
    deploy:
      replica: 3
  db:
    volumes:
      - uploads:/x
    ulimits: {nofile: 1}
volumes:
  uploads:
";

const PROD: &str = "services:\n  db:\n    volumes:\n      - uploads:/y\n";

/// The span of the n-th `text` in a file.
fn span(sources: &Sources, id: SourceId, text: &str, number: usize) -> Span {
    let (at, _) = sources.text(id).match_indices(text).nth(number).expect("the text is there");
    let end = at + text.len();
    Span::new(id, u32::try_from(at).expect("small"), u32::try_from(end).expect("small"))
}

fn sample() -> (Sources, Vec<Finding>) {
    let mut sources = Sources::default();
    let base = sources.add("compose.yaml", BASE);
    let prod = sources.add("compose.prod.yaml", PROD);
    let place = |text, number| span(&sources, base, text, number);
    let ulimits = |service: &str, number| {
        Diagnostic::new(Code(&ULIMITS), format!("`ulimits` of `{service}` are not set"))
            .at(place("ulimits", number))
            .service(service)
            .outcome(Outcome::Dropped)
            .target("kubernetes")
            .help("set them on the nodes")
    };
    let found = vec![
        Diagnostic::new(
            Code(&PORT_INFERRED),
            "`redis` listens on 6379 (named in `services.web.environment`)",
        )
        .at(place("redis:6379", 0)),
        ulimits("db", 1),
        ulimits("web", 0),
        Diagnostic::new(Code(&NEEDS_RWX), "volume `uploads` is written by pods of 2 services")
            .at(place("uploads", 1))
            .label("becomes one claim with ReadWriteMany")
            .also(place("uploads", 0), "mounted here")
            .also(span(&sources, prod, "uploads", 0), "mounted here")
            .help("name a storage class that has it: `x-rcompose: {storage-class: nfs}`"),
        Diagnostic::new(Code(&UNKNOWN_KEY), "unknown key `replica` in `services.web.deploy`")
            .at(place("replica", 0))
            .path("services.web.deploy.replica")
            .suggest("replicas"),
        Diagnostic::new(Code(&DEFAULT), "`x` says what is so anyway").at(place("image", 0)),
    ];
    let findings = found.into_iter().map(Finding::from).collect();
    (sources, findings)
}

fn plain(findings: &[Finding], sources: &Sources, options: HumanOptions) -> String {
    let text = human(findings, Context { sources, mask: &Mask::default() }, options);
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn human_shows_excerpts_then_notes_as_lines() {
    let (sources, findings) = sample();
    snapbox::assert_data_eq!(
        plain(&findings, &sources, HumanOptions::default()),
        snapbox::str![[r#"
warning[ulimits-dropped]: `ulimits` of `web` are not set
  --> compose.yaml:7:5
   |
 7 |     ulimits: {nofile: 1}
   |     ^^^^^^^
  ::: compose.yaml:13: also `db`
   = help: set them on the nodes

error[unknown-key]: unknown key `replica` in `services.web.deploy`
  --> compose.yaml:9:7
   |
 9 |       replica: 3
   |       ^^^^^^^ did you mean `replicas`?

warning[volume-needs-rwx]: volume `uploads` is written by pods of 2 services
  --> compose.yaml:15:3
   |
15 |   uploads:
   |   ^^^^^^^ becomes one claim with ReadWriteMany
  ::: compose.yaml:12:9, compose.prod.yaml:4:9: mounted here
   = help: name a storage class that has it: `x-rcompose: {storage-class: nfs}`

note[port-inferred]: `redis` listens on 6379 (named in `services.web.environment`, compose.yaml:5)


"#]]
    );
}

#[test]
fn quiet_shows_errors_only_and_verbose_all_notes_in_full() {
    let (sources, findings) = sample();
    let quiet = plain(&findings, &sources, HumanOptions { quiet: true, ..HumanOptions::default() });
    assert!(quiet.starts_with("error[unknown-key]"));
    assert_eq!(quiet.matches("-->").count(), 1);
    let verbose = plain(&findings, &sources, HumanOptions { verbose: true, ..HumanOptions::default() });
    assert_eq!(verbose.matches("-->").count(), 5);
    assert!(verbose.contains("note[already-default]"));
}

#[test]
fn the_eleventh_note_is_only_counted() {
    let mut sources = Sources::default();
    let id = sources.add("compose.yaml", "a\n".repeat(12));
    let note =
        |line: u32| Diagnostic::new(Code(&PORT_INFERRED), "found").at(Span::new(id, line * 2, line * 2 + 1));
    let findings: Vec<Finding> = (0..12).map(|line| note(line).into()).collect();
    let text = plain(&findings, &sources, HumanOptions::default());
    assert_eq!(text.lines().filter(|line| line.starts_with("note[")).count(), 10);
    assert!(
        text.ends_with(
            "note[port-inferred]: found (compose.yaml:10)\n… and 2 more notes (-v shows them)\n\n"
        )
    );
}

#[test]
fn what_has_no_place_comes_first_and_without_excerpt() {
    let (sources, mut findings) = sample();
    findings.truncate(1);
    findings.push(Diagnostic::new(Code(&UNKNOWN_KEY), "no Compose file here").help("name one").into());
    snapbox::assert_data_eq!(
        plain(&findings, &sources, HumanOptions::default()),
        snapbox::str![[r#"
error[unknown-key]: no Compose file here
 |
 = help: name one

note[port-inferred]: `redis` listens on 6379 (named in `services.web.environment`, compose.yaml:5)


"#]]
    );
}

#[test]
fn help_is_wrapped_on_a_terminal_only() {
    let found = Diagnostic::new(Code(&UNKNOWN_KEY), "bad").help("word ".repeat(30).trim_end().to_owned());
    let (sources, findings) = (Sources::default(), [Finding::from(found)]);
    let lines =
        |width| plain(&findings, &sources, HumanOptions { width, ..HumanOptions::default() }).lines().count();
    assert_eq!((lines(None), lines(Some(80))), (4, 6));
}

#[test]
fn the_way_of_a_value_is_told() {
    let mut sources = Sources::default();
    let id = sources.add("compose.yaml", BASE);
    let by = span(&sources, id, "web", 0);
    let trace =
        sources.trace(crate::diag::TraceId::default(), TraceStep::Extends { service: "base".into(), by });
    let at = span(&sources, id, "image", 0).with_trace(trace);
    let findings = [Diagnostic::new(Code(&UNKNOWN_KEY), "bad").at(at).into()];
    let text = plain(&findings, &sources, HumanOptions::default());
    assert!(text.contains("::: compose.yaml:2:3: inherited from `base`"), "{text}");
}

#[test]
fn secrets_and_escapes_do_not_reach_the_screen() {
    let (sources, _) = sample();
    let at = span(&sources, SourceId(0), "DB_PASSWORD", 0);
    let mut mask = Mask::default();
    mask.hide("swordfish");
    let found =
        Diagnostic::new(Code(&UNKNOWN_KEY), "not \u{1b}[2J `swordfish`\nhere").at(at).label("swordfish");
    let context = Context { sources: &sources, mask: &mask };
    let findings = [Finding::from(found)];
    let all = [
        human(&findings, context, HumanOptions::default()),
        short(&findings, context),
        json(&findings, context),
        sarif(&findings, context),
        github(&findings, context),
    ];
    for text in all {
        assert!(
            !text.contains("hunter2") && !text.contains("swordfish") && !text.contains("\u{1b}[2J"),
            "{text}"
        );
    }
}

#[test]
fn short_and_github_are_one_line_each() {
    let (sources, mut findings) = sample();
    findings.truncate(2);
    findings.push(Diagnostic::new(Code(&UNKNOWN_KEY), "50% is: bad, really").help("two\nlines").into());
    let context = Context { sources: &sources, mask: &Mask::default() };
    snapbox::assert_data_eq!(
        short(&findings, context),
        snapbox::str![[r#"
error[unknown-key]: 50% is: bad, really
compose.yaml:5:26: note[port-inferred]: `redis` listens on 6379 (named in `services.web.environment`)
compose.yaml:13:5: warning[ulimits-dropped]: `ulimits` of `db` are not set

"#]]
    );
    snapbox::assert_data_eq!(
        github(&findings, context),
        snapbox::str![[r#"
::error title=unknown-key::50%25 is: bad, really%0Ahelp: two%0Alines
::notice file=compose.yaml,line=5,col=26,endColumn=36,title=port-inferred::`redis` listens on 6379 (named in `services.web.environment`)
::warning file=compose.yaml,line=13,col=5,endColumn=12,title=ulimits-dropped::`ulimits` of `db` are not set%0Ahelp: set them on the nodes

"#]]
    );
}

#[test]
fn json_has_everything_and_allowed_findings_too() {
    let (sources, mut findings) = sample();
    findings.truncate(5);
    findings.drain(0..3);
    findings[0].level = Level::Allowed;
    findings[0].reason = Some("we know".to_owned());
    let context = Context { sources: &sources, mask: &Mask::default() };
    snapbox::assert_data_eq!(json(&findings, context), snapbox::file!["tests/check.json"].raw());
}

#[test]
fn sarif_has_one_rule_per_code_and_suppresses_what_is_allowed() {
    let (sources, mut findings) = sample();
    findings.truncate(5);
    findings.drain(0..2);
    findings[1].level = Level::Allowed;
    let context = Context { sources: &sources, mask: &Mask::default() };
    snapbox::assert_data_eq!(sarif(&findings, context), snapbox::file!["tests/sarif.json"].raw());
}

#[test]
fn counts_are_told_in_words() {
    let (_, mut findings) = sample();
    assert_eq!(Counts::of(&findings).words(), ["1 error", "3 warnings", "2 notes"]);
    findings.truncate(1);
    findings[0].level = Level::Allowed;
    assert_eq!(Counts::of(&findings).words(), ["1 allowed"]);
}
