//! One service of the stack file.

use super::attachments;
use super::data::Kind;
use super::depends::depends_on;
use super::deploy::deploy;
use super::draft::Draft;
use super::environment::environment;
use super::grants;
use super::health::healthcheck;
use super::hooks;
use super::identity;
use super::image::image;
use super::kernel;
use super::mounts::mounts;
use super::part::{Object, Part, text_map};
use super::plan::Written;
use super::ports::Ports;
use super::process;
use super::report::dropped;
use super::resources::ulimits;
use super::security;
use crate::backend::codes::BackendCode;
use crate::diag::Severity;
use crate::model::{CredentialSpec, Logging, Service, TargetOnly};

/// Writes a service, each of its keys by the file of its concept.
pub(crate) fn service<'a>(written: &Written<'a>, ports: &mut Ports<'a>, draft: &mut Draft<'a, '_>) -> Part {
    // Named so that a new field of the model stops the build here; the parts below take them apart.
    let Service {
        span: _,
        selected: _,
        image: _,
        process: _,
        lifecycle,
        health: _,
        scale: _,
        update: _,
        rollback: _,
        placement: _,
        resources: _,
        security: _,
        kernel: _,
        depends: _,
        identity: _,
        ports: _,
        network: _,
        mounts: _,
        configs: _,
        secrets: _,
        // Every overlay network has all ports open, and every service answers to its name (S29).
        reach: _,
        // `hints` tells of those that say nothing to Swarm.
        hints: _,
        target_only,
    } = written.service;
    draft.report.enter(written.name);
    let mut object = Object::default();
    object.put("image", image(written, draft));
    process::put(written, &mut object, draft);
    identity::put(written, &mut object, draft);
    object.put_opt("environment", environment(written, draft));
    put_files(written, &mut object, draft);
    attachments::put(written, &mut object, draft);
    object.put_opt("ports", ports.remove(written.name));
    object.put_opt("healthcheck", healthcheck(written, draft));
    object.put_opt("depends_on", depends_on(written, draft));
    security::put(written, &mut object, draft);
    kernel::put(written, &mut object, draft);
    object.put_opt("ulimits", ulimits(written));
    put_target_only(written, target_only, &mut object, draft);
    hooks::report(written, lifecycle, draft);
    object.put_opt("deploy", deploy(written, draft));
    draft.report.leave();
    object.into_part_even_if_empty()
}

/// Writes mounts, configs and secrets: mounted files become either.
fn put_files<'a>(written: &Written<'a>, object: &mut Object, draft: &mut Draft<'a, '_>) {
    let mounts = mounts(written, draft);
    let mut configs = grants::configs(written, draft);
    configs.extend(mounts.configs);
    let mut secrets = grants::secrets(written, draft);
    secrets.extend(mounts.secrets);
    object.put_opt("configs", grants::list(written, Kind::Config, &configs, &mut draft.report));
    object.put_opt("secrets", grants::list(written, Kind::Secret, &secrets, &mut draft.report));
    object.put_opt("volumes", Part::list(mounts.volumes));
}

fn put_target_only(
    written: &Written<'_>,
    target_only: &TargetOnly,
    object: &mut Object,
    draft: &mut Draft<'_, '_>,
) {
    let TargetOnly {
        logging,
        credential_spec,
        attach,
        develop,
        // Variables of the environment (S54).
        models: _,
        // A service with a provider is not written (S54).
        provider: _,
        foreign_mounts,
        unknown_mounts,
    } = target_only;
    if let Some(Logging { span: _, driver, options }) = logging {
        let mut logging = Object::default();
        logging.put_written("driver", "S32", driver.as_ref());
        logging.put_opt("options", text_map(options, "S32"));
        object.put_opt("logging", logging.into_part());
    }
    if let Some(CredentialSpec { span: _, config, file, file_content: _, registry }) = credential_spec {
        let mut spec = Object::default();
        spec.put_opt("config", config.as_ref().map(|config| grants::credentials(config, draft)));
        spec.put_written("file", "S53", file.as_ref());
        spec.put_written("registry", "S53", registry.as_ref());
        object.put_opt("credential_spec", spec.into_part());
    }
    let development = [("attach", attach.as_ref().map(|attach| attach.span)), ("develop", *develop)];
    for (key, span) in development {
        if let Some(span) = span {
            let message = format!("`{}`: `{key}` acts only while developing", written.name);
            draft.report.add(
                key,
                dropped(BackendCode::DevelopmentOnly, span, message)
                    .help("nothing to do; it may stay for Compose"),
            );
        }
    }
    for container in foreign_mounts {
        let message =
            format!("`{}`: no service of the project has this container (`volumes_from`)", written.name);
        draft.report.add(
            "volumes_from",
            dropped(BackendCode::VolumesFromDropped, container.span, message)
                .help("give what is shared a named volume, and mount it in both"),
        );
    }
    for other in unknown_mounts {
        let message = format!(
            "`{}` takes nothing of `{}`, which mounts nothing: what its image declares is not known (`volumes_from`)",
            written.name, other.value
        );
        draft.report.add(
            "volumes_from",
            dropped(BackendCode::VolumesFromDropped, other.span, message)
                .severity(Severity::Note)
                .help("give what is shared a named volume, and mount it in both"),
        );
    }
}
