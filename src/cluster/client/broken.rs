//! Why no answer came, in the words of kube, as a failure of ours. What an answer says stands in [`failure`](crate::cluster::failure).

use std::error::Error;

use crate::cluster::failure::{Class, Failure};

/// No client can be made: a login program failed, or a key is not one.
pub(super) fn login(error: &kube::Error) -> Failure {
    Failure::of(Class::Auth, chain(error))
}

/// The connection failed or broke. A login that fails in the middle of a run comes the same way.
pub(super) fn transport(error: &kube::Error) -> Failure {
    let class = if matches!(error, kube::Error::Auth(_)) { Class::Auth } else { Class::Transient };
    let said = chain(error);
    let said = said.strip_prefix("ServiceError: ").unwrap_or(&said);
    Failure::of(class, said.strip_prefix("HyperError: ").unwrap_or(said).to_owned())
}

/// Puts an error and all its causes on one line: the top alone says only "client error".
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = cause.source();
    }
    text
}
