//! What a command has at hand: the world, the user's wishes, and what was found so far.

use super::codes::CliCode;
use super::defaults;
use super::exit::Stop;
use super::hidden;
use super::printer::Printer;
use super::project_settings::{self, ProjectSettings};
use super::settings::Globals;
use super::severity::Wishes;
use super::user_settings::UserSettings;
use crate::account::Account;
use crate::backend::{Artefacts, Target};
use crate::compose::hints::Outside;
use crate::compose::{self, Request};
use crate::diag::render::{Context, HumanOptions, human};
use crate::diag::{Diagnostic, Finding, Level, Mask, Sink, Sources};
use crate::host::Host;
use crate::model::{self, NameSource};

/// One run of one command.
pub(crate) struct Session<'a, 'p> {
    /// Files and environment.
    pub(crate) host: &'a dyn Host,
    /// Where everything is said.
    pub(crate) printer: &'a mut Printer<'p>,
    /// Flags of every command.
    pub(crate) globals: Globals,
    /// What is let through and what not.
    pub(crate) wishes: Wishes,
    /// Texts that were read.
    pub(crate) sources: Sources,
    /// What was found.
    pub(crate) sink: Sink,
    /// What must not be seen.
    pub(crate) mask: Mask,
    /// Hints from flags and settings.
    pub(crate) outside: Outside,
    /// What the project says beside its services.
    pub(crate) settings: ProjectSettings,
    /// What the user says for all projects.
    pub(crate) user: UserSettings,
    /// Where the project is; known once it is loaded.
    pub(crate) directory: Option<String>,
    /// Templates are to be rendered, so what they see of services is kept when a project is understood.
    pub(crate) keeps_services: bool,
    /// What templates see of the services of the project that was understood last.
    pub(crate) services: serde_json::Value,
    /// Kept where each key is to be accounted for.
    pub(crate) account: Option<Account>,
}

impl<'a, 'p> Session<'a, 'p> {
    /// Begins a run.
    pub(crate) fn new(
        host: &'a dyn Host,
        printer: &'a mut Printer<'p>,
        globals: Globals,
        wishes: Wishes,
    ) -> Self {
        let (sources, sink, mask) = (Sources::default(), Sink::default(), Mask::default());
        let (outside, services) = (Outside::default(), serde_json::Value::Null);
        Self {
            host,
            printer,
            globals,
            wishes,
            sources,
            sink,
            mask,
            outside,
            settings: ProjectSettings::default(),
            user: UserSettings::default(),
            directory: None,
            keeps_services: false,
            services,
            account: None,
        }
    }

    /// Shows colour as flags, environment and the user's own settings ask, and remarks unless they are not wanted.
    pub(crate) fn show_colour(&mut self) {
        let environment = self.host.environment();
        let colour = self.globals.colour(&environment, self.user.color.as_deref(), self.printer.terminal());
        self.printer.configure(colour, self.globals.quiet);
    }

    /// Returns what the flags ask of loading.
    pub(crate) fn request(&self, services: &[String]) -> Request {
        let globals = &self.globals;
        Request {
            files: globals.file.clone(),
            project_name: globals.project_name.clone(),
            project_directory: globals.project_directory.clone(),
            env_files: globals.env_file.clone(),
            profiles: globals.profile.clone(),
            services: services.to_vec(),
            no_dependencies: false,
            all_resources: globals.all_resources,
            newest_rules: globals.compose_level.as_deref() == Some("new"),
            keep_tree: self.account.is_some(),
            skip: compose::Skip::default(),
        }
    }

    /// Loads the project; problems go to the sink.
    pub(crate) fn load(&mut self, request: &Request) -> Option<compose::Project> {
        let project = compose::load(request, self.host, &mut self.sources, &mut self.sink)?;
        tracing::debug!(errors = self.sink.errors(), "loaded");
        self.directory = Some(project.directory.clone());
        Some(project)
    }

    /// Loads the project with its settings; problems go to the sink.
    pub(crate) fn open(&mut self, request: &Request) -> Option<compose::Project> {
        let request = project_settings::before_loading(request, self);
        let project = self.load(&request)?;
        project_settings::after_loading(&project, self);
        Some(project)
    }

    /// Loads the project and finds out what is meant for Kubernetes; problems go to the sink.
    pub(crate) fn understand(&mut self, request: &Request) -> Option<model::Project> {
        let project = self.open(request)?;
        Some(self.meant(project, Target::Kubernetes))
    }

    /// Finds out what a project means for a target, of which settings may say more.
    pub(crate) fn meant(&mut self, project: compose::Project, target: Target) -> model::Project {
        if let Some(account) = &mut self.account {
            account.add_uses(&project, &self.sources);
        }
        if self.keeps_services {
            self.services = super::templates::services(&project);
        }
        let mut outside = self.outside.clone();
        defaults::hints(&self.settings.defaults, target, &mut outside);
        let project =
            crate::normalise::normalise(project, &outside, self.host, &mut self.sources, &mut self.sink);
        tracing::debug!(errors = self.sink.errors(), "understood");
        self.hide_secrets(&project);
        if project.name_source == NameSource::Directory {
            let name = &project.name;
            self.sink.push(
                Diagnostic::new(
                    CliCode::ProjectNameFromDirectory,
                    format!(
                        "the project is called `{name}` after its directory: names depend on the checkout"
                    ),
                )
                .help(format!("write `name: {name}` at the top of the Compose file, or pass `-p {name}`")),
            );
        }
        project
    }

    /// Keeps what was made of the project, where it is to be accounted for.
    pub(crate) fn account_for(&mut self, artefacts: &Artefacts) {
        if let Some(account) = &mut self.account {
            account.documents.extend_from_slice(&artefacts.documents);
        }
    }

    /// Returns a path that is written in the settings of the project: it begins where that lies.
    pub(crate) fn below_project(&self, path: &str) -> String {
        let directory = self.directory.as_deref().unwrap_or(".");
        let is_here = self.host.current_dir().is_ok_and(|here| here == std::path::Path::new(directory));
        let stays = is_here || path == "-" || std::path::Path::new(path).is_absolute();
        if stays { path.to_owned() } else { format!("{}/{path}", directory.trim_end_matches('/')) }
    }

    /// Tells whether anybody names the namespace of the objects.
    pub(crate) fn names_namespace(&self) -> bool {
        self.globals.namespace.is_some()
            || self.outside.settings.contains_key("namespace")
            || self.settings.names_namespace()
    }

    /// Runs a step that may find what was found before, in files that were read before: that is told once.
    pub(crate) fn without_repeats<T>(&mut self, step: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::take(&mut self.sink);
        let result = step(self);
        let found = std::mem::replace(&mut self.sink, before);
        // The same file has another number each time it is read, so places are compared as people see them.
        let shown = |found: &Diagnostic| {
            let place = found.span.map(|span| self.sources.place(span));
            (found.code, found.target, found.message.clone(), place)
        };
        let known: std::collections::BTreeSet<_> = self.sink.diagnostics().iter().map(shown).collect();
        let new: Vec<Diagnostic> =
            found.into_diagnostics().into_iter().filter(|found| !known.contains(&shown(found))).collect();
        for found in new {
            self.sink.push(found);
        }
        result
    }

    /// Keeps what the project holds as secret out of everything that is said.
    fn hide_secrets(&mut self, project: &model::Project) {
        for text in project.secret_texts().into_iter().chain(hidden::environment_values(project)) {
            self.mask.hide(text);
        }
    }

    /// Tells whether there is somebody to answer a question (C7).
    #[cfg(feature = "cluster")]
    pub(crate) fn can_ask(&self) -> bool {
        self.host.is_terminal() && self.printer.terminal().err
    }

    /// Tells whether the console shows more than ASCII: what the locale says, where one is set (cli.md, section 8).
    #[cfg(feature = "cluster")]
    pub(crate) fn shows_symbols(&self) -> bool {
        let environment = self.host.environment();
        let set = |name: &&str| environment.get(*name).filter(|locale| !locale.is_empty());
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).map(|name| name.to_ascii_lowercase());
        // Containers and Windows set none, and show UTF-8 all the same.
        locale.is_none_or(|locale| locale.contains("utf-8") || locale.contains("utf8"))
    }

    /// Returns who runs this: for the lock, and for readers of the parent.
    #[cfg(feature = "cluster")]
    pub(crate) fn user(&self) -> String {
        let environment = self.host.environment();
        let name = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| environment.get(*name));
        name.map_or_else(|| "somebody".to_owned(), Clone::clone)
    }

    /// Returns a name that no other run has (A19).
    #[cfg(feature = "cluster")]
    pub(crate) fn holder(&self) -> String {
        let environment = self.host.environment();
        let named = ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|name| environment.get(*name).cloned());
        let of_file = || {
            let bytes = self.host.read(std::path::Path::new("/etc/hostname"), 1024).ok()?;
            Some(String::from_utf8(bytes).ok()?.trim().to_owned())
        };
        let machine = named.or_else(of_file).unwrap_or_else(|| "somewhere".to_owned());
        format!("{}@{machine}/{}/{}", self.user(), std::process::id(), &self.host.token()[..6])
    }

    /// Gives everything that was found so far its level.
    pub(crate) fn judge(&mut self) -> Vec<Finding> {
        let found = std::mem::take(&mut self.sink);
        self.wishes.judge(found.into_diagnostics())
    }

    /// Tells whether something was found that stands in the way of output; errors that are let through do not (C31).
    pub(crate) fn is_refused(&self) -> bool {
        self.wishes.refuse(self.sink.diagnostics())
    }

    /// Says on standard error what was found.
    pub(crate) fn tell(&mut self, findings: &[Finding]) {
        let text = human(findings, self.context(), self.human_options(self.printer.talk_width()));
        self.printer.talk(&text);
    }

    /// Returns what renderers need.
    pub(crate) fn context(&self) -> Context<'_> {
        Context { sources: &self.sources, mask: &self.mask }
    }

    /// Returns how people want their findings.
    pub(crate) fn human_options(&self, width: Option<usize>) -> HumanOptions {
        let Globals { quiet, verbose, .. } = &self.globals;
        HumanOptions { width, verbose: *verbose > 0, quiet: *quiet, name_targets: false }
    }

    /// Judges and tells, and stops the command when there is an error.
    ///
    /// # Errors
    /// There is an error among the findings.
    pub(crate) fn stop_at_errors(&mut self) -> Result<(), Stop> {
        let findings = self.judge();
        self.tell(&findings);
        if has_errors(&findings) { Err(Stop::With(super::exit::Exit::Failed)) } else { Ok(()) }
    }
}

/// Tells whether nothing may be written.
pub(crate) fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.level == Level::Error)
}
