//! What a Dockerfile's text says of the image that it makes (K13): facts of its final or its `target` stage.
//!
//! Reads no file and builds nothing. What only the base image knows stays unknown: a variable of it, its `WORKDIR`.
//! A Dockerfile that Docker would refuse gives the facts of the lines that are understood.

mod copy;
mod health;
mod image;
mod lines;
mod variables;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::diag::{SourceId, Span};
use crate::model::ImageFacts;

use image::Image;
use lines::Instruction;
use variables::Variables;

/// Where the text of a Dockerfile stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// A file of its own: facts point into it.
    File(SourceId),
    /// `dockerfile_inline`: facts point at the whole value, whose text may differ from what is written.
    Value(Span),
}

impl Place {
    fn span(self, start: usize, end: usize) -> Span {
        let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        match self {
            Self::File(source) => Span::new(source, offset(start), offset(end)),
            Self::Value(span) => span,
        }
    }
}

/// Reads the facts of a Dockerfile. `args` are the build's own, already with their values; `target` is a stage's name or
/// number, the last stage if there is none.
pub(crate) fn facts(
    text: &str,
    place: Place,
    args: &BTreeMap<String, String>,
    target: Option<&str>,
) -> ImageFacts {
    let instructions = lines::instructions(text);
    let (global, stages) = outline(&instructions, args);
    let Some(chosen) = choose(&stages, target.unwrap_or_default()) else { return ImageFacts::default() };
    let chain = chain(&stages, chosen);
    let mut image = Image::from_base(&stages[chain[0]].base);
    for stage in chain {
        image.begin_stage();
        for instruction in &instructions[stages[stage].body.clone()] {
            image.apply(instruction, place.span(instruction.start, instruction.end), args, &global);
        }
    }
    ImageFacts { known: true, ..image.facts }
}

/// One stage: where it starts from and which instructions are its own.
struct Outline {
    /// Lower case; empty when it has none.
    name: String,
    /// The reference behind `FROM`; empty when a variable in it is unknown.
    base: String,
    /// The earlier stage that it starts from.
    parent: Option<usize>,
    body: std::ops::Range<usize>,
}

/// Finds the stages, and the variables that stand before them.
fn outline(instructions: &[Instruction], args: &BTreeMap<String, String>) -> (Variables, Vec<Outline>) {
    let mut global = Variables::global(args);
    let mut stages: Vec<Outline> = Vec::new();
    let mut names = BTreeMap::new();
    for (index, instruction) in instructions.iter().enumerate() {
        match (instruction.keyword.as_str(), stages.last_mut()) {
            ("FROM", _) => {
                let (base, name) = from(instruction, &global);
                let parent = names.get(&base.to_ascii_lowercase()).copied();
                if !name.is_empty() {
                    names.insert(name.clone(), stages.len());
                }
                stages.push(Outline { name, base, parent, body: index + 1..index + 1 });
            }
            ("ARG", None) => global.declare(&instruction.rest, args, None),
            (_, None) => {}
            (_, Some(stage)) => stage.body.end = index + 1,
        }
    }
    (global, stages)
}

/// `FROM [--platform=…] IMAGE [AS NAME]`.
fn from(instruction: &Instruction, global: &Variables) -> (String, String) {
    let mut words = instruction.rest.split_whitespace().filter(|word| !word.starts_with("--"));
    let base = words.next().and_then(|word| global.expand(word, instruction.escape)).unwrap_or_default();
    let name = match (words.next(), words.next()) {
        (Some(word), Some(name)) if word.eq_ignore_ascii_case("as") => name.to_ascii_lowercase(),
        _ => String::new(),
    };
    (base, name)
}

/// A stage by its name or number; the last one for an empty target.
fn choose(stages: &[Outline], target: &str) -> Option<usize> {
    if target.is_empty() {
        return stages.len().checked_sub(1);
    }
    let named = stages.iter().rposition(|stage| stage.name.eq_ignore_ascii_case(target));
    named.or_else(|| target.parse().ok().filter(|index| *index < stages.len()))
}

/// The stages that a stage is built from, the first one first, and itself.
fn chain(stages: &[Outline], chosen: usize) -> Vec<usize> {
    let mut chain: Vec<usize> = std::iter::successors(Some(chosen), |stage| stages[*stage].parent).collect();
    chain.reverse();
    chain
}
