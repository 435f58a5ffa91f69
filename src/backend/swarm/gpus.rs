//! GPUs as generic resources (S43), and the generic resources that authors wrote.

use super::codes::SwarmCode;
use super::draft::Draft;
use super::part::{Object, Part};
use super::plan::Written;
use super::report::{approximated, dropped};
use crate::backend::codes::BackendCode;
use crate::diag::Span;
use crate::model::{DeviceCount, DeviceRequest, GenericResource};

/// Kind of the generic resource without `--gpu-resource`.
const GPU: &str = "NVIDIA-GPU";

/// Writes `reservations.generic_resources`: those of the author, and GPUs.
pub(crate) fn generic_resources(
    written: &Written<'_>,
    devices: &[DeviceRequest],
    generic: &[GenericResource],
    draft: &mut Draft<'_, '_>,
) -> Option<Part> {
    let mut resources: Vec<Resource> = generic
        .iter()
        .map(|GenericResource { kind, value }| Resource {
            kind: kind.value.clone(),
            value: value.value,
            span: kind.span,
            value_span: value.span,
            rule: "S110",
        })
        .collect();
    let kind = draft.plan.options.gpu_resource.as_deref().unwrap_or(GPU).to_owned();
    for request in devices {
        let Some(count) = gpu_count(written, request, draft) else { continue };
        if let Some(resource) = resources.iter_mut().find(|resource| resource.kind == kind) {
            resource.value = resource.value.saturating_add(count);
            continue;
        }
        resources.push(Resource {
            kind: kind.clone(),
            value: count,
            span: request.span,
            value_span: request.span,
            rule: "S43",
        });
        let message = format!(
            "`{}` needs nodes that offer `{kind}` (node-generic-resources in daemon.json)",
            written.name
        );
        draft.report.add(
            key(request),
            approximated(SwarmCode::StackGpuNeedsNode, request.span, message)
                .help("the default runtime of these nodes must show the device to containers"),
        );
    }
    Part::list(resources.into_iter().map(Resource::into_part))
}

/// One entry of `generic_resources`.
#[derive(Debug)]
struct Resource {
    kind: String,
    value: i64,
    span: Span,
    value_span: Span,
    rule: &'static str,
}

impl Resource {
    fn into_part(self) -> Part {
        let mut spec = Object::default();
        spec.put("kind", Part::written(self.kind, self.rule, self.span));
        spec.put("value", Part::written(self.value, self.rule, self.value_span));
        let mut object = Object::default();
        object.put("discrete_resource_spec", spec.into_part_even_if_empty());
        object.into_part_even_if_empty()
    }
}

/// The key that a request stands in.
const fn key(request: &DeviceRequest) -> &'static str {
    if request.in_gpus { "gpus" } else { "deploy.resources.reservations.devices" }
}

/// Returns how many GPUs a request asks for; `None` where it asks for something else.
fn gpu_count(written: &Written<'_>, request: &DeviceRequest, draft: &mut Draft<'_, '_>) -> Option<i64> {
    // The kind of resource stands for the driver.
    let DeviceRequest { span, in_gpus: _, driver: _, count, ids, capabilities, options } = request;
    let name = written.name;
    if !capabilities.iter().any(|capability| capability.value == "gpu") {
        let message = format!("`{name}` does not get the devices it reserves: Swarm knows GPUs only");
        draft.report.add(
            "deploy.resources.reservations.devices",
            dropped(BackendCode::DeviceRequestDropped, *span, message)
                .help("name what nodes offer below `deploy.resources.reservations.generic_resources`"),
        );
        return None;
    }
    if !ids.is_empty() || !options.is_empty() {
        let message = format!("`{name}` gets GPUs that Swarm chooses, not those it names");
        draft.report.add(
            key(request),
            dropped(BackendCode::GpuSelectionDropped, *span, message)
                .help("a constraint on a label chooses the kind of node"),
        );
    }
    let assumed = match count {
        DeviceCount::Number(count) => return Some(i64::try_from(count.value).unwrap_or(i64::MAX)),
        DeviceCount::Unset if !ids.is_empty() => return Some(i64::try_from(ids.len()).unwrap_or(i64::MAX)),
        DeviceCount::Unset => *span,
        DeviceCount::All(span) => *span,
    };
    let message = format!("`{name}` asks for all GPUs of a node; 1 is written");
    draft.report.add(
        key(request),
        approximated(BackendCode::GpuCountAssumed, assumed, message).help("write `count`"),
    );
    Some(1)
}
