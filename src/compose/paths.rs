//! Resolves relative paths against the directory of their file set (L37). Names no key.

use std::path::Path as FilePath;

use crate::host::Host;
use crate::yaml::{Node, Value};

use super::grammar::path;
use super::keys::shape::{PathKind, Shape};

/// What paths start from.
#[derive(Clone, Copy)]
pub(crate) struct Base<'a> {
    /// Absolute directory.
    pub(crate) directory: &'a str,
    /// The user's home.
    pub(crate) home: Option<&'a str>,
    /// For links.
    pub(crate) host: &'a dyn Host,
}

impl Base<'_> {
    /// Joins a relative path with the directory.
    pub(crate) fn absolute(&self, text: &str) -> String {
        path::resolve_abs(self.directory, self.home, text)
    }

    /// Likewise; Unix and Windows absolutes stay untouched.
    pub(crate) fn unix(&self, text: &str) -> String {
        path::resolve_unix(self.directory, self.home, text)
    }

    fn context(&self, text: &str) -> String {
        path::resolve_context(self.directory, self.home, text)
    }

    fn remote(&self, text: &str) -> String {
        if path::is_remote(text) { text.to_owned() } else { self.absolute(text) }
    }

    fn linked(&self, text: &str) -> String {
        let absolute = self.absolute(text);
        let resolved = self.host.canonicalize(FilePath::new(&absolute));
        resolved.ok().and_then(|found| found.to_str().map(ToOwned::to_owned)).unwrap_or(absolute)
    }
}

/// Resolves the paths in a value and all below it.
pub(crate) fn resolve(node: &mut Node, shape: &Shape, base: &Base<'_>) {
    match shape.path {
        PathKind::None => {}
        PathKind::Absolute => texts(node, &|text| base.absolute(text)),
        PathKind::Remote => texts(node, &|text| base.remote(text)),
        PathKind::Unix => texts(node, &|text| base.unix(text)),
        PathKind::Context => texts(node, &|text| base.context(text)),
        PathKind::Linked => texts(node, &|text| base.linked(text)),
        PathKind::ContextValues => values(node, &|text| base.context(text)),
        PathKind::UnixValues => values(node, &|text| base.unix(text)),
        PathKind::By(resolve) => resolve(node, base),
    }
    match &mut node.value {
        Value::Map(map) => {
            for (key, entry) in map {
                if let Some(member) = shape.member(key) {
                    resolve(&mut entry.node, member, base);
                }
            }
        }
        Value::List(items) => {
            if let Some(item_shape) = shape.item() {
                for item in items {
                    resolve(item, item_shape, base);
                }
            }
        }
        _ => {}
    }
}

fn texts(node: &mut Node, change: &dyn Fn(&str) -> String) {
    match &mut node.value {
        Value::Text(text) => *text = change(text),
        Value::List(items) => items.iter_mut().for_each(|item| texts(item, change)),
        _ => {}
    }
}

/// The values of a mapping, or what stands behind `=` in a list.
fn values(node: &mut Node, change: &dyn Fn(&str) -> String) {
    match &mut node.value {
        Value::Map(map) => map.values_mut().for_each(|entry| texts(&mut entry.node, change)),
        Value::List(items) => {
            for item in items {
                if let Value::Text(text) = &mut item.value
                    && let Some((key, value)) = text.split_once('=')
                {
                    *text = format!("{key}={}", change(value));
                }
            }
        }
        _ => {}
    }
}
