//! Binds (S93 to S98): files of the project travel as configs and secrets, other paths must be on the nodes.

use super::codes::SwarmCode;
use super::data::Kind;
use super::draft::Draft;
use super::environment::template;
use super::grants::GrantPart;
use super::mounts::{Mounts, head};
use super::options::BindPolicy;
use super::part::{Object, Part};
use super::paths::in_stack;
use super::plan::Written;
use super::report::{approximated, dropped, listed, noted};
use crate::backend::codes::BackendCode;
use crate::diag::Spanned;
use crate::model::{Bind, BindDecision, BindPath, File, Mount, OmitReason, Tree};

/// Most bytes of all files of one bind that travel (S93, S94).
const MOST_BYTES: usize = 500_000;
/// Most files of a directory that travel (S94).
const MOST_FILES: usize = 20;

/// Decides on one bind.
pub(crate) fn bind<'a>(
    written: &Written<'a>,
    mount: &'a Mount,
    bind: &'a Bind,
    result: &mut Mounts,
    draft: &mut Draft<'a, '_>,
) {
    let Bind {
        source: _,
        path,
        propagation: _,
        recursive: _,
        selinux: _,
        create_host_path: _,
        decision,
        sensitive,
        // What did not travel to Kubernetes is a file of a tree; here a tree with such files is not read-only data.
        skipped: _,
    } = bind;
    let kind = if *sensitive { Kind::Secret } else { Kind::Config };
    let by_hint = mount.hints.bind.is_some();
    let travels = draft.plan.options.bind_policy == BindPolicy::Auto
        && (matches!(path, BindPath::Project(_)) || by_hint);
    match decision {
        BindDecision::File(file) if travels && file.bytes.len() <= MOST_BYTES => {
            let grant = file_grant(mount, mount.target.value.clone(), kind, file, "S93", draft);
            report_file(written, mount, file, kind, draft);
            result.grants(kind).push(grant);
        }
        BindDecision::Directory(tree)
            if travels && (mount.read_only.is_some() || by_hint) && is_small(tree) =>
        {
            let directory = mount.target.value.trim_end_matches('/');
            for (below, file) in tree {
                let grant = file_grant(mount, format!("{directory}/{below}"), kind, file, "S94", draft);
                result.grants(kind).push(grant);
            }
            let message = format!(
                "`{}`: the files of `{}` are {}s at `{}`; the image's own files there stay visible",
                written.name,
                shown(path),
                kind.word(),
                mount.target.value
            );
            draft.report.add(
                "volumes",
                approximated(SwarmCode::StackBindRelative, mount.span, message)
                    .help("put what must hide the image's files into a volume or into the image"),
            );
        }
        // The author said so: nothing to tell.
        BindDecision::Omitted(OmitReason::Hint) => {}
        BindDecision::Omitted(OmitReason::SourceCode { copied: _ }) if travels => {
            let message =
                format!("`{}`: source code at `{}` is left to the image", written.name, mount.target.value);
            draft.report.add(
                "volumes",
                dropped(BackendCode::BindSourceCode, mount.span, message)
                    .help("nothing to do when the Dockerfile copies it"),
            );
        }
        _ => {
            let part = host_mount(written, mount, bind, draft);
            result.volumes.push(part);
        }
    }
}

impl Mounts {
    fn grants(&mut self, kind: Kind) -> &mut Vec<GrantPart> {
        match kind {
            Kind::Config => &mut self.configs,
            Kind::Secret => &mut self.secrets,
        }
    }
}

fn is_small(tree: &Tree) -> bool {
    let bytes: usize = tree.values().map(|file| file.bytes.len()).sum();
    !tree.is_empty() && tree.len() <= MOST_FILES && bytes <= MOST_BYTES
}

fn file_grant<'a>(
    mount: &Mount,
    target: String,
    kind: Kind,
    file: &'a File,
    rule: &'static str,
    draft: &mut Draft<'a, '_>,
) -> GrantPart {
    let key = draft.data.take_file(kind, file, mount.span, rule, draft.plan.project);
    let mode = if file.executable { 0o555 } else { 0o444 };
    GrantPart { key, span: mount.span, target: Some(target), uid: None, gid: None, mode: Some(mode), rule }
}

fn report_file(written: &Written<'_>, mount: &Mount, file: &File, kind: Kind, draft: &mut Draft<'_, '_>) {
    let word = kind.word();
    let finding = if mount.read_only.is_some() {
        noted(
            SwarmCode::StackBindAsConfig,
            mount.span,
            format!("`{}`: `{}` travels as a {word}", written.name, file.path),
        )
    } else {
        approximated(
            SwarmCode::StackBindRelative,
            mount.span,
            format!("`{}`: `{}` travels as a {word}, and cannot be written", written.name, file.path),
        )
    };
    draft
        .report
        .add("volumes", finding.help("nothing to do, unless the program writes the file: then use a volume"));
}

/// A bind that stays: the nodes have the path (S96, S97).
fn host_mount(written: &Written<'_>, mount: &Mount, bind: &Bind, draft: &mut Draft<'_, '_>) -> Part {
    let (source, rule) = match &bind.path {
        BindPath::Project(path) => (in_stack(draft.plan.options.place.to_project(), path), "S96"),
        BindPath::Host(path) => (path.clone(), "S97"),
    };
    report_host(written, mount, bind, draft);
    let mut object = head(mount, "bind", draft);
    let source = template(&source, bind.source.span, "volumes.source", draft);
    object.put("source", Part::written(source, rule, bind.source.span));
    let mut options = Object::default();
    options.put_written("propagation", "S98", bind.propagation.as_ref());
    object.put_opt("bind", options.into_part());
    let lost: Vec<(&str, &Spanned<String>)> = [("recursive", &bind.recursive), ("selinux", &bind.selinux)]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.as_ref()?)))
        .collect();
    if let Some((_, first)) = lost.first() {
        let message = format!(
            "`{}`: {} of a bind are left out",
            written.name,
            listed(lost.iter().map(|(key, _)| *key))
        );
        draft.report.add(
            "volumes",
            dropped(BackendCode::MountOptionDropped, first.span, message).help("label the path on the nodes"),
        );
    }
    object.into_part_even_if_empty()
}

fn report_host(written: &Written<'_>, mount: &Mount, bind: &Bind, draft: &mut Draft<'_, '_>) {
    let name = written.name;
    let finding = match (&bind.path, &bind.decision) {
        // Every node has it.
        (_, BindDecision::Null) => return,
        (_, BindDecision::HostPath { .. }) => noted(
            BackendCode::BindHostPath,
            mount.span,
            format!("`{name}` sees `{}` of its node", shown(&bind.path)),
        )
        .help("use what Swarm offers to such programs, or accept it"),
        (BindPath::Project(path), _) => approximated(
            SwarmCode::StackBindRelative,
            mount.span,
            format!("`{name}`: `{path}` must exist on each node, at the same absolute path"),
        )
        .help("use a volume: the project's files are not on the nodes, and Swarm creates nothing"),
        (BindPath::Host(path), _) => noted(
            SwarmCode::StackBindEveryNode,
            mount.span,
            format!("`{name}`: `{path}` must exist on each node"),
        )
        .help("make it, keep the service on one node by a constraint, or use an NFS volume"),
    };
    draft.report.add("volumes", finding);
}

fn shown(path: &BindPath) -> &str {
    match path {
        BindPath::Project(path) | BindPath::Host(path) => path,
    }
}
