//! The path of a value in the tree, kept on the stack while walking and written out only for messages.

use std::fmt;

/// Where a walker stands.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    /// The top.
    Root,
    /// Under a key.
    Key(&'a Path<'a>, &'a str),
    /// At an item of a list.
    Item(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    /// Goes below a key.
    pub(crate) const fn key(&'a self, key: &'a str) -> Self {
        Path::Key(self, key)
    }

    /// Goes to an item.
    pub(crate) const fn item(&'a self, index: usize) -> Self {
        Path::Item(self, index)
    }

    /// Returns the last key; items count as their list.
    pub(crate) fn last(&self) -> &'a str {
        match *self {
            Path::Root => "",
            Path::Key(_, key) => key,
            Path::Item(before, _) => before.last(),
        }
    }

    /// Returns the name of the service that the path lies in.
    pub(crate) fn service(&self) -> Option<&'a str> {
        match *self {
            Path::Root => None,
            Path::Key(Path::Key(Path::Root, "services"), name) => Some(name),
            Path::Key(before, _) | Path::Item(before, _) => before.service(),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(Path::Root, key) => formatter.write_str(shortened(key)),
            Path::Key(before, key) => write!(formatter, "{before}.{}", shortened(key)),
            Path::Item(before, index) => write!(formatter, "{before}[{index}]"),
        }
    }
}

/// Keys of megabytes are no part of a message.
fn shortened(key: &str) -> &str {
    const MOST: usize = 1000;
    key.char_indices().nth(MOST).map_or(key, |(end, _)| &key[..end])
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn a_path_prints_keys_and_items_and_knows_its_service() {
        let services = Path::Root.key("services");
        let web = services.key("web");
        let ports = web.key("ports");
        let first = ports.item(0);
        assert_eq!(first.to_string(), "services.web.ports[0]");
        assert_eq!((first.service(), first.last()), (Some("web"), "ports"));
        assert_eq!(services.service(), None);
    }
}
