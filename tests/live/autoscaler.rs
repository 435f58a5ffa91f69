//! T5: who scales keeps the number, and a number that the file lets go of does not fall on the way.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::project::Project;

fn web(replicas: &str) -> String {
    format!("services:\n  web: {{image: 'shop/web:1.4', deploy: {{{replicas}}}}}\n")
}

fn replicas(project: &Project) -> Value {
    project.get("deployment/web")["spec"]["replicas"].clone()
}

#[test]
fn t5_row_6_a_number_that_somebody_scales_is_left_to_them() {
    let Some(project) = Project::behind_proxy("scaled", &web("replicas: 2")) else { return };
    project.apply(&[]);
    project.here(&["scale", "deployment/web", "--replicas=7"]);
    project.write(&web("replicas: 3"));
    let run = project.apply(&[]);
    assert_eq!(replicas(&project), json!(7));
    assert!(run.stderr.contains("field-yielded"), "{}", run.stderr);
    let seen = project.requests().len();
    let again = project.apply(&[]);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new());
    let diff = project.live(&["diff"]);
    assert_eq!(diff.code, Some(0), "{}{}", diff.stdout, diff.stderr);
}

#[test]
fn t5_a_number_that_the_file_lets_go_of_never_falls() {
    let Some(project) = Project::new("handed over", &web("replicas: 5")) else { return };
    project.apply(&[]);
    let mut watch = Command::new(&project.bed.program)
        .arg("kubectl")
        .env("KUBECONFIG", &project.bed.kubeconfig)
        .args(["-n", &project.namespace, "get", "deployment", "web", "--watch"])
        .args(["-o", "jsonpath={.spec.replicas}{\"\\n\"}"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("what was built can be started");
    let mut lines = BufReader::new(watch.stdout.take().expect("stdout is piped")).lines();
    // It is watched from here on: the first line is what is there.
    assert_eq!(lines.next().expect("a line").expect("it can be read"), "5");
    let seen = thread::spawn(move || lines.map_while(Result::ok).take_while(|line| line != "4").collect());

    project.write(&web("labels: {a: b}"));
    project.apply(&[]);
    assert_eq!(replicas(&project), json!(5));
    let again = project.apply(&[]);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    project.write(&web("replicas: 6"));
    let back = project.apply(&[]);
    assert!(!back.stderr.contains("field-conflict"), "{}", back.stderr);
    assert_eq!(replicas(&project), json!(6));
    // The last word ends the watch.
    project.here(&["scale", "deployment/web", "--replicas=4"]);
    let seen: Vec<String> = seen.join().expect("the watch is read");
    watch.kill().expect("a child can be stopped");
    watch.wait().expect("a child can be waited for");
    assert!(seen.iter().all(|number| number == "5" || number == "6"), "{seen:?}");
    assert_eq!(seen.last().map(String::as_str), Some("6"), "{seen:?}");
}
