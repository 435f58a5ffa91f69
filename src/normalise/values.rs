//! Typed Compose values in the words of the model: texts, lists, times, and words that Compose does not check.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::compose::grammar::duration::GoDuration;
use crate::compose::keys::key_values::KeyValues;
use crate::compose::keys::list::{TextOrList, TextOrNumber, Texts};
use crate::compose::keys::scalar::{Flag, KeptTime, Size, Text, Time, Whole};
use crate::compose::keys::words::Command;
use crate::diag::{Diagnostic, Sink, Span, Spanned};
use crate::model::Words;
use crate::model::codes::SharedCode;

/// Reports problems of one service.
pub(super) struct Report<'s> {
    pub(super) service: &'s str,
    pub(super) sink: &'s mut Sink,
}

impl Report<'_> {
    /// Says that a value counts as not written; `known` are those that would count.
    pub(super) fn unknown(&mut self, key: &str, value: &Text, known: &str) {
        let (service, written) = (self.service, &value.value);
        let problem = Diagnostic::new(
            SharedCode::ValueUnknown,
            format!("`{written}` is no known `{key}`, in service `{service}`; it counts as not written"),
        );
        let path = format!("services.{service}.{key}");
        self.sink.push(problem.at(value.span).service(service).path(path).help(known));
    }

    /// Reads a word that Compose does not check; the empty one is not written.
    pub(super) fn word<T>(
        &mut self,
        key: &str,
        text: Option<Text>,
        known: &[&str],
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let text = text.filter(|text| !text.value.is_empty())?;
        let value = read(&text.value);
        if value.is_none() {
            let known: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
            self.unknown(key, &text, &format!("known: {}", known.join(", ")));
        }
        value.map(|value| Spanned::new(value, text.span))
    }
}

/// The items of a list.
pub(super) fn items(list: Option<Texts>) -> Vec<Text> {
    list.map(|list| list.items).unwrap_or_default()
}

/// The items of a list that may be written as one text.
pub(super) fn texts(list: Option<TextOrList>) -> Vec<Text> {
    items(list.map(|list| list.0))
}

/// The items of a list of texts and numbers.
pub(super) fn scalars(list: Option<crate::compose::keys::list::List<TextOrNumber>>) -> Vec<Text> {
    list.map(|list| list.items.into_iter().map(|item| item.0).collect()).unwrap_or_default()
}

/// Values by name; one that is null is the empty text.
pub(super) fn by_name(values: Option<KeyValues>) -> BTreeMap<String, Text> {
    let entries = values.map(|values| values.entries).unwrap_or_default();
    entries
        .into_iter()
        .map(|(name, entry)| (name, entry.value.unwrap_or_else(|| Text::new(String::new(), entry.key))))
        .collect()
}

/// A text that says something.
pub(super) fn filled(text: Option<Text>) -> Option<Text> {
    text.filter(|text| !text.value.is_empty())
}

/// The place of a flag that is on.
pub(super) fn on(flag: Option<&Flag>) -> Option<Span> {
    flag.filter(|flag| flag.value).map(|flag| flag.span)
}

/// A time; one before the beginning is none at all.
pub(super) fn time(time: Spanned<GoDuration>) -> Spanned<Duration> {
    time.map(|time| Duration::from_nanos(u64::try_from(time.0).unwrap_or(0)))
}

/// A time that `config` always prints.
pub(super) fn kept_time(kept: Option<KeptTime>) -> Option<Spanned<Duration>> {
    kept.map(|kept| time(kept.0))
}

/// A time that `config` prints unless it is zero.
pub(super) fn plain_time(plain: Option<Time>) -> Option<Spanned<Duration>> {
    plain.map(|plain| time(plain.0))
}

/// A number that cannot be negative; loading has refused those that may not.
pub(super) fn count(number: Option<Whole>) -> Option<Spanned<u64>> {
    number.and_then(|number| Some(Spanned::new(u64::try_from(number.value).ok()?, number.span)))
}

/// A size in bytes.
pub(super) fn size(size: Option<Size>) -> Option<Spanned<i64>> {
    size.map(|size| size.0)
}

/// `command` or `entrypoint` (K20).
pub(super) fn words(command: Option<Command>) -> Words {
    match command {
        None => Words::Inherit,
        Some(command) if command.words.is_empty() => Words::Cleared(command.span),
        Some(command) => {
            let words = command.words.into_iter().map(|word| word.value).collect();
            Words::Words(Spanned::new(words, command.span))
        }
    }
}
