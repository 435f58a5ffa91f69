//! Stand-ins for the programs that seal Secrets: shell scripts that put other text in the place of each value.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const KUBESEAL: &str = r#"#!/bin/sh
echo 'spec:'
echo '  encryptedData:'
awk '/^data:/ {inside = 1; next} /^[^ ]/ {inside = 0} inside {sub(/: .*/, ": AgSEALED"); print "  " $0}'
"#;
const SOPS: &str = r#"#!/bin/sh
awk '/^data:/ {inside = 1; print; next} /^[^ ]/ {inside = 0} inside {sub(/: .*/, ": ENC[AES256_GCM,data:x]")} {print}'
echo 'sops:'
echo '  mac: ENC[AES256_GCM,data:y]'
"#;
/// What a fingerprint can be taken of.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";

/// Puts the programs, and a certificate called `cert.pem`, into a directory; returns the environment that finds them.
pub(crate) fn put(directory: &Path) -> BTreeMap<String, String> {
    let programs = directory.join(".programs");
    fs::create_dir_all(&programs).expect("a copy can be written");
    for (name, text) in [("kubeseal", KUBESEAL), ("sops", SOPS)] {
        let path = programs.join(name);
        fs::write(&path, text).expect("a copy can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its owner is us");
    }
    fs::write(directory.join("cert.pem"), CERTIFICATE).expect("a copy can be written");
    BTreeMap::from([("PATH".to_owned(), format!("{}:/usr/bin:/bin", programs.display()))])
}
