//! Keys that most targets report and leave out (K84, K101, K102, K105, K106).

use std::collections::BTreeMap;

use super::configs_secrets;
use super::files::Files;
use super::paths;
use super::values::{by_name, filled};
use crate::compose::keys::develop::Develop;
use crate::compose::keys::named::{Keyed, Nullable};
use crate::compose::keys::networks::{ServiceModel, ServiceModels};
use crate::compose::keys::scalar::{Flag, Text};
use crate::compose::keys::service;
use crate::compose::keys::top;
use crate::diag::Span;
use crate::model::{CredentialSpec, Logging, ModelName, ModelUse, Provider, TargetOnly};

/// What the author wrote.
pub(super) struct Written {
    pub(super) logging: Option<service::Logging>,
    pub(super) credential_spec: Option<service::CredentialSpec>,
    pub(super) attach: Option<Flag>,
    pub(super) develop: Option<Develop>,
    pub(super) models: Option<ServiceModels>,
    pub(super) provider: Option<service::Provider>,
}

/// Top-level models by name.
pub(super) type Models = BTreeMap<String, Keyed<top::Model>>;

/// Keeps what only one target, or none, can act on.
pub(super) fn target_only(written: Written, models: &Models, files: &mut Files) -> TargetOnly {
    let Written { logging, credential_spec, attach, develop, models: used, provider } = written;
    TargetOnly {
        logging: logging.map(read_logging),
        credential_spec: credential_spec.map(|written| read_credentials(written, files)),
        attach,
        develop: develop.map(|develop| develop.span),
        models: model_uses(used, models),
        provider: provider.and_then(read_provider),
        foreign_mounts: Vec::new(),
        unknown_mounts: Vec::new(),
    }
}

fn read_logging(written: service::Logging) -> Logging {
    let service::Logging { span, driver, options, extensions: _ } = written;
    Logging { span, driver: filled(driver), options: by_name(options.map(|options| options.0)) }
}

fn read_credentials(written: service::CredentialSpec, files: &mut Files) -> CredentialSpec {
    let service::CredentialSpec { span, config, file, registry, extensions: _ } = written;
    let file = filled(file);
    // The engine looks into a directory of its own, so loading resolves nothing; what lies with the project travels.
    let file_content = file.as_ref().map(|file| {
        let is_relative = paths::is_relative(&file.value);
        let place =
            if is_relative { paths::join(files.origin.directory, &file.value) } else { file.value.clone() };
        configs_secrets::read_file(&Text::new(place, file.span), files)
    });
    CredentialSpec { span, config: filled(config), file, file_content, registry: filled(registry) }
}

fn read_provider(written: service::Provider) -> Option<Provider> {
    let service::Provider { span, kind, options: _, extensions: _ } = written;
    Some(Provider { span, kind: kind? })
}

/// Each entry with the model that it means; loading has refused unknown ones.
fn model_uses(used: Option<ServiceModels>, models: &Models) -> Vec<ModelUse> {
    let entries = used.map(|models| models.0.entries).unwrap_or_default();
    let read = |(name, Keyed { key, value }): (String, Keyed<Nullable<ServiceModel>>)| {
        let model = &models.get(&name)?.value;
        let settings = [
            model.context_size.as_ref().map(|size| size.span),
            model.runtime_flags.as_ref().map(|flags| flags.span),
        ];
        let (endpoint, variable): (Option<Text>, Option<Text>) = match value {
            Nullable::Value(ServiceModel { span: _, endpoint_var, model_var, extensions: _ }) => {
                (filled(endpoint_var), filled(model_var))
            }
            Nullable::Null(_) => (None, None),
        };
        Some(ModelUse {
            name: ModelName::new(name),
            span: key,
            model: model.model.clone()?,
            endpoint_variable: endpoint,
            model_variable: variable,
            settings: settings.into_iter().flatten().collect::<Vec<Span>>(),
        })
    };
    entries.into_iter().filter_map(read).collect()
}
