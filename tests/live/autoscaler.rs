//! T5: who scales keeps the number, and a number that the file lets go of does not fall on the way.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::project::{Project, actions, fields, first_plan};
use crate::reading::find;
use crate::running::{ending, objects};

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
    let run = project.apply(&["-o", "json"]);
    assert_eq!(replicas(&project), json!(7));
    assert!(run.stderr.contains("field-yielded"), "{}", run.stderr);
    let said = "`spec.replicas` of `Deployment/web` stays 7: kubectl scales it; the file says 3";
    let yielded = |plan: &Value| {
        assert_eq!(
            (actions(plan)["Deployment/web"].as_str(), fields(plan, "Deployment/web")),
            ("unchanged", vec![])
        );
        let change = find(plan, "Deployment/web");
        assert_eq!(change["conflicts"], json!([]), "who yields has no conflict");
        let note = &change["notes"][0];
        assert_eq!((note["code"].as_str(), note["message"].as_str()), (Some("field-yielded"), Some(said)));
        assert_eq!((&note["object"]["kind"], &note["object"]["name"]), (&json!("Deployment"), &json!("web")));
    };
    yielded(&first_plan(&run));
    assert_eq!((ending(&run).as_str(), objects(&run, "written")), ("reached", vec![]));
    project.nothing_to_change(&[]);
    let (plan, code) = project.plan(&[]);
    assert_eq!((code, &plan["summary"]), (Some(0), &json!({"unchanged": 2})), "{plan:#}");
    yielded(&plan);
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
    let run = project.apply(&["-o", "json"]);
    let of_plan = fields(&first_plan(&run), "Deployment/web");
    assert_eq!(of_plan, ["add metadata.annotations.a: null → \"b\""], "the number is none of it");
    assert_eq!(
        (ending(&run).as_str(), objects(&run, "written")),
        ("reached", vec!["Deployment/web".to_owned()])
    );
    assert_eq!(replicas(&project), json!(5));
    let again = project.apply(&[]);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    project.write(&web("replicas: 6"));
    let back = project.apply(&["-o", "json"]);
    assert!(!back.stderr.contains("field-conflict"), "{}", back.stderr);
    let plan = first_plan(&back);
    assert_eq!(actions(&plan)["Deployment/web"], "update");
    assert_eq!(find(&plan, "Deployment/web")["conflicts"], json!([]), "a hand-over stands in nobody's way");
    let number = "replace spec.replicas: 5 → 6, of rcompose-handover";
    assert!(fields(&plan, "Deployment/web").iter().any(|field| field == number), "{plan:#}");
    assert_eq!(objects(&back, "written"), ["Deployment/web"]);
    assert_eq!(replicas(&project), json!(6));
    // The last word ends the watch.
    project.here(&["scale", "deployment/web", "--replicas=4"]);
    let seen: Vec<String> = seen.join().expect("the watch is read");
    watch.kill().expect("a child can be stopped");
    watch.wait().expect("a child can be waited for");
    assert!(seen.iter().all(|number| number == "5" || number == "6"), "{seen:?}");
    assert_eq!(seen.last().map(String::as_str), Some("6"), "{seen:?}");
}
