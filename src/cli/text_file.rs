//! A text of ours that is no product, such as a report: written whole, but never over a file of the project.

use std::path::Path;

use super::exit::Stop;
use super::session::Session;
use super::usage::UsageError;
use crate::emit;

/// Writes a file, but never over one that the project, which lies in `directory`, was read from.
///
/// # Errors
/// It is a file of the project, or the system refuses.
pub(crate) fn write(
    path: &str,
    text: &str,
    directory: Option<&str>,
    session: &mut Session<'_, '_>,
) -> Result<(), Stop> {
    let host = session.host;
    let target = host.canonicalize(Path::new(path)).ok();
    let base = Path::new(directory.unwrap_or("."));
    let read = session
        .sources
        .names()
        .any(|name| target.is_some() && host.canonicalize(&base.join(name)).ok() == target);
    if read {
        return Err(
            UsageError::new(format!("`{path}` is a file of this project: choose another name")).into()
        );
    }
    let planned = emit::plan_file(path, text, true, host);
    let written = planned.and_then(|mut plan| emit::write(&mut plan, host).map_err(|found| vec![*found]));
    if let Err(found) = written {
        for found in found {
            session.sink.push(found);
        }
        session.stop_at_errors()?;
    }
    Ok(())
}
