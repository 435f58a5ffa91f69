//! `--report json|sarif[=FILE]` of `convert`: how it is asked for, and where it goes (C25).

use super::exit::Stop;
use super::session::Session;
use super::text_file;
use crate::account;
use crate::backend::Target;
use crate::diag::{Finding, nearest};

/// A report that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    format: Format,
    /// Absent: standard output.
    pub(crate) file: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Sarif,
}

/// Reads the value of the flag.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse(value: &str) -> Result<Report, String> {
    let (word, file) = match value.split_once('=') {
        Some((_, "")) => return Err("a file's name is missing behind `=`".to_owned()),
        Some((word, file)) => (word, Some(file.to_owned())),
        None => (value, None),
    };
    let format = match word {
        "json" => Format::Json,
        "sarif" => Format::Sarif,
        _ => {
            return Err(match nearest(word, ["json", "sarif"]) {
                Some(near) => format!("no such format; did you mean `{near}`?"),
                None => "json or sarif, and a file behind `=`".to_owned(),
            });
        }
    };
    Ok(Report { format, file })
}

/// Writes the report; there is one of a run that fails, too.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(
    report: &Report,
    target: Target,
    findings: &[Finding],
    session: &mut Session<'_, '_>,
) -> Result<(), Stop> {
    let Some(account) = session.account.take() else { return Ok(()) };
    let text = match report.format {
        Format::Json => account::json(&account, findings, target, session.context()),
        Format::Sarif => account::sarif(&account, findings, target, session.context()),
    };
    match &report.file {
        Some(path) => {
            let directory = session.directory.clone();
            text_file::write(path, &text, directory.as_deref(), session)
        }
        None => session.printer.data(text.as_bytes()),
    }
}
