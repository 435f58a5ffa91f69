//! Networks of Compose keep pods apart in fact, and nothing else: names and published ports go on working.

use crate::application::Application;
use crate::eventually::eventually;
use crate::node::{example, node};

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

const SECRET: &str = "http://internal-service:5001/internal-data";

#[test]
fn network_isolation_isolates_and_nothing_else() {
    let Some((node, source)) = example("network-isolation") else { return };
    let application = Application::of(node, &source, "network-isolation");
    application.write("docker-compose.override.yml", NEIGHBOURS);
    application.deploy(&[]);
    let reaches =
        |from: &str, url: &str| eventually(&format!("{from} reaches {url}"), || application.fetch(from, url));
    // From outside, and within a network by name, all is as without networks.
    eventually("the published port", || {
        let page = application.visit("api-service", 5000, "/");
        if page.status == 404 { Ok(()) } else { Err(format!("{page:?}")) }
    });
    assert!(reaches("inner", SECRET).contains("secret data"));
    assert!(reaches("inner", "http://inner:5001/internal-data").contains("secret data"));
    assert!(reaches("outer", "http://outer:5001/internal-data").contains("secret data"));
    let api = application.fetch("outer", "http://api-service:5000/").expect_err("there is no such page");
    assert!(api.contains("HTTP Error 404"), "{api}");
    // From one network to the other nothing passes, whoever asks; the name is known here, and leads nowhere.
    for (from, url) in [
        ("api-service", SECRET),
        ("outer", SECRET),
        ("outer", "http://inner:5001/internal-data"),
        ("inner", "http://outer:5001/internal-data"),
    ] {
        let refused = application.fetch(from, url).expect_err(&format!("{from} is kept from {url}"));
        assert!(refused.contains("timed out"), "{from} {url}: {refused}");
    }
    let page = application.visit("api-service", 5000, "/data");
    assert_ne!(page.status, 200, "{page:?}");
    // A published port is open to all, as it is on a host.
    let api = application.fetch("inner", "http://api-service:5000/").expect_err("there is no such page");
    assert!(api.contains("HTTP Error 404"), "{api}");
    // It is the policies that do it.
    application.kubectl(&["delete", "networkpolicies", "--all"]);
    assert!(reaches("api-service", SECRET).contains("secret data"));
    assert!(application.page("api-service", 5000, "/data").contains("secret data"));
}

/// `pantry` has a network without a way out, and waits for others there: for a job, which is asked of the API server, and for a port.
const INTERNAL: &str = "\
services:
  stock:
    image: python:3
    command: [sleep, \"2\"]
    networks: [back]
    restart: \"no\"
  pantry:
    image: python:3
    command: &serve [python, -m, http.server, \"8000\"]
    expose: [\"8000\"]
    networks: [back]
    depends_on:
      stock: {condition: service_completed_successfully}
      counter: {condition: service_healthy}
  counter:
    image: python:3
    command: *serve
    ports: [\"8080:8000\"]
    networks: [shop, back]
    healthcheck: {test: [CMD, python, -c, \"import socket; socket.create_connection(('localhost', 8000))\"], interval: 1s}
  street:
    image: python:3
    command: *serve
    expose: [\"8000\"]
    networks: [shop]
networks:
  shop:
  back: {internal: true}
";

#[test]
fn an_internal_network_has_names_and_waits_but_no_way_out() {
    let Some(node) = node("internal networks") else { return };
    let application = Application::of_text(node, "internal", INTERNAL);
    application.deploy(&[]);
    let listing = "Directory listing";
    for (from, to) in
        [("pantry", "counter"), ("counter", "pantry"), ("counter", "street"), ("street", "counter")]
    {
        let url = format!("http://{to}:8000/");
        let page = eventually(&format!("{from} reaches {to}"), || application.fetch(from, &url));
        assert!(page.contains(listing), "{from} {to}: {page}");
    }
    assert!(application.page("counter", 8080, "/").contains(listing));
    let server = "https://kubernetes.default.svc/";
    let known = application.fetch("street", server).expect_err("the server is not who Python trusts");
    assert!(known.contains("certificate verify failed"), "{known}");
    for (from, url) in [("pantry", "http://street:8000/"), ("street", "http://pantry:8000/")] {
        let refused = application.fetch(from, url).expect_err(&format!("{from} is kept from {url}"));
        assert!(refused.contains("timed out"), "{from} {url}: {refused}");
    }
}
