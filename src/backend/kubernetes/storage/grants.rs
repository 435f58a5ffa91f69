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

    /// Returns the group that lets the process read the file, where the rule on owner and mode asks for one.
    pub(super) fn group(&self, facts: &Facts<'_>) -> Option<Noted<i64>> {
        let user = user::known(facts);
        let of_owner = self.owner().and_then(|written| {
            let known = user.as_ref().and_then(|user| user.gid);
            let gid = self.gid.and_then(|gid| gid.value.trim().parse().ok()).or(known);
            gid.filter(|gid| *gid != 0).map(|gid| Noted::written(gid, "N91", written.span))
        });
        let of_mode = || {
            let (mode, user) = (self.hiding_mode()?, user.filter(|user| user.uid != 0)?);
            Some(Noted::written(user.gid.filter(|gid| *gid != 0).unwrap_or(user.uid), "N91", mode.span))
        };
        of_owner.or_else(of_mode)
    }

    /// Tells of owner and mode. `has_group`: the pod has a group, whoever asked for it, that may read every file of it.
    pub(super) fn report(&self, facts: &Facts<'_>, has_group: bool, report: &mut Report<'_>) {
        let key = format!("{}s", self.kind);
        if let Some(written) = self.owner() {
            let fact = format!("give `{}` an owner: the file belongs to root", self.source);
            let help = "leave `uid` and `gid` out where everybody may read the file";
            report.approximated(KubernetesCode::FileOwnerDropped, &key, written.span, &fact, help);
        } else if let Some(written) = self.gid.or(self.uid) {
            report.already_default(&key, written.span);
        }
        let Some(mode) = self.hiding_mode() else { return };
        let user = user::known(facts);
        if user.as_ref().is_some_and(|user| user.uid == 0) {
            return;
        }
        if has_group {
            self.report_group(&key, mode, report);
            return;
        }
        let fact =
            format!("give `{}` a mode with which a process that is not root may not read it", self.source);
        let help = if user.is_some() {
            "leave `mode` out, or the hint `fs-group: 0`"
        } else {
            "write `user:` with numbers, or leave `mode` out"
        };
        let found = report.finding(KubernetesCode::FileModeApproximated, &key, mode.span, &fact, help);
        report.push(found.severity(Severity::Warning).outcome(Outcome::Approximated));
    }

    /// The owner that is written, unless it is root anyway.
    fn owner(&self) -> Option<&'a Spanned<String>> {
        let is_root = |id: Option<&Spanned<String>>| id.is_none_or(|id| id.value.trim() == "0");
        self.gid.or(self.uid).filter(|_| !(is_root(self.uid) && is_root(self.gid)))
    }

    /// A mode that lets others not read.
    fn hiding_mode(&self) -> Option<&'a Spanned<u32>> {
        self.mode.filter(|mode| mode.value & 0o004 == 0)
    }

    /// The kubelet lets the group of a pod's volumes read each file.
    fn report_group(&self, key: &str, mode: &Spanned<u32>, report: &mut Report<'_>) {
        let fact = format!("give `{}` a mode that its group adds reading to", self.source);
        let help = "leave `mode` out where everybody may read the file";
        report.approximated(KubernetesCode::FileModeApproximated, key, mode.span, &fact, help);
    }
}
