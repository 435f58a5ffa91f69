//! Configs and secrets of a service as files in its container (N91).

use super::binds::{items_of, split};
use super::mounted::{Behind, Mounted};
use super::paths;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::content::{Contents, Held, Source};
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::plan::Facts;
use crate::backend::kubernetes::pod::user;
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Outcome, Severity, Span, Spanned};
use crate::model::{ConfigName, Grant, SecretName};

/// Mode of a file whose author wrote none.
const DEFAULT_MODE: u32 = 0o444;

/// What the API takes of a mode.
const MODE_BITS: u32 = 0o777;

/// A grant of either kind.
pub(super) struct Granted<'a> {
    /// `config` or `secret`.
    kind: &'static str,
    source: &'a str,
    /// Where files of this kind stand unless their target is absolute.
    root: &'static str,
    span: Span,
    target: Option<&'a Spanned<String>>,
    uid: Option<&'a Spanned<String>>,
    gid: Option<&'a Spanned<String>>,
    mode: Option<&'a Spanned<u32>>,
    content: Option<&'a Source>,
}

impl<'a> Granted<'a> {
    /// Takes the grant of a config.
    pub(super) fn config(grant: &'a Grant<ConfigName>, contents: &'a Contents<'_>) -> Self {
        let Grant { source, span, target, uid, gid, mode } = grant;
        Self {
            kind: "config",
            source: source.as_str(),
            root: "/",
            span: *span,
            target: target.as_ref(),
            uid: uid.as_ref(),
            gid: gid.as_ref(),
            mode: mode.as_ref(),
            content: contents.configs.get(source),
        }
    }

    /// Takes the grant of a secret.
    pub(super) fn secret(grant: &'a Grant<SecretName>, contents: &'a Contents<'_>) -> Self {
        let Grant { source, span, target, uid, gid, mode } = grant;
        Self {
            kind: "secret",
            source: source.as_str(),
            root: "/run/secrets",
            span: *span,
            target: target.as_ref(),
            uid: uid.as_ref(),
            gid: gid.as_ref(),
            mode: mode.as_ref(),
            content: contents.secrets.get(source),
        }
    }

    /// Returns the path in the container.
    pub(super) fn path(&self) -> String {
        let target = self.target.map_or(self.source, |target| target.value.as_str());
        if target.starts_with('/') {
            paths::clean(target)
        } else {
            paths::clean(&format!("{}/{target}", self.root))
        }
    }

    /// Says what is mounted.
    pub(super) fn mounted(&self, places: &[String]) -> Vec<Mounted> {
        let Some(Source { secret, object, held }) = self.content else { return Vec::new() };
        let mode = self.mode.map_or(DEFAULT_MODE, |mode| mode.value & MODE_BITS);
        let suffix = if mode == DEFAULT_MODE { String::new() } else { format!("-{mode:04o}") };
        let written = i32::try_from(mode).expect("nine bits fit");
        let (items, sub_path) = match held {
            Held::One(file) => (None, Some(file.path.clone())),
            Held::Directory(files) => (items_of(files), None),
        };
        let whole = Mounted {
            path: self.path(),
            sub_path,
            read_only: true,
            propagation: None,
            recursive_read_only: false,
            behind: Behind::Content { secret: *secret, object: object.clone(), items, mode: Some(written) },
            volume_name: names::label_between(&format!("{}-", self.kind), self.source, &suffix),
            span: self.span,
            rule: "N91",
        };
        match held {
            Held::Directory(files) if places.iter().any(|place| paths::is_below(place, &whole.path)) => {
                split(&whole, files, places)
            }
            Held::Directory(_) | Held::One(_) => vec![whole],
        }
    }

    /// Tells of owner and mode, and returns the group that lets the process read the file all the same.
    pub(super) fn owner(&self, facts: &Facts<'_>, report: &mut Report<'_>) -> Option<Noted<i64>> {
        let key = format!("{}s", self.kind);
        let user = user::known(facts);
        let known_group = user.as_ref().and_then(|user| user.gid);
        let mut group = None;
        if let Some(written) = self.gid.or(self.uid) {
            let is_root = |id: Option<&Spanned<String>>| id.is_none_or(|id| id.value.trim() == "0");
            if is_root(self.uid) && is_root(self.gid) {
                report.already_default(&key, written.span);
            } else {
                let fact = format!("give `{}` an owner: the file belongs to root", self.source);
                let help = "leave `uid` and `gid` out where everybody may read the file";
                report.approximated(KubernetesCode::FileOwnerDropped, &key, written.span, &fact, help);
                let gid = self.gid.and_then(|gid| gid.value.trim().parse().ok()).or(known_group);
                group = gid.filter(|gid| *gid != 0).map(|gid| Noted::written(gid, "N91", written.span));
            }
        }
        let Some(mode) = self.mode.filter(|mode| mode.value & 0o004 == 0) else { return group };
        match user {
            Some(user) if user.uid == 0 => {}
            None if group.is_some() => self.report_group(&key, mode, report),
            Some(user) => {
                self.report_group(&key, mode, report);
                let id = user.gid.filter(|gid| *gid != 0).unwrap_or(user.uid);
                group = group.or_else(|| Some(Noted::written(id, "N91", mode.span)));
            }
            None => {
                let fact = format!(
                    "give `{}` a mode with which a process that is not root may not read it",
                    self.source
                );
                let help = "write `user:` with numbers, or leave `mode` out";
                let found =
                    report.finding(KubernetesCode::FileModeApproximated, &key, mode.span, &fact, help);
                report.push(found.severity(Severity::Warning).outcome(Outcome::Approximated));
            }
        }
        group
    }

    /// The kubelet lets the group of a pod's volumes read each file.
    fn report_group(&self, key: &str, mode: &Spanned<u32>, report: &mut Report<'_>) {
        let fact = format!("give `{}` a mode that its group adds reading to", self.source);
        let help = "leave `mode` out where everybody may read the file";
        report.approximated(KubernetesCode::FileModeApproximated, key, mode.span, &fact, help);
    }
}
