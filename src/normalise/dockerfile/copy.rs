//! `COPY` and `ADD`: what goes from the build context into the image.

use super::image::json_words;
use super::lines;
use super::variables::split_words;
use crate::model::CopiedPath;
use crate::normalise::paths;

/// Returns sources and target as written; `None` when the sources are not of the context or there are too few words.
pub(super) fn operands(rest: &str, escape: char) -> Option<Vec<String>> {
    let mut tail = rest;
    while let Some(flag) = tail.strip_prefix("--") {
        if flag.starts_with("from=") {
            return None;
        }
        tail = flag.split_once(char::is_whitespace).map_or("", |(_, tail)| tail).trim_start();
    }
    let words = json_words(tail).unwrap_or_else(|| split_words(tail, escape));
    (words.len() >= 2).then_some(words)
}

/// Returns each source below the context with its target in the image. Words with an unknown variable are `None`.
pub(super) fn paths(words: &[Option<String>], working_dir: Option<&str>) -> Vec<CopiedPath> {
    let Some((target, sources)) = words.split_last() else { return Vec::new() };
    let target = target.as_deref().and_then(|target| absolute(target, working_dir, sources.len() > 1));
    let own =
        sources.iter().flatten().filter(|source| !is_remote(source) && lines::document(source).is_none());
    own.map(|source| CopiedPath { source: below_context(source), target: target.clone() }).collect()
}

/// The target, absolute; a `/` at its end says that it is a directory.
fn absolute(target: &str, working_dir: Option<&str>, several: bool) -> Option<String> {
    let directory = several || target.ends_with('/') || matches!(paths::base_name(target), "." | "..");
    let path = if target.starts_with('/') { paths::clean(target) } else { paths::join(working_dir?, target) };
    Some(if directory && path != "/" { format!("{path}/") } else { path })
}

/// A source never leaves the context: what leads above it starts at it again.
fn below_context(source: &str) -> String {
    let cleaned = paths::clean(&format!("/{source}"));
    if cleaned == "/" { ".".to_owned() } else { cleaned[1..].to_owned() }
}

fn is_remote(source: &str) -> bool {
    source.contains("://") || source.starts_with("git@")
}
