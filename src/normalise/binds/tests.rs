//! One mount and its world in, a decision out.

use std::path::Path;

use super::*;
use crate::host::MemoryHost;
use crate::model::CopiedPath;

struct Case<'a> {
    host: MemoryHost,
    image: &'a str,
    context: Option<&'a str>,
    facts: ImageFacts,
}

fn world() -> Case<'static> {
    Case { host: MemoryHost::new().dir("/p"), image: "app", context: None, facts: ImageFacts::default() }
}

impl Case<'_> {
    fn file(self, path: &str, content: &str) -> Self {
        Self { host: self.host.file(Path::new("/p").join(path), content), ..self }
    }

    /// Decides on `SOURCE:TARGET[:ro]`.
    fn outcome(&self, mount: &str) -> Outcome {
        let parts: Vec<&str> = mount.split(':').collect();
        let path = match parts[0] {
            host if host.starts_with(['/', '~', '\\']) => BindPath::Host(host.to_owned()),
            project => BindPath::Project(crate::normalise::paths::clean(project)),
        };
        let request = Request {
            path: &path,
            target: parts[1],
            read_only: parts.get(2) == Some(&"ro"),
            build: self.context.map(|context| BuildContext { path: Some(context), facts: &self.facts }),
            image: ImageName::parse(self.image),
            postgres_data: None,
        };
        decide(Policy::Auto, &request, "", &mut Snapshot::new(&self.host, Path::new("/p"))).0
    }

    fn check(&self, mount: &str, expected: &BindDecision) {
        assert_eq!(&self.outcome(mount).decision, expected, "{mount}");
    }

    fn is_directory(&self, mount: &str) -> bool {
        matches!(self.outcome(mount).decision, BindDecision::Directory(_))
    }

    fn is_file(&self, mount: &str) -> bool {
        matches!(self.outcome(mount).decision, BindDecision::File(_))
    }
}

const EMPTY_DATA: BindDecision = BindDecision::Data { holds_files: false, absolute: false };
const DATA: BindDecision = BindDecision::Data { holds_files: true, absolute: false };

const fn source_code(copied: bool) -> BindDecision {
    BindDecision::Omitted(OmitReason::SourceCode { copied })
}

#[test]
fn host_paths_are_judged_by_their_text() {
    let world = world();
    world.check("/dev/null:/etc/x", &BindDecision::Null);
    world.check("/etc/localtime:/etc/localtime:ro", &BindDecision::Omitted(OmitReason::Timezone));
    world.check("/var/run/docker.sock:/var/run/docker.sock", &BindDecision::HostPath { directory: false });
    world.check("/etc/ssl/certs:/certs:ro", &BindDecision::HostPath { directory: false });
    world.check("/tmp/x:/x", &BindDecision::Scratch { missing: false });
    world.check("/srv/media:/media", &BindDecision::Data { holds_files: false, absolute: true });
    world.check("~/data:/data", &BindDecision::Data { holds_files: false, absolute: true });
    world.check("/srv/a.conf:/b.conf", &BindDecision::Unclear(UnclearReason::AbsoluteFile));
    world.check("/tmp/a.conf:/b.conf", &BindDecision::Unclear(UnclearReason::AbsoluteFile));
    world.check("~/.docker/run/docker.sock:/x.sock", &BindDecision::Unclear(UnclearReason::AbsoluteFile));
}

#[test]
fn what_the_image_holds_is_left_out() {
    let copy = CopiedPath { source: "src".to_owned(), target: Some("/app/src".to_owned()) };
    let facts = ImageFacts { known: true, copied: vec![copy], ..ImageFacts::default() };
    let world = Case { context: Some("web/app"), facts, ..world() }
        .file("web/app/src/a.py", "")
        .file("web/app/src/x.toml", "a")
        .file("web/app/lib/a.py", "a");
    world.check("web/app:/app", &source_code(true));
    world.check("web:/app", &source_code(true));
    world.check(".:/app", &source_code(true));
    world.check("web/app/src:/app/src", &source_code(true));
    world.check("web/app/src/x.toml:/app/src/x.toml", &source_code(true));
    assert!(world.is_file("web/app/src/x.toml:/app/src/x.toml:ro"));
    assert!(world.is_directory("web/app/src:/else"));
    assert!(world.is_directory("web/app/lib:/app/lib"));
}

#[test]
fn a_dockerfile_that_copies_nothing_is_told() {
    let facts = ImageFacts { known: true, ..ImageFacts::default() };
    Case { context: Some("."), facts, ..world() }.check(".:/app", &source_code(false));
    Case { context: Some("."), ..world() }.check(".:/app", &source_code(true));
}

#[test]
fn missing_sources_are_what_docker_would_make() {
    let mut world = world();
    world.host = world.host.dir("/p/empty").file("/p/kept/.gitkeep", "");
    world.check("a.conf:/b.conf", &BindDecision::Omitted(OmitReason::MissingFile));
    world.check("none:/x", &EMPTY_DATA);
    world.check("none:/x:ro", &BindDecision::Scratch { missing: true });
    world.check("empty:/x", &EMPTY_DATA);
    world.check("empty:/x:ro", &BindDecision::Scratch { missing: false });
    world.check("kept:/x", &EMPTY_DATA);
    assert_eq!(world.outcome("kept:/x").skipped.len(), 1);
}

#[test]
fn files_are_configuration_unless_a_program_writes_them() {
    let world = world().file("nginx.conf", "x").file("a.db", "x").file("empty", "").file("acme.json", "{}");
    assert!(world.is_file("nginx.conf:/etc/nginx/nginx.conf"));
    assert!(world.is_file("empty:/x:ro"));
    let written = BindDecision::Unclear(UnclearReason::WrittenFile);
    world.check("a.db:/a.db:ro", &written);
    world.check("acme.json:/acme.json", &written);
    world.check("empty:/x", &written);
}

#[test]
fn large_and_unreadable_files_are_told() {
    let mut world = world().file("big", &"x".repeat(1_048_577)).file("fits", &"x".repeat(1_048_576));
    world.host = world.host.unreadable("/p/locked").unreadable("/p/conf/locked");
    world.check("big:/big", &BindDecision::TooLarge(vec![("big".to_owned(), 1_048_577)]));
    assert!(world.is_file("fits:/fits"));
    assert!(matches!(world.outcome("conf:/c:ro").decision, BindDecision::Unreadable(_)));
    world.check("conf:/c", &DATA);
}

#[test]
fn directories_are_data_configuration_or_unclear() {
    let world = world()
        .file(".gitignore", "ignored/\npartly/*\n!partly/.gitkeep\n")
        .file("conf/a.conf", "x")
        .file("conf/s/b.conf", "y")
        .file("data/a", "x")
        .file("ignored/a", "x")
        .file("partly/a", "x")
        .file("partly/.gitkeep", "")
        .file("binary/a", "\0")
        .file("code/package.json", "{}")
        .file("stack/docker-compose.prod.yml", "{}");
    assert!(world.is_directory("conf:/etc/app"));
    assert!(world.is_directory("data:/x:ro"));
    assert!(world.is_directory("binary:/x:ro"));
    assert!(world.is_directory("data:/etc/x"));
    for mount in ["data:/x", "ignored:/x", "partly:/x", "binary:/x", "conf:/var/lib/mysql"] {
        world.check(mount, &DATA);
    }
    world.check("code:/x", &BindDecision::Unclear(UnclearReason::CodeTree));
    world.check("stack:/x:ro", &BindDecision::Unclear(UnclearReason::CodeTree));
}

#[test]
fn directories_beyond_the_limits_are_data_or_refused() {
    let half = "x".repeat(600_000);
    let world = world().file("conf/a", &half).file("conf/b", &half);
    world.check("conf:/c", &DATA);
    let files = vec![("a".to_owned(), 600_000), ("b".to_owned(), 600_000)];
    world.check("conf:/c:ro", &BindDecision::TooLarge(files));
}

#[test]
fn special_files_and_links_out_are_left_out() {
    let mut world = world();
    world.host = world.host.special("/p/s").link("/p/out", "/etc/x").file("/etc/x", "");
    world.check("s:/s", &BindDecision::Omitted(OmitReason::Special));
    world.check("out:/x", &BindDecision::Omitted(OmitReason::Special));
}

#[test]
fn one_secret_file_makes_the_directory_secret() {
    let world =
        world().file("c/a.conf", "x").file("c/tls/b.key", "x").file("d/a", "x").file("secrets/a", "x");
    assert!(world.outcome("c:/c").sensitive);
    assert!(world.outcome("secrets:/c").sensitive);
    assert!(!world.outcome("d:/c").sensitive);
}

#[test]
fn data_for_one_is_data_for_all() {
    let mut one = DATA;
    let mut other = BindDecision::Unclear(UnclearReason::CodeTree);
    let mut omitted = source_code(true);
    unify(&mut [&mut one, &mut other, &mut omitted]);
    assert_eq!((one, other, omitted), (DATA, DATA, source_code(true)));
    let mut alone = BindDecision::Scratch { missing: true };
    unify(&mut [&mut alone]);
    assert_eq!(alone, BindDecision::Scratch { missing: true });
}
