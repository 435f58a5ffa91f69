//! Devices that a cluster offers as resources (K59, K80). Written as limits only: the server sets equal requests.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::backend::FieldOrigin;
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::label_syntax::is_label_value;
use crate::backend::kubernetes::metadata::is_subdomain;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::options::Options;
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Outcome, Span, Spanned};
use crate::model::{Device, DeviceCount, DeviceRequest, GenericResource};

const NVIDIA: &str = "nvidia.com/gpu";

/// Makes limits of device requests, generic resources and CDI devices; what is named twice adds up.
pub(crate) fn of_service(
    requests: &[DeviceRequest],
    generic: &[GenericResource],
    devices: &[Spanned<Device>],
    options: &Options,
    report: &mut Report<'_>,
) -> Vec<(String, Noted<Quantity>)> {
    let mut sums: BTreeMap<String, (u64, Vec<FieldOrigin>)> = BTreeMap::new();
    let mut add = |(name, count, rule, span): (String, u64, &'static str, Span)| {
        let (sum, origins) = sums.entry(name).or_default();
        *sum = sum.saturating_add(count);
        origins.push(FieldOrigin { path: String::new(), span: Some(span), rule });
    };
    for request in requests {
        of_request(request, options, report).into_iter().for_each(&mut add);
    }
    for resource in generic {
        of_generic(resource, options, report).into_iter().for_each(&mut add);
    }
    for device in devices {
        of_cdi_device(device, options, report).into_iter().for_each(&mut add);
    }
    sums.into_iter()
        .map(|(name, (count, origins))| (name, Noted { value: Quantity(count.to_string()), origins }))
        .collect()
}

/// Tells whether a device entry is a CDI name, `vendor/class=name`, and not a path.
pub(crate) fn is_cdi(device: &Device) -> bool {
    !device.source.starts_with('/') && device.source.contains('=')
}

type Found = Option<(String, u64, &'static str, Span)>;

fn of_request(request: &DeviceRequest, options: &Options, report: &mut Report<'_>) -> Found {
    let DeviceRequest { span, in_gpus, driver, count, ids, capabilities, options: driver_options } = request;
    let key = if *in_gpus { "gpus" } else { "deploy.resources.reservations.devices" };
    let Some(resource) = resource_of(driver.as_ref(), capabilities, options) else {
        report.dropped(
            BackendCode::DeviceRequestDropped,
            key,
            *span,
            "has no capability that is known here: nothing is requested",
            "write the capability `gpu` with a known driver (nvidia, amd, intel), or `--gpu-resource NAME`",
        );
        return None;
    };
    if let Some(first) = ids.first().or(driver_options.values().next()) {
        report_selection(key, first.span, report);
    }
    let number = match count {
        _ if !ids.is_empty() => u64::try_from(ids.len()).unwrap_or(u64::MAX),
        DeviceCount::Number(number) => number.value,
        DeviceCount::Unset => assumed(*span, key, report),
        DeviceCount::All(place) => assumed(*place, key, report),
    };
    Some((resource, number, "K59", *span))
}

fn report_selection(key: &str, span: Span, report: &mut Report<'_>) {
    report.dropped(
        BackendCode::GpuSelectionDropped,
        key,
        span,
        "chooses devices: only their number counts, the device plugin chooses",
        "label the nodes by their devices and write a placement constraint",
    );
}

fn assumed(span: Span, key: &str, report: &mut Report<'_>) -> u64 {
    report.approximated(
        BackendCode::GpuCountAssumed,
        key,
        span,
        "asks for all devices: one is requested, since a request needs a number",
        "write `count`",
    );
    1
}

fn resource_of(
    driver: Option<&Spanned<String>>,
    capabilities: &[Spanned<String>],
    options: &Options,
) -> Option<String> {
    let has = |word| capabilities.iter().any(|capability| capability.value == word);
    let is_tpu = has("tpu") || driver.is_some_and(|driver| driver.value == "tpu");
    if !has("gpu") && !is_tpu {
        return None;
    }
    if let Some(resource) = &options.gpu_resource {
        return Some(resource.clone());
    }
    let name = match driver.map_or("", |driver| driver.value.as_str()) {
        _ if is_tpu => "google.com/tpu",
        "" | "nvidia" | "cdi" => NVIDIA,
        "amd" => "amd.com/gpu",
        "intel" => "gpu.intel.com/i915",
        _ => return None,
    };
    Some(name.to_owned())
}

fn of_generic(resource: &GenericResource, options: &Options, report: &mut Report<'_>) -> Found {
    let GenericResource { kind, value } = resource;
    let gpu = || options.gpu_resource.clone().unwrap_or_else(|| NVIDIA.to_owned());
    let name = match kind.as_str() {
        "gpu" | "NVIDIA-GPU" => Some(gpu()),
        name if is_extended_name(name) => Some(name.to_owned()),
        _ => None,
    };
    if let (Some(name), Ok(count)) = (name, u64::try_from(value.value)) {
        return Some((name, count, "K59", kind.span));
    }
    let found = report.finding(
        KubernetesCode::GenericResourceDropped,
        "deploy.resources.reservations.generic_resources",
        kind.span,
        &format!("names `{}`, which is no resource of a cluster", kind.value),
        "write the name that the device plugin offers, such as `example.com/fpga`",
    );
    report.push(found.outcome(Outcome::Dropped).also(value.span, ""));
    None
}

fn of_cdi_device(device: &Spanned<Device>, options: &Options, report: &mut Report<'_>) -> Found {
    if !is_cdi(&device.value) {
        return None;
    }
    let (class, name) = device.source.split_once('=')?;
    if class != NVIDIA {
        report.dropped(
            BackendCode::DeviceDropped,
            "devices",
            device.span,
            &format!("names `{}`, which only an engine with that CDI file knows", device.source),
            "install the vendor's device plugin",
        );
        return None;
    }
    let count = if name == "all" {
        assumed(device.span, "devices", report)
    } else {
        report_selection("devices", device.span, report);
        1
    };
    Some((options.gpu_resource.clone().unwrap_or_else(|| NVIDIA.to_owned()), count, "K80", device.span))
}

/// A resource name with a domain of its own: `vendor.example/device`.
fn is_extended_name(name: &str) -> bool {
    let Some((domain, tail)) = name.split_once('/') else { return false };
    let reserved = domain == "kubernetes.io" || domain.ends_with(".kubernetes.io");
    domain.len() <= 244 && is_subdomain(domain) && !tail.is_empty() && is_label_value(tail) && !reserved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    fn gpu(driver: Option<&str>, count: DeviceCount) -> DeviceRequest {
        DeviceRequest {
            span: at(()).span,
            in_gpus: false,
            driver: driver.map(|driver| at(driver.to_owned())),
            count,
            ids: Vec::new(),
            capabilities: vec![at("gpu".to_owned())],
            options: BTreeMap::new(),
        }
    }

    fn limits(
        requests: &[DeviceRequest],
        generic: &[GenericResource],
    ) -> (Vec<(String, String)>, Vec<String>) {
        let (limits, codes) =
            report_of(|report| of_service(requests, generic, &[], &Options::default(), report));
        (limits.into_iter().map(|(name, limit)| (name, limit.value.0)).collect(), codes)
    }

    #[test]
    fn requests_for_one_resource_add_up() {
        let two = gpu(None, DeviceCount::Number(at(2)));
        let (found, codes) = limits(&[two, gpu(Some("nvidia"), DeviceCount::Unset)], &[]);
        assert_eq!(found, [("nvidia.com/gpu".to_owned(), "3".to_owned())]);
        assert_eq!(codes, ["gpu-count-assumed"]);
    }

    #[test]
    fn drivers_have_their_own_names() {
        let (found, _) = limits(&[gpu(Some("amd"), DeviceCount::Number(at(1)))], &[]);
        assert_eq!(found[0].0, "amd.com/gpu");
        let (found, codes) = limits(&[gpu(Some("acme"), DeviceCount::Unset)], &[]);
        assert_eq!((found.len(), codes), (0, vec!["device-request-dropped".to_owned()]));
    }

    #[test]
    fn ids_count() {
        let mut request = gpu(None, DeviceCount::Unset);
        request.ids = vec![at("0".to_owned()), at("3".to_owned())];
        let (found, codes) = limits(&[request], &[]);
        assert_eq!(found[0].1, "2");
        assert_eq!(codes, ["gpu-selection-dropped"]);
    }

    #[test]
    fn generic_resources_need_a_domain() {
        let resource = |kind: &str| GenericResource { kind: at(kind.to_owned()), value: at(1) };
        let (found, codes) = limits(&[], &[resource("example.com/fpga"), resource("SSD"), resource("gpu")]);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["example.com/fpga", "nvidia.com/gpu"]);
        assert_eq!(codes, ["generic-resource-dropped"]);
    }
}
