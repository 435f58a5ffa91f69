//! Mounts of a service (S90 to S99, S41, S42, S54).

use super::binds;
use super::codes::SwarmCode;
use super::draft::{Draft, VolumeMount};
use super::environment::template;
use super::grants::GrantPart;
use super::part::{Object, Part};
use super::placement::is_pinned;
use super::plan::Written;
use super::report::{Place, dropped, noted};
use crate::backend::codes::BackendCode;
use crate::diag::{Severity, Span, Spanned};
use crate::model::{Mount, MountSource, Tmpfs, VolumeUse};

/// Size of `/dev/shm` without a word.
const USUAL_SHM: i64 = 64 << 20;
const SHM: &str = "/dev/shm";
const ENGINE_SOCKET: &str = "/var/run/docker.sock";

/// What the mounts of a service become.
#[derive(Debug, Default)]
pub(crate) struct Mounts {
    /// `volumes`.
    pub(crate) volumes: Vec<Part>,
    /// Files that travel as configs.
    pub(crate) configs: Vec<GrantPart>,
    /// Files that travel as secrets.
    pub(crate) secrets: Vec<GrantPart>,
    /// Places in the container that are taken.
    taken: Vec<String>,
}

/// Decides on all mounts of a service.
pub(crate) fn mounts<'a>(written: &Written<'a>, draft: &mut Draft<'a, '_>) -> Mounts {
    let mut result = Mounts::default();
    let mut added: Vec<(String, Part)> = Vec::new();
    for mount in &written.service.mounts {
        if !result.take(&mount.target.value) {
            let message =
                format!("`{}`: something else is mounted at `{}`", written.name, mount.target.value);
            draft.report.add(
                "volumes",
                dropped(SwarmCode::StackKeyDropped, mount.span, message)
                    .help("give one of them another target"),
            );
            continue;
        }
        match &mount.source {
            MountSource::Tmpfs(tmpfs) if tmpfs.short => {
                let part = tmpfs_mount(written, mount, tmpfs, draft).into_part_even_if_empty();
                added.push((mount.target.value.clone(), part));
            }
            _ => of_mount(written, mount, &mut result, draft),
        }
    }
    added.extend(shm(written, &mut result, draft).map(|part| (SHM.to_owned(), part)));
    added.extend(api_socket(written, &mut result, draft).map(|part| (ENGINE_SOCKET.to_owned(), part)));
    // What was no mount in the author's list stands behind it, by target.
    added.sort_by(|(one, _), (other, _)| one.cmp(other));
    result.volumes.extend(added.into_iter().map(|(_, part)| part));
    result
}

impl Mounts {
    /// Takes a place in the container; false when it is taken.
    pub(crate) fn take(&mut self, target: &str) -> bool {
        let target = cleaned(target);
        let is_free = !self.taken.contains(&target);
        if is_free {
            self.taken.push(target);
        }
        is_free
    }
}

/// Returns a path as Go cleans it: no empty parts, no `.` and `..`.
pub(crate) fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

fn of_mount<'a>(written: &Written<'a>, mount: &'a Mount, result: &mut Mounts, draft: &mut Draft<'a, '_>) {
    // `read_only` goes into the head of each kind.
    let Mount { span, target, read_only: _, source, consistency, keeps_data: _, from_service, hints: _ } =
        mount;
    if let Some(consistency) = consistency {
        draft.report.already_default("volumes.consistency", consistency.span);
    }
    // `volumes_from` brings mounts like any other, but for those that are one container's alone (S56).
    if let Some(other) = from_service
        && matches!(source, MountSource::Anonymous | MountSource::Tmpfs(_))
    {
        let message = format!("`{}` does not see `{}` of `{other}`", written.name, target.value);
        draft.report.add(
            "volumes_from",
            dropped(BackendCode::VolumesFromDropped, *span, message)
                .help("use a named volume in both services"),
        );
        return;
    }
    let named = |kind: &str, source: Option<(&str, Span)>, draft: &mut Draft<'_, '_>| {
        let mut object = head(mount, kind, draft);
        if let Some((text, span)) = source {
            object.put("source", Part::written(template(text, span, "volumes.source", draft), "S90", span));
        }
        object
    };
    let object = match source {
        MountSource::Volume(volume) => {
            draft.volumes.push(VolumeMount {
                volume: &volume.volume,
                place: Place { name: volume.volume.to_string(), span: *span },
                pinned: is_pinned(written),
            });
            let mut object = named("volume", Some((volume.volume.as_str(), *span)), draft);
            object.put_opt("volume", volume_options(written, volume, draft));
            object
        }
        MountSource::Anonymous => {
            let message = format!("`{}`: nothing finds the volume at `{}` again", written.name, target.value);
            draft.report.add(
                "volumes",
                noted(BackendCode::VolumeAnonymous, *span, message)
                    .help("give it a name if its content matters"),
            );
            named("volume", None, draft)
        }
        MountSource::Tmpfs(tmpfs) => tmpfs_mount(written, mount, tmpfs, draft),
        MountSource::Bind(bind) => return binds::bind(written, mount, bind, result, draft),
        MountSource::NamedPipe(path) => named("npipe", Some((path.value.as_str(), path.span)), draft),
        MountSource::Cluster(name) => named("cluster", Some((name.value.as_str(), name.span)), draft),
        MountSource::Image { reference, subpath: _ } => {
            let message = format!("`{}` does not see the files of image `{}`", written.name, reference.value);
            draft.report.add(
                "volumes",
                dropped(SwarmCode::StackKeyDropped, *span, message)
                    .help("copy them into the image, or fill a volume with them"),
            );
            return;
        }
    };
    result.volumes.push(object.into_part_even_if_empty());
}

/// Begins a mount: type, target, read-only.
pub(crate) fn head(mount: &Mount, kind: &str, draft: &mut Draft<'_, '_>) -> Object {
    let mut object = Object::default();
    object.put("type", Part::written(kind, "S90", mount.span));
    let target = template(&mount.target.value, mount.target.span, "volumes.target", draft);
    object.put("target", Part::written(target, "S90", mount.target.span));
    object.put_opt("read_only", mount.read_only.map(|span| Part::written(true, "S90", span)));
    object
}

fn volume_options(written: &Written<'_>, volume: &VolumeUse, draft: &mut Draft<'_, '_>) -> Option<Part> {
    let VolumeUse { volume: name, no_copy, subpath, labels } = volume;
    if let Some(first) = labels.values().next() {
        let message = format!("`{}`: labels of the mount of `{name}` are left out", written.name);
        draft.report.add(
            "volumes",
            dropped(BackendCode::MountOptionDropped, first.span, message).help("label the volume itself"),
        );
    }
    let mut object = Object::default();
    object.put_opt("nocopy", no_copy.map(|span| Part::written(true, "S90", span)));
    object.put_written("subpath", "S90", subpath.as_ref());
    object.into_part()
}

/// Memory as a file system: the options that Swarm has are its size and read-only (S42, S92).
fn tmpfs_mount(written: &Written<'_>, mount: &Mount, tmpfs: &Tmpfs, draft: &mut Draft<'_, '_>) -> Object {
    // Where it was written decides on its place in the list only.
    let Tmpfs { short: _, size, mode, options } = tmpfs;
    let mut object = head(mount, "tmpfs", draft);
    match mode {
        Some(mode) if mode.value == 0o1777 => draft.report.already_default("tmpfs", mode.span),
        Some(mode) => report_tmpfs(written, &format!("mode={:o}", mode.value), mode.span, draft),
        None => {}
    }
    for option in options {
        match option.value.as_str() {
            "rw" | "noexec" | "nosuid" | "nodev" | "mode=1777" => {
                draft.report.already_default("tmpfs", option.span);
            }
            "ro" => object.put("read_only", Part::written(true, "S42", option.span)),
            text => report_tmpfs(written, text, option.span, draft),
        }
    }
    let size = size.as_ref().filter(|size| size.value >= 0);
    object.put_opt("tmpfs", size.map(|size| tmpfs_size(size.value, size.span, "S92")));
    object
}

fn tmpfs_size(bytes: i64, span: Span, rule: &'static str) -> Part {
    let mut object = Object::default();
    object.put("size", Part::written(bytes, rule, span));
    object.into_part_even_if_empty()
}

fn report_tmpfs(written: &Written<'_>, option: &str, span: Span, draft: &mut Draft<'_, '_>) {
    let is_exec = option == "exec";
    let consequence = if is_exec { ": programs on it do not start" } else { "" };
    let message = format!("`{}`: a tmpfs in Swarm has no option `{option}`{consequence}", written.name);
    let finding = dropped(BackendCode::TmpfsOptionDropped, span, message).severity(if is_exec {
        Severity::Warning
    } else {
        Severity::Note
    });
    draft
        .report
        .add("tmpfs", finding.help("let the program set owner and mode when it starts, or use a volume"));
}

/// `shm_size` as a mount (S41).
fn shm(written: &Written<'_>, result: &mut Mounts, draft: &mut Draft<'_, '_>) -> Option<Part> {
    let size: &Spanned<i64> = written.service.resources.shm.as_ref().filter(|size| size.value > 0)?;
    // A mount of the author covers it, under Compose too.
    if size.value == USUAL_SHM || !result.take(SHM) {
        draft.report.already_default("shm_size", size.span);
        return None;
    }
    let mut object = Object::default();
    object.put("type", Part::written("tmpfs", "S41", size.span));
    object.put("target", Part::written(SHM, "S41", size.span));
    object.put("tmpfs", tmpfs_size(size.value, size.span, "S41"));
    Some(object.into_part_even_if_empty())
}

/// `use_api_socket` as a bind of the engine's socket (S54).
fn api_socket(written: &Written<'_>, result: &mut Mounts, draft: &mut Draft<'_, '_>) -> Option<Part> {
    let span = written.service.security.api_socket?;
    if !result.take(ENGINE_SOCKET) {
        return None;
    }
    let message = format!("`{}` controls the engine of its node", written.name);
    draft.report.add(
        "use_api_socket",
        noted(BackendCode::BindHostPath, span, message)
            .help("on a node that is no manager it sees that node's containers only"),
    );
    let mut object = Object::default();
    object.put("type", Part::written("bind", "S54", span));
    object.put("source", Part::written(ENGINE_SOCKET, "S54", span));
    object.put("target", Part::written(ENGINE_SOCKET, "S54", span));
    Some(object.into_part_even_if_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_the_engine_does() {
        assert_eq!(cleaned("/a//b/"), "/a/b");
        assert_eq!(cleaned("/a/../b/."), "/b");
        assert_eq!(cleaned("/.."), "/");
    }
}
