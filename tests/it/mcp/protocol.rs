//! What the protocol asks of the server, and what no client can do to it.

use std::io::Write;
use std::process::Stdio;

use proptest::prelude::*;
use serde_json::{Value, json};
use vramfit::app::{Streams, serve_mcp};
use vramfit::sanitize::is_unsafe;

use super::{GREETED, Server, command, hello};
use crate::support::Machine;

#[test]
fn bad_input_is_the_tools_error_with_what_may_have_been_meant() {
    let mut server = Server::new(&[]);
    for (tool, arguments, code, candidate) in [
        (
            "explain",
            json!({ "tag": "llama3:8bb" }),
            "unknown-tag",
            Some("llama3:8b"),
        ),
        ("explain", json!({}), "missing-argument", None),
        ("explain", json!({ "tag": "--help" }), "unknown-tag", None),
        (
            "recommend",
            json!({ "task": "chines" }),
            "unknown-choice",
            Some("chinese"),
        ),
        (
            "recommend",
            json!({ "contxt": 8192 }),
            "unknown-argument",
            Some("context"),
        ),
        ("recommend", json!({ "context": -1 }), "bad-value", None),
        (
            "recommend",
            json!({ "context": { "tokens": 1 } }),
            "bad-value",
            None,
        ),
        ("recommend", json!({ "gpu": [""] }), "bad-value", None),
        (
            "gpus",
            json!({ "gpu": ["RTX 3099"] }),
            "unknown-gpu",
            Some("RTX 3090"),
        ),
        ("verify", json!({}), "ollama-absent", None),
        ("verify", json!({ "save": true }), "unknown-argument", None),
        // What would write files, or load a library, is not offered.
        (
            "recommend",
            json!({ "emit": "shell", "out": "/" }),
            "unknown-argument",
            None,
        ),
        (
            "gpus",
            json!({ "nvml": "/tmp/library.so" }),
            "unknown-argument",
            None,
        ),
    ] {
        let error = server.refused(tool, arguments.clone());
        assert_eq!(error["code"], code, "{tool} {arguments}: {error}");
        if let Some(candidate) = candidate {
            let candidates = error["candidates"].as_array().expect("a list");
            assert!(candidates.contains(&json!(candidate)), "{error}");
        }
    }
    // The server goes on.
    assert_ne!(server.call("gpus", json!({}))["isError"], true);
    server.end();
}

#[test]
fn the_protocol_is_kept() {
    let mut server = Server::new(&[]);
    assert_eq!(server.request("ping", json!({}))["result"], json!({}));
    let unknown = server.request("tools/call", json!({ "name": "nothing", "arguments": {} }));
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    let unknown = server.request("nothing/at/all", json!({}));
    assert_eq!(unknown["error"]["code"], -32601, "{unknown}");
    // Notifications have no answer, also unknown ones.
    server.tell(r#"{"jsonrpc":"2.0","method":"notifications/nothing","params":{}}"#);
    assert_eq!(server.request("ping", json!({}))["result"], json!({}));
    // What is no message has no id to answer to.
    for (line, code) in [
        ("{ not JSON", -32700),
        ("7", -32600),
        ("[]", -32600),
        (r#"{"a":1}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
    ] {
        server.tell(line);
        let answer = server.hear();
        assert_eq!(answer["error"]["code"], code, "{line}: {answer}");
        assert_eq!(answer["id"], Value::Null, "{line}: {answer}");
    }
    for params in [
        json!({}),
        json!({ "name": 7 }),
        json!({ "name": "gpus", "arguments": [] }),
    ] {
        let answer = server.request("tools/call", params);
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
    // Empty lines and answers to nothing are passed over.
    server.tell("");
    server.tell(r#"{"jsonrpc":"2.0","id":99,"result":{}}"#);
    // An id may be a text.
    let answer = server.ask(json!({ "jsonrpc": "2.0", "id": "a", "method": "ping" }));
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": "a", "result": {} }));
    // One version has several messages in a line; notifications among them have no answer.
    let ping = |id: u64| json!({ "jsonrpc": "2.0", "id": id, "method": "ping" });
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled" });
    let answers = server.ask(json!([ping(5), note, ping(6)]));
    let ids: Vec<&Value> = answers
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, [5, 6]);
    // A line without end is refused, and the next one heard.
    server.tell(&"x".repeat(9 << 20));
    assert_eq!(server.hear()["error"]["code"], -32600);
    assert_eq!(server.request("ping", json!({}))["result"], json!({}));
    server.end();
}

#[test]
fn the_clients_version_is_spoken_where_it_is_known() {
    let mut server = Server::new(&[]);
    for (asked, spoken) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-03-26", "2025-03-26"),
        ("1999-01-01", "2025-11-25"),
    ] {
        let mut greeting = hello(7);
        greeting["params"]["protocolVersion"] = asked.into();
        let answer = server.ask(greeting);
        assert_eq!(answer["result"]["protocolVersion"], spoken);
    }
    server.end();
}

#[test]
fn the_end_of_the_input_is_a_success_and_every_request_is_answered_first() {
    let nothing = command(&[]).stdin(Stdio::null()).output().expect("an end");
    assert!(nothing.status.success(), "{nothing:?}");
    assert!(nothing.stdout.is_empty(), "{nothing:?}");
    let mut child = command(&[]).spawn().expect("a process");
    let mut input = child.stdin.take().expect("a pipe");
    let call = |id: u64| {
        json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call",
                "params": { "name": "gpus", "arguments": {} } })
    };
    let lines = [
        hello(1).to_string(),
        GREETED.into(),
        call(2).to_string(),
        call(3).to_string(),
    ];
    writeln!(input, "{}", lines.join("\n")).expect("a pipe");
    drop(input);
    let done = child.wait_with_output().expect("an end");
    assert!(done.status.success(), "{done:?}");
    let text = String::from_utf8(done.stdout).expect("UTF-8");
    let mut ids: Vec<u64> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .filter_map(|answer| answer["id"].as_u64())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3], "{text}");
}

#[test]
fn the_servers_own_flags_are_the_defaults_of_every_call() {
    let mut server = Server::new(&["--gpu", "RTX 3090 x2", "--reserve", "1", "--lang", "zh"]);
    let result = server.call("gpus", json!({}));
    let expected = Machine::new().run("gpus --json --gpu 'RTX 3090 x2' --reserve 1");
    assert_eq!(result["structuredContent"], expected.json());
    // Described hardware is described whole.
    let result = server.call("gpus", json!({ "vram": [8], "reserve": "512MiB" }));
    let expected = Machine::new().run("gpus --json --vram 8 --reserve 512MiB");
    assert_eq!(result["structuredContent"], expected.json());
    let tools = server.request("tools/list", json!({}));
    let about = &tools["result"]["tools"][0]["description"];
    assert_eq!(about, "按任务给放得下的模型排名");
    server.end();
}

#[test]
fn no_line_of_a_client_ends_the_server() {
    let mut server = Server::new(&[]);
    let call = |arguments: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"explain","arguments":{arguments}}}}}"#
        )
    };
    let deep = "[".repeat(100_000);
    let long = "a".repeat(1 << 20);
    let hostile: Vec<Vec<u8>> = vec![
        deep.clone().into_bytes(),
        "{\"a\":".repeat(100_000).into_bytes(),
        b"\xff\xfe\x00{}".to_vec(),
        b"\0\0\0".to_vec(),
        br#"{"jsonrpc":"2.0","id":1e400,"method":"ping"}"#.to_vec(),
        br#"{"jsonrpc":"2.0","id":"\ud800","method":"ping"}"#.to_vec(),
        br#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping","method":"pong"}"#.to_vec(),
        br#"{"jsonrpc":"2.0","id":-0.0,"method":"ping","params":[[[[]]]]}"#.to_vec(),
        b"Content-Length: 7\r".to_vec(),
        call(&format!(r#"{{"tag":"{long}"}}"#)).into_bytes(),
        call(&format!(r#"{{"tag":{deep}}}"#)).into_bytes(),
        call(r#"{"tag":"--help"}"#).into_bytes(),
        call(r#"{"tag":"qwen3:8b","context":"99999999999999999999"}"#).into_bytes(),
        call(r#"{"tag":"\u001b[31mqwen3:8b\u202e"}"#).into_bytes(),
        call(r#"{"tag":["qwen3:8b"],"vram":-1}"#).into_bytes(),
        call(r#"{"tag":"/dev/zero"}"#).into_bytes(),
        call(r#"{"tag":"/dev/stdin"}"#).into_bytes(),
        call(r#"{"tag":"qwen3:8b","nvml":"/tmp/evil.so"}"#).into_bytes(),
        call(r#"{"tag":"qwen3:8b\u0000"}"#).into_bytes(),
    ];
    for (at, line) in hostile.iter().enumerate() {
        let input = server.input.as_mut().expect("an open pipe");
        input.write_all(line).expect("a pipe");
        input.write_all(b"\n").expect("a pipe");
        let id = format!("after {at}");
        let mut heard = server.ask(json!({ "jsonrpc": "2.0", "id": id, "method": "ping" }));
        if heard["id"] != json!(id) {
            assert!(
                heard["error"].is_object() || heard["result"].is_object(),
                "{at}: {heard}"
            );
            heard = server.hear();
        }
        assert_eq!(
            heard,
            json!({ "jsonrpc": "2.0", "id": id, "result": {} }),
            "{at}"
        );
    }
    server.end();
}

/// Lines as clients send them, and what a broken one may make of them.
fn lines() -> impl Strategy<Value = String> {
    let call = |tool: &str, arguments: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
        )
    };
    let whole = vec![
        hello(1).to_string(),
        GREETED.to_owned(),
        r#"[{"jsonrpc":"2.0","id":"a","method":"ping"},7,{"id":null,"method":"x"}]"#.to_owned(),
        call(
            "explain",
            r#"{"tag":"llama3:8b","vram":["24"],"context":"8k"}"#,
        ),
        call("plan", r#"{"demands":["llama3:8b*2"],"vram":["24x2"]}"#),
        call(
            "emit",
            r#"{"demands":["llama3:8b"],"vram":["24"],"kind":["compose"]}"#,
        ),
        call("doctor", r#"{"files":["/dev/zero","/nonexistent"]}"#),
        call(
            "gpus",
            r#"{"fleet":["/proc/self/environ"],"gpu":["3090 x2"]}"#,
        ),
    ];
    let marks = [
        "\"", "{", "}", "[", "]", ":", ",", "1e400", "-1", "null", "\\u202e", "\u{1b}", "\u{0}",
        "\n",
    ];
    let edit = (
        any::<prop::sample::Index>(),
        0..6_usize,
        prop::sample::select(marks.to_vec()),
    );
    let edits = prop::collection::vec(edit, 0..4);
    (prop::sample::select(whole), edits).prop_map(|(line, edits)| {
        edits.into_iter().fold(line, |line, (at, gone, with)| {
            let chars: Vec<char> = line.chars().collect();
            let at = at.index(chars.len().max(1)).min(chars.len());
            let rest = (at + gone).min(chars.len());
            let (before, after) = (&chars[..at], &chars[rest..]);
            before.iter().collect::<String>() + with + &after.iter().collect::<String>()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_client_sends_is_answered_in_json(lines in prop::collection::vec(lines(), 1..4)) {
        let environment = [("VRAMFIT_NVML", "/nonexistent"), ("VRAMFIT_ROOT", "/nonexistent"), ("OLLAMA_HOST", "127.0.0.1:9")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let streams = Streams { input_is_terminal: false, output_width: None, output_height: None };
        let mut out = Vec::new();
        let input = lines.join("\n");
        serve_mcp(&["--catalog=guide"], environment, streams, &mut input.as_bytes(), &mut out).expect("nothing fails in memory");
        let text = String::from_utf8(out).expect("UTF-8");
        prop_assert!(!text.contains(|c| is_unsafe(c) && c != '\n'), "{input:?}: {text:?}");
        for line in text.lines() {
            let answer: Value = serde_json::from_str(line).expect("JSON");
            prop_assert!(answer.is_array() || answer["jsonrpc"] == "2.0", "{input:?}: {line}");
        }
    }
}
