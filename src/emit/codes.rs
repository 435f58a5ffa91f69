//! Codes of writing files (register, section 1).

use crate::diag::codes;

codes! {
    /// What keeps output from being written.
    pub(crate) enum OutputCode {
        NeedsDirectory = "output-needs-directory" Error Output: "the output has several files and needs a directory",
        DirectoryForeign = "output-directory-foreign" Error Output: "the output directory is not empty and not ours",
        FileForeign = "output-file-foreign" Error Output: "a file of that name exists and is not ours",
        FileEdited = "output-file-edited" Error Output: "a generated file was changed by hand",
        PathInvalid = "output-path-invalid" Error Output: "the output cannot be made or written",
        Busy = "output-busy" Error Output: "another run writes there",
    }
}
