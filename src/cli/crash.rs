//! What users see of our own bugs: where it happened and how to report it, nothing of their data (exit 101).

use std::panic::PanicHookInfo;

use super::printer::last_words;

/// Replaces the panic message of the standard library, which may quote what was being worked on.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| last_words(&text(info))));
}

fn text(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "error: rcompose {version} came upon a bug of its own at {place}\n\
         please report this line and the command that you ran; it quotes nothing of your files\n"
    )
}
