//! A server that is absent, slow, broken, or of another kind: each has its own error, in time.

use std::time::{Duration, Instant};

use super::recorded::{Recorded, Reply, lines, ok};
use vramfit::error::OllamaFault;
use vramfit::ollama::{Address, Client, Timeouts};

const SHORT: Timeouts = Timeouts {
    connect: Duration::from_millis(500),
    answer: Duration::from_millis(500),
    idle: Duration::from_millis(500),
    load: Duration::from_millis(500),
};

fn client(host: &str) -> Client {
    Client::new(Address::parse(host).expect("an address"), SHORT).expect("no TLS")
}

fn with(path: &'static str, reply: Reply) -> (Recorded, Client) {
    let server = Recorded::start(vec![(path, reply)]);
    let client = client(server.host());
    (server, client)
}

#[test]
fn every_fault_of_an_answer_has_its_own_error() {
    let body = |status, text: &str| Reply::Body(status, text.to_owned());
    let cases = [
        (body(403, ""), OllamaFault::HostRefused),
        (body(403, r#"{"error":"no"}"#), OllamaFault::Refused),
        (body(503, r#"{"error":"server busy"}"#), OllamaFault::Busy),
        (body(500, r#"{"error":"boom"}"#), OllamaFault::Refused),
        (body(500, "<html>"), OllamaFault::Unexpected),
        (body(404, "404 page not found"), OllamaFault::Unexpected),
        (body(302, ""), OllamaFault::Unexpected),
        (ok("<html>nginx</html>"), OllamaFault::Unexpected),
        (ok("[1, 2]"), OllamaFault::Unexpected),
        (ok(r#"{"models": 7}"#), OllamaFault::Unexpected),
        (ok(r#"{"models": [{"name""#), OllamaFault::Disconnected),
        (ok(r#"{"error": "no"}"#), OllamaFault::Refused),
        (ok(""), OllamaFault::Disconnected),
        (Reply::Short("{".into()), OllamaFault::Disconnected),
        (Reply::Cut(vec!["{".into()]), OllamaFault::Disconnected),
        (Reply::Hang(vec![]), OllamaFault::Timeout),
        (Reply::Hang(vec!["{".into()]), OllamaFault::Timeout),
        (Reply::Garbage, OllamaFault::Disconnected),
    ];
    for (at, (reply, fault)) in cases.into_iter().enumerate() {
        let (_server, client) = with("/api/tags", reply);
        let start = Instant::now();
        let error = client.tags().expect_err("a fault");
        assert_eq!(error.fault, fault, "case {at}: {error:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "case {at}");
    }
}

#[test]
fn an_answer_that_is_cut_at_any_byte_is_none() {
    let body = r#"{"models":[{"name":"qwen3:8b","model":"qwen3:8b","size":5225388164,"digest":"sha256:500a","details":{"quantization_level":"Q4_K_M"}}]}"#;
    for end in 0..body.len() {
        for reply in [Reply::Short(body[..end].to_owned()), ok(&body[..end])] {
            let (_server, client) = with("/api/tags", reply);
            let error = client.tags().expect_err("a fault");
            assert_eq!(error.fault, OllamaFault::Disconnected, "{end}: {error:?}");
        }
    }
    let line = r#"{"status":"pulling abc","digest":"sha256:abc","total":100,"completed":50}"#;
    for end in 0..line.len() {
        let (_server, client) = with("/api/pull", lines(&[line, &line[..end]]));
        let error = client.pull("x", |_| {}).expect_err("a fault");
        assert_eq!(error.fault, OllamaFault::Disconnected, "{end}: {error:?}");
    }
}

/// `{"models":[]}`, as gzip makes it.
const GZIP: [u8; 33] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 202, 205, 79, 73, 205, 41, 86, 178, 138, 142, 173, 5,
    0, 225, 232, 20, 32, 13, 0, 0, 0,
];

#[test]
fn answers_that_nobody_asked_for_so_are_faults_in_time() {
    let compressed = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        GZIP.len()
    );
    let compressed = Reply::Raw([compressed.as_bytes(), &GZIP].concat());
    let other = Recorded::start(vec![("/api/tags", ok(r#"{"models":[]}"#))]);
    let elsewhere = format!(
        "HTTP/1.1 307 x\r\nLocation: http://{}/api/tags\r\nContent-Length: 0\r\n\r\n",
        other.host()
    );
    let slow = Reply::Endless(" ".repeat(100), Duration::from_millis(20));
    let fast = Reply::Endless(" ".repeat(65_536), Duration::ZERO);
    for (reply, faults) in [
        (compressed, &[OllamaFault::Unexpected][..]),
        (
            Reply::Raw(elsewhere.into_bytes()),
            &[OllamaFault::Unexpected],
        ),
        (slow, &[OllamaFault::Timeout]),
        // Whichever limit is met first.
        (fast, &[OllamaFault::Timeout, OllamaFault::Unexpected]),
    ] {
        let (_server, client) = with("/api/tags", reply);
        let start = Instant::now();
        let error = client.tags().expect_err("a fault");
        assert!(faults.contains(&error.fault), "{error:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "{error:?}");
    }
    assert_eq!(other.asked(), [""; 0], "another server was asked");
}

#[test]
fn nobody_there_is_told_at_once() {
    for host in ["127.0.0.1:9", "no-such-host.invalid:11434"] {
        let start = Instant::now();
        let error = client(host).version().expect_err("nobody");
        assert_eq!(error.fault, OllamaFault::Unreachable, "{host}: {error:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "{host}");
    }
    let error = Client::new(Address::parse("https://x").expect("an address"), SHORT);
    assert_eq!(error.expect_err("TLS").fault, OllamaFault::Https);
}

#[test]
fn null_and_missing_fields_mean_nothing() {
    for text in ["{}", r#"{"models":null}"#, r#"{"models":[]}"#] {
        let (_server, client) = with("/api/ps", ok(text));
        assert!(client.loaded().expect("an answer").is_empty(), "{text}");
    }
    let text = r#"{"models":[{"name":"a:b","size":null,"size_vram":0,"new":{"x":[1]}}]}"#;
    let (_server, client) = with("/api/ps", ok(text));
    let loaded = client.loaded().expect("an answer");
    assert_eq!(loaded[0].name, "a:b");
    assert!(!loaded[0].is_measured());
}

#[test]
fn a_pull_tells_its_progress_and_how_it_ended() {
    let half = r#"{"status":"pulling abc","digest":"sha256:abc","total":100,"completed":50}"#;
    let success = r#"{"status":"success"}"#;
    let (server, asked) = with(
        "/api/pull",
        lines(&[r#"{"status":"pulling manifest"}"#, half, success]),
    );
    let mut told = Vec::new();
    asked
        .pull("qwen3:8b", |progress| told.push(progress.clone()))
        .expect("success");
    assert_eq!(told.len(), 3);
    assert_eq!((told[1].total.0, told[1].completed.0), (100, 50));
    assert!(server.asked()[0].contains(r#""model":"qwen3:8b""#));
    let cases = [
        (lines(&[half]), OllamaFault::Disconnected),
        (Reply::Cut(vec![half.into()]), OllamaFault::Disconnected),
        (Reply::Hang(vec![half.into()]), OllamaFault::Timeout),
        (lines(&[half, "{\"status\""]), OllamaFault::Disconnected),
        (
            lines(&[half, r#"{"error":"max retries exceeded: EOF\u001b[2J"}"#]),
            OllamaFault::Refused,
        ),
        (
            lines(&[r#"{"error":"pull model manifest: file does not exist"}"#]),
            OllamaFault::UnknownModel,
        ),
        (
            Reply::Body(404, r#"{"error":"model 'x' not found"}"#.into()),
            OllamaFault::UnknownModel,
        ),
    ];
    for (at, (reply, fault)) in cases.into_iter().enumerate() {
        let (_server, client) = with("/api/pull", reply);
        let error = client.pull("x", |_| {}).expect_err("a fault");
        assert_eq!(error.fault, fault, "case {at}: {error:?}");
        assert!(!error.detail.contains('\u{1b}'));
    }
}

#[test]
fn a_load_asks_for_its_context() {
    let (server, client) = with("/api/generate", ok(r#"{"done":true,"done_reason":"load"}"#));
    client.load("qwen3:8b", Some(4096)).expect("loaded");
    let asked = server.asked().join("\n");
    assert!(asked.contains(r#""num_ctx":4096"#), "{asked}");
}
