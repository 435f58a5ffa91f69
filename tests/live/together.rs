//! T24: two runs do not write at once, and a dead one holds nobody up.

use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use crate::faults::{APPLY, EACH};
use crate::project::{MEMBER, Project, services};
use crate::proxy::Proxy;
use crate::running::{Running, Write, ending, until, writes};

const WEB: &str = "
services:
  web: {image: 'shop/web:1.4', ports: ['8080:80']}
";

/// Makes the lock of somebody, heard of so many seconds ago by the clock of this machine, which is the server's too.
fn lock(project: &Project, renewed: &str) {
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "rcompose.shop"}, "spec": {
        "holderIdentity": "ann@laptop/1/abc", "leaseDurationSeconds": 30, "renewTime": renewed, "acquireTime": renewed,
        "leaseTransitions": 0,
    }});
    project.put(&lease, &["create"]);
}

/// Holds that no write of one run lies between two of the other, as the proxies of both have seen them.
fn one_after_the_other(first: &Proxy, second: &Proxy) {
    let of = |proxy: &Proxy| {
        let done = writes(proxy).into_iter().filter(|write| write.is_done() && !write.is_of_lock());
        done.collect::<Vec<_>>()
    };
    let (first, second) = (of(first), of(second));
    let Some(begun) = second.first() else { return };
    let between =
        first.iter().filter(|write| write.end > begun.at && write.at < second.last().expect("one").end);
    assert_eq!(between.count(), 0, "{first:#?} {second:#?}");
}

#[test]
fn t24_row_17_the_second_run_says_who_was_first() {
    let Some(project) = Project::behind_proxy("locked", WEB) else { return };
    lock(&project, "2999-01-01T00:00:00.000000Z");
    let run = project.live(APPLY);
    assert_eq!((run.code, ending(&run).as_str()), (Some(7), "decision"), "{}", run.stderr);
    for word in ["lock-held", "ann@laptop/1/abc", "2999-01-01T00:00:00"] {
        assert!(run.stderr.contains(word), "{word} is missing: {}", run.stderr);
    }
    assert_eq!(project.writes(0), Vec::<String>::new());
}

#[test]
fn t24_a_lock_whose_holder_is_silent_lapses() {
    let Some(project) = Project::new("lapsed", WEB) else { return };
    lock(&project, "2020-01-01T00:00:00.000000Z");
    project.apply(&[]);
    let lease = project.get("lease/rcompose.shop");
    let holder = lease["spec"]["holderIdentity"].as_str().unwrap_or_default();
    assert_eq!((holder, &lease["spec"]["leaseTransitions"]), ("", &Value::from(1)), "it is given back");
}

#[test]
fn t24_of_two_at_once_one_writes() {
    let Some(project) = Project::new("at once", &services(4, EACH)) else { return };
    let ways = [Proxy::start(project.bed), Proxy::start(project.bed)];
    for round in 1..=4 {
        project.write(&services(4, &EACH.replace("a:1", &format!("a:{round}"))));
        let mut runs = ways.each_ref().map(|way| Running::start(project.command(&way.kubeconfig, APPLY)));
        until("end of both runs", || runs.iter_mut().all(Running::has_ended));
        let mut runs = runs.map(Running::end);
        runs.sort_by_key(|run| run.code);
        let codes = [&runs[0], &runs[1]].map(|run| (run.code, ending(run)));
        // The second may come so late that nothing is left to do.
        assert_eq!(codes[0], (Some(0), "reached".to_owned()), "{}", runs[0].stderr);
        if codes[1].0 != Some(0) {
            assert_eq!(codes[1], (Some(7), "decision".to_owned()), "{}", runs[1].stderr);
            assert!(runs[1].stderr.contains("lock-held"), "{}", runs[1].stderr);
        }
        assert_eq!(project.plan(&[]).1, Some(0));
    }
    let all: Vec<_> = ways.iter().flat_map(writes).filter(Write::is_done).collect();
    for service in 0..4 {
        let url = format!("deployments/s{service}?");
        let count = all.iter().filter(|write| write.url.contains(&url)).count();
        assert_eq!(count, 4, "each round is written once: {all:#?}");
    }
}

#[test]
fn t24_row_17_who_is_second_does_not_even_ask_for_the_lock() {
    let Some(project) = Project::new("second says", WEB) else { return };
    let mut first = Proxy::start(project.bed);
    let held = json!([{"method": "PATCH", "url": MEMBER, "fault": "delay", "milliseconds": 8000}]);
    first.faults(&held);
    let holder = Running::start(project.command(&first.kubeconfig, APPLY));
    let name = taken(&project);
    let second = Proxy::start(project.bed);
    let refused = Running::start(project.command(&second.kubeconfig, APPLY)).end();
    assert_eq!((refused.code, ending(&refused).as_str()), (Some(7), "decision"), "{}", refused.stderr);
    assert!(refused.stderr.contains(&name), "{name}: {}", refused.stderr);
    assert_eq!(writes(&second), [], "who is second does not even ask for the lock");
    let run = holder.end();
    assert_eq!((run.code, ending(&run).as_str()), (Some(0), "reached"), "{}", run.stderr);
}

/// Waits until somebody has the lock and has begun to write, and returns the name of the holder.
fn taken(project: &Project) -> String {
    let mut name = String::new();
    until("lock", || {
        let lease = project.get("lease/rcompose.shop");
        lease["spec"]["holderIdentity"].as_str().unwrap_or_default().clone_into(&mut name);
        !name.is_empty() && project.get("configmap/rcompose.shop").is_object()
    });
    name
}

#[test]
fn t24_row_17_a_killed_holder_holds_nobody_up_where_the_server_is_ahead() {
    killed("killed ahead", 20, true);
}

#[test]
fn t24_row_17_a_killed_holder_holds_nobody_up_where_the_server_is_behind() {
    killed("killed behind", -20, true);
}

#[cfg(unix)]
#[test]
fn t24_a_holder_that_was_asleep_writes_nothing_when_it_wakes() {
    killed("asleep", 0, false);
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970");
    i64::try_from(since.as_secs()).expect("it is earlier than the end of time")
}

/// Kills a run that has the lock, or stops it as a laptop that is shut; the next is kept out for half a minute and no longer. The
/// server's clock is so many seconds ahead of that of all who ask, so whoever looks at his own comes too early or too late.
fn killed(test: &str, ahead: i64, is_dead: bool) {
    let Some(project) = Project::new(test, &services(4, EACH)) else { return };
    let clock = ["--clock", &format!("{ahead}s")];
    let (mut first, second) = (Proxy::with(project.bed, &clock), Proxy::with(project.bed, &clock));
    // The server gets what was held up only where it came before the holder was struck.
    let seconds = if is_dead { 600 } else { 4 };
    first.faults(
        &json!([{"method": "PATCH", "url": MEMBER, "fault": "delay", "milliseconds": seconds * 1000}]),
    );
    let words = [APPLY, &["--parallel", "1"]].concat();
    let holder = Running::start(project.command(&first.kubeconfig, &words));
    let name = taken(&project);
    let lease = project.get("lease/rcompose.shop");
    let renewed = lease["spec"]["renewTime"].as_str().expect("a time").to_owned();
    let struck = Instant::now();
    let mut asleep = None;
    if is_dead {
        drop(holder.kill());
    } else {
        holder.signal("STOP");
        asleep = Some(holder);
    }
    let said = seconds_of(&renewed);
    assert!((now() + ahead - said).abs() < 15, "it is the server's time: {renewed}");

    let early = Running::start(project.command(&second.kubeconfig, APPLY)).end();
    assert_eq!(early.code, Some(7), "{}", early.stderr);
    assert!(early.stderr.contains(&name), "{}", early.stderr);
    let mut last = early;
    while last.code == Some(7) && struck.elapsed() < Duration::from_secs(40) {
        std::thread::sleep(Duration::from_millis(1500));
        last = Running::start(project.command(&second.kubeconfig, APPLY)).end();
    }
    assert_eq!((last.code, ending(&last).as_str()), (Some(0), "reached"), "{}", last.stderr);
    // Who was refused had asked while the lock held; who got it, after half a minute without a word.
    let asked = |at: u64| i64::try_from(at / 1_000_000).expect("a time") + ahead - said;
    let taken = writes(&second).into_iter().find(Write::is_of_lock).expect("the lock is taken");
    assert!(asked(taken.at) >= 29, "{} s after its last word", asked(taken.at));
    let looked = second.requests().into_iter().filter(|request| {
        request["method"] == "GET" && request["url"].as_str().is_some_and(|url| url.contains("/leases"))
    });
    let refused = looked.filter_map(|request| request["at"].as_u64()).filter(|at| *at + 1_000_000 < taken.at);
    let last = refused.map(asked).max().expect("somebody was refused");
    assert!(last <= 31, "it was refused {last} s after its last word");
    assert_eq!(project.plan(&[]).1, Some(0));
    if let Some(holder) = asleep {
        let before = project.versions();
        holder.signal("CONT");
        let run = holder.end();
        assert!(matches!(run.code, Some(3 | 7)), "{:?} {}", run.code, run.stderr);
        assert!(run.stderr.contains("lock-held"), "{}", run.stderr);
        assert_eq!(project.versions(), before, "what it began is another's now");
    }
    one_after_the_other(&first, &second);
}

/// Reads a time of the server's as seconds of the epoch, as far as a day of this year goes.
fn seconds_of(time: &str) -> i64 {
    let output =
        std::process::Command::new("date").args(["-u", "-d", time, "+%s"]).output().expect("a `date`");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("it says a number")
}

#[test]
fn t24_without_rights_on_leases_the_parent_keeps_two_apart() {
    let Some(project) = Project::new("no leases", &services(3, EACH)) else { return };
    let body = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden",
        "message": "leases.coordination.k8s.io is forbidden"});
    let forbidden = json!({"url": "/leases", "fault": "status", "status": 403, "body": body.to_string(),
        "headers": {"Content-Type": "application/json"}});
    let mut ways = [Proxy::start(project.bed), Proxy::start(project.bed)];
    for round in 1..=2 {
        project.write(&services(3, &EACH.replace("a:1", &format!("a:{round}"))));
        // Both have read the parent before either writes it.
        for way in &mut ways {
            way.faults(
                &json!([forbidden, {"method": "PATCH", "url": "configmaps/rcompose.shop", "fault": "delay",
                "milliseconds": 1500, "times": 1}]),
            );
        }
        let runs = ways.each_ref().map(|way| Running::start(project.command(&way.kubeconfig, APPLY)));
        let mut runs = runs.map(Running::end);
        runs.sort_by_key(|run| run.code);
        assert_eq!(runs[0].code, Some(0), "{round}: {}", runs[0].stderr);
        assert_eq!(runs[1].code, Some(7), "{round}: {}", runs[1].stderr);
        for run in &runs {
            assert!(
                run.stderr.contains("permission-degraded") && run.stderr.contains("Leases"),
                "{}",
                run.stderr
            );
        }
        let members = ways
            .iter()
            .flat_map(writes)
            .filter(|write| write.is_done() && write.url.contains("deployments/"));
        assert_eq!(members.count(), 3 * round, "{round}: one of them wrote");
        for way in &mut ways {
            way.faults(&json!([]));
        }
        project.apply(&[]);
    }
}
