//! Merge keys `<<`: the keys of other mappings added to one, those that are there first staying (L14).

use super::{Builder, Step, TooLarge, pairs_of};
use crate::diag::Diagnostic;
use crate::yaml::events::Tag;
use crate::yaml::written::Data;
use crate::yaml::{Entry, Mapping, YamlCode};

impl<'r> Builder<'r, '_, '_> {
    /// Adds what a merge key names; keys that are there stay, and so do those of earlier items (L14).
    pub(super) fn merge(&mut self, map: &mut Mapping, value: usize) -> Result<(), TooLarge> {
        let raw = self.behind_aliases(value);
        let Data::List(items) = &raw.data else { return self.merge_one(map, value) };
        let alias = matches!(self.nodes[value].data, Data::Alias(_));
        self.stand_at(&self.nodes[value]);
        // What stands below an alias is reported where it is written, and there it is no merge key.
        if alias && self.copies == 0 && items.iter().any(|item| !self.can_merge(*item)) {
            self.report_merge(value);
            return Ok(());
        }
        self.copies += usize::from(alias);
        for item in items {
            self.merge_one(map, *item)?;
        }
        self.copies -= usize::from(alias);
        Ok(())
    }

    fn merge_one(&mut self, map: &mut Mapping, value: usize) -> Result<(), TooLarge> {
        let written = &self.nodes[value];
        let raw = self.behind_aliases(value);
        match &raw.data {
            Data::Nowhere => Ok(()),
            _ if self.tag_is_not_copied(raw) => Ok(()),
            Data::Map(pairs) if matches!(written.data, Data::Alias(_)) || self.copies > 0 => {
                self.stand_at(written);
                self.copies += 1;
                self.enter(raw)?;
                self.merge_copy(map, pairs)?;
                self.depth -= 1;
                self.copies -= 1;
                Ok(())
            }
            Data::Map(pairs) => {
                self.enter(raw)?;
                for (key, entry) in self.map(pairs)?.0 {
                    map.entry(key).or_insert(entry);
                }
                self.depth -= 1;
                Ok(())
            }
            Data::Scalar { .. } | Data::List(_) | Data::Alias(_) => {
                self.report_merge(value);
                Ok(())
            }
        }
    }

    fn can_merge(&self, index: usize) -> bool {
        matches!(self.behind_aliases(index).data, Data::Map(_) | Data::Nowhere)
    }

    fn report_merge(&mut self, value: usize) {
        let diagnostic = Diagnostic::new(YamlCode::BadMergeKey, "`<<` takes a mapping or a list of mappings")
            .at(self.span(value))
            .help("give `<<` the alias of a mapping, such as `<<: *defaults`");
        self.report_at(diagnostic, Some(Step::Key("<<")));
    }

    /// Adds the keys of an anchored mapping without building the values that are not used.
    fn merge_copy(&mut self, map: &mut Mapping, pairs: &'r [usize]) -> Result<(), TooLarge> {
        let mut merge = None;
        for (key, value) in pairs_of(pairs) {
            // Values that are not used count as well: looking at them is work.
            self.count(&self.nodes[value])?;
            if self.is_left_out(value) {
                continue;
            }
            if self.is_merge_key(key) {
                merge = merge.or(Some(value));
                continue;
            }
            let Some((written, text)) = self.key(key) else { continue };
            self.weigh_key(key, &text)?;
            if map.contains_key(&text) {
                continue;
            }
            self.path.push(Step::Key(written));
            let node = self.node(value)?;
            self.path.pop();
            map.insert(text, Entry { key: self.span(key), node });
        }
        merge.map_or(Ok(()), |value| self.merge(map, value))
    }

    pub(super) fn is_merge_key(&self, index: usize) -> bool {
        let raw = &self.nodes[index];
        match (&raw.data, &raw.tag) {
            (Data::Scalar { text, plain: true }, None) => text == "<<",
            (Data::Scalar { text, .. }, Some(Tag::Core(name))) => text == "<<" && **name == *"merge",
            _ => false,
        }
    }
}
