//! Calls against a service whose answers are given by hand: what is sent, what is repeated, what comes back.

use std::cell::RefCell;
use std::time::Duration;

use http::{Request, Response};
use kube::client::Body;
use serde_json::{Value, json};
use tower_test::mock;

use super::*;

type Handle = mock::Handle<Request<Body>, Response<Body>>;

const LIMITS: Limits =
    Limits { whole: Duration::from_secs(60), attempt: Duration::from_secs(5), parallel: None, seed: 7 };

/// Answers one request.
async fn answer(handle: &mut Handle, status: u16, headers: &[(&str, &str)], body: &Value) -> Request<Body> {
    let (request, send) = handle.next_request().await.expect("a request comes");
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    send.send_response(response.body(Body::from(body.to_string().into_bytes())).expect("it is legal"));
    request
}

/// Runs a call while answers are given; time is not real.
fn run<T>(act: impl AsyncFnOnce(&Api<'_>) -> T, play: impl AsyncFnOnce(&mut Handle)) -> (T, Vec<Event>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let told = RefCell::new(Vec::new());
    let report = |event: &Event| told.borrow_mut().push(event.clone());
    let done = runtime.expect("a runtime can be made").block_on(async {
        let (service, mut handle) = mock::pair::<Request<Body>, Response<Body>>();
        let api = Api::with(kube::Client::new(service, "default"), None, LIMITS, &report);
        let (done, ()) = futures::future::join(act(&api), play(&mut handle)).await;
        done
    });
    (done, told.into_inner())
}

#[test]
fn an_answer_brings_status_warnings_and_the_clock() {
    let (answered, _) = run(
        async |api| {
            let body = json!({"kind": "ConfigMap"});
            assert_eq!(api.now(), None);
            let call = Call::patch("/api/v1/x", Content::Apply, body).with("fieldManager", "r c");
            let answer = api.call(call).await;
            assert_eq!(api.now(), Some((1_795_287_600, 0)));
            answer
        },
        async |handle| {
            let headers = [("Warning", "299 - \"old\""), ("Date", "Sat, 21 Nov 2026 19:00:00 GMT")];
            let request = answer(handle, 201, &headers, &json!({"kind": "ConfigMap"})).await;
            assert_eq!(request.uri(), "/api/v1/x?fieldManager=r%20c");
            assert_eq!(request.headers()["content-type"], "application/apply-patch+yaml");
        },
    );
    let answered = answered.unwrap();
    assert_eq!((answered.status, answered.warnings), (201, vec!["old".to_owned()]));
}

#[test]
fn what_may_pass_is_asked_again_and_said_after_a_while() {
    let (answered, told) = run(
        async |api| api.call(Call::get("/version")).await,
        async |handle| {
            for _ in 0..6 {
                answer(handle, 503, &[], &json!({"message": "not ready"})).await;
            }
            answer(handle, 200, &[], &json!({})).await;
        },
    );
    assert!(answered.is_ok());
    let said = Event::Repeating { what: "GET /version".to_owned(), why: "not ready".to_owned() };
    assert_eq!(told, [said]);
}

#[test]
fn a_refusal_is_final() {
    let (answered, _) = run(
        async |api| api.call(Call::delete("/x", json!({}))).await,
        async |handle| {
            answer(handle, 403, &[], &json!({"reason": "Forbidden", "message": "no"})).await;
        },
    );
    let failure = answered.unwrap_err();
    assert_eq!(
        (failure.class, failure.status, failure.message.as_str()),
        (Class::Forbidden, Some(403), "no")
    );
}

#[test]
fn a_hung_connection_is_given_up_and_asked_again() {
    let (answered, _) = run(
        async |api| api.call(Call::get("/x")).await,
        async |handle| {
            let held = handle.next_request().await;
            answer(handle, 200, &[], &json!({})).await;
            drop(held);
        },
    );
    assert!(answered.is_ok());
}

#[test]
fn repeats_end_with_the_run_or_with_patience() {
    let (answered, _) = run(
        async |api| api.call(Call::get("/x").for_at_most(Duration::from_secs(2))).await,
        async |handle| {
            // The last request is followed by no other: the stream of requests never ends, so time must.
            let refuse = async {
                loop {
                    answer(handle, 503, &[], &json!({"message": "not ready"})).await;
                }
            };
            let _ = timeout(Duration::from_secs(10), refuse).await;
        },
    );
    assert_eq!(answered.unwrap_err().class, Class::Transient);
}

#[test]
fn an_answer_cut_short_is_a_lost_one() {
    let (answered, _) = run(
        async |api| api.call(Call::get("/x")).await,
        async |handle| {
            let (_, send) = handle.next_request().await.expect("a request comes");
            send.send_response(Response::new(Body::from(b"{\"kind\":".to_vec())));
            answer(handle, 200, &[], &json!({"kind": "List"})).await;
        },
    );
    assert_eq!(answered.unwrap().body, json!({"kind": "List"}));
}

#[test]
fn no_more_than_eight_are_under_way_at_first() {
    let ((), _) = run(
        async |api| {
            let calls = (0..20).map(|number| api.call(Call::get(format!("/{number}"))));
            let answers = futures::future::join_all(calls).await;
            assert!(answers.iter().all(Result::is_ok));
        },
        async |handle| {
            let mut open = Vec::new();
            for _ in 0..8 {
                open.push(handle.next_request().await.expect("a request comes").1);
            }
            assert!(timeout(Duration::from_secs(1), handle.next_request()).await.is_err());
            for send in open {
                send.send_response(Response::new(Body::from(b"{}".to_vec())));
            }
            for _ in 0..12 {
                answer(handle, 200, &[], &json!({})).await;
            }
        },
    );
}
