//! What a container finds is what the Compose file said: words, variables, files with their owners and modes, names, limits.

use std::path::Path;

use serde_json::Value;

use crate::engine::engine;
use crate::eventually::eventually;
use crate::stack::Stack;

/// Runs in the container, as root, whoever the program is.
fn seen(stack: &Stack, service: &str, script: &str) -> String {
    let container = stack.container(service);
    stack.engine.done(&["exec", "-u", "0", &container, "sh", "-c", script])
}

fn deployed() -> Option<Stack> {
    let engine = engine("swarm engine: values")?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/swarm/values");
    let stack = Stack::of(engine, &source, "values").with(&[("PASSWORD", "pa$$w0rd {{x}}")]);
    stack.deploy_as_written();
    Some(stack)
}

#[test]
fn values_arrive_as_they_were_meant() {
    let Some(stack) = deployed() else { return };
    let app = |script: &str| seen(&stack, "app", script);

    // S12, S14, S22: words and variables.
    for (name, value) in [
        ("PRICE", "$5"),
        ("BRACES", "${HOME}"),
        ("LOG_FORMAT", "{{.Level}} {{.Msg}}"),
        ("WHERE", "values_app.1"),
        ("NUMBER", "010"),
        ("EMPTY", ""),
        ("LINES", "one\ntwo"),
    ] {
        assert_eq!(app(&format!("printf %s \"${name}\"")), value, "{name}");
    }
    let log = || stack.engine.done(&["service", "logs", "--raw", &stack.full("app")]);
    eventually("the log", || if log() == "$5 {{.Level}}" { Ok(()) } else { Err(log()) });

    // S26: names, from inside and from another service.
    assert_eq!(app("hostname"), "apphost");
    for name in ["app", "the-app", "front.example.com", "tasks.app", "apphost"] {
        stack.finds("peer", name);
    }

    // S41, S42, S50: memory under a path, hosts.
    assert_eq!(app("df -k /dev/shm | awk 'END {print $2}'"), "98304");
    assert_eq!(app("df -k /scratch | awk 'END {print $2}'"), "8192");
    let hosts = app("cat /etc/hosts");
    assert!(hosts.contains("192.0.2.9\tprinter") && hosts.contains("\thost.docker.internal"), "{hosts}");
    assert!(app("cat /proc/mounts").contains(" /keep "));

    // S93, S94, S101 to S103: files, owners, modes.
    for (path, owner, mode, content) in [
        ("/page", "0:0", "444", "<p>It costs $5, {{ so it says }}.</p>"),
        ("/etc/written", "33:33", "440", "costs $5"),
        ("/empty", "0:0", "444", ""),
        ("/run/secrets/token", "0:0", "444", "open sesame"),
        ("/run/secrets/renamed", "0:0", "400", "pa$$w0rd {{x}}"),
        ("/etc/conf.d/a.ini", "0:0", "444", "a=1"),
        ("/etc/conf.d/b.ini", "0:0", "444", "b=2"),
        ("/usr/local/bin/run-it", "0:0", "555", "#!/bin/sh\necho \"run with $1\""),
    ] {
        assert_eq!(app(&format!("stat -Lc '%u:%g %a' {path}")), format!("{owner} {mode}"), "{path}");
        assert_eq!(app(&format!("cat {path}")), content, "{path}");
    }
    assert_eq!(app("run-it now"), "run with now");

    // S32, S33, S37: the process and its limits.
    let inspected = stack.engine.done(&["inspect", &stack.container("app")]);
    let inspected: Value = serde_json::from_str(&inspected).expect("the engine gives JSON");
    assert_eq!(inspected[0]["Config"]["User"], "33");
    assert_eq!(inspected[0]["Config"]["WorkingDir"], "/srv");
    assert_eq!(inspected[0]["Config"]["StopSignal"], "SIGINT");
    assert_eq!(inspected[0]["Config"]["Labels"]["price"], "$5");
    assert_eq!(inspected[0]["HostConfig"]["ReadonlyRootfs"], true);
    assert_eq!(inspected[0]["HostConfig"]["Init"], true);
    assert_eq!(app("awk '/open files/ {print $4, $5}' /proc/1/limits"), "1234 1234");
    assert_eq!(app("cat /proc/sys/net/core/somaxconn"), "321");
    let bounds = app("awk '/CapBnd/ {print $2}' /proc/1/status");
    let bounds = u64::from_str_radix(&bounds, 16).expect("a mask");
    assert_eq!(bounds >> 13 & 1, 0, "NET_RAW is gone");
    let limits = "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}";
    let limits = stack.engine.done(&["inspect", "-f", limits, &stack.container("peer")]);
    assert_eq!(limits, "67108864 500000000 50");
}
