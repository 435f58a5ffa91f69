//! How wide the terminal is.

/// Returns the columns of the terminal behind standard output or standard error; `None` where neither is one.
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "asks the system for the width, writes nothing")]
pub(crate) fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stderr())
        .or_else(|_| rustix::termios::tcgetwinsize(std::io::stdout()))
        .ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Returns the columns of the terminal; not known on this system.
#[cfg(not(unix))]
pub(crate) fn terminal_width() -> Option<usize> {
    None
}
