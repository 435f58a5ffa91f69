//! Blanks put into a text so that the parser reads what yaml.v3 reads, and the way back to the written places.

use std::borrow::Cow;

use super::events::Repair;

/// Each repair reads the text anew, so there may not be many of them in a large one.
const REPAIRS: usize = 100;
const BYTES_READ_AGAIN: usize = 1 << 26;

/// Blanks to put in: offsets in the text as written, ascending, with their number.
#[derive(Debug, Default)]
pub(super) struct Patch {
    blanks: Vec<(usize, usize)>,
    repairs: usize,
}

impl Patch {
    /// Tells whether one more repair of a text of this length is affordable.
    pub(super) const fn is_affordable(&self, length: usize) -> bool {
        self.repairs < REPAIRS && self.repairs * length < BYTES_READ_AGAIN
    }

    /// Adds blanks at a place of the patched text; more each time that it was not enough.
    pub(super) fn add(&mut self, repair: Repair, patched: usize) {
        self.repairs += 1;
        let offset = self.written(patched);
        let first = if repair == Repair::Indent { 16 } else { 1 };
        match self.blanks.binary_search_by_key(&offset, |(at, _)| *at) {
            Ok(index) => self.blanks[index].1 *= 16,
            Err(index) => self.blanks.insert(index, (offset, first)),
        }
    }

    /// Returns the text with the blanks in it.
    pub(super) fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.blanks.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut patched =
            String::with_capacity(text.len() + self.blanks.iter().map(|(_, count)| count).sum::<usize>());
        let mut done = 0;
        for (offset, count) in &self.blanks {
            patched.push_str(&text[done..*offset]);
            patched.extend(std::iter::repeat_n(' ', *count));
            done = *offset;
        }
        patched.push_str(&text[done..]);
        Cow::Owned(patched)
    }

    /// Returns where a byte of the patched text was written.
    pub(super) fn written(&self, patched: usize) -> usize {
        let mut added = 0;
        for (offset, count) in &self.blanks {
            if patched <= offset + added {
                break;
            }
            if patched < offset + added + count {
                return *offset;
            }
            added += count;
        }
        patched - added
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_the_patched_text_lead_back() {
        let mut patch = Patch::default();
        patch.add(Repair::Separate, 3);
        patch.add(Repair::Indent, 2);
        let patched = patch.apply("abcd#");
        assert_eq!(patched, format!("ab{}c d#", " ".repeat(16)));
        let back: Vec<usize> = [0, 2, 3, 18, 19, 20, 21].map(|at| patch.written(at)).to_vec();
        assert_eq!(back, [0, 2, 2, 2, 3, 3, 4]);
    }
}
