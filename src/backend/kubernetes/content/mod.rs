//! What carries bytes: `ConfigMaps` and Secrets of configs, secrets, binds and environment values, with hashed names
//! (N146, step 6; N82, N90, N92, N102).
//!
//! Pods ask here under which name and key they find what they mount; nothing here knows of mounts.

mod carrier;
mod environment;
pub(crate) mod external_secret;
mod granted;
mod keys;
mod secrets;

use std::collections::{BTreeMap, BTreeSet};

use super::object::Object;
use super::plan::Plan;
use super::problem;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::diag::{Sink, Span};
use crate::model::{Bind, BindDecision, BindPath, ConfigName, SecretName, ServiceName};
pub(crate) use carrier::slow_hash;
use carrier::{Carrier, Entry, Kind};
pub(crate) use environment::hook_key;
pub(crate) use keys::Keyed;

/// Content with its names, ready to be referred to by pods.
#[derive(Default)]
pub(crate) struct Contents<'a> {
    /// Secret of environment values by service (N102).
    pub(crate) environment: BTreeMap<&'a ServiceName, EnvironmentSecret<'a>>,
    /// The objects of selected services.
    pub(crate) objects: Vec<Object>,
    /// Where the bytes of configs are.
    pub(crate) configs: BTreeMap<&'a ConfigName, Source>,
    /// Where the bytes of secrets are.
    pub(crate) secrets: BTreeMap<&'a SecretName, Source>,
    /// Where the bytes of bind mounts are.
    binds: BTreeMap<&'a BindPath, Source>,
}

/// The Secret that holds sensitive variables of one service.
pub(crate) struct EnvironmentSecret<'a> {
    /// Its name.
    pub(crate) name: String,
    /// Variables that it holds; the key is the variable.
    pub(crate) variables: BTreeSet<&'a str>,
    /// Variables of `pre_start` hooks that it holds, by the hook's index; their keys say so.
    pub(crate) hooks: BTreeSet<(usize, &'a str)>,
}

/// An object that holds bytes, and how they are found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// It is a Secret, not a `ConfigMap`.
    pub(crate) secret: bool,
    /// Name of the object.
    pub(crate) object: String,
    /// Its keys.
    pub(crate) held: Held,
}

/// What an object holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// One file.
    One(Keyed),
    /// The files of a directory, sorted by path.
    Directory(Vec<Keyed>),
}

impl Contents<'_> {
    /// Returns where the bytes of a bind mount are, if it is one that has bytes.
    pub(crate) fn of_bind(&self, bind: &Bind) -> Option<&Source> {
        self.binds.get(&bind.path)
    }
}

/// Hashes and names all content of the project that pods to be written use.
pub(crate) fn of_project<'a>(plan: &Plan<'a>, sink: &mut Sink) -> Contents<'a> {
    let mut wanted = Wanted::default();
    for pod in plan.pods() {
        for member in &pod.members {
            let service = member.service;
            for grant in &service.configs {
                granted::config(plan, &grant.source, &mut wanted, sink);
            }
            for grant in &service.secrets {
                granted::secret(plan, &grant.source, &mut wanted, sink);
            }
            for secret in service.hints.secret_environment.values() {
                if let Some((secret, _)) = plan.project.secrets.get_key_value(secret.value.as_str()) {
                    granted::secret(plan, secret, &mut wanted, sink);
                }
            }
            for mount in &service.mounts {
                if let Some(bind) = super::storage::bind_of(plan.project, &mount.source) {
                    of_bind(plan, bind, mount.span, &mut wanted, sink);
                }
            }
            environment::of_service(plan, member, &mut wanted, sink);
        }
    }
    environment::report(&wanted, sink);
    let Wanted { configs, secrets, binds, environment, mut carriers, external } = wanted;
    secrets::name(plan, &mut carriers);
    report_large(&carriers, sink);
    secrets::report(plan, &carriers, external, sink);
    let source = |(carrier, held): (usize, Held)| {
        let carrier = &carriers[carrier];
        Source { secret: carrier.kind == Kind::Secret, object: carrier.name.clone(), held }
    };
    let known = |place: Place| match place {
        Place::Ours(carrier, held) => source((carrier, held)),
        Place::Elsewhere(source) => source,
    };
    Contents {
        configs: configs.into_iter().map(|(name, place)| (name, known(place))).collect(),
        secrets: secrets.into_iter().map(|(name, place)| (name, known(place))).collect(),
        binds: binds.into_iter().map(|(path, (carrier, held))| (path, source((carrier, held)))).collect(),
        environment: environment
            .into_iter()
            .map(|(service, environment::Moved { carrier, variables, hooks })| {
                (service, EnvironmentSecret { name: carriers[carrier].name.clone(), variables, hooks })
            })
            .collect(),
        objects: carrier::objects(plan, &carriers),
    }
}

/// What is wanted, before names have their hashes; carriers are told by their index.
#[derive(Default)]
struct Wanted<'a> {
    configs: BTreeMap<&'a ConfigName, Place>,
    secrets: BTreeMap<&'a SecretName, Place>,
    binds: BTreeMap<&'a BindPath, (usize, Held)>,
    environment: BTreeMap<&'a ServiceName, environment::Moved<'a>>,
    carriers: Vec<Carrier<'a>>,
    external: Vec<External>,
}

/// An object that must exist.
struct External {
    kind: Kind,
    object: String,
    keys: Vec<String>,
    span: Span,
}

/// Where the bytes of a config or secret will be.
enum Place {
    /// In an object of ours.
    Ours(usize, Held),
    /// In an object that must exist.
    Elsewhere(Source),
}

impl<'a> Wanted<'a> {
    fn carry(&mut self, carrier: Carrier<'a>) -> usize {
        self.carriers.push(carrier);
        self.carriers.len() - 1
    }
}

/// Takes the bytes of a bind mount in, each source once (N82).
fn of_bind<'a>(plan: &Plan<'a>, bind: &'a Bind, span: Span, wanted: &mut Wanted<'a>, sink: &mut Sink) {
    if wanted.binds.contains_key(&bind.path) {
        return;
    }
    let path = match &bind.path {
        BindPath::Project(path) | BindPath::Host(path) => path.as_str(),
    };
    let base = super::storage::paths::base_name(path);
    let (entries, held) = match &bind.decision {
        BindDecision::Null => {
            let keyed = Keyed::of_name(base, false);
            (vec![Entry { key: keyed.key.clone(), bytes: &[], span, outside: false }], Held::One(keyed))
        }
        BindDecision::File(file) => {
            let keyed = Keyed::of_name(base, file.executable);
            let entry = Entry { key: keyed.key.clone(), bytes: &file.bytes, span, outside: true };
            (vec![entry], Held::One(keyed))
        }
        BindDecision::Directory(tree) => {
            let keyed = keys::of_tree(tree);
            let entries = keyed.iter().filter_map(|keyed| Some((keyed, tree.get(&keyed.path)?))).map(
                |(keyed, file)| Entry { key: keyed.key.clone(), bytes: &file.bytes, span, outside: true },
            );
            (entries.collect(), Held::Directory(keyed))
        }
        BindDecision::Omitted(_)
        | BindDecision::HostPath { .. }
        | BindDecision::Scratch { .. }
        | BindDecision::Data { .. }
        | BindDecision::Unclear(_)
        | BindDecision::TooLarge(_)
        | BindDecision::Unreadable(_) => return,
    };
    if let Held::One(keyed) = &held
        && keyed.key != base
    {
        let message = format!("the file `{path}` has the key `{}`: its name is no legal one", keyed.key);
        sink.push(problem::of_project(KubernetesCode::ConfigNameChanged, message).at(span));
    }
    let carrier = wanted.carry(Carrier {
        kind: if bind.sensitive { Kind::Secret } else { Kind::ConfigMap },
        plain_name: super::names::label_before_digest(base),
        name: String::new(),
        original: path.to_owned(),
        labels: plan.project_labels(),
        annotations: super::metadata::Annotations::new(),
        entries,
        rule: "N82",
        span,
        named: None,
        told: format!("`{path}`"),
        remote: None,
    });
    wanted.binds.insert(&bind.path, (carrier, held));
}

/// What the API takes of one object, values together.
const LIMIT: usize = 1 << 20;
/// What client-side `kubectl apply` takes.
const CLIENT_LIMIT: usize = 256 << 10;

/// Tells of objects that are larger than some or all ways to apply them take (N81).
fn report_large(carriers: &[Carrier<'_>], sink: &mut Sink) {
    let mut told = BTreeSet::new();
    for carrier in carriers {
        let size = carrier.size();
        if size < CLIENT_LIMIT || !told.insert((carrier.kind, &carrier.name)) {
            continue;
        }
        let (what, kind) = (&carrier.told, carrier.kind.word());
        let found = if size > LIMIT {
            let message = format!("{what} is {size} bytes, and a {kind} holds 1048576");
            problem::of_project(crate::backend::codes::BackendCode::ConfigTooLarge, message)
                .outcome(crate::diag::Outcome::Refused)
                .help("put it into an image or a volume")
        } else {
            let message =
                format!("{what} is {size} bytes: client-side `kubectl apply` refuses a {kind} of that size");
            problem::of_project(KubernetesCode::ConfigLarge, message)
                .help("use `kubectl apply --server-side`")
        };
        sink.push(found.at(carrier.span));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::backend::kubernetes::sample::{at, project, render, render_with, service, span};
    use crate::backend::kubernetes::{Options, Secrets};
    use crate::model::{
        Config, ConfigName, Content, ContentHints, EnvironmentValue, Grant, Metadata, Project, Secret,
        SecretName, Security, Service, User, VolumeDriver,
    };

    /// The worked example `configs-secrets`.
    fn portal() -> Project {
        let user =
            User { text: "1000:1000".to_owned(), uid: Some(1000), gid: Some(1000), group_is_name: false };
        let grant = Grant {
            source: SecretName::new("db_password"),
            span: span(),
            target: None,
            uid: None,
            gid: None,
            mode: None,
        };
        let other = Grant {
            target: Some(at("db".to_owned())),
            uid: Some(at("1000".to_owned())),
            mode: Some(at(0o400)),
            ..grant.clone()
        };
        let app = Service {
            security: Security { user: Some(at(user)), ..Security::default() },
            configs: vec![Grant {
                source: ConfigName::new("app_ini"),
                span: span(),
                target: Some(at("/etc/portal/app.ini".to_owned())),
                uid: None,
                gid: None,
                mode: None,
            }],
            secrets: vec![grant, other],
            ..service()
        };
        let mut portal = project([("app", app)]);
        portal.name = crate::model::ProjectName::new("portal");
        let text = b"[app]\nprice = $5\n".to_vec();
        portal.configs.insert(ConfigName::new("app_ini"), config(Content::Inline(at(text))));
        let file = crate::backend::kubernetes::sample::file("db_password", "s3cret");
        portal.secrets.insert(SecretName::new("db_password"), secret(Content::File { span: span(), file }));
        portal
    }

    fn config(content: Content) -> Config {
        Config {
            span: span(),
            name: "portal_app_ini".to_owned(),
            written_name: None,
            content,
            labels: Metadata::new(),
            template_driver: None,
            hints: ContentHints::default(),
        }
    }

    fn secret(content: Content) -> Secret {
        Secret {
            span: span(),
            name: "portal_db_password".to_owned(),
            written_name: None,
            content,
            labels: Metadata::new(),
            driver: VolumeDriver::default(),
            template_driver: None,
            hints: ContentHints::default(),
        }
    }

    #[test]
    fn configs_and_secrets_are_files_with_names_by_content() {
        let made = render(&portal());
        let expected = json!({"app_ini": "[app]\nprice = $5\n"});
        assert_eq!(made.object("ConfigMap", "app-ini-8b5b912982")["data"], expected);
        assert_eq!(
            made.object("Secret", "db-password-cd11ec64b2")["data"],
            json!({"db_password": "czNjcmV0"})
        );
        let pod = &made.object("Deployment", "app")["spec"]["template"]["spec"];
        let expected = json!([
            {"name": "config-app-ini", "mountPath": "/etc/portal/app.ini", "subPath": "app_ini", "readOnly": true},
            {"name": "secret-db-password-0400", "mountPath": "/run/secrets/db", "subPath": "db_password", "readOnly": true},
            {"name": "secret-db-password", "mountPath": "/run/secrets/db_password", "subPath": "db_password", "readOnly": true},
        ]);
        assert_eq!(pod["containers"][0]["volumeMounts"], expected);
        assert_eq!(
            pod["volumes"][2]["secret"],
            json!({"secretName": "db-password-cd11ec64b2", "defaultMode": 256})
        );
        assert_eq!(pod["securityContext"]["fsGroup"], 1000);
        assert_eq!(made.codes(), ["secret-in-output", "file-owner-dropped", "file-mode-approximated"]);
    }

    #[test]
    fn secrets_that_are_referred_to_have_plain_names() {
        let made = render_with(&portal(), Options { secrets: Secrets::Reference, ..Options::default() });
        assert!(!made.objects().iter().any(|object| object.starts_with("Secret")));
        let found = made.finding("secret-external");
        assert!(found.message.contains("Secret `db-password` with `db_password`"), "{}", found.message);
        let help = found.help.as_deref().unwrap_or_default();
        assert_eq!(help, "kubectl create secret generic db-password --from-file=db_password=FILE");
    }

    #[test]
    fn a_secret_that_is_not_there_is_an_error_unless_it_is_not_read() {
        let mut portal = portal();
        let missing = Content::Missing { span: span(), reason: "no such file".to_owned() };
        portal.secrets.insert(SecretName::new("db_password"), secret(missing));
        assert!(render(&portal).codes().contains(&"config-source-missing"));
        let made = render_with(&portal, Options { secrets: Secrets::Reference, ..Options::default() });
        assert!(!made.codes().contains(&"config-source-missing"));
    }

    #[test]
    fn external_ones_are_referred_to_by_legal_names() {
        let mut portal = portal();
        portal.secrets.insert(SecretName::new("db_password"), secret(Content::External(span())));
        let made = render(&portal);
        let pod = &made.object("Deployment", "app")["spec"]["template"]["spec"];
        assert_eq!(pod["volumes"][1]["secret"]["secretName"], "db-password");
        assert!(made.codes().contains(&"name-changed") && made.codes().contains(&"secret-external"));
    }

    #[test]
    fn sensitive_values_stand_in_a_secret_of_their_service() {
        let mut api = service();
        let literal =
            |value: &str| EnvironmentValue::Literal { value: at(value.to_owned()), sensitive: true };
        let url = literal("postgres://app:s3cret@db:5432/app");
        api.process.environment =
            [("DATABASE_URL".to_owned(), url), ("A PASSWORD".to_owned(), literal("x"))].into();
        let made = render(&project([("api", api)]));
        let secret = made.object("Secret", "api-env-447bd2e8d9");
        assert_eq!(secret["data"]["DATABASE_URL"], "cG9zdGdyZXM6Ly9hcHA6czNjcmV0QGRiOjU0MzIvYXBw");
        let container = &made.object("Deployment", "api")["spec"]["template"]["spec"]["containers"][0];
        let expected = json!({"secretKeyRef": {"name": "api-env-447bd2e8d9", "key": "DATABASE_URL"}});
        let variables = container["env"].as_array().into_iter().flatten();
        let from: Vec<_> = variables.filter_map(|variable| variable.get("valueFrom")).collect();
        assert_eq!(from, [&expected]);
        let count = |name: &str| made.codes().iter().filter(|code| **code == name).count();
        // The other name is one that no container takes, which is told once.
        assert_eq!((count("secret-detected"), count("environment-name-unsupported")), (1, 1));
        assert!(!made.found.iter().any(|found| format!("{found:?}").contains("s3cret")));
    }
}
