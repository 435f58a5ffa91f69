//! `--rewrite-names`: where a text names a service by a name that no Service can have, the new one is put in (N4).
//!
//! Works on a copy of the model, before anything is decided (N146, step 3): hashes and finds are those of the new texts.

use std::collections::BTreeMap;

use super::codes::KubernetesCode;
use super::names;
use super::options::Options;
use super::plan::running;
use super::problem;
use crate::diag::{Sink, Span};
use crate::model::{
    BindDecision, Content, Environment, EnvironmentValue, File, Health, MountSource, Project, ServiceName,
    Test, Words,
};

/// Old names and what stands for them, lower case.
type Renamed = BTreeMap<String, String>;

/// What is replaced where: by place, as mentions call it.
type Wanted = BTreeMap<String, Renamed>;

/// Returns the project with names replaced; `None` where nobody asks for it, or nothing is to be replaced.
pub(crate) fn project(project: &Project, options: &Options, sink: &mut Sink) -> Option<Project> {
    let hint = project.hints.rewrite_names.as_ref().is_some_and(|hint| hint.value);
    if !options.rewrite_names && !hint {
        return None;
    }
    let mut wanted = Wanted::default();
    let mut renamed: Vec<(&ServiceName, String)> = Vec::new();
    for (name, service) in running(project) {
        let (old, new) = (name.as_str().to_ascii_lowercase(), names::dns(name.as_str()));
        if old == new {
            continue;
        }
        // Its own texts too, and in these no other word: a database may well be called like its service.
        let reach = &service.reach;
        let uses = reach.named_by.iter().chain(&reach.own_mentions).filter(|mention| mention.name == old);
        let places: BTreeMap<&str, Span> =
            uses.map(|mention| (mention.place.as_str(), mention.span)).collect();
        for place in places.keys() {
            wanted.entry((*place).to_owned()).or_default().insert(old.clone(), new.clone());
        }
        if places.is_empty() {
            continue;
        }
        if service.selected {
            report(name, &new, &places, sink);
        }
        renamed.push((name, old));
    }
    if renamed.is_empty() {
        return None;
    }
    let mut rewritten = project.clone();
    apply(&mut rewritten, &wanted);
    for (name, old) in renamed {
        let new = names::dns(name.as_str());
        if let Some(service) = rewritten.services.get_mut(name) {
            service
                .reach
                .named_by
                .iter_mut()
                .filter(|mention| mention.name == old)
                .for_each(|mention| mention.name.clone_from(&new));
            service
                .reach
                .names_itself
                .iter_mut()
                .filter(|own| **own == old)
                .for_each(|own| own.clone_from(&new));
        }
    }
    Some(rewritten)
}

fn report(name: &ServiceName, new: &str, places: &BTreeMap<&str, Span>, sink: &mut Sink) {
    let message = format!("`{name}` is called `{new}` in {}", problem::listed(places.keys().copied()));
    let found = problem::of_service(KubernetesCode::NameRewritten, name, message);
    let found = found.at_opt(places.values().next().copied());
    let found = found.help(format!("call the service `{new}`, and keep `{name}` as an alias for Compose"));
    sink.push(places.values().skip(1).fold(found, |found, place| found.also(*place, "here too")));
}

fn apply(project: &mut Project, wanted: &Wanted) {
    for (name, service) in &mut project.services {
        let path = format!("services.{name}");
        let of = |key: &str| wanted.get(&format!("{path}.{key}")).cloned().unwrap_or_default();
        let process = &mut service.process;
        environment(&mut process.environment, "environment", &of);
        words(&mut process.entrypoint, &of("entrypoint"));
        words(&mut process.command, &of("command"));
        if let Health::Check(check) = &mut service.health {
            let (Test::Exec(words) | Test::Shell(words)) = &mut check.value.test.value;
            let renamed = of("healthcheck.test");
            for word in words.iter_mut() {
                replace(word, &renamed);
            }
        }
        for (key, hook) in service.lifecycle.hooks_mut() {
            words(&mut hook.command, &of(key));
            environment(&mut hook.environment, &format!("{key}.environment"), &of);
        }
        for mount in &mut service.mounts {
            if let MountSource::Bind(bind) = &mut mount.source
                && !bind.sensitive
            {
                match &mut bind.decision {
                    BindDecision::File(found) => file(found, wanted),
                    BindDecision::Directory(tree) => tree.values_mut().for_each(|found| file(found, wanted)),
                    _ => {}
                }
            }
        }
    }
    for (name, config) in &mut project.configs {
        match &mut config.content {
            Content::File { span: _, file: found } => file(found, wanted),
            Content::Directory { span: _, tree } => tree.values_mut().for_each(|found| file(found, wanted)),
            Content::Inline(bytes) => {
                if let Some(renamed) = wanted.get(&format!("configs.{name}.content")) {
                    replace_bytes(&mut bytes.value, renamed);
                }
            }
            Content::Environment { variable: _, value } => {
                if let Some(renamed) = wanted.get(&format!("configs.{name}.environment")) {
                    replace_bytes(value, renamed);
                }
            }
            Content::External(_)
            | Content::Driver(_)
            | Content::TooLarge { .. }
            | Content::Missing { .. } => {}
        }
    }
}

fn environment(variables: &mut Environment, key: &str, of: &dyn Fn(&str) -> Renamed) {
    for (name, value) in variables {
        if let EnvironmentValue::Literal { value, sensitive: _ } = value {
            replace(&mut value.value, &of(&format!("{key}.{name}")));
        }
    }
}

fn words(words: &mut Words, renamed: &Renamed) {
    if let Words::Words(words) = words {
        for word in &mut words.value {
            replace(word, renamed);
        }
    }
}

fn file(file: &mut File, wanted: &Wanted) {
    let Some(renamed) = wanted.get(&file.path) else { return };
    let mut bytes = file.bytes.to_vec();
    replace_bytes(&mut bytes, renamed);
    file.bytes = bytes.into();
}

/// Replaces in text; what is none stays as it is.
fn replace_bytes(bytes: &mut Vec<u8>, renamed: &Renamed) {
    if let Ok(mut text) = String::from_utf8(bytes.clone()) {
        replace(&mut text, renamed);
        *bytes = text.into_bytes();
    }
}

/// Puts new names where hosts stand: not where users, passwords, paths or longer names do (N26).
fn replace(text: &mut String, renamed: &Renamed) {
    for (old, new) in renamed {
        let lower = text.to_ascii_lowercase();
        let mut result = String::with_capacity(text.len());
        let mut done = 0;
        for (start, _) in lower.match_indices(old.as_str()) {
            let end = start + old.len();
            if start >= done && is_host(text, start, end) {
                result.push_str(&text[done..start]);
                result.push_str(new);
                done = end;
            }
        }
        if done > 0 {
            result.push_str(&text[done..]);
            *text = result;
        }
    }
}

fn is_host(text: &str, start: usize, end: usize) -> bool {
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let (before, behind) = (&text[..start], &text[end..]);
    let stands_alone = !before.ends_with(of_name) && !behind.starts_with(of_name);
    let is_path = before.ends_with('/') && !before.ends_with("//");
    // `user:password@host`: what stands before the sign is an account.
    let account = behind.split(['/', ' ', '"', '\'', '\n']).next().is_some_and(|rest| rest.contains('@'));
    let is_mount = behind.starts_with(":/");
    stands_alone && !is_path && !account && !is_mount
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::{at, project, render_with, service, span};
    use crate::model::Mention;

    fn replaced(text: &str) -> String {
        let mut text = text.to_owned();
        replace(&mut text, &Renamed::from([("my_db".to_owned(), "my-db".to_owned())]));
        text
    }

    #[test]
    fn hosts_are_replaced_and_nothing_else() {
        for (text, expected) in [
            ("my_db", "my-db"),
            ("MY_DB:5432,other", "my-db:5432,other"),
            ("postgres://my_db:my_db@my_db:5432/my_db", "postgres://my_db:my_db@my-db:5432/my_db"),
            ("http://my_db/x?my_db2", "http://my-db/x?my_db2"),
            ("my_db:/data", "my_db:/data"),
            ("/my_db x.my_db my_db.y", "/my_db x.my_db my_db.y"),
        ] {
            assert_eq!(replaced(text), expected, "{text}");
        }
    }

    #[test]
    fn texts_that_name_a_service_get_its_new_name() {
        let mut web = service();
        let literal =
            |value: &str| EnvironmentValue::Literal { value: at(value.to_owned()), sensitive: false };
        web.process.environment =
            [("DB".to_owned(), literal("my_db:5432")), ("NAME".to_owned(), literal("my_db"))].into();
        let mut db = service();
        let place = "services.web.environment.DB".to_owned();
        db.reach.named_by =
            vec![Mention { by: ServiceName::new("web"), place, span: span(), name: "my_db".to_owned() }];
        let shop = project([("web", web), ("my_db", db)]);
        let made = render_with(&shop, Options { rewrite_names: true, ..Options::default() });
        let container = &made.object("Deployment", "web")["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(
            (&container["env"][0]["value"], &container["env"][1]["value"]),
            (&"my-db:5432".into(), &"my_db".into())
        );
        assert!(made.codes().contains(&"name-rewritten"));
        assert_eq!(made.finding("name-changed").severity, crate::diag::Severity::Note);
        assert!(!render_with(&shop, Options::default()).codes().contains(&"name-rewritten"));
    }
}
