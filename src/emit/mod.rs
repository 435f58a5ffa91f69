//! Artefacts to bytes: order, file names, ownership of the output directory, stale files. Decides no content.

mod codes;

pub(crate) use codes::OutputCode;
