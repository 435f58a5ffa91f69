//! Arguments, settings, printer, exit codes, and one file per command. The only room that prints, reads argv or ends
//! the process. Knows no key and no kind.

mod codes;
mod severity;

pub(crate) use codes::CliCode;
