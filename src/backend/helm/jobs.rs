//! Jobs of a chart. A Job's template cannot change, so its name follows it: a changed value is a new Job, where a fixed
//! name would break `helm upgrade` (N114).

use serde_json::Value;

use super::holes::{Hole, Piece};
use super::references::places;
use super::{Part, go, print, template_of, text_at};

/// Column of the keys of a Job's template.
const COLUMN: usize = 4;

/// A Job: its name in the raw objects, and the helper that gives its name in the chart.
struct Job {
    name: String,
    helper: String,
}

/// Names Jobs by their templates, and lets those who wait for them follow.
pub(super) fn of(parts: &mut [Part], chart: &str) {
    let jobs: Vec<Job> = parts
        .iter()
        .filter(|part| part.document.kind == "Job")
        .map(|part| {
            let helper = format!("{chart}.job.{}", plain(&part.document.name));
            Job { name: part.document.name.clone(), helper }
        })
        .collect();
    if jobs.is_empty() {
        return;
    }
    for part in parts.iter_mut() {
        waits(part, &jobs);
    }
    for part in parts.iter_mut() {
        if let Some(job) =
            jobs.iter().find(|job| part.document.kind == "Job" && job.name == part.document.name)
        {
            own(part, job);
        }
    }
}

/// The name without the hash, which is always ten digits behind a dash (N2).
fn plain(name: &str) -> &str {
    name.rsplit_once('-').map_or(name, |(plain, _)| plain)
}

fn include(job: &Job) -> String {
    format!("include {} $", go::string(&job.helper))
}

/// Names stand in the rights of those who wait, and in what their init containers run.
fn waits(part: &mut Part, jobs: &[Job]) {
    let tree = &part.document.tree;
    let mut found: Vec<String> = Vec::new();
    for rule in places(tree, "/rules") {
        found.extend(places(tree, &format!("{rule}/resourceNames")));
    }
    if let Some(template) = template_of(&part.document.kind) {
        for container in places(tree, &format!("{template}/spec/initContainers")) {
            found.extend(places(tree, &format!("{container}/args")));
        }
    }
    let holes: Vec<(String, Hole)> = found
        .into_iter()
        .filter_map(|place| {
            let pieces = pieces(text_at(tree, &place)?, jobs)?;
            Some((place, Hole::Text(pieces)))
        })
        .collect();
    for (place, hole) in holes {
        part.holes.put(place, hole);
    }
}

/// Cuts a text at the names of Jobs; `None` where there is none.
fn pieces(text: &str, jobs: &[Job]) -> Option<Vec<Piece>> {
    let mut pieces = vec![Piece::Literal(text.to_owned())];
    for job in jobs {
        pieces = pieces.into_iter().flat_map(|piece| cut(piece, job)).collect();
    }
    (pieces.len() > 1).then_some(pieces)
}

fn cut(piece: Piece, job: &Job) -> Vec<Piece> {
    let Piece::Literal(text) = piece else { return vec![piece] };
    let mut pieces = Vec::new();
    for (number, part) in text.split(&job.name).enumerate() {
        if number > 0 {
            pieces.push(Piece::Name(format!("{{{{ {} }}}}", include(job))));
        }
        pieces.push(Piece::Literal(part.to_owned()));
    }
    pieces
}

/// Puts the template into a helper, and name and template of the Job into holes.
fn own(part: &mut Part, job: &Job) {
    let place = "/spec/template";
    let Some(template) = part.document.tree.pointer(place).and_then(Value::as_object) else { return };
    let text = print::mapping(template, place, COLUMN, &part.holes, part.document.key_rank);
    let (name, inner) = (go::string(&job.helper), go::string(&format!("{}.template", job.helper)));
    let pattern = go::string(&format!("{}-%s", plain(&job.name)));
    part.helper = format!(
        "\
{{{{- /* A Job's template cannot change: its name follows it. */ -}}}}
{{{{- define {inner} }}}}
{text}{{{{- end }}}}
{{{{- define {name} -}}}}
{{{{- printf {pattern} (include {inner} $ | sha256sum | trunc 10) -}}}}
{{{{- end -}}}}
"
    );
    part.holes.put("/metadata/name", Hole::Value(format!("{{{{ {} | quote }}}}", include(job))));
    part.holes.put(place, Hole::Lines(vec![format!("template:{{{{ include {inner} $ }}}}")]));
}
