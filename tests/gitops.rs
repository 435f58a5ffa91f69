//! Bases, overlays and charts, rendered by the real engines, are the objects that `convert` writes (N113, N114).
//!
//! Needs Go and its module proxy once; skipped by name without.

#![expect(clippy::disallowed_methods, reason = "reads fixtures itself; `host` is for the program")]

#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;
#[path = "support/renderer.rs"]
mod renderer;
#[cfg(unix)]
#[path = "support/sealers.rs"]
mod sealers;
#[path = "support/skip.rs"]
mod skip;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use program::Stage;
use renderer::Renderer;
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Goldens and files about a project: no part of it.
const NOT_INPUT: &[&str] =
    &["case.args", "expect.txt", "helm", "kubernetes", "kustomize", "problems.txt", "swarm"];

#[test]
fn bases_and_overlays_are_the_objects_of_convert_n113() {
    let Some(renderer) = Renderer::of("bases_and_overlays_are_the_objects_of_convert_n113") else { return };
    hold(&with_overlays(), |project| {
        let stage = project.stage();
        project.convert(&stage, &["--to", "kustomize", "-o", "../out/"])?;
        let out = out(&stage);
        let base = project.objects(&stage, 1, &[])?;
        differences(&base, &renderer.kustomize(&out.join("base"))?)?;
        let names = listed(&out.join("overlays"));
        for (index, name) in project.overlays.iter().enumerate() {
            let expected = project.objects(&stage, index + 2, &[])?;
            differences(&expected, &renderer.kustomize(&out.join("overlays").join(name))?)
                .map_err(|fault| format!("overlay {name}: {fault}"))?;
        }
        let mut expected = project.overlays.clone();
        expected.sort();
        if names == expected { Ok(()) } else { Err(format!("overlays {names:?}, not {expected:?}")) }
    });
}

#[test]
fn a_namespace_reaches_every_object_of_an_overlay_n113() {
    let Some(renderer) = Renderer::of("a_namespace_reaches_every_object_of_an_overlay_n113") else { return };
    let project = Project::of("gitops/overlays", &["compose.yaml", "compose.prod.yaml"], &["prod"]);
    let stage = project.stage();
    let flags = ["-n", "shop-1", "--create-namespace"];
    project
        .convert(&stage, &[&["--to", "kustomize", "-o", "../out/"][..], &flags].concat())
        .expect("it converts");
    for (files, directory) in [(1, "base"), (2, "overlays/prod")] {
        let expected = project.objects(&stage, files, &flags).expect("it converts");
        let built = renderer.kustomize(&out(&stage).join(directory)).expect("it builds");
        differences(&expected, &built).expect("equal");
    }
}

#[test]
fn one_image_for_all_is_one_line_to_edit_n113() {
    let project = Project::of("gitops/overlays", &["compose.yaml", "compose.prod.yaml"], &["prod"]);
    let stage = project.stage();
    project.convert(&stage, &["--to", "kustomize", "-o", "../out/"]).expect("it converts");
    let text =
        fs::read_to_string(out(&stage).join("overlays/prod/kustomization.yaml")).expect("it is written");
    let images = "images:\n  - name: registry.example.com/mall/web\n    newTag: '1.5'\n".replace('\'', "\"");
    assert!(text.contains(&images), "{text}");
    assert!(!text.contains("/image"), "no patch needed:\n{text}");
    assert!(!text.contains("second-one"), "the new Secret has a file of its own:\n{text}");
}

#[test]
fn charts_are_the_objects_of_convert_n114() {
    let Some(renderer) = Renderer::of("charts_are_the_objects_of_convert_n114") else { return };
    hold(&with_charts(), |project| {
        let stage = project.stage();
        project.convert(&stage, &["--to", "helm", "-o", "../out/"])?;
        renderer.lint(&out(&stage))?;
        let expected = project.objects(&stage, usize::MAX, &[])?;
        let made = renderer.helm(&out(&stage), None)?;
        marked(&made)?;
        differences(&plainly(&expected)?, &plainly(&made)?)
    });
}

#[test]
fn secrets_that_are_referred_to_are_referred_to_by_the_chart_n114() {
    let Some(renderer) = Renderer::of("secrets_that_are_referred_to_are_referred_to_by_the_chart_n114")
    else {
        return;
    };
    let project = Project::of("gitops/chart", &[], &[]);
    let stage = project.stage();
    project
        .convert(&stage, &["--to", "helm", "--secrets", "reference", "-o", "../out/"])
        .expect("it converts");
    renderer.lint(&out(&stage)).expect("clean");
    let expected = project.objects(&stage, 0, &["--secrets", "reference"]).expect("it converts");
    let made = renderer.helm(&out(&stage), None).expect("it renders");
    differences(&plainly(&expected).expect("names"), &plainly(&made).expect("names")).expect("equal");
}

#[test]
fn values_reach_what_they_are_for_n114() {
    let Some(renderer) = Renderer::of("values_reach_what_they_are_for_n114") else { return };
    let project = Project::of("gitops/chart", &[], &[]);
    let stage = project.stage();
    project.convert(&stage, &["--to", "helm", "-o", "../out/"]).expect("it converts");
    let render = |values: &str| {
        let file = stage.directory.join("values.yaml");
        fs::write(&file, values).expect("the copy can be written");
        renderer.helm(&out(&stage), Some(&file))
    };
    let before = render("{}").expect("it renders");
    let after = render(
        "services:
  front-door:
    image: {tag: '2.0', digest: null, pullPolicy: null}
    replicas: null
    env: {BRACES: 'a $ {{ b }}', EMPTY: null}
    nodeSelector: {disk: fast}
    published: {type: NodePort, annotations: {a: 'true'}}
  pre-pare: {image: {tag: next}}
volumes: {up-loads: {existingClaim: data-of-old}}
secrets:
  door-key: {data: {door-key: bmV3}}
  schema-env: {existingSecret: vault-made}
imagePullSecrets: [{name: pull}]
commonAnnotations: {team: mill}
",
    )
    .expect("it renders");
    let door = find(&after, "Deployment", "front-door");
    let pod = &door["spec"]["template"]["spec"];
    let container = &pod["initContainers"][1];
    assert_eq!(container["image"], "registry.example.com:5000/mill/front:2.0");
    assert_eq!((door["spec"].get("replicas"), container.get("imagePullPolicy")), (None, None));
    let variable =
        |name: &str| container["env"].as_array().expect("a list").iter().find(|found| found["name"] == name);
    // What the kubelet makes of two dollars is one (K21).
    assert_eq!(variable("BRACES").expect("set")["value"], "a $$ {{ b }}");
    assert!(variable("EMPTY").is_none() && variable("LINES").is_some());
    assert_eq!(pod["nodeSelector"]["disk"], "fast");
    assert_eq!(pod["imagePullSecrets"][0]["name"], "pull");
    let claim = pod["volumes"].as_array().expect("a list").iter().find(|volume| volume["name"] == "up-loads");
    assert_eq!(claim.expect("mounted")["persistentVolumeClaim"]["claimName"], "data-of-old");
    assert!(!after.iter().any(|object| object["kind"] == "PersistentVolumeClaim"));
    let published = find(&after, "Service", "front-door-published");
    assert_eq!(
        (&published["spec"]["type"], &published["metadata"]["annotations"]["a"]),
        (&"NodePort".into(), &"true".into())
    );
    assert!(after.iter().all(|object| object["metadata"]["annotations"]["team"] == "mill"));

    // New data is a new Secret, a new image a new Job; and their users follow.
    let named = |objects: &[Value], kind: &str, plain: &str| -> Option<String> {
        let name = |object: &Value| object["metadata"]["name"].as_str().map(str::to_owned);
        let found = objects.iter().filter(|object| object["kind"] == kind).filter_map(name);
        found.into_iter().find(|name| name.rsplit_once('-').is_some_and(|(stem, _)| stem == plain))
    };
    for (kind, plain) in [("Secret", "door-key"), ("Job", "pre-pare")] {
        let (old, new) =
            (named(&before, kind, plain).expect("there"), named(&after, kind, plain).expect("there"));
        assert_ne!(old, new);
        let all = Value::from(after.clone()).to_string();
        assert!(all.matches(&new).count() > 1 && !all.contains(&old), "{kind} {plain}");
    }
    assert_eq!(named(&after, "Secret", "schema-env"), None);
    assert!(Value::from(after.clone()).to_string().contains(r#""name":"vault-made""#));
    assert_ne!(named(&before, "Job", "schema"), named(&after, "Job", "schema"));
    let unchanged = |objects: &[Value]| named(objects, "Secret", "front-door-env");
    assert_eq!(unchanged(&before), unchanged(&after));
}

/// What the programs make of Secrets is another kind, or a file that only its reader can read: the objects around them
/// name it in every form, and the engines take it as it is.
#[cfg(unix)]
#[test]
fn sealed_secrets_reach_every_form_n93() {
    let Some(renderer) = Renderer::of("sealed_secrets_reach_every_form_n93") else { return };
    let project = Project::of("gitops/overlays", &["compose.yaml", "compose.prod.yaml"], &["prod"]);
    let stage = project.stage();
    let environment = sealers::put(&stage.directory);
    let seal = |files: usize, words: &[&str]| {
        let files = project.files.iter().take(files).flat_map(|file| ["-f", file]);
        let all: Vec<&str> = files.chain(["convert"]).chain(words.iter().copied()).collect();
        let run = stage.run(".", &environment, &all);
        assert_eq!(run.code, Some(0), "{all:?}: {}", run.stderr);
    };
    let sealed = ["--secrets", "sealed-secrets", "--sealing-cert", "cert.pem", "-n", "shop-1"];
    let raw = |files: usize, name: &str| -> Vec<Value> {
        let output = format!("../{name}/");
        seal(files, &[&["--format", "json", "-o", &output][..], &sealed].concat());
        let directory = out(&stage).with_file_name(name);
        let names = listed(&directory).into_iter().filter(|name| !name.starts_with('.'));
        let texts = names.map(|name| fs::read_to_string(directory.join(name)).expect("it is written"));
        texts.map(|text| serde_json::from_str(&text).expect("it is JSON")).collect()
    };
    let (base, prod) = (raw(1, "raw-base"), raw(2, "raw-prod"));
    assert!(base.iter().any(|object| object["kind"] == "SealedSecret"));
    seal(2, &[&["--to", "kustomize", "-o", "../out/"][..], &sealed].concat());
    for (expected, directory) in [(&base, "base"), (&prod, "overlays/prod")] {
        let built = renderer.kustomize(&out(&stage).join(directory)).expect("it builds");
        differences(expected, &built).expect("equal");
    }
    seal(1, &[&["--to", "helm", "-o", "../chart/"][..], &sealed].concat());
    let chart = out(&stage).with_file_name("chart");
    renderer.lint(&chart).expect("clean");
    let made = renderer.helm(&chart, None).expect("it renders");
    let seals = |object: &Value| object["kind"] == "SealedSecret";
    let of = |objects: &[Value]| objects.iter().find(|object| seals(object)).cloned().expect("it is there");
    assert_eq!(of(&made)["spec"], of(&base)["spec"]);
    assert_eq!(of(&made)["metadata"]["name"], of(&base)["metadata"]["name"]);
    assert_eq!(of(&made)["metadata"]["namespace"], "shop-1");
    let name = of(&base)["metadata"]["name"].as_str().expect("a name").to_owned();
    assert!(find(&made, "Deployment", "worker").to_string().contains(&name));

    seal(2, &["--to", "kustomize", "-o", "../encrypted/", "--secrets", "sops"]);
    let encrypted = out(&stage).with_file_name("encrypted");
    for directory in ["base", "overlays/prod"] {
        let built = renderer.kustomize(&encrypted.join(directory)).expect("it builds");
        let secrets: Vec<&Value> = built.iter().filter(|object| object["kind"] == "Secret").collect();
        let [secret] = secrets.as_slice() else { panic!("{directory}: {secrets:?}") };
        assert_eq!(secret["sops"]["mac"], "ENC[AES256_GCM,data:y]");
        assert_eq!(secret["data"]["PASSWORD"], "ENC[AES256_GCM,data:x]");
        let name = secret["metadata"]["name"].as_str().expect("a name");
        let users = built.iter().filter(|object| object["kind"] != "Secret");
        assert!(users.into_iter().any(|object| object.to_string().contains(name)), "{directory}");
    }
}

#[test]
fn mistyped_values_are_refused_n114() {
    let Some(renderer) = Renderer::of("mistyped_values_are_refused_n114") else { return };
    let project = Project::of("gitops/chart", &[], &[]);
    let stage = project.stage();
    project.convert(&stage, &["--to", "helm", "-o", "../out/"]).expect("it converts");
    let file = stage.directory.join("values.yaml");
    for values in [
        "services: {frontdoor: {replicas: 2}}",
        "services: {front-door: {replica: 2}}",
        "services: {front-door: {replicas: many}}",
        "services: {front-door: {env: {NUMBER: 1}}}",
        "services: {front-door: {env: {NEW: x}}}",
        "services: {front-door: {image: {tag: 1.4}}}",
        "services: {front-door: {published: {type: Loadbalancer}}}",
        "services: {front-door: null}",
        "secrets: {door-key: {data: {door-key: 1}}}",
        "volumes: {up-loads: {accessMode: RWX}}",
        "other: 1",
    ] {
        fs::write(&file, values).expect("the copy can be written");
        let refused = renderer.helm(&out(&stage), Some(&file)).expect_err(values);
        assert!(refused.contains("schema"), "{values}: {refused}");
    }
    fs::write(&file, "global: {any: thing}").expect("the copy can be written");
    renderer.helm(&out(&stage), Some(&file)).expect("Helm puts it in where charts hold charts");
}

#[test]
fn ten_thousand_strings_survive_both_engines_n114() {
    let Some(renderer) = Renderer::of("ten_thousand_strings_survive_both_engines_n114") else { return };
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut words = |count: usize| -> Vec<String> { (0..count).map(|_| random.string()).collect() };
    let doubled = |text: &String| text.replace('$', "$$");
    let variables: serde_json::Map<String, Value> = words(3000)
        .iter()
        .enumerate()
        .map(|(number, text)| (format!("V{number}"), doubled(text).into()))
        .collect();
    let labels: serde_json::Map<String, Value> = words(1500)
        .iter()
        .enumerate()
        .map(|(number, text)| (format!("example.com/n{number}"), doubled(text).into()))
        .collect();
    let compose = serde_json::json!({
        "name": "many",
        "services": {"a": {
            "image": "a:1",
            "command": words(4000).iter().map(doubled).collect::<Vec<_>>(),
            "environment": variables,
            "deploy": {"labels": labels},
            "configs": ["page"],
            "expose": ["80"],
        }},
        "configs": {"page": {"content": words(1500).iter().map(doubled).collect::<String>()}},
    });
    let project = Project::of("gitops/chart", &[], &[]);
    let stage = project.stage();
    fs::write(stage.directory.join("compose.yaml"), escaped(&compose.to_string()))
        .expect("the copy can be written");
    let expected = project.objects(&stage, 0, &[]).expect("it converts");
    project.convert(&stage, &["--to", "helm", "-o", "../out/"]).expect("it converts");
    let made = renderer.helm(&out(&stage), None).expect("it renders");
    differences(&plainly(&expected).expect("names"), &plainly(&made).expect("names")).expect("equal");
    // Kustomize does not read back what it writes of these.
    let told = project
        .convert(&stage, &["--to", "kustomize", "-o", "../built/", "--deny", "overlay-not-expressible"]);
    assert!(told.expect_err("control characters").contains("error[overlay-not-expressible]"));
    let refused = ["\\U0000007F", "\\U00000085", "\\U0000009F"];
    let readable =
        refused.iter().fold(escaped(&compose.to_string()), |text, letter| text.replace(letter, ""));
    fs::write(stage.directory.join("compose.yaml"), readable).expect("the copy can be written");
    let expected = project.objects(&stage, 0, &[]).expect("it converts");
    project.convert(&stage, &["--to", "kustomize", "-o", "../built/"]).expect("it converts");
    let built = renderer.kustomize(&out(&stage).with_file_name("built/base")).expect("it builds");
    differences(&expected, &built).expect("equal");
}

/// Escapes all but ASCII: YAML takes no control characters as they are, and JSON escapes few of them.
fn escaped(json: &str) -> String {
    json.chars().fold(String::new(), |mut text, character| {
        if character.is_ascii() && character != '\u{7f}' {
            text.push(character);
        } else {
            write!(text, "\\U{:08X}", u32::from(character)).expect("a text can be written");
        }
        text
    })
}

/// Strings of what engines, YAML and shells stumble over; the same ones in each run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits")
    }

    fn string(&mut self) -> String {
        const PARTS: [&str; 48] = [
            "{{",
            "}}",
            "{{-",
            "-}}",
            "{",
            "}",
            "{{/*",
            "*/}}",
            "\"",
            "'",
            "`",
            "\\",
            "$",
            "$(",
            "${",
            "%",
            "#",
            " #",
            ": ",
            ":",
            "- ",
            "-",
            "---",
            "...",
            "\n",
            "\n\n",
            "\r\n",
            "\t",
            " ",
            "  ",
            "|",
            ">",
            "&",
            "*",
            "!",
            "@",
            "?",
            "~",
            "null",
            "yes",
            "0755",
            "1e3",
            "\u{85}",
            "\u{a0}",
            "\u{2028}",
            "é漢",
            "\u{1f600}",
            "\u{feff}",
        ];
        const RARE: [&str; 6] = ["\u{7f}", "\u{1b}", "\u{7}", "\u{e000}", "\u{200b}", "\u{9f}"];
        let mut text = String::new();
        for _ in 0..=self.next() % 6 {
            let part = match self.next() % 40 {
                0 => RARE[self.next() % RARE.len()],
                1..=6 => "abc",
                _ => PARTS[self.next() % PARTS.len()],
            };
            text.push_str(part);
        }
        text
    }
}

fn find<'o>(objects: &'o [Value], kind: &str, name: &str) -> &'o Value {
    let found = objects.iter().find(|object| object["kind"] == kind && object["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("no {kind} {name}"))
}

/// Takes off what a chart may have of its own (N114): who manages an object, of which chart it is, the mark that keeps
/// claims; and names of Secrets and Jobs lose their hash, on both sides, one for one.
fn plainly(objects: &[Value]) -> Result<Vec<Value>, String> {
    let mut names = BTreeMap::new();
    for object in objects.iter().filter(|object| object["kind"] == "Secret" || object["kind"] == "Job") {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let (plain, hash) = name.rsplit_once('-').unwrap_or((name, ""));
        let hashed = hash.len() == 10 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
        let plain = if hashed { plain } else { name };
        names.insert(name.to_owned(), format!("{}/{plain}", object["kind"].as_str().unwrap_or_default()));
    }
    let kinds: BTreeSet<&String> = names.values().collect();
    if kinds.len() != names.len() {
        return Err(format!("two names are one without their hash: {names:?}"));
    }
    let plain = objects.iter().map(|object| {
        let mut object = object.clone();
        let metadata = object["metadata"].as_object_mut().expect("objects have metadata");
        if let Some(labels) = metadata.get_mut("labels").and_then(Value::as_object_mut) {
            labels.remove("app.kubernetes.io/managed-by");
            labels.remove("helm.sh/chart");
        }
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("helm.sh/resource-policy");
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
        let text = names.iter().fold(object.to_string(), |text, (name, plain)| text.replace(name, plain));
        serde_json::from_str(&text).expect("names are plain letters")
    });
    Ok(plain.collect())
}

/// Every object says that it is Helm's, and claims are kept.
fn marked(objects: &[Value]) -> Result<(), String> {
    for object in objects {
        let (kind, metadata) = (&object["kind"], &object["metadata"]);
        let labels = &metadata["labels"];
        let managed = labels["app.kubernetes.io/managed-by"] == "Helm" && labels["helm.sh/chart"].is_string();
        let kept = metadata["annotations"]["helm.sh/resource-policy"] == "keep";
        if !managed || kept != (kind == "PersistentVolumeClaim") || metadata.get("namespace").is_some() {
            return Err(format!("{kind}: {metadata:#}"));
        }
    }
    Ok(())
}

/// A project, the Compose files that make it, and the names that its overlays must have.
struct Project {
    directory: PathBuf,
    files: Vec<String>,
    overlays: Vec<String>,
}

impl Project {
    fn of(directory: &str, files: &[&str], overlays: &[&str]) -> Self {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            directory: Path::new(ROOT).join("fixtures").join(directory),
            files: owned(files),
            overlays: owned(overlays),
        }
    }

    fn name(&self) -> String {
        self.directory.file_name().expect("a project has a name").to_string_lossy().into_owned()
    }

    fn stage(&self) -> Stage {
        Stage::of(&self.directory, &self.name(), NOT_INPUT)
    }

    /// Converts with the first of the files.
    fn run(&self, stage: &Stage, files: usize, words: &[&str]) -> Result<String, String> {
        let files = self.files.iter().take(files).flat_map(|file| ["-f", file]);
        let all: Vec<&str> = files.chain(["convert"]).chain(words.iter().copied()).collect();
        let run = stage.run(".", &BTreeMap::new(), &all);
        if run.code == Some(0) { Ok(run.stdout) } else { Err(format!("{all:?}: {}", run.stderr)) }
    }

    fn convert(&self, stage: &Stage, words: &[&str]) -> Result<String, String> {
        self.run(stage, usize::MAX, words)
    }

    /// The raw objects of the first so many files.
    fn objects(&self, stage: &Stage, files: usize, flags: &[&str]) -> Result<Vec<Value>, String> {
        let text = self.run(stage, files, &[&["--format", "json"][..], flags].concat())?;
        let list: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Ok(list["items"].as_array().cloned().unwrap_or_default())
    }
}

/// All projects of the fixtures, those with several files by all of them.
fn projects() -> Vec<Project> {
    let entries =
        fs::read_dir(Path::new(ROOT).join("fixtures/projects")).expect("projects are in the repository");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert!(names.len() >= 16, "the projects were not found");
    let project = |name: &String| {
        let directory = format!("projects/{name}");
        match name.as_str() {
            "bulletin" => Project::of(&directory, &["compose.yaml", "compose.live.yaml"], &["live"]),
            _ => Project::of(&directory, &[], &[]),
        }
    };
    names.iter().map(project).collect()
}

fn with_overlays() -> Vec<Project> {
    let files = ["compose.yaml", "compose.prod.yaml", "compose.debug.yaml"];
    let overlays = Project::of("gitops/overlays", &files, &["prod", "debug"]);
    projects().into_iter().chain([overlays]).collect()
}

fn with_charts() -> Vec<Project> {
    let others = ["gitops/chart", "keys/services/templates-in-data"].map(|of| Project::of(of, &[], &[]));
    projects().into_iter().chain(others).collect()
}

/// Runs something for each project and fails with all faults.
fn hold(projects: &[Project], work: impl Fn(&Project) -> Result<(), String> + Sync) {
    let faults: Vec<String> = parallel::each(projects, |project| {
        work(project).err().map(|fault| format!("{}: {fault}", project.name()))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(faults.is_empty(), "{} of {} projects:\n{}", faults.len(), projects.len(), faults.join("\n"));
}

fn out(stage: &Stage) -> PathBuf {
    stage.directory.parent().expect("a copy lies in a directory").join("out")
}

fn listed(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Compares two sets of objects, whatever their order.
fn differences(expected: &[Value], actual: &[Value]) -> Result<(), String> {
    let keyed = |objects: &[Value]| -> Result<BTreeMap<String, Value>, String> {
        let mut found = BTreeMap::new();
        for object in objects {
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let key = format!("{} {}", word(&object["kind"]), word(&object["metadata"]["name"]));
            if found.insert(key.clone(), object.clone()).is_some() {
                return Err(format!("{key} is there twice"));
            }
        }
        Ok(found)
    };
    let (expected, actual) = (keyed(expected)?, keyed(actual)?);
    let names = |objects: &BTreeMap<String, Value>| objects.keys().cloned().collect::<Vec<_>>();
    if names(&expected) != names(&actual) {
        return Err(format!("{:?}\nnot\n{:?}", names(&actual), names(&expected)));
    }
    for (key, object) in &expected {
        if *object != actual[key] {
            let shown = |value: &Value| format!("{value:#}\n");
            let (old, new) = (shown(object), shown(&actual[key]));
            let diff = similar::TextDiff::from_lines(&old, &new);
            return Err(format!("{key}\n{}", diff.unified_diff().context_radius(4)));
        }
    }
    Ok(())
}
