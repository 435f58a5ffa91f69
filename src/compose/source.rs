//! Reads one text file of the user's into the sources, within the limits of L17.

use std::io;
use std::path::Path;

use crate::diag::{SourceId, Sources};
use crate::host::Host;
use crate::yaml;

use super::grammar::path;

/// Longest Compose or env file (L17).
pub(crate) const MOST_BYTES: u64 = 16 << 20;

/// Why a file gives no text.
#[derive(Debug)]
pub(crate) enum ReadFault {
    /// It is not there.
    Missing,
    /// A directory.
    Directory,
    /// A FIFO, device or socket.
    Special,
    /// More than 16 MiB.
    TooLarge,
    /// Neither UTF-8 nor UTF-16; the first bad byte.
    NotText(usize),
    /// The system's words.
    System(String),
}

impl ReadFault {
    /// Says it behind the file's name.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Missing => "does not exist".to_owned(),
            Self::Directory => "is a directory, not a file".to_owned(),
            Self::Special => "is no regular file".to_owned(),
            Self::TooLarge => "is larger than 16 MiB".to_owned(),
            Self::NotText(offset) => format!("is not UTF-8 (byte {offset})"),
            Self::System(text) => format!("cannot be read: {text}"),
        }
    }

    fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            io::ErrorKind::IsADirectory => Self::Directory,
            io::ErrorKind::Unsupported => Self::Special,
            io::ErrorKind::FileTooLarge => Self::TooLarge,
            _ => Self::System(error.to_string()),
        }
    }
}

/// Reads a file and adds it to the sources under the name that users see.
pub(crate) fn read(
    host: &dyn Host,
    sources: &mut Sources,
    file: &str,
    shown: &str,
) -> Result<SourceId, ReadFault> {
    let bytes = host.read(Path::new(file), MOST_BYTES).map_err(|error| ReadFault::from_io(&error))?;
    add(sources, bytes, shown)
}

/// Reads standard input, shown as `<stdin>`.
pub(crate) fn read_stdin(host: &dyn Host, sources: &mut Sources) -> Result<SourceId, ReadFault> {
    let bytes = host.read_stdin(MOST_BYTES).map_err(|error| ReadFault::from_io(&error))?;
    add(sources, bytes, "<stdin>")
}

fn add(sources: &mut Sources, bytes: Vec<u8>, shown: &str) -> Result<SourceId, ReadFault> {
    let text = yaml::decode_text(bytes).map_err(|fault| ReadFault::NotText(fault.offset))?;
    Ok(sources.add(shown, text))
}

/// Returns a file's path as users see it: relative to the project directory, or absolute where nothing but the root is
/// common to both.
pub(crate) fn shown(directory: &str, file: &str) -> String {
    let relative = path::relative_to(directory, file);
    let climbs = relative.split('/').take_while(|step| *step == "..").count();
    let depth = path::clean(directory).split('/').filter(|step| !step.is_empty()).count();
    if climbs > 0 && climbs == depth { path::clean(file) } else { relative }
}
