//! T29 at full size: a thousand objects and all faults at once, a server that is killed, a login that ends, Ctrl-C in the middle.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::bed::{self, Bed, bed};
use crate::faults::{APPLY, EACH, member_writes, written_once};
use crate::program::Run;
use crate::project::{MEMBER, Project, services};
use crate::running::{Running, ending, objects, until};

/// A Deployment and a Service each.
const MANY: usize = 500;

/// Of a hundred requests five times `share` are refused, broken or done without an answer, and a few hang.
fn storm(share: u64) -> Value {
    let each = |seed: u64, percent: u64, rule: Value| {
        let mut rule = rule;
        rule["percent"] = (percent * share).into();
        rule["seed"] = seed.into();
        rule
    };
    json!([
        each(1, 1, json!({"fault": "status", "status": 429, "body": "", "headers": {"Retry-After": "1"}})),
        each(2, 1, json!({"fault": "status", "status": 503, "body": ""})),
        each(3, 1, json!({"fault": "reset"})),
        each(4, 2, json!({"fault": "lost"})),
        each(5, 1, json!({"fault": "delay", "milliseconds": 30_000, "times": 4})),
    ])
}

#[test]
fn t29_all_arrives_through_a_storm() {
    let Some(mut project) = Project::behind_proxy("storm", &services(60, EACH)) else { return };
    // Few requests, so more of them: each of the faults is to happen.
    project.proxy().faults(&storm(4));
    let run = project.start(&[APPLY, &["--request-timeout", "2s"]].concat()).end();
    project.proxy().faults(&json!([]));
    assert_eq!((run.code, ending(&run).as_str()), (Some(0), "reached"), "{}", run.stderr);
    let members = project.members();
    assert_eq!(members.len(), 120);
    assert_eq!(objects(&run, "written"), members);
    let requests = project.requests();
    let met: BTreeSet<&str> = requests.iter().filter_map(|request| request["fault"].as_str()).collect();
    assert_eq!(met, ["delay", "lost", "reset", "status"].into(), "all of it happened");
    written_once(&project);
    let seen = project.requests().len();
    assert_eq!(project.live(&["diff"]).code, Some(0));
    assert!(project.apply(&[]).stderr.contains("nothing to change"));
    assert_eq!(project.writes(seen), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn t29_row_19_of_a_thousand_in_a_storm_the_list_is_true_when_stopped_and_the_next_run_writes_the_rest() {
    let Some(mut project) = Project::behind_proxy("storm stopped", &services(MANY, EACH)) else { return };
    project.proxy().faults(&storm(1));
    let words = [APPLY, &["--request-timeout", "2s"]].concat();
    let run = project.start(&words);
    until("half of it", || member_writes(&project).len() > MANY / 2);
    run.signal("INT");
    let run = run.end();
    assert_eq!((run.code, ending(&run).as_str()), (Some(130), "interrupted"), "{}", run.stderr);
    let (first, failed) = (objects(&run, "written"), objects(&run, "failed"));
    let members = project.members();
    assert!(first.iter().all(|object| members.contains(object)), "what is said to be written is there");
    let unsaid: Vec<&String> = members.iter().filter(|member| !first.contains(member)).collect();
    assert!(unsaid.iter().all(|member| failed.contains(member)), "of these no answer came: {unsaid:?}");
    assert_eq!(first.len() + failed.len() + objects(&run, "untouched").len(), 2 * MANY);
    let is_told =
        |listed: &String| listed.split('=').next().is_some_and(|name| first.contains(&name.to_owned()));
    assert_eq!(project.listed().iter().filter(|listed| is_told(listed)).count(), first.len());
    assert_eq!((project.listed().len(), &project.state()["phase"]), (first.len(), &json!("interrupted")));

    let run = project.start(&words).end();
    project.proxy().faults(&json!([]));
    assert_eq!((run.code, ending(&run).as_str()), (Some(0), "reached"), "{}", run.stderr);
    let second = objects(&run, "written");
    assert!(second.iter().all(|object| !members.contains(object)), "what is there is not written again");
    assert_eq!(second.len() + members.len(), 2 * MANY);
    written_once(&project);
    assert_eq!(project.live(&["diff"]).code, Some(0));
}

/// A bed of its own, whose server is killed; the other tests keep theirs.
fn mortal(test: &str) -> Option<&'static Bed> {
    static MORTAL: OnceLock<Bed> = OnceLock::new();
    bed(&format!("live: {test}"), crate::BED)?;
    Some(MORTAL.get_or_init(|| {
        let built = bed::build().expect("the other bed was built");
        Bed::start(&built, &["--revive"]).expect("the other bed was started")
    }))
}

#[cfg(unix)]
#[test]
fn t29_row_20_a_server_that_is_killed_and_comes_back_is_waited_for() {
    let Some(bed) = mortal("killed server") else { return };
    let mut project = Project::on(bed, "killed server", &services(60, EACH));
    // So slowly that it is hit in the middle.
    let slow = json!([{"method": "PATCH", "url": MEMBER, "fault": "delay", "milliseconds": 400}]);
    project.proxy().faults(&slow);
    let mut run = project.start(APPLY);
    until("some of it", || member_writes(&project).len() > 30);
    let file = bed.kubeconfig.with_file_name("run").join("kube-apiserver.pid");
    let identity = fs::read_to_string(&file).expect("the bed says who its server is");
    assert!(!run.has_ended());
    let killed = Command::new("kill").args(["-KILL", identity.trim()]).status().expect("there is a `kill`");
    assert!(killed.success());
    let run = run.end();
    project.proxy().faults(&json!([]));
    assert_eq!((run.code, ending(&run).as_str()), (Some(0), "reached"), "{}", run.stderr);
    assert_ne!(fs::read_to_string(&file).expect("it says so"), identity, "it is another server");
    assert_eq!(objects(&run, "written"), project.members());
    assert_eq!((project.members().len(), project.listed()), (120, project.identified()));
    let bodies: BTreeSet<(String, String)> =
        member_writes(&project).into_iter().map(|write| (write.url, write.body)).collect();
    assert_eq!(bodies.len(), 120, "nothing is written in two ways");
    assert_eq!(project.live(&["diff"]).code, Some(0));
}

/// Writes a kubeconfig whose user logs in with a program: it gives another token at each login, as often as it may.
#[cfg(unix)]
fn with_login(project: &Project, folder: &Path, most: usize) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;

    let program = folder.join("login.sh");
    // A client runs it twice when it is made: for a token, and for a certificate.
    let script = format!(
        "#!/bin/sh\ncd '{}'\necho >>asked\nn=$((($(wc -l <asked) + 1) / 2))\n\
         [ $n -le {most} ] || {{ echo 'log in on the web page' >&2; exit 1; }}\n\
         echo '{{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\",\
         \"status\": {{\"token\": \"token-'$n'\"}}}}'\n",
        folder.display()
    );
    fs::write(&program, script).expect("a scratch file can be written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it may be run");
    let text = fs::read_to_string(&project.proxy.as_ref().expect("a proxy").kubeconfig).expect("it is there");
    let mut config: Value = serde_json::from_str(&text).expect("it is JSON");
    let exec = json!({"apiVersion": "client.authentication.k8s.io/v1", "command": "./login.sh", "interactiveMode": "Never"});
    config["users"][0]["user"] = json!({"exec": exec});
    let path = folder.join("kubeconfig");
    fs::write(&path, config.to_string()).expect("a scratch file can be written");
    path
}

/// Applies as somebody whose login ends in the middle of the writes, and who may log in so often.
#[cfg(unix)]
fn logged_in(test: &str, most: usize) -> Option<(Project, Run)> {
    let mut project = Project::behind_proxy(test, &services(20, EACH))?;
    let folder = tempfile::tempdir().expect("a scratch directory can be made");
    let kubeconfig = with_login(&project, folder.path(), most);
    let (status, body) = (
        401,
        json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 401,
        "reason": "Unauthorized", "message": "Unauthorized"}),
    );
    project.proxy().faults(&json!([{"token": "token-1", "after": 85, "fault": "status", "status": status,
        "body": body.to_string(), "headers": {"Content-Type": "application/json"}}]));
    let run = Running::start(project.command(&kubeconfig, APPLY)).end();
    project.proxy().faults(&json!([]));
    Some((project, run))
}

#[cfg(unix)]
#[test]
fn t29_row_24_a_login_that_ends_in_the_middle_is_renewed_by_its_program() {
    let Some((project, run)) = logged_in("login renewed", 2) else { return };
    assert_eq!((run.code, ending(&run).as_str()), (Some(0), "reached"), "{}", run.stderr);
    assert_eq!(objects(&run, "written"), project.members());
    written_once(&project);
    assert_eq!(project.plan(&[]).1, Some(0));
}

#[cfg(unix)]
#[test]
fn t29_row_24_a_login_that_ends_for_good_is_reported_in_full() {
    let Some((project, run)) = logged_in("login over", 1) else { return };
    assert_eq!((run.code, ending(&run).as_str()), (Some(3), "part-way"), "{}", run.stderr);
    assert!(run.stderr.contains("the server does not know who you are"), "{}", run.stderr);
    assert_eq!(objects(&run, "written"), project.members(), "the report is true");
    let count = |state: &str| objects(&run, state).len();
    assert!(count("written") > 0 && count("failed") > 0 && count("untouched") > 0, "{}", run.stdout);
    assert_eq!(count("written") + count("failed") + count("untouched"), 40);
    // Nobody was left who could give the lock back, or write the list.
    assert_eq!(project.state()["phase"], "applying");
    project.here(&["delete", "lease", "rcompose.shop"]);
    project.apply(&[]);
    written_once(&project);
    assert_eq!(project.plan(&[]).1, Some(0));
}
