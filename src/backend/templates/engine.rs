//! The template engine and how it is set: the only file that knows it.

use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value as Seen};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::Value;

use super::Template;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::diag::{Diagnostic, Sink, Span};
use crate::yaml;

/// Steps that one template may take; a loop over all objects of a large project takes thousands.
const FUEL: u64 = 10_000_000;
/// Bytes that one template may give.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// All templates, read.
pub(super) struct Engine<'t> {
    environment: Environment<'t>,
    templates: &'t [Template],
}

impl<'t> Engine<'t> {
    /// Reads all templates; `None` when one is broken, each of which is reported.
    pub(super) fn of(templates: &'t [Template], sink: &mut Sink) -> Option<Self> {
        let mut environment = Environment::new();
        environment.set_syntax(syntax()?);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_fuel(Some(FUEL));
        environment.add_filter("yaml", |value: Seen| written(&value));
        environment.add_filter("json", |value: Seen| Ok::<_, Error>(tree(&value)?.to_string()));
        let mut whole = true;
        for template in templates {
            if let Err(error) = environment.add_template(&template.name, &template.text) {
                report(&error, template, templates, sink);
                whole = false;
            }
        }
        whole.then_some(Self { environment, templates })
    }

    /// Renders one template; `None` when it fails, which is reported.
    pub(super) fn render(
        &self,
        template: &Template,
        data: &Value,
        objects: &Value,
        sink: &mut Sink,
    ) -> Option<String> {
        let mut seen = data.clone();
        seen["objects"] = objects.clone();
        let mut out = Bounded(Vec::new());
        let rendered = self
            .environment
            .get_template(&template.name)
            .and_then(|found| found.render_captured_to(Seen::from(Serde(seen)), &mut out).map(drop));
        match rendered {
            Ok(()) => Some(String::from_utf8_lossy(&out.0).into_owned()),
            Err(error) => {
                report(&error, template, self.templates, sink);
                None
            }
        }
    }
}

/// Helm's braces, shell and Compose variables pass untouched.
fn syntax() -> Option<SyntaxConfig> {
    SyntaxConfig::builder()
        .block_delimiters("<%", "%>")
        .variable_delimiters("<%=", "%>")
        .comment_delimiters("<%#", "%>")
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .ok()
}

/// The filter `yaml`: a value as block YAML, without the last line break.
fn written(value: &Seen) -> Result<String, Error> {
    Ok(yaml::write(&tree(value)?, |_, _| 0, 2).trim_end_matches('\n').to_owned())
}

fn tree(value: &Seen) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
}

fn report(error: &Error, template: &Template, templates: &[Template], sink: &mut Sink) {
    // What goes wrong in an included template is its mistake.
    let at =
        error.name().and_then(|name| templates.iter().find(|known| known.name == name)).unwrap_or(template);
    let offset = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
    let line_start =
        |line: usize| at.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let range = error.range().or_else(|| {
        error.line().map(|line| {
            let start: usize = line_start(line);
            start..start
        })
    });
    let range = range.unwrap_or(0..0);
    let what = match error.kind() {
        ErrorKind::OutOfFuel => "it takes more steps than a template may".to_owned(),
        kind => error.detail().map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}")),
    };
    sink.push(
        Diagnostic::new(KubernetesCode::TemplateInvalid, format!("`{}` cannot be rendered: {what}", at.name))
            .at(Span::new(at.source, offset(range.start), offset(range.end)))
            .help("templates see `project`, `namespace`, `services` and `objects`"),
    );
}

/// Takes a limited number of bytes.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_BYTES {
            return Err(io::Error::other("it gives more than 16 MiB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
