//! Settings of a project and of a user, as whole runs: which of several writings counts, and what nothing changes (C5, C12).

use super::exit::Exit;
use super::printer::{Printer, Terminal};
use super::session::Session;
use super::settings::Globals;
use super::severity::Wishes;
use super::tests::{Said, say};
use super::{project_settings, user_settings};
use crate::host::MemoryHost;

/// A project with a setting in each home; `@` is where the Compose file has its settings.
fn shop(top: &str, file: &str) -> MemoryHost {
    let compose = format!(
        "name: shop\n{top}\nservices:\n  web:\n    build: .\n    ports: [\"8080:80\"]\n  db:\n    image: db:1\n    profiles: [data]\n"
    );
    let host = MemoryHost::new().cwd("/shop").file("/shop/compose.yaml", compose);
    if file.is_empty() { host } else { host.file("/shop/rcompose.yaml", file) }
}

fn said(line: &str, top: &str, file: &str) -> Said {
    say(line, &shop(top, file))
}

#[test]
fn a_flag_counts_before_x_rcompose_and_that_before_the_file_c12() {
    let (top, file) = ("x-rcompose: {defaults: {tag: top}}", "defaults: {tag: file}");
    for (line, top, file, expected) in [
        ("convert --tag flag", top, file, "shop-web:flag"),
        ("convert", top, file, "shop-web:top"),
        ("convert", "", file, "shop-web:file"),
        ("convert", "", "", "shop-web:latest"),
        ("convert", "", "defaults: {tag: all, k8s: {tag: one}}", "shop-web:one"),
        ("convert", "x-rcompose: {defaults: {tag: top}}", "defaults: {k8s: {tag: one}}", "shop-web:top"),
        ("convert --to swarm", "", "defaults: {tag: all, k8s: {tag: one}}", "shop-web:all"),
    ] {
        let said = said(line, top, file);
        assert!(
            said.out.contains(&format!("image: {expected}\n")),
            "{line} {top} {file}\n{}{}",
            said.out,
            said.err
        );
    }
}

#[test]
fn settings_of_several_compose_files_merge_as_compose_merges_c12() {
    let host =
        shop("x-rcompose: {defaults: {tag: one, registry: registry.example}}", "defaults: {tag: file}")
            .file("/shop/prod.yaml", "x-rcompose: {defaults: {tag: two}}\n");
    let said = say("-f compose.yaml -f prod.yaml convert", &host);
    assert!(said.out.contains("image: registry.example/shop-web:two\n"), "{}{}", said.out, said.err);
}

#[test]
fn what_is_allowed_needs_a_reason_and_may_name_services_c12() {
    let allow = |rest: &str| format!("diagnostics: {{allow: [{{code: image-must-be-pushed{rest}}}]}}");
    let bare = said("convert", "", &allow(""));
    assert_eq!((bare.exit, bare.out.as_str()), (Exit::Failed, ""), "{}", bare.err);
    assert!(bare.err.contains("reason"), "{}", bare.err);
    let compose = "services: {web: {image: w, mem_swappiness: 3}, db: {image: d, mem_swappiness: 3}}\n";
    let settings = "diagnostics: {allow: [{code: resource-tuning-dropped, services: [web], reason: x}]}\n";
    let host = MemoryHost::new().cwd("/shop").file("/shop/compose.yaml", compose);
    let said = say("convert", &host.file("/shop/rcompose.yaml", settings));
    let told = |name: &str| said.err.contains(&format!("`mem_swappiness` of `{name}` is left out"));
    assert!(told("db") && !told("web"), "{}", said.err);
}

#[test]
fn check_sees_what_convert_sees() {
    let file = "defaults: {tag: '1', to: swarm}";
    assert!(said("check", "", file).out.contains("swarm: 1 stack file"));
    assert!(said("check --to k8s", "", file).out.contains("kubernetes: "));
    assert!(said("check --to k8s", "", "defaults: {expose: nodeport}").out.contains("node-port-assigned"));
}

#[test]
fn a_hint_counts_before_the_flag_that_settings_give_and_after_that_of_the_command_line_n120() {
    let service = |hint: &str| {
        let compose = format!(
            "name: shop\nservices:\n  web:\n    image: web:1\n    ports: [\"8080:80\"]\n    x-rcompose: {{expose: {hint}}}\n"
        );
        MemoryHost::new().cwd("/shop").file("/shop/compose.yaml", compose)
    };
    let with_default = || service("none").file("/shop/rcompose.yaml", "defaults: {expose: nodeport}");
    assert!(!say("convert", &with_default()).out.contains("web-published"));
    assert!(say("convert --expose nodeport", &service("none")).out.contains("type: NodePort"));
    // Of the top and of the file the top counts, whichever of both says it as a flag.
    for (top, file, expected) in [
        ("x-rcompose: {expose: clusterip}", "defaults: {expose: nodeport}", "published"),
        ("x-rcompose: {defaults: {expose: nodeport}}", "expose: none", "type: NodePort"),
        ("", "defaults: {expose: nodeport}\nexpose: none", "clusterIP"),
    ] {
        let said = said("convert", top, file);
        assert_eq!(
            said.out.contains("type: NodePort"),
            expected == "type: NodePort",
            "{top} {file}\n{}",
            said.out
        );
    }
    assert!(
        said("convert", "x-rcompose: {namespace: top}", "defaults: {namespace: file}")
            .out
            .contains("namespace: top\n")
    );
}

#[test]
fn ports_are_inferred_as_the_flag_says_whatever_hints_say_n20_n120() {
    let compose = "name: shop\nservices:\n  web:\n    image: web:1\n    environment: {CACHE: \"cache:11211\"}\n    \
                   x-rcompose: {infer-ports: declared}\n  cache:\n    image: cache:1\n    x-rcompose: {infer-ports: declared}\n";
    let host = || MemoryHost::new().cwd("/shop").file("/shop/compose.yaml", compose);
    assert!(!say("convert", &host()).out.contains("port: 11211"));
    assert!(say("convert --infer-ports all", &host()).out.contains("port: 11211"));
    let every = compose.replace("declared", "all");
    let host = MemoryHost::new().cwd("/shop").file("/shop/compose.yaml", every);
    assert!(!say("convert --infer-ports declared", &host).out.contains("port: 11211"));
}

#[test]
fn flags_that_a_target_cannot_act_on_are_told_and_left_out_c12() {
    let both = "defaults: {expose: ingress, secrets: sops, tag: '2'}";
    let swarm = said("convert --to swarm", "", both);
    assert_eq!(swarm.exit, Exit::Done, "{}", swarm.err);
    assert_eq!(swarm.err.matches("warning[setting-ignored]").count(), 2, "{}", swarm.err);
    assert!(swarm.out.contains("shop-web:2"));
    let own = said("convert --to swarm", "", "defaults: {k8s: {expose: ingress}}");
    assert!(!own.err.contains("setting-ignored"), "{}", own.err);
    let late = said("convert", "x-rcompose: {defaults: {profile: data}}", "");
    assert!(late.err.contains("warning[setting-ignored]") && !late.out.contains("db:1"), "{}", late.err);
}

#[test]
fn unknown_flags_and_wrong_values_are_errors_with_their_place_c12() {
    for (file, expected) in [
        ("defaults: {expoze: none}", "error[setting-unknown]: unknown flag `expoze` in `defaults`"),
        ("defaults: {expose: up}", "error[hint-value-invalid]: `up` is no value of `--expose`"),
        ("defaults: {k8s: {kube-version: 0.9}}", "1.29 or newer is meant"),
        ("defaults: {pdb: sometimes}", "`true` or `false` is meant"),
        ("defaults: {force: true}", "it overwrites files: give it on the command line, each time"),
        ("defaults: {allow: [image-must-be-pushed]}", "write it below `diagnostics`, with a reason"),
        ("defaults: {swarm: none}", "`defaults.swarm` is to hold flags"),
        ("contexts: {prod: {kontext: k3s}}", "error[setting-unknown]"),
        ("contexts: {prod: k3s}", "error[hint-value-invalid]"),
        ("protected: ['prod-[']", "`prod-[` is no pattern of `protected`"),
        ("diagnostics: {allow: [{code: image-must-be-pushed}]}", "`reason` is missing"),
        ("colour: never", "error[setting-unknown]: unknown hint or setting `colour`"),
    ] {
        let said = said("convert", "", file);
        assert_eq!(said.exit, Exit::Failed, "{file}");
        assert!(said.err.contains(expected), "{file}\n{}", said.err);
        assert!(said.err.contains("rcompose.yaml:1:"), "{file}\n{}", said.err);
    }
}

#[test]
fn the_file_says_how_the_project_is_loaded() {
    let file = "defaults: {profile: [data], project-name: other}";
    let loaded = said("convert", "", file);
    assert!(loaded.out.contains("image: db:1") && loaded.out.contains("instance: other"), "{}", loaded.out);
    assert!(!said("convert --profile none -p mine", "", file).out.contains("image: db:1"));
    let host = shop("", file).env("COMPOSE_PROFILES", "none").env("COMPOSE_PROJECT_NAME", "mine");
    let by_environment = say("convert", &host).out;
    assert!(!by_environment.contains("image: db:1") && by_environment.contains("instance: mine"));
}

#[test]
fn the_target_and_the_place_of_output_may_stand_in_settings() {
    let file = "defaults: {to: swarm, output: out/, swarm: {tag: '1'}}";
    let below = shop("", file).dir("/shop/src").cwd("/shop/src");
    for (host, directory) in [(shop("", file), "out/"), (below, "/shop/out/")] {
        let said = say("convert", &host);
        assert_eq!(said.exit, Exit::Done, "{}", said.err);
        assert!(said.out.is_empty() && said.err.contains(&format!("in {directory} (")), "{}", said.err);
        assert!(host.text("/shop/out/stack.yaml").is_some(), "{:?}", host.files().keys());
    }
    assert!(said("convert -o -", "", file).out.contains("services:"));
    assert!(said("convert --stdout --to k8s", "", file).out.contains("kind: Deployment"));
}

#[test]
fn switches_and_lists_are_taken() {
    let file = "defaults: {qualify-images: true, pdb: 'false', label-allow: [team, tier], strict: true}";
    let strict = said("convert", "", file);
    assert_eq!(strict.exit, Exit::Failed, "{}", strict.err);
    assert!(said("convert", "", "defaults: {quiet: true}").err.find("note[").is_none());
}

#[test]
fn findings_weigh_as_x_rcompose_says_before_the_file_c12_c31() {
    let deny = "diagnostics: {deny: [image-must-be-pushed]}";
    let allow = "diagnostics: {allow: [{code: image-must-be-pushed, reason: the pipeline pushes it}]}";
    let top = |text: &str| format!("x-rcompose: {{{text}}}");
    assert_eq!(said("convert", "", deny).exit, Exit::Failed);
    assert_eq!(said("convert", "", allow).exit, Exit::Done);
    assert_eq!(said("convert", &top(allow), deny).exit, Exit::Done);
    assert_eq!(said("convert", &top(deny), allow).exit, Exit::Failed);
    assert_eq!(said("convert --allow image-must-be-pushed", &top(deny), deny).exit, Exit::Done);
    let json = said("check --format json", "", allow).out;
    assert!(json.contains("\"reason\": \"the pipeline pushes it\""), "{json}");
    let unused = said("convert", "", "diagnostics: {allow: [{code: port-collision, reason: x}]}");
    assert!(unused.err.contains("cannot be lowered"), "{}", unused.err);
    let unused = said("convert", "", "diagnostics: {allow: [{code: secret-in-output, reason: x}]}");
    assert!(
        unused.err.contains("the setting `allow` of `secret-in-output` matched nothing (rcompose.yaml:1)"),
        "{}",
        unused.err
    );
}

#[test]
fn another_file_is_named_by_a_flag_or_by_the_environment_c12() {
    let host = || shop("", "defaults: {tag: beside}").file("/etc/a.yaml", "defaults: {tag: named}");
    let tag = |said: &Said| said.out.lines().find(|line| line.contains("shop-web:")).map(str::to_owned);
    let named = Some("          image: shop-web:named".to_owned());
    assert_eq!(tag(&say("convert --settings /etc/a.yaml", &host())), named);
    assert_eq!(tag(&say("convert", &host().env("RCOMPOSE_SETTINGS", "/etc/a.yaml"))), named);
    let beside = Some("          image: shop-web:beside".to_owned());
    assert_eq!(tag(&say("convert", &host().env("RCOMPOSE_SETTINGS", ""))), beside);
    let missing = say("convert --settings /etc/none.yaml", &host());
    assert_eq!(missing.exit, Exit::Failed);
    assert!(missing.err.contains("`/etc/none.yaml` does not exist"), "{}", missing.err);
}

#[test]
fn the_file_lies_beside_the_first_compose_file_wherever_the_project_begins() {
    let host =
        shop("", "defaults: {tag: beside}").dir("/elsewhere").file("/elsewhere/rcompose.yaml", "tag: no\n");
    let said = say("-f /shop/compose.yaml --project-directory /elsewhere convert", &host);
    assert!(said.out.contains("shop-web:beside"), "{}{}", said.out, said.err);
}

#[test]
fn the_own_file_of_a_user_changes_no_output_c5_c12() {
    let own = "color: always\nprogress: plain\nprotected: ['prod*']\nconfirm: yes\n";
    let mine = |text: &str| {
        shop("", "").home("/home/me").env("XDG_CONFIG_HOME", "/cfg").file("/cfg/rcompose/settings.yaml", text)
    };
    for line in [
        "convert",
        "convert --to swarm",
        "config",
        "convert --to helm -o chart/ --check",
        "check --format json",
    ] {
        let (with, without) = (say(line, &mine(own)), say(line, &shop("", "")));
        assert_eq!((with.exit, &with.out), (without.exit, &without.out), "{line}");
    }
    assert!(say("convert", &mine(own)).err.contains("\u{1b}["));
    assert!(!say("convert --color never", &mine(own)).err.contains("\u{1b}["));
    for (text, expected) in [
        ("tag: '1'\n", "error[setting-unknown]: unknown setting `tag`"),
        ("defaults: {}\n", "error[setting-unknown]"),
        ("color: blue\n", "error[hint-value-invalid]: `blue` is no value of `color`"),
    ] {
        let said = say("convert", &mine(text));
        assert!(said.exit == Exit::Failed && said.err.contains(expected), "{text}\n{}", said.err);
    }
}

/// Opens a project as a live command does, and asks.
fn opened<T>(host: &MemoryHost, ask: impl FnOnce(&Session<'_, '_>) -> T) -> T {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut printer = Printer::new(&mut out, &mut err, Terminal::default());
    let mut session = Session::new(host, &mut printer, Globals::default(), Wishes::default());
    session.user = user_settings::read(&mut session);
    let request = session.request(&[]);
    session.open(&request).expect("a project");
    assert!(!session.sink.has_errors(), "{:?}", session.sink.diagnostics());
    ask(&session)
}

#[test]
fn clusters_have_names_of_ours_c12_a60() {
    let cluster = |context: &str, namespace: Option<&str>| project_settings::Cluster {
        context: Some(context.to_owned()),
        namespace: namespace.map(ToOwned::to_owned),
        id: None,
    };
    let host = shop(
        "x-rcompose: {contexts: {prod: {context: k3s, namespace: shop}}}",
        "contexts: {prod: {context: old}}",
    );
    opened(&host, |session| {
        assert_eq!(session.settings.cluster(Some("prod")), cluster("k3s", Some("shop")));
        assert_eq!(session.settings.cluster(Some("other")), cluster("other", None));
        assert_eq!(session.settings.cluster(None), cluster("k3s", Some("shop")));
    });
    let several = shop("", "contexts: {prod: {cluster-id: u-1}, stage: {}}");
    opened(&several, |session| {
        assert_eq!(session.settings.cluster(None), project_settings::Cluster::default());
        let prod = session.settings.cluster(Some("prod"));
        assert_eq!((prod.context.as_deref(), prod.id.as_deref()), (Some("prod"), Some("u-1")));
    });
}

#[test]
fn names_are_protected_by_the_project_and_by_the_user_c12_a60() {
    let host = shop("x-rcompose: {protected: [live]}", "protected: ['prod-*']")
        .env("XDG_CONFIG_HOME", "/cfg")
        .file("/cfg/rcompose/settings.yaml", "protected: [kube-*]\nconfirm: yes\nprogress: plain\n");
    opened(&host, |session| {
        let is_protected = |name| session.settings.protects(name) || session.user.protects(name);
        assert_eq!(["live", "prod-eu", "kube-system", "prod"].map(is_protected), [true, true, true, false]);
        assert!(session.user.yes_is_enough);
        assert_eq!(session.user.progress.as_deref(), Some("plain"));
    });
}
