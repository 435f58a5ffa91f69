//! What the base of an overlay has sealed already: an overlay that sealed it again would change what did not change (N93,
//! N113).

use super::{Sealing, clear, kubeseal};
use crate::backend::kustomize::codes::KustomizeCode;
use crate::backend::{Document, Target};
use crate::diag::{Diagnostic, Outcome};

/// The objects of a base, before and after its Secrets were sealed.
pub(crate) struct Base<'a> {
    /// Before.
    pub(crate) clear: &'a [Document],
    /// After.
    pub(crate) sealed: &'a [Document],
}

/// What stands for a Secret of an overlay.
pub(super) struct Found {
    pub(super) document: Document,
    /// Why it is not what it should be.
    pub(super) problem: Option<Diagnostic>,
}

impl Base<'_> {
    /// Returns what stands for a Secret of the same name; `None` where the base has none.
    pub(super) fn sealed(&self, secret: &Document, sealing: &Sealing) -> Option<Found> {
        let of_name = |document: &&Document| document.kind == "Secret" && document.name == secret.name;
        let clear = clear::secret(self.clear.iter().find(of_name)?)?;
        let is_it = |document: &&Document| {
            document.name == secret.name && matches!(document.kind.as_str(), "Secret" | "SealedSecret")
        };
        let sealed = self.sealed.iter().find(is_it)?;
        if clear.tree == secret.tree {
            return Some(Found { document: sealed.clone(), problem: None });
        }
        let same_data = clear.tree["data"] == secret.tree["data"];
        if same_data && matches!(sealing, Sealing::SealedSecrets { .. }) {
            return Some(Found { document: kubeseal::again(sealed, secret), problem: None });
        }
        Some(Found { document: sealed.clone(), problem: Some(unsayable(secret, same_data)) })
    }
}

/// A patch would break the signature of `sops`; and cipher text in a patch would be new on each run.
fn unsayable(secret: &Document, same_data: bool) -> Diagnostic {
    let what = if same_data { "labels or annotations" } else { "data" };
    let name = &secret.name;
    let message =
        format!("a patch cannot change the sealed Secret `{name}`: the overlay keeps the base's {what}");
    let help = "give it another name there, or convert the files of the overlay on their own: `--to k8s`";
    Diagnostic {
        target: Some(Target::Kustomize.name()),
        outcome: Some(Outcome::Approximated),
        help: Some(help.to_owned()),
        span: place(secret),
        ..Diagnostic::new(KustomizeCode::OverlayNotExpressible, message)
    }
}

/// Where the Secret as a whole comes from.
fn place(secret: &Document) -> Option<crate::diag::Span> {
    secret.origins.iter().filter(|origin| origin.span.is_some()).min_by_key(|origin| origin.path.len())?.span
}
