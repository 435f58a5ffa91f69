//! Looks at a cluster before anything is decided: who it is (A31, A60), the parent, what of the project is there (A32).
//! Writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::{join_all, join3};

use super::access::{Need, Rights};
use super::aim::Aim;
use super::client::{Api, Call};
use super::codes::ClusterCode;
use super::failure::{Class, Failure};
use super::halt::Halt;
use super::kinds::{self, KINDS};
use super::object::{Identity, Live, SET_LABEL};
use super::progress::Event;
use super::read::{self, Served};
use super::state::parent::{self, Found, NotOurs};
use crate::cluster::identity;

/// How long somebody waits to hear that the address is wrong.
const HELLO: Duration = Duration::from_secs(10);

/// What there is.
pub(crate) struct Sight {
    /// UID of kube-system; `None` where we may not ask.
    pub(crate) cluster: Option<String>,
    /// What we may do in the namespace.
    pub(crate) rights: Rights,
    /// The parent, if there is one.
    pub(crate) parent: Option<Found>,
    /// Kinds that are wanted or were written before, by `Deployment.apps`.
    pub(crate) kinds: BTreeMap<String, Served>,
    /// Members that there are.
    pub(crate) members: Vec<Live>,
    /// Where each stands among them: every wanted object looks for its own.
    places: BTreeMap<Key, usize>,
}

/// What makes an object the same one, whatever the version it is read in.
type Key = (String, String, Option<String>, String);

fn key(identity: &Identity) -> Key {
    let Identity { group, version: _, kind, namespace, name } = identity;
    (group.clone(), kind.clone(), namespace.clone(), name.clone())
}

/// Returns where each member stands; of two alike the first.
fn places(members: &[Live]) -> BTreeMap<Key, usize> {
    let identities = members.iter().enumerate().rev();
    identities.filter_map(|(place, live)| Some((key(&live.identity()?), place))).collect()
}

impl Sight {
    /// Returns the kind of an object.
    pub(crate) fn kind(&self, identity: &Identity) -> Option<&Served> {
        self.kinds.get(&identity.group_kind())
    }

    /// Returns the member that an object is.
    pub(crate) fn member(&self, identity: &Identity) -> Option<&Live> {
        self.places.get(&key(identity)).map(|place| &self.members[*place])
    }
}

/// Says hello, finds out whose cluster and whose project it is, and reads the members.
///
/// # Errors
/// The server cannot be reached, or it is another one, or the project is another's, or we may not read.
pub(crate) async fn look(api: &Api<'_>, aim: &Aim) -> Result<Sight, Halt> {
    let hello = Call::get("/version").for_at_most(HELLO);
    let reached = api.call(hello).await;
    reached.map_err(|failure| Halt::before(&format!("`{}` at {}", aim.context, aim.server), &failure))?;
    let (cluster, rights, parent) = join3(
        uid_of_cluster(api),
        Rights::ask(api, &aim.namespace),
        parent::read(api, &aim.namespace, &aim.project),
    )
    .await;
    let cluster = cluster.map_err(|failure| Halt::before("look at the cluster", &failure))?;
    let rights = rights.map_err(|failure| Halt::before("ask what you may do", &failure))?;
    may(api, aim, &rights).await?;
    let parent = parent.map_err(|failure| Halt::before("read the parent of the project", &failure))?;
    let parent = parent.map(|parent| ours(parent, aim)).transpose()?;
    same_cluster(aim, cluster.as_deref(), parent.as_ref())?;
    match &parent {
        Some(found) => same_source(aim, found)?,
        None => not_renamed(api, aim).await?,
    }
    let kinds = served(api, aim, parent.as_ref()).await?;
    let members = members(api, aim, &kinds, parent.is_none()).await?;
    let places = places(&members);
    Ok(Sight { cluster, rights, parent, kinds, members, places })
}

/// Looks whether we may do what the run needs at least, so that all that is lacking is said at once (row 15).
async fn may(api: &Api<'_>, aim: &Aim, rights: &Rights) -> Result<(), Halt> {
    let of_members: &[&'static str] = match (aim.writes, aim.is_down) {
        (false, _) => &["list"],
        (true, false) => &["create", "list", "patch"],
        (true, true) => &["delete", "list"],
    };
    let of_parent: &[&'static str] = if aim.writes { &["create", "get", "patch"] } else { &["get"] };
    let kinds: BTreeSet<Served> = aim
        .desired
        .iter()
        .filter_map(|desired| Served::known(&desired.identity.group, &desired.identity.kind))
        .filter(|kind| kind.namespaced)
        .collect();
    let members = kinds
        .iter()
        .flat_map(|kind| of_members.iter().map(|verb| Need::new(&kind.group, &kind.plural, verb)));
    let parent = of_parent.iter().map(|verb| Need::new("", "configmaps", verb));
    let lacking = rights.lacking(api, members.chain(parent)).await;
    let lacking = lacking.map_err(|failure| Halt::before("ask what you may do", &failure))?;
    if lacking.is_empty() { Ok(()) } else { Err(permission_missing(&aim.namespace, &lacking)) }
}

/// Reads the UID of kube-system, by which a cluster is known; `None` where that may not be read.
async fn uid_of_cluster(api: &Api<'_>) -> Result<Option<String>, Failure> {
    match api.call(Call::get("/api/v1/namespaces/kube-system")).await {
        Ok(answer) => {
            let uid = answer.body.pointer("/metadata/uid").and_then(serde_json::Value::as_str);
            Ok(uid.map(ToOwned::to_owned))
        }
        Err(failure) if matches!(failure.class, Class::Forbidden | Class::Missing) => {
            let text = "the namespace kube-system may not be read: a cluster that changes behind its context is not noticed";
            api.report(&Event::Warning(ClusterCode::PermissionDegraded.into(), text.to_owned()));
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

fn ours(found: Result<Found, NotOurs>, aim: &Aim) -> Result<Found, Halt> {
    let name = identity::parent_name(&aim.project);
    found.map_err(|reason| {
        let whose = match reason {
            NotOurs::Tool(tool) if tool.is_empty() => "nobody says whose it is".to_owned(),
            NotOurs::Tool(tool) => format!("it is the parent of a set of {tool}"),
            NotOurs::Id => "its id is that of another name or namespace".to_owned(),
        };
        Halt::decision(ClusterCode::ObjectForeign, format!("`ConfigMap/{name}` is not ours: {whose}"))
            .help("call the project something else (`-p NAME`), or use another namespace (`-n NAME`)")
    })
}

fn same_cluster(aim: &Aim, cluster: Option<&str>, parent: Option<&Found>) -> Result<(), Halt> {
    let Some(cluster) = cluster else { return Ok(()) };
    let recorded = parent.map(|found| found.parent.state.cluster.as_str()).filter(|uid| !uid.is_empty());
    let asked = aim.cluster_id.as_deref();
    if [recorded, asked].into_iter().flatten().all(|expected| expected == cluster) {
        return Ok(());
    }
    Err(Halt::decision(
        ClusterCode::ContextChanged,
        format!("the context `{}` leads to another cluster than before", aim.context),
    )
    .help("name the right context with `--context`; if the cluster was restored elsewhere, remove the project's parent first"))
}

fn same_source(aim: &Aim, found: &Found) -> Result<(), Halt> {
    let Some(recorded) = &found.parent.source_id else { return Ok(()) };
    if aim.same_project || aim.source.as_ref().is_some_and(|source| source.id == *recorded) {
        return Ok(());
    }
    let shown = found.parent.source.clone().unwrap_or_else(|| "elsewhere".to_owned());
    let here = aim.source.as_ref().map_or("no repository", |source| source.shown.as_str());
    let text = format!("a project `{}` is there, from {shown}; this one is from {here}", aim.project);
    Err(Halt::decision(ClusterCode::ProjectCollision, text)
        .help("if it is the same project that moved: `--same-project`")
        .help("if not: another name (`-p NAME`) or another namespace (`-n NAME`)"))
}

/// Looks whether the project is there under another name, which would begin a second one beside it.
async fn not_renamed(api: &Api<'_>, aim: &Aim) -> Result<(), Halt> {
    let Some(source) = &aim.source else { return Ok(()) };
    if aim.same_project {
        return Ok(());
    }
    let parents = match parent::all(api, &aim.namespace).await {
        Ok(parents) => parents,
        Err(failure) if failure.class == Class::Forbidden => return Ok(()),
        Err(failure) => return Err(Halt::before("look for the project under other names", &failure)),
    };
    let other = parents.into_iter().find(|(_, found)| found.parent.source_id.as_ref() == Some(&source.id));
    let Some((name, _)) = other else { return Ok(()) };
    let text = format!("this project is there as `{name}`; as `{}` it would be there twice", aim.project);
    Err(Halt::decision(ClusterCode::ProjectRenamed, text)
        .help(format!("to go on with it: `-p {name}`, or `name: {name}` in the Compose file"))
        .help("to have two: `--same-project`"))
}

/// Finds the kinds that are wanted or were written, and what the server calls them.
async fn served(api: &Api<'_>, aim: &Aim, parent: Option<&Found>) -> Result<BTreeMap<String, Served>, Halt> {
    let mut all: BTreeSet<(String, String)> = aim
        .desired
        .iter()
        .map(|desired| (desired.identity.group.clone(), desired.identity.kind.clone()))
        .collect();
    match parent {
        Some(found) => all.extend(found.parent.kinds.iter().map(|kind| split(kind))),
        None => all.extend(
            KINDS
                .iter()
                .filter(|kind| kind.kind != "Namespace")
                .map(|kind| (kind.group.to_owned(), kind.kind.to_owned())),
        ),
    }
    let found = all.iter().map(async |(group, kind)| match Served::known(group, kind) {
        Some(known) => Ok(Some(known)),
        None => read::discover(api, group, kind).await,
    });
    let found = join_all(found).await;
    let mut kinds = BTreeMap::new();
    for (named, found) in all.iter().zip(found) {
        let name = kinds::group_kind(&named.0, &named.1);
        match found {
            Ok(Some(served)) => drop(kinds.insert(name, served)),
            Ok(None) => {}
            Err(failure) => return Err(Halt::before(&format!("ask for the kind {name}"), &failure)),
        }
    }
    Ok(kinds)
}

fn split(group_kind: &str) -> (String, String) {
    let (kind, group) = group_kind.split_once('.').unwrap_or((group_kind, ""));
    (group.to_owned(), kind.to_owned())
}

/// Lists the members. Without a parent all kinds are asked for, and those that we may not list are passed over (A32).
async fn members(
    api: &Api<'_>,
    aim: &Aim,
    kinds: &BTreeMap<String, Served>,
    is_lost: bool,
) -> Result<Vec<Live>, Halt> {
    let wanted: BTreeSet<String> = aim.desired.iter().map(|desired| desired.identity.group_kind()).collect();
    let selector = format!("{SET_LABEL}={}", identity::of_project(&aim.project, &aim.namespace));
    let kinds: Vec<&Served> = kinds.values().filter(|kind| kind.kind != "Namespace").collect();
    let lists = kinds.iter().map(|kind| read::list(api, kind, &aim.namespace, &selector));
    let lists = join_all(lists).await;
    let mut members = Vec::new();
    for (kind, list) in kinds.iter().zip(lists) {
        match list {
            Ok(list) => members.extend(list),
            Err(failure) if failure.class == Class::Missing => {}
            Err(failure)
                if failure.class == Class::Forbidden
                    && !wanted.contains(&kind.group_kind())
                    && (is_lost || !kind.namespaced) => {}
            Err(failure) => return Err(Halt::before(&format!("list {}", kind.plural), &failure)),
        }
    }
    Ok(members)
}

/// Says all that is not allowed at once (row 15).
pub(crate) fn permission_missing(namespace: &str, lacking: &[Need]) -> Halt {
    let words: Vec<String> = lacking.iter().map(ToString::to_string).collect();
    let text = format!("you may not in the namespace {namespace}: {}", words.join(", "));
    Halt::refused(ClusterCode::PermissionMissing, text)
        .help("`rcompose role` prints the rights that this project needs")
}
