//! The image's configuration as the instructions of a stage and its parents make it.

use std::collections::BTreeMap;

use super::lines::Instruction;
use super::variables::{Variables, split_words};
use super::{copy, health};
use crate::diag::{Span, Spanned};
use crate::model::{ExposedPort, ImageFacts, Protocol};
use crate::normalise::paths;

/// More exposed ports (repeats counted) or volumes than this are a mistake; so many ports the targets refuse (N20).
const MAX_LISTED: usize = 4096;

/// What an image is while its instructions are read.
pub(super) struct Image {
    pub(super) facts: ImageFacts,
    variables: Variables,
    /// Ports looked at so far.
    exposed: usize,
    /// `CMD` stands in this very stage; a later `ENTRYPOINT` then keeps it.
    own_command: bool,
}

impl Image {
    /// Starts with a base image, of which only `scratch` is known.
    pub(super) fn from_base(base: &str) -> Self {
        let facts =
            ImageFacts { working_dir: (base == "scratch").then(|| "/".to_owned()), ..ImageFacts::default() };
        Self { facts, variables: Variables::default(), exposed: 0, own_command: false }
    }

    /// Begins a further stage on top.
    pub(super) const fn begin_stage(&mut self) {
        self.own_command = false;
    }

    /// Applies one instruction; unknown and `ONBUILD` ones do nothing to this image.
    pub(super) fn apply(
        &mut self,
        instruction: &Instruction,
        span: Span,
        args: &BTreeMap<String, String>,
        global: &Variables,
    ) {
        let rest = instruction.rest.as_str();
        match instruction.keyword.as_str() {
            "ARG" => self.variables.declare(rest, args, Some(global)),
            "ENV" => self.variables.set(rest, instruction.escape),
            "USER" => self.facts.user = self.word(instruction).map(|user| Spanned::new(user, span)),
            "WORKDIR" => self.enter(instruction),
            "EXPOSE" => self.expose(instruction, span),
            "VOLUME" => self.mount(instruction, span),
            "STOPSIGNAL" => {
                self.facts.stop_signal = self.word(instruction).map(|signal| Spanned::new(signal, span));
            }
            "HEALTHCHECK" => self.facts.health = health::read(rest, span).or(self.facts.health.take()),
            "SHELL" => {
                let shell = json_words(rest).filter(|words| !words.is_empty());
                self.facts.shell = shell.or_else(|| self.facts.shell.take());
            }
            "CMD" => {
                self.facts.command = Some(Spanned::new(self.command(rest), span));
                self.own_command = true;
            }
            "ENTRYPOINT" => {
                self.facts.entrypoint = Some(Spanned::new(self.command(rest), span));
                // Docker drops an inherited CMD: it was meant for another program.
                if !self.own_command {
                    self.facts.command = None;
                }
            }
            "COPY" | "ADD" => self.copy(instruction),
            _ => {}
        }
    }

    /// The one word of an instruction, its variables replaced; `None` when empty or unknown.
    fn word(&self, instruction: &Instruction) -> Option<String> {
        self.variables.expand(&instruction.rest, instruction.escape).filter(|word| !word.is_empty())
    }

    /// Words in JSON or shell form, variables replaced, unknown ones left out.
    fn words(&self, instruction: &Instruction) -> Vec<String> {
        let words = json_words(&instruction.rest)
            .unwrap_or_else(|| split_words(&instruction.rest, instruction.escape));
        words.iter().filter_map(|word| self.variables.expand(word, instruction.escape)).collect()
    }

    fn enter(&mut self, instruction: &Instruction) {
        let Some(path) = self.word(instruction) else {
            self.facts.working_dir = None;
            return;
        };
        let base = self.facts.working_dir.take();
        self.facts.working_dir = match base {
            _ if path.starts_with('/') => Some(paths::clean(&path)),
            Some(base) => Some(paths::join(&base, &path)),
            None => None,
        };
    }

    fn expose(&mut self, instruction: &Instruction, span: Span) {
        let Some(text) = self.variables.expand(&instruction.rest, instruction.escape) else {
            // One unknown variable does not hide the ports beside it.
            let words = self.words(instruction);
            return words.iter().for_each(|word| self.expose_word(word, span));
        };
        text.split_whitespace().for_each(|word| self.expose_word(word, span));
    }

    fn expose_word(&mut self, word: &str, span: Span) {
        let Some((first, last, protocol)) = port_range(word) else { return };
        for port in first..=last {
            self.exposed += 1;
            if self.exposed > MAX_LISTED {
                return;
            }
            let known =
                self.facts.exposed.iter().any(|known| known.port == port && known.protocol == protocol);
            if !known {
                self.facts.exposed.push(ExposedPort { port, protocol, span });
            }
        }
    }

    fn mount(&mut self, instruction: &Instruction, span: Span) {
        for path in self.words(instruction) {
            let path = path.trim();
            let known = self.facts.volumes.iter().any(|known| known.value == path);
            if !path.is_empty() && !known && self.facts.volumes.len() < MAX_LISTED {
                self.facts.volumes.push(Spanned::new(path.to_owned(), span));
            }
        }
    }

    /// `CMD` and `ENTRYPOINT`: words in JSON form, else a text for the shell.
    fn command(&self, rest: &str) -> Vec<String> {
        json_words(rest).unwrap_or_else(|| {
            let shell = || vec!["/bin/sh".to_owned(), "-c".to_owned()];
            let mut words = self.facts.shell.clone().unwrap_or_else(shell);
            words.push(rest.to_owned());
            words
        })
    }

    fn copy(&mut self, instruction: &Instruction) {
        let Some(words) = copy::operands(&instruction.rest, instruction.escape) else { return };
        let expand = |word: &String| self.variables.expand(word, instruction.escape);
        let words: Vec<Option<String>> = words.iter().map(expand).collect();
        self.facts.copied.extend(copy::paths(&words, self.facts.working_dir.as_deref()));
    }
}

/// A JSON array of texts; anything else is shell form.
pub(super) fn json_words(text: &str) -> Option<Vec<String>> {
    text.trim_start().starts_with('[').then(|| serde_json::from_str(text).ok()).flatten()
}

/// `PORT[-PORT][/PROTOCOL]`.
fn port_range(word: &str) -> Option<(u16, u16, Protocol)> {
    let (ports, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
    let protocol = match protocol.to_ascii_lowercase().as_str() {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "sctp" => Protocol::Sctp,
        _ => return None,
    };
    let number = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    let (first, last) = match ports.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(ports)?, number(ports)?),
    };
    (first <= last).then_some((first, last, protocol))
}
