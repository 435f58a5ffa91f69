//! Mounts in short form: `[source:]target[:options]`, Windows drives included (L32).
//!
//! Resolves no path: that depends on where the text stands.

use std::ops::Range;

use super::{Fault, path};

/// A mount, as the long form has it.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the long form or a remark of its own")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VolumeSpec {
    /// Its type.
    pub(crate) kind: VolumeKind,
    /// Path of the host or name of a volume; `None` is an anonymous volume.
    pub(crate) source: Option<String>,
    /// Path in the container, cleaned.
    pub(crate) target: String,
    /// The same as written, by which duplicates are found before the long form (L30).
    pub(crate) written_target: String,
    /// `ro`
    pub(crate) read_only: bool,
    /// `nocopy`
    pub(crate) nocopy: bool,
    /// `z` or `Z`
    pub(crate) selinux: Option<&'static str>,
    /// `rprivate`, `private`, `rshared`, `shared`, `rslave` or `slave`
    pub(crate) propagation: Option<&'static str>,
    /// Options that Compose drops without a word, with their places.
    pub(crate) ignored: Vec<(String, Range<usize>)>,
    /// A text of one or two bytes, taken for a target as it is; its long form has no `volume: {}`.
    pub(crate) tiny: bool,
    /// Whether a single letter before `:/` was taken for a Windows drive where a volume may have been meant.
    pub(crate) one_letter: bool,
}

/// What a short form can mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VolumeKind {
    /// A path of the host. Its long form has `bind: {create_host_path: true}`.
    Bind,
    /// A volume, named or not. Its long form has `volume: {}`.
    Volume,
}

impl VolumeSpec {
    /// Says whether the long form has a mapping `bind`: options create it for volumes too.
    pub(crate) fn has_bind(&self) -> bool {
        self.kind == VolumeKind::Bind || self.selinux.is_some() || self.propagation.is_some()
    }

    /// Says whether the long form has a mapping `volume`.
    pub(crate) fn has_volume(&self) -> bool {
        self.nocopy || (self.kind == VolumeKind::Volume && !self.tiny)
    }
}

/// Reads a short form.
pub(crate) fn parse(text: &str) -> Result<VolumeSpec, Fault> {
    if text.is_empty() {
        return Err(Fault::whole(text, "a mount needs a target"));
    }
    if text.len() <= 2 {
        return Ok(VolumeSpec { tiny: true, ..mount(None, text) });
    }
    let (parts, open) = parts(text)?;
    if let Some(empty) = parts.iter().find(|part| part.is_empty()) {
        return Err(Fault::new(empty.clone(), "a part between colons is empty"));
    }
    if let (1 | 2, Some(open)) = (parts.len(), open) {
        return Err(Fault::new(open..text.len(), "`${` has no closing brace, so the target does not end"));
    }
    let part = |index: usize| &text[parts[index].clone()];
    match parts.len() {
        1 => Ok(mount(None, text)),
        2 => Ok(mount(Some(part(0)), part(1))),
        3 => {
            let mut spec = mount(Some(part(0)), part(1));
            if open.is_some() {
                // Upstream waits for the brace and forgets the whole part.
                spec.ignored.push((part(2).to_owned(), parts[2].clone()));
            } else {
                options(&mut spec, part(2), parts[2].start);
            }
            Ok(spec)
        }
        _ => Err(Fault::new(parts[3].start - 1..text.len(), "there are too many colons")),
    }
}

fn mount(source: Option<&str>, target: &str) -> VolumeSpec {
    let drive = source.unwrap_or(target);
    let lone_letter = drive.starts_with(|c: char| c.is_ascii_alphabetic()) && drive[1..].starts_with(":/");
    VolumeSpec {
        kind: if source.is_some_and(is_path) { VolumeKind::Bind } else { VolumeKind::Volume },
        source: source.map(str::to_owned),
        target: path::clean(target),
        written_target: target.to_owned(),
        read_only: false,
        nocopy: false,
        selinux: None,
        propagation: None,
        ignored: Vec::new(),
        tiny: false,
        one_letter: lone_letter
            && (source.is_none() || !target.starts_with(['/', '\\']) && !has_drive(target)),
    }
}

/// Splits at colons, but not behind a drive letter nor inside `${...}` that `$$` left in the text. Also says where
/// a `${` stays open.
fn parts(text: &str) -> Result<(Vec<Range<usize>>, Option<usize>), Fault> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut braces = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '$' if characters.peek().is_some_and(|(_, next)| *next == '{') => braces.push(at),
            '}' if !braces.is_empty() => {
                braces.pop();
            }
            ':' if braces.is_empty() && !is_letter(&text[start..at]) => {
                parts.push(start..at);
                start = at + 1;
            }
            '\0' => return Err(Fault::new(at..at + 1, "a path cannot contain a NUL character")),
            _ => {}
        }
    }
    parts.push(start..text.len());
    Ok((parts, braces.first().copied()))
}

fn is_letter(part: &str) -> bool {
    let mut characters = part.chars();
    characters.next().is_some_and(char::is_alphabetic) && characters.next().is_none()
}

fn has_drive(part: &str) -> bool {
    part.split_once(':').is_some_and(|(drive, _)| is_letter(drive))
}

/// Says whether a source is a path and no name.
fn is_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~']) || source.starts_with(r"\\") || has_drive(source)
}

/// Applies the options; of contradicting ones the last wins.
fn options(spec: &mut VolumeSpec, text: &str, offset: usize) {
    let mut start = offset;
    for option in text.split(',') {
        let range = start..start + option.len();
        start = range.end + 1;
        match option {
            "ro" => spec.read_only = true,
            "rw" => spec.read_only = false,
            "nocopy" => spec.nocopy = true,
            "z" => spec.selinux = Some("z"),
            "Z" => spec.selinux = Some("Z"),
            "rprivate" => spec.propagation = Some("rprivate"),
            "private" => spec.propagation = Some("private"),
            "rshared" => spec.propagation = Some("rshared"),
            "shared" => spec.propagation = Some("shared"),
            "rslave" => spec.propagation = Some("rslave"),
            "slave" => spec.propagation = Some("slave"),
            _ => spec.ignored.push((option.to_owned(), range)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(text: &str) -> String {
        let spec = match parse(text) {
            Ok(spec) => spec,
            Err(fault) => return format!("bad {:?}", &text[fault.range]),
        };
        let kind = match spec.kind {
            VolumeKind::Bind => "bind",
            VolumeKind::Volume => "volume",
        };
        let mut parts =
            vec![format!("{kind} {}>{}", spec.source.as_deref().unwrap_or_default(), spec.target)];
        parts.extend(spec.read_only.then(|| "ro".to_owned()));
        parts.extend(spec.nocopy.then(|| "nocopy".to_owned()));
        parts.extend(spec.selinux.map(str::to_owned));
        parts.extend(spec.propagation.map(str::to_owned));
        parts.extend(spec.one_letter.then(|| "letter?".to_owned()));
        parts.extend(spec.ignored.iter().map(|(option, range)| {
            assert_eq!(option, &text[range.clone()]);
            format!("-{option}")
        }));
        parts.join(" ")
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(print(text), expected, "{text}");
    }

    #[test]
    fn sources_decide_the_type() {
        check("/data", "volume >/data");
        check("v1:/d", "volume v1>/d");
        check("./a:/x", "bind ./a>/x");
        check("../a:/x", "bind ../a>/x");
        check(".hidden:/x", "bind .hidden>/x");
        check("~/a:/x", "bind ~/a>/x");
        check("~user:/x", "bind ~user>/x");
        check("/a/:/b/", "bind /a/>/b");
        check("a/b:/x", "volume a/b>/x");
        check(r"\\.\pipe\docker:/x", r"bind \\.\pipe\docker>/x");
        check(r"\a:/x", r"volume \a>/x");
    }

    #[test]
    fn targets_are_cleaned_but_known_as_written() {
        check("v:x/", "volume >v:x");
        check("vol:/c/../d", "volume vol>/d");
        check("vol:x/", "volume vol>x");
        assert_eq!(parse("vol:/app/").expect("valid").written_target, "/app/");
    }

    #[test]
    fn two_parts_are_source_and_target() {
        check("/d:ro", "bind /d>ro");
        check("./a:ro", "bind ./a>ro");
    }

    #[test]
    fn options_apply_to_any_type() {
        check("v1:/d:z", "volume v1>/d z");
        check("./a:/d:ro,Z,rshared", "bind ./a>/d ro Z rshared");
        check("v1:/d:ro,rw,nocopy", "volume v1>/d nocopy");
        check("v1:/d:z,Z,slave,private", "volume v1>/d Z private");
        check("./a:/d:cached,ro,,RO", "bind ./a>/d ro -cached - -RO");
        let both = parse("./a:/d:nocopy").expect("valid");
        assert!(both.has_bind() && both.has_volume());
        let both = parse("v1:/d:rslave").expect("valid");
        assert!(both.has_bind() && both.has_volume());
        let plain = parse("v1:/d").expect("valid");
        assert!(!plain.has_bind() && plain.has_volume());
    }

    #[test]
    fn tiny_texts_are_targets() {
        for text in ["/", "a", "/d", "a:", ".", "::", "é"] {
            let spec = parse(text).expect(text);
            assert_eq!((spec.kind, spec.source.as_deref()), (VolumeKind::Volume, None));
            assert_eq!(spec.written_target, text);
            assert!(!spec.has_volume());
        }
    }

    #[test]
    fn one_letter_is_a_drive() {
        check("x:/data", "volume >x:/data letter?");
        check("x:/data:ro", "bind x:/data>ro letter?");
        check(r"C:\x:/d", r"bind C:\x>/d");
        check(r"c:\x:c:\y:ro", r"bind c:\x>c:\y ro");
        check("c:/x:/d", "bind c:/x>/d");
        check(r"C:\x", r"volume >C:\x");
        check("ab:/data", "volume ab>/data");
        check("é:/data:/x", "bind é:/data>/x");
    }

    #[test]
    fn escaped_variables_keep_their_colons() {
        check("${X:-a}:/d", "volume ${X:-a}>/d");
        check("./${A:-${B:-c}}:/d:ro", "bind ./${A:-${B:-c}}>/d ro");
        check("./a:/b${X:-c", r#"bad "${X:-c""#);
        check("./a:/b:ro,${X:-c", "bind ./a>/b -ro,${X:-c");
    }

    #[test]
    fn empty_or_superfluous_parts_are_refused() {
        check("", r#"bad """#);
        check(":/d", "volume >:/d".replace("volume >:/d", "bad \"\"").as_str());
        check("v1:", "bad \"\"");
        check("v1::ro", "bad \"\"");
        check("v1:/d:", "bad \"\"");
        check("v1:/d:ro:rw", "bad \":rw\"");
        check("./a:/b:/c:/d:e", "bad \":/d:e\"");
        check("a\0b:/c", "bad \"\\0\"");
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_text_panics(text in "[a-cC:/\\\\.~,rozZ${}é\0]{0,20}") {
                if let Err(fault) = parse(&text) {
                    prop_assert!(text.get(fault.range).is_some());
                }
            }
        }
    }
}
