//! T18, T19: `diff` says what would be, ends as it should, writes nothing, and shows no secret.

use crate::project::{Project, actions};

const WEB: &str = "
services:
  web:
    image: 'shop/web:1.4'
    ports: ['8080:80']
    environment: {LOG: info, API_TOKEN: hunter2hunter2}
    secrets: [key]
secrets: {key: {environment: KEY_OF_SHOP}}
";

#[test]
fn t18_diff_ends_with_what_it_found() {
    let Some(project) = Project::behind_proxy("diff", WEB) else { return };
    project.file(".env", "KEY_OF_SHOP=correct-horse-battery\n");
    let (plan, code) = project.plan(&[]);
    assert_eq!(code, Some(2));
    assert!(actions(&plan).values().all(|action| action == "create"), "{plan:#}");
    assert_eq!(project.writes(0), Vec::<String>::new());
    project.apply(&[]);

    let none = project.live(&["diff"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""), "{}", none.stderr);
    project.write(&WEB.replace("1.4", "1.5").replace("LOG: info", "LOG: debug"));
    let changed = project.live(&["diff"]);
    assert_eq!(changed.code, Some(2), "{}", changed.stderr);
    for word in ["Deployment/web", "shop/web:1.4", "shop/web:1.5", "debug", "compose.yaml:"] {
        assert!(changed.stdout.contains(word), "{word} is missing: {}", changed.stdout);
    }
    let only_read = project.live(&["diff", "--read-only"]);
    assert_eq!(only_read.code, Some(2), "{}", only_read.stderr);
    assert!(only_read.stdout.contains("approximate"), "{}", only_read.stdout);
    let names = project.live(&["diff", "--format", "name"]);
    assert!(
        names.stdout.contains("Deployment/web") && !names.stdout.contains("shop/web:1.5"),
        "{}",
        names.stdout
    );
}

#[test]
fn t19_row_45_no_secret_is_in_any_byte() {
    let Some(project) = Project::behind_proxy("secrets", WEB) else { return };
    project.file(".env", "KEY_OF_SHOP=correct-horse-battery\n");
    let mut said =
        vec![project.live(&["diff", "--format", "json"]), project.live(&["diff", "--format", "unified"])];
    said.push(project.live(&["apply", "--yes", "-vvv"]));
    project.file(".env", "KEY_OF_SHOP=wrong-horse-battery\n");
    project.write(&WEB.replace("hunter2hunter2", "hunter3hunter3"));
    said.push(project.live(&["diff"]));
    said.push(project.live(&["diff", "--format", "unified"]));
    said.push(project.live(&["diff", "--read-only", "--format", "json", "-vvv"]));
    said.push(project.live(&["apply", "--yes", "--format", "json"]));
    let secrets = [
        "hunter2hunter2",
        "hunter3hunter3",
        "correct-horse-battery",
        "wrong-horse-battery",
        "aHVudGVyMmh1bnRlcj",
        "aHVudGVyM2h1bnRlcj",
        "Y29ycmVjdC1ob3JzZS",
        "d3JvbmctaG9yc2U",
    ];
    for run in &said {
        for secret in secrets {
            assert!(
                !run.stdout.contains(secret) && !run.stderr.contains(secret),
                "{secret}: {}{}",
                run.stdout,
                run.stderr
            );
        }
    }
    assert!(said.iter().any(|run| run.stdout.contains("hidden")), "something is hidden");
    assert_eq!(said.last().and_then(|run| run.code), Some(0));
}
