//! Sealed Secrets in every form of output, as whole runs with stand-ins for the programs that seal (N93, N113, N114).

use super::exit::Exit;
use super::tests::{Said, say};
use crate::host::{MemoryHost, Ran};

const BASE: &str = "\
name: shop
services:
  web:
    image: web:1
    secrets: [key, shared]
secrets:
  key: {file: ./key}
  shared: {file: ./shared}
";
const PROD: &str = "\
services:
  web:
    secrets: [extra]
secrets:
  key: {file: ./prod-key}
  extra: {file: ./extra}
";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
const VALUES: [&str; 4] = ["first-value", "shared-value", "prod-value", "extra-value"];

fn shop() -> MemoryHost {
    let host = MemoryHost::new()
        .cwd("/shop")
        .file("/shop/compose.yaml", BASE)
        .file("/shop/compose.prod.yaml", PROD)
        .file("/shop/cert.pem", CERTIFICATE);
    let names = ["key", "shared", "prod-key", "extra"];
    names.iter().zip(VALUES).fold(host, |host, (name, value)| host.file(format!("/shop/{name}"), value))
}

/// The lines below `data` with something else in place of the values.
fn encrypted(input: &[u8], value: &str) -> String {
    let text = String::from_utf8_lossy(input);
    let (_, behind) = text.split_once("\ndata:\n").expect("a Secret has data");
    let keys =
        behind.lines().take_while(|line| line.starts_with("  ")).filter_map(|line| line.split_once(':'));
    keys.fold(String::new(), |text, (key, _)| text + &format!("  {key}: {value}\n"))
}

fn kubeseal(input: &[u8], value: &str) -> Ran {
    let output = format!("spec:\n  encryptedData:\n{}", encrypted(input, value));
    Ran { success: true, output: output.into_bytes(), errors: Vec::new() }
}

fn first_kubeseal(_: &[String], input: &[u8]) -> Ran {
    kubeseal(input, "AgFIRST=")
}

fn second_kubeseal(_: &[String], input: &[u8]) -> Ran {
    kubeseal(input, "AgSECOND=")
}

fn sops(input: &[u8], value: &str) -> Ran {
    let text = String::from_utf8_lossy(input).into_owned();
    let (before, behind) = text.split_once("\ndata:\n").expect("a Secret has data");
    let rest: String = behind.split_inclusive('\n').skip_while(|line| line.starts_with("  ")).collect();
    let cipher = encrypted(input, &format!("ENC[{value}]"));
    let output = format!("{before}\ndata:\n{cipher}{rest}sops:\n  mac: {value}\n");
    Ran { success: true, output: output.into_bytes(), errors: Vec::new() }
}

fn first_sops(_: &[String], input: &[u8]) -> Ran {
    sops(input, "FIRST")
}

fn second_sops(_: &[String], input: &[u8]) -> Ran {
    sops(input, "SECOND")
}

const SEAL: &str = "--secrets sealed-secrets --sealing-cert cert.pem -n prod";

fn done(line: &str, host: &MemoryHost) -> Said {
    let said = say(line, host);
    assert_eq!(said.exit, Exit::Done, "{line}\n{}{}", said.out, said.err);
    said
}

/// All files below the directory of output, by their paths in it.
fn output(host: &MemoryHost) -> Vec<(String, String)> {
    let below = |path: &std::path::Path| path.strip_prefix("/shop/out").ok().map(std::path::Path::to_owned);
    let files = host.files().into_iter().filter_map(|(path, bytes)| Some((below(&path)?, bytes)));
    let files = files.map(|(path, bytes)| {
        (path.to_string_lossy().replace('\\', "/"), String::from_utf8_lossy(&bytes).into_owned())
    });
    files.collect()
}

fn text(host: &MemoryHost, path: &str) -> String {
    let found = output(host).into_iter().find(|(name, _)| name == path);
    found.unwrap_or_else(|| panic!("no {path} in {:?}", names(host))).1
}

fn names(host: &MemoryHost) -> Vec<String> {
    output(host).into_iter().map(|(name, _)| name).collect()
}

/// No value stands in any file, neither as it is nor as Secrets have it.
fn is_silent(host: &MemoryHost) {
    let encoded = ["Zmlyc3QtdmFsdWU=", "c2hhcmVkLXZhbHVl", "cHJvZC12YWx1ZQ==", "ZXh0cmEtdmFsdWU="];
    for (path, text) in output(host) {
        let value = VALUES.iter().chain(&encoded).find(|value| text.contains(**value));
        assert_eq!(value, None, "{path}");
    }
    // All files have their hash, so nothing in them is secret (C22).
    let record = text(host, ".rcompose-files");
    assert!(!record.lines().any(|line| line.starts_with("- ")), "{record}");
}

#[test]
fn a_base_and_its_overlays_hold_sealed_secrets_n93_n113() {
    let host = shop().program("kubeseal", first_kubeseal);
    let line = format!("-f compose.yaml -f compose.prod.yaml convert --to kustomize -o out/ {SEAL}");
    done(&line, &host);
    is_silent(&host);
    let base = text(&host, "base/kustomization.yaml");
    assert!(
        base.contains("  - sealedsecret-key.yaml\n") && base.contains("  - sealedsecret-shared.yaml\n"),
        "{base}"
    );
    let overlay = text(&host, "overlays/prod/kustomization.yaml");
    for name in ["key", "extra"] {
        assert!(overlay.contains(&format!("  - sealedsecret-{name}.yaml\n")), "{overlay}");
        assert!(text(&host, &format!("overlays/prod/sealedsecret-{name}.yaml")).contains("AgFIRST="));
    }
    // What the base has is not sealed again; what it has no longer is taken out.
    assert!(!overlay.contains("sealedsecret-shared") && !overlay.contains("encryptedData"), "{overlay}");
    assert!(overlay.contains("kind: SealedSecret\n"), "{overlay}");
    // Nothing is sealed again where nothing changed, and no program is needed.
    let before = output(&host);
    let again = host.program("kubeseal", second_kubeseal);
    done(&line, &again);
    assert_eq!(output(&again), before);
    let check = done(&format!("{line} --check"), &again);
    assert_eq!(check.out, "");
}

#[test]
fn encrypted_files_are_resources_n93_n113() {
    let host = shop().program("sops", first_sops);
    let line = "-f compose.yaml -f compose.prod.yaml convert --to kustomize -o out/ --secrets sops";
    done(line, &host);
    is_silent(&host);
    let base = text(&host, "base/kustomization.yaml");
    assert!(base.contains("  - secret-key.sops.yaml\n"), "{base}");
    let overlay = text(&host, "overlays/prod/kustomization.yaml");
    assert!(overlay.contains("  - secret-extra.sops.yaml\n") && !overlay.contains("shared"), "{overlay}");
    // Its bytes are signed: no line of ours stands in it.
    let file = text(&host, "overlays/prod/secret-key.sops.yaml");
    assert!(file.starts_with("apiVersion: v1\n") && file.contains("ENC[FIRST]"), "{file}");
    let before = output(&host);
    let again = host.program("sops", second_sops);
    done(line, &again);
    assert_eq!(output(&again), before);
}

#[test]
fn a_chart_holds_sealed_secrets_n93_n114() {
    let host = shop().program("kubeseal", first_kubeseal);
    let line = format!("convert --to helm -o out/ {SEAL}");
    done(&line, &host);
    is_silent(&host);
    let template = text(&host, "templates/sealedsecret-key.yaml");
    for expected in
        ["  namespace: prod\n", "    key: AgFIRST=\n", "helm.sh/chart: {{", "rcompose/sealed-with"]
    {
        assert!(template.contains(expected), "{expected}: {template}");
    }
    assert!(text(&host, "values.yaml").contains("secrets: {}\n"));
    let deployment = text(&host, "templates/deployment-web.yaml");
    assert!(deployment.contains("secretName: key-"), "{deployment}");
    let before = output(&host);
    let again = host.program("kubeseal", second_kubeseal);
    done(&line, &again);
    assert_eq!(output(&again), before);
    // Another content has another name, and is sealed; the other Secret stays.
    let changed = again.file("/shop/key", "prod-value");
    done(&line, &changed);
    assert!(text(&changed, "templates/sealedsecret-key.yaml").contains("AgSECOND="));
    assert!(text(&changed, "templates/sealedsecret-shared.yaml").contains("AgFIRST="));
    is_silent(&changed);
}

#[test]
fn objects_in_json_keep_what_is_sealed_n93() {
    let host = shop().program("kubeseal", first_kubeseal);
    let line = format!("convert --format json -o out/ {SEAL}");
    done(&line, &host);
    let before = output(&host);
    let again = host.program("kubeseal", second_kubeseal);
    done(&line, &again);
    assert_eq!(output(&again), before);
}

#[test]
fn a_chart_cannot_hold_what_sops_encrypts_n93() {
    let said = say("convert --to helm -o out/ --secrets sops", &shop());
    assert_eq!(said.exit, Exit::Failed);
    assert!(said.err.contains("`--secrets sealed-secrets`"), "{}", said.err);
    let host = shop().file("/shop/rcompose.yaml", "defaults: {secrets: sops}");
    assert!(say("convert --to helm -o out/", &host).err.contains("warning[setting-ignored]"));
}

#[test]
fn one_missing_program_is_told_once_n93() {
    let line = format!("-f compose.yaml -f compose.prod.yaml convert --to kustomize -o out/ {SEAL}");
    let host = shop();
    let said = say(&line, &host);
    assert_eq!(said.exit, Exit::Failed);
    assert_eq!(said.err.matches("error[secret-needs-tool]").count(), 1, "{}", said.err);
    assert!(output(&host).is_empty());
}

#[test]
fn a_password_of_a_share_is_sealed_again_when_it_changes_n70_n93() {
    let compose = |password: &str| {
        format!(
            "name: shop\nservices:\n  web: {{image: web:1, volumes: [media:/media]}}\nvolumes:\n  media:\n    driver_opts: \
             {{type: cifs, device: //nas/media, o: \"username=u,password={password}\"}}\n"
        )
    };
    let line = format!("convert -o out/ {SEAL}");
    let host = shop().file("/shop/compose.yaml", compose("one")).program("kubeseal", first_kubeseal);
    done(&line, &host);
    let path = "sealedsecret-media-smb.yaml";
    assert!(text(&host, path).contains("AgFIRST="), "{}", text(&host, path));
    let host = host.program("kubeseal", second_kubeseal);
    done(&line, &host);
    assert!(text(&host, path).contains("AgFIRST="));
    let host = host.file("/shop/compose.yaml", compose("two"));
    done(&line, &host);
    assert!(text(&host, path).contains("AgSECOND="));
}

#[test]
fn an_overlay_that_cannot_change_what_is_sealed_says_so_n113() {
    let prod = "secrets:\n  key: {labels: {team: a}}\n";
    let host = shop().file("/shop/compose.prod.yaml", prod).program("sops", first_sops);
    let line = "-f compose.yaml -f compose.prod.yaml convert --to kustomize -o out/ --secrets sops";
    let said = done(line, &host);
    assert_eq!(said.err.matches("warning[overlay-not-expressible]").count(), 1, "{}", said.err);
    // The clear parts of a sealed Secret are nobody's signature.
    let host = host.program("kubeseal", first_kubeseal);
    let line = format!("-f compose.yaml -f compose.prod.yaml convert --to kustomize -o out/ {SEAL}");
    let said = done(&line, &host);
    assert!(!said.err.contains("overlay-not-expressible"), "{}", said.err);
    let overlay = text(&host, "overlays/prod/kustomization.yaml");
    assert!(overlay.contains("path: /spec/template/metadata/annotations"), "{overlay}");
    assert!(!overlay.contains("AgFIRST"), "{overlay}");
}
