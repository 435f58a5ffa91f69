//! One plan with everything in it, on each screen.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::cluster::codes::ClusterCode;
use crate::cluster::object::Identity;
use crate::cluster::plan::Note;
use crate::cluster::plan::change::{Action, Change, Check, Conflict, FieldChange, Obstacle, Op, Problem};
use crate::cluster::plan::orphan::{Fate, Orphan};

fn identity(kind: &str, name: &str) -> Identity {
    Identity {
        group: String::new(),
        version: "v1".into(),
        kind: kind.into(),
        namespace: Some("shop".into()),
        name: name.into(),
    }
}

fn change(kind: &str, name: &str, action: Action) -> Change {
    Change {
        identity: identity(kind, name),
        service: None,
        place: Some("compose.yaml:3".into()),
        action,
        reason: None,
        fields: Vec::new(),
        conflicts: Vec::new(),
        warnings: Vec::new(),
        notes: Vec::new(),
        check: Check::Done,
        problem: None,
        steps: Vec::new(),
    }
}

fn field(path: &str, before: Option<Value>, after: Option<Value>) -> FieldChange {
    let op = match (&before, &after) {
        (None, _) => Op::Add,
        (_, None) => Op::Remove,
        _ => Op::Replace,
    };
    let masked = [&before, &after].into_iter().flatten().any(|value| value.to_string().contains("‹hidden"));
    FieldChange { path: path.into(), op, before, after, masked, owner: None }
}

fn plan() -> Plan {
    let container = |rest: &str| format!("spec.template.spec.containers[web].{rest}");
    let mut web = change("Deployment", "web", Action::Update);
    web.fields = vec![
        field(&container("image"), Some(json!("shop/web:1.4")), Some(json!("shop/web:1.5"))),
        field(&container("env[LOG].value"), None, Some(json!("debug"))),
        field(&container("env[TOKEN].value"), Some(json!("‹hidden #a1b2›")), Some(json!("‹hidden #9c0d›"))),
        field(&container("env[OLD].value"), Some(json!("1")), None),
    ];
    let mut map = change("ConfigMap", "nginx-conf", Action::Update);
    map.fields = vec![field(
        "data.nginx_conf",
        Some(json!("listen 80;\nroot /a;\n")),
        Some(json!("listen 80;\nroot /b;\n")),
    )];
    let mut db = change("StatefulSet", "db", Action::Recreate);
    db.reason = Some("volumeClaimTemplates cannot change (pods and claims stay)".into());
    let mut worker = change("Deployment", "worker", Action::Conflict);
    worker.conflicts = vec![Conflict {
        path: "spec.replicas".into(),
        manager: "kubectl-edit".into(),
        operation: "Update".into(),
        subresource: None,
        since: Some("2026-01-02T10:00:00Z".into()),
        live: Some(json!(7)),
        ours: Some(json!(3)),
    }];
    worker.problem = Some(Problem {
        code: ClusterCode::FieldConflict.into(),
        obstacle: Obstacle::Decision,
        text: "owned".into(),
        help: vec!["take over".into()],
        span: None,
    });
    let mut scaled = change("Deployment", "scaled", Action::Unchanged);
    scaled.notes = vec![Note {
        code: ClusterCode::FieldYielded.into(),
        object: Some(identity("Deployment", "scaled")),
        text: "`spec.replicas` stays 7".into(),
    }];
    let orphan = |name: &str, fate: Fate| Orphan {
        identity: identity("Service", name),
        uid: "1".into(),
        service: None,
        fate,
        size: None,
    };
    Plan {
        context: "prod".into(),
        server: "https://10.0.0.1:6443".into(),
        namespace: "shop".into(),
        project: "shop".into(),
        changes: vec![
            web,
            map,
            change("ConfigMap", "new-5d41402abc", Action::Create),
            db,
            worker,
            scaled,
            change("Service", "same", Action::Unchanged),
        ],
        orphans: vec![
            orphan("old", Fate::Kept),
            orphan("marked", Fate::Retained("kept by its annotation".into())),
        ],
        ..Plan::default()
    }
}

fn style() -> Style {
    let now = crate::cluster::when::of_micro_time("2026-01-02T12:00:00Z");
    Style { unicode: true, now, ..Style::default() }
}

fn joined(lines: &[Line]) -> String {
    lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect()
}

#[test]
fn the_screen_of_diff() {
    let expected = r#"shop → prod (cluster https://10.0.0.1:6443, namespace shop)

~ Deployment/web                                     compose.yaml:3
    containers[web].image        shop/web:1.4 → shop/web:1.5
    containers[web].env[LOG]     + "debug"
    containers[web].env[TOKEN]   ‹hidden #a1b2› → ‹hidden #9c0d›
    containers[web].env[OLD]     - "1"
~ ConfigMap/nginx-conf                               compose.yaml:3
    data.nginx_conf
        listen 80;
      - root /a;
      + root /b;
+ ConfigMap/new-5d41402abc                           compose.yaml:3
± StatefulSet/db                                     recreate: volumeClaimTemplates cannot change (pods and claims stay)
! Deployment/worker                                  conflict: spec.replicas is 7, ours 3; kubectl-edit, 2h ago
- Service/old                                        orphan, kept (--prune removes it)
- Service/marked                                     orphan, kept: kept by its annotation

2 to update, 1 to create, 1 to recreate, 1 conflict, 1 orphan, 1 kept, 2 unchanged
"#;
    assert_eq!(joined(&text::text(&plan(), style())), expected);
}

#[test]
fn what_goes_when_the_project_goes_is_no_orphan() {
    let volume = Orphan {
        identity: identity("PersistentVolumeClaim", "data"),
        uid: "1".into(),
        service: None,
        fate: Fate::Prune,
        size: Some("1Gi".into()),
    };
    let mut plan = Plan { orphans: plan().orphans, ..Plan::default() };
    plan.orphans.push(volume);
    let shown = joined(&text::text(&plan, Style { takes_out: true, ..style() }));
    assert!(shown.contains("Claim/data                         deleted, 1Gi\n"), "{shown}");
    assert!(
        shown.contains("Service/marked                                     kept: kept by its annotation\n"),
        "{shown}"
    );
    assert!(!shown.lines().any(|line| line.starts_with("- ") && line.contains("orphan")), "{shown}");
}

#[test]
fn new_objects_are_shown_field_by_field_on_demand() {
    let mut new = change("ConfigMap", "new", Action::Create);
    new.fields = vec![field("data.key", None, Some(json!("value")))];
    let plan = Plan { changes: vec![new], ..Plan::default() };
    let field = "    data.key                     + \"value\"";
    assert!(!joined(&text::text(&plan, style())).contains(field));
    let shown = joined(&text::text(&plan, Style { defaults: true, ..style() }));
    assert!(shown.contains(field), "{shown}");
}

#[test]
fn nothing_to_say_is_nothing_on_the_screen() {
    let plan = Plan { changes: vec![change("Service", "same", Action::Unchanged)], ..Plan::default() };
    assert_eq!(
        (text::text(&plan, style()).len(), unified::unified(&plan).len(), names(&plan).len()),
        (0, 0, 0)
    );
}

#[test]
fn narrow_and_plain_screens_lose_no_line() {
    let plain = text::text(&plan(), Style { unicode: false, width: Some(60), ..style() });
    assert_eq!(plain.len(), text::text(&plan(), style()).len());
    assert!(plain.iter().all(|line| line.to_string().chars().count() <= 60));
    let whole = joined(&text::text(&plan(), Style { unicode: false, ..style() }));
    assert!(
        whole.contains("shop -> prod")
            && whole.contains("-/+ StatefulSet/db")
            && whole.contains("1.4 -> shop")
    );
}

#[test]
fn a_unified_diff_has_a_hunk_for_each_field() {
    let shown = joined(&unified::unified(&plan()));
    let expected = "--- live/ConfigMap/nginx-conf\n+++ project/ConfigMap/nginx-conf\n@@ data.nginx_conf @@\n listen 80;\n-root /a;\n+root /b;\n";
    assert!(shown.contains(expected), "{shown}");
    assert!(shown.contains("--- /dev/null\n+++ project/ConfigMap/new-5d41402abc\n"), "{shown}");
    assert!(!shown.contains("Service/old"), "{shown}");
}

#[test]
fn names_are_those_of_what_would_be_written() {
    assert_eq!(
        joined(&names(&plan())),
        "Deployment/web\nConfigMap/nginx-conf\nConfigMap/new-5d41402abc\nStatefulSet/db\nDeployment/worker\n"
    );
}

#[test]
fn the_json_is_what_its_schema_says() {
    let schema = schema::schema();
    let json = json::json(&plan());
    let mut faults = Vec::new();
    conforms(&json, &schema, &schema, "", &mut faults);
    assert_eq!(faults, [] as [String; 0]);
    assert_eq!(
        json["summary"],
        json!({"conflict": 1, "create": 1, "orphan": 1, "recreate": 1, "retained": 1, "unchanged": 2, "update": 2})
    );
    assert_eq!(json["changes"][4]["problem"]["needs"], "decision");
    assert_eq!(json["orphans"][0]["action"], "keep");
    // The check itself sees faults.
    let mut wrong = json.clone();
    wrong["changes"][0]["action"] = json!("maybe");
    wrong["changes"][0]["more"] = json!(1);
    wrong["orphans"][0]["size"] = json!(3);
    conforms(&wrong, &schema, &schema, "", &mut faults);
    assert_eq!(faults.len(), 3, "{faults:?}");
}

/// Checks a value against the few words of JSON Schema that ours uses.
fn conforms(value: &Value, schema: &Value, root: &Value, at: &str, faults: &mut Vec<String>) {
    if let Some(place) = schema["$ref"].as_str() {
        let target = root.pointer(place.trim_start_matches('#')).expect("references lead somewhere");
        return conforms(value, target, root, at, faults);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = |choice: &Value| {
            let mut found = Vec::new();
            conforms(value, choice, root, at, &mut found);
            found.is_empty()
        };
        if choices.iter().filter(|choice| fits(choice)).count() != 1 {
            faults.push(format!("{at}: fits not just one"));
        }
        return;
    }
    let is = |name: &str| match name {
        "string" => value.is_string(),
        "null" => value.is_null(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        _ => false,
    };
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|name| is(name)) {
        faults.push(format!("{at}: is no {types:?}"));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value))
        || schema.get("const").is_some_and(|one| one != value)
    {
        faults.push(format!("{at}: {value} is not allowed"));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        conforms(item, &schema["items"], root, &format!("{at}[{index}]"), faults);
    }
    let Some(map) = value.as_object() else { return };
    let known: BTreeMap<&String, &Value> =
        schema["properties"].as_object().map(|known| known.iter().collect()).unwrap_or_default();
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !map.contains_key(key) {
            faults.push(format!("{at}.{key}: is missing"));
        }
    }
    for (key, value) in map {
        match (known.get(key), &schema["additionalProperties"]) {
            (Some(schema), _) => conforms(value, schema, root, &format!("{at}.{key}"), faults),
            (None, Value::Bool(false)) => faults.push(format!("{at}.{key}: is unknown")),
            (None, schema) => conforms(value, schema, root, &format!("{at}.{key}"), faults),
        }
    }
}
