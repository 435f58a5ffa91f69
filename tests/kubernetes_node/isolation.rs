//! Networks of Compose keep pods apart in fact, and nothing else: names and published ports go on working.

use crate::application::Application;
use crate::eventually::eventually;
use crate::node::example;

/// One more service in each network.
const NEIGHBOURS: &str = "\
services:
  inner:
    image: network-isolation-internal-service:2
    networks: [internal-network]
  outer:
    image: network-isolation-internal-service:2
    networks: [public-network]
";

/// Fetches a page from inside a container: prints it, or fails within three seconds.
fn fetch(application: &Application, from: &str, url: &str) -> Result<String, String> {
    let script =
        format!("import urllib.request; print(urllib.request.urlopen('{url}', timeout=3).read().decode())");
    application.exec(from, &["python3", "-c", &script])
}

const SECRET: &str = "http://internal-service:5001/internal-data";

#[test]
fn network_isolation_isolates_and_nothing_else() {
    let Some((node, source)) = example("network-isolation", "network-isolation") else { return };
    let application = Application::of(node, &source, "network-isolation");
    application.write("docker-compose.override.yml", NEIGHBOURS);
    application.deploy(&[]);
    let reaches = |from: &str, url: &str| {
        eventually(&format!("{from} reaches {url}"), || fetch(&application, from, url))
    };
    // From outside, and within a network by name, all is as without networks.
    eventually("the published port", || {
        let page = application.visit("api-service", 5000, "/");
        if page.status == 404 { Ok(()) } else { Err(format!("{page:?}")) }
    });
    assert!(reaches("inner", SECRET).contains("secret data"));
    assert!(reaches("inner", "http://inner:5001/internal-data").contains("secret data"));
    assert!(reaches("outer", "http://outer:5001/internal-data").contains("secret data"));
    let api = fetch(&application, "outer", "http://api-service:5000/").expect_err("there is no such page");
    assert!(api.contains("HTTP Error 404"), "{api}");
    // From one network to the other nothing passes, whoever asks; the name is known here, and leads nowhere.
    for (from, url) in [
        ("api-service", SECRET),
        ("outer", SECRET),
        ("outer", "http://inner:5001/internal-data"),
        ("inner", "http://outer:5001/internal-data"),
    ] {
        let refused = fetch(&application, from, url).expect_err(&format!("{from} is kept from {url}"));
        assert!(refused.contains("timed out"), "{from} {url}: {refused}");
    }
    let page = application.visit("api-service", 5000, "/data");
    assert_ne!(page.status, 200, "{page:?}");
    // A published port is open to all, as it is on a host.
    let api = fetch(&application, "inner", "http://api-service:5000/").expect_err("there is no such page");
    assert!(api.contains("HTTP Error 404"), "{api}");
    // It is the policies that do it.
    application.kubectl(&["delete", "networkpolicies", "--all"]);
    assert!(reaches("api-service", SECRET).contains("secret data"));
    assert!(application.page("api-service", 5000, "/data").contains("secret data"));
}
