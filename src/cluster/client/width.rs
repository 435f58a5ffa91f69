//! How many calls are under way at once (A111): more while the server answers well, half when it asks for patience.

use std::cell::Cell;

use tokio::sync::Notify;

/// Where it begins, and where it ends.
const FIRST: usize = 8;
const MOST: usize = 32;
/// So many answers without complaint make room for one more.
const CLEAN: u32 = 20;

/// Places for calls.
pub(crate) struct Width {
    limit: Cell<usize>,
    most: usize,
    under_way: Cell<usize>,
    clean: Cell<u32>,
    freed: Notify,
}

/// One place, freed when dropped.
pub(crate) struct Place<'w>(&'w Width);

impl Width {
    /// Begins with eight places, or as many as asked for.
    pub(super) fn new(asked: Option<usize>) -> Self {
        let most = asked.unwrap_or(MOST).clamp(1, MOST);
        Self {
            limit: Cell::new(FIRST.min(most)),
            most,
            under_way: Cell::new(0),
            clean: Cell::new(0),
            freed: Notify::new(),
        }
    }

    /// Waits for a place.
    pub(super) async fn place(&self) -> Place<'_> {
        while self.under_way.get() >= self.limit.get() {
            self.freed.notified().await;
        }
        self.under_way.set(self.under_way.get() + 1);
        Place(self)
    }

    /// Counts an answer without complaint.
    pub(super) fn clean(&self) {
        let clean = self.clean.get() + 1;
        self.clean.set(clean % CLEAN);
        if clean == CLEAN && self.limit.get() < self.most {
            self.limit.set(self.limit.get() + 1);
            self.freed.notify_one();
        }
    }

    /// Narrows to half.
    pub(super) fn halve(&self) {
        self.limit.set((self.limit.get() / 2).max(1));
        self.clean.set(0);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.under_way.set(self.0.under_way.get() - 1);
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_clean_answers_and_halves_on_complaints() {
        let width = Width::new(None);
        (0..20 * 40).for_each(|_| width.clean());
        assert_eq!(width.limit.get(), MOST);
        width.halve();
        assert_eq!(width.limit.get(), MOST / 2);
        (0..10).for_each(|_| width.halve());
        assert_eq!(width.limit.get(), 1);
    }

    #[test]
    fn nobody_gets_more_places_than_asked_for() {
        let width = Width::new(Some(3));
        (0..200).for_each(|_| width.clean());
        assert_eq!(width.limit.get(), 3);
        assert_eq!(Width::new(Some(1000)).most, MOST);
    }
}
