//! Step 1: which files, which directory, which environment, which name (L3–L7).

use std::path::Path;

use crate::diag::{Diagnostic, Sink, Sources};
use crate::host::Host;

use super::codes::LoadCode;
use super::environment::{EnvReader, Environment};
use super::grammar::{number, path};
use super::request::Request;

/// Default names, the first one wins (L4).
pub(crate) const FILE_NAMES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDE_NAMES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];
/// Standard input as a file name.
pub(crate) const STDIN: &str = "-";

/// What was found.
#[derive(Debug)]
pub(crate) struct Discovery {
    /// Compose files, absolute but for [`STDIN`], in order.
    pub(crate) files: Vec<String>,
    /// Project directory, absolute and cleaned.
    pub(crate) directory: String,
    /// Variables of the top file set.
    pub(crate) environment: Environment,
    /// The user's home.
    pub(crate) home: Option<String>,
}

/// Finds the files of a project. `None` when there is nothing to read; the reason is in the sink.
pub(crate) fn discover(
    request: &Request,
    host: &dyn Host,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<Discovery> {
    let current = match host.current_dir() {
        Ok(found) => found.to_string_lossy().into_owned(),
        Err(error) => {
            sink.push(Diagnostic::new(
                LoadCode::FileUnreadable,
                format!("the working directory cannot be read: {error}"),
            ));
            return None;
        }
    };
    let home = host.home_dir().map(|found| found.to_string_lossy().into_owned());
    let given_directory =
        request.project_directory.as_deref().map(|given| path::locate(&current, None, given));
    let mut environment = Environment::new(host.environment());
    environment.add("PWD", current.clone());

    let env_files = EnvFiles::find(request, &environment, sink);
    let start = given_directory.clone().unwrap_or_else(|| first_directory(&request.files, &current));
    let mut reader = EnvReader { host, sources, sink, shown_from: &start };
    match &env_files {
        EnvFiles::Named(files) => {
            let files: Vec<String> = files.iter().map(|file| path::locate(&current, None, file)).collect();
            reader.add_files(&mut environment, &files, None, true);
        }
        EnvFiles::Default => reader.add_files(&mut environment, &[path::join(&start, ".env")], None, false),
        EnvFiles::Off => {}
    }

    let files = files(request, &environment, &current, given_directory.as_deref(), host, sink)?;
    let directory = given_directory.unwrap_or_else(|| first_directory(&files, &current));
    if matches!(env_files, EnvFiles::Default) && directory != start {
        let mut reader = EnvReader { host, sources, sink, shown_from: &directory };
        reader.add_files(&mut environment, &[path::join(&directory, ".env")], None, false);
    }
    Some(Discovery { files, directory: path::clean(&directory), environment, home })
}

/// Returns the files of a project as [`discover`] finds them, without reading one. `None`: there are none; the reason is in
/// the sink, unless loading says it again.
pub(crate) fn files_of(request: &Request, host: &dyn Host, sink: &mut Sink) -> Option<Vec<String>> {
    let mut found = Sink::default();
    let discovery = discover(request, host, &mut Sources::default(), &mut found);
    if discovery.is_none() {
        sink.append(found);
    }
    discovery.map(|discovery| discovery.files).filter(|files| !files.is_empty())
}

enum EnvFiles {
    Named(Vec<String>),
    Default,
    Off,
}

impl EnvFiles {
    fn find(request: &Request, environment: &Environment, sink: &mut Sink) -> Self {
        if !request.env_files.is_empty() {
            return Self::Named(request.env_files.clone());
        }
        if let Some(list) = environment.filled("COMPOSE_ENV_FILES") {
            return Self::Named(list.split(',').map(ToOwned::to_owned).collect());
        }
        match environment.filled("COMPOSE_DISABLE_ENV_FILE").map(number::parse_switch) {
            Some(Ok(true)) => Self::Off,
            Some(Err(_)) => {
                sink.push(
                    Diagnostic::new(LoadCode::BadBoolean, "`COMPOSE_DISABLE_ENV_FILE` is no boolean")
                        .help("set it to `true` or `false`, or unset it"),
                );
                Self::Default
            }
            Some(Ok(false)) | None => Self::Default,
        }
    }
}

/// The directory of the first file that is not standard input (L5).
fn first_directory(files: &[String], current: &str) -> String {
    let first = files.iter().find(|file| *file != STDIN);
    first.map_or_else(|| current.to_owned(), |file| path::parent(&path::locate(current, None, file)))
}

fn files(
    request: &Request,
    environment: &Environment,
    current: &str,
    given_directory: Option<&str>,
    host: &dyn Host,
    sink: &mut Sink,
) -> Option<Vec<String>> {
    let absolute =
        |file: &str| if file == STDIN { STDIN.to_owned() } else { path::locate(current, None, file) };
    if !request.files.is_empty() {
        return Some(request.files.iter().map(|file| absolute(file)).collect());
    }
    if let Some(list) = environment.get("COMPOSE_FILE") {
        let default = if cfg!(windows) { ";" } else { ":" };
        let separator = environment.filled("COMPOSE_PATH_SEPARATOR").unwrap_or(default);
        return Some(list.split(separator).map(absolute).collect());
    }
    search(given_directory.unwrap_or(current), host, sink)
}

/// Looks for the default names here and in each directory above (L4).
fn search(start: &str, host: &dyn Host, sink: &mut Sink) -> Option<Vec<String>> {
    let mut directory = path::clean(start);
    loop {
        let found = present(&directory, &FILE_NAMES, host);
        if let Some(first) = found.first() {
            warn_several(&found, sink);
            let mut files = vec![path::join(&directory, first)];
            let overrides = present(&directory, &OVERRIDE_NAMES, host);
            warn_several(&overrides, sink);
            files.extend(overrides.first().map(|name| path::join(&directory, name)));
            return Some(files);
        }
        let above = path::parent(&directory);
        if above == directory {
            break;
        }
        directory = above;
    }
    sink.push(
        Diagnostic::new(
            LoadCode::NoConfigurationFile,
            format!("no Compose file in `{}` or above", path::clean(start)),
        )
        .help(format!("looked for {}; name another one with `-f FILE`", FILE_NAMES.join(", "))),
    );
    None
}

fn present(directory: &str, names: &[&'static str], host: &dyn Host) -> Vec<&'static str> {
    let is_there = |name: &&&str| {
        host.metadata(Path::new(&path::join(directory, name)))
            // A directory is found as well, and refused when it is read (L3).
            .is_ok()
    };
    names.iter().filter(is_there).copied().collect()
}

fn warn_several(found: &[&str], sink: &mut Sink) {
    if let [first, rest @ ..] = found
        && !rest.is_empty()
    {
        sink.push(
            Diagnostic::new(
                LoadCode::SeveralComposeFiles,
                format!("`{first}` is used, `{}` is not", rest.join("`, `")),
            )
            .help("remove one of them, or name the files with `-f`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::Request;
    use crate::compose::testing::{HOME, at, files};
    use crate::host::MemoryHost;

    #[test]
    fn files_are_looked_for_here_and_above_with_their_override() {
        let host = files(&[
            ("docker-compose.yml", "services: {a: {image: i}}"),
            ("compose.override.yml", "services: {a: {user: u}}"),
        ]);
        let below = host.cwd(format!("{HOME}/sub/deep"));
        assert_eq!(at(&below, &Request::default(), "/services/a/user"), r#""u""#);
        assert_eq!(at(&below, &Request::default(), "/name"), r#""app""#);
    }

    #[test]
    fn named_files_switch_the_search_off() {
        let host = files(&[
            ("compose.yaml", "services: {a: {image: i}}"),
            ("other.yaml", "services: {b: {image: i}}"),
        ]);
        let named = Request { files: vec!["other.yaml".into()], ..Request::default() };
        assert_eq!(at(&host, &named, "/services/a"), "absent");
        let listed = host.env("COMPOSE_FILE", "compose.yaml:other.yaml");
        assert_eq!(at(&listed, &Request::default(), "/services/b/image"), r#""i""#);
    }

    #[test]
    fn the_process_beats_env_files_and_dotenv_can_be_switched_off() {
        let text = "services: {a: {image: 'i:${V}'}}";
        let host = files(&[("compose.yaml", text), (".env", "V=file\n"), ("x.env", "V=x\n")]);
        let image = |host: &MemoryHost, request: &Request| at(host, request, "/services/a/image");
        assert_eq!(image(&host, &Request::default()), r#""i:file""#);
        let named = Request { env_files: vec!["x.env".into()], ..Request::default() };
        assert_eq!(image(&host, &named), r#""i:x""#);
        assert_eq!(image(&host.clone().env("V", "process"), &named), r#""i:process""#);
        assert_eq!(image(&host.env("COMPOSE_DISABLE_ENV_FILE", "1"), &Request::default()), r#""i:""#);
    }

    #[test]
    fn nothing_found_names_what_was_looked_for() {
        assert_eq!(at(&MemoryHost::new().cwd(HOME), &Request::default(), ""), "- no-configuration-file");
    }
}
