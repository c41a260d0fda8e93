//! `vramfit mcp`, as a client meets it: the program behind two pipes.

mod protocol;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::Machine;

/// A server and the client's side of its pipes.
struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    id: u64,
}

/// Without the hardware, the home and the language of the machine that runs the test.
fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vramfit"));
    command
        .arg("mcp")
        .args(flags)
        .env_clear()
        .env("LANG", "en_US.UTF-8")
        .env("VRAMFIT_NVML", "/nonexistent/libnvidia-ml.so.1")
        .env("VRAMFIT_ROOT", "/nonexistent")
        // Nobody listens there.
        .env("OLLAMA_HOST", "127.0.0.1:9")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn hello(id: u64) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    }})
}

const GREETED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

impl Server {
    /// A server that has been greeted.
    fn new(flags: &[&str]) -> Self {
        let mut child = command(flags).spawn().expect("a process");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let input = child.stdin.take();
        let mut server = Self {
            child,
            input,
            output,
            id: 0,
        };
        let answer = server.ask(hello(0));
        let result = &answer["result"];
        assert_eq!(result["serverInfo"]["name"], "vramfit", "{answer}");
        assert_eq!(result["protocolVersion"], "2025-06-18", "{answer}");
        assert!(result["capabilities"]["tools"].is_object(), "{answer}");
        server.tell(GREETED);
        server
    }

    fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("an open pipe");
        writeln!(input, "{line}").expect("a pipe");
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    fn ask(&mut self, message: Value) -> Value {
        self.tell(&message.to_string());
        self.hear()
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.id += 1;
        let id = self.id;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let answer = self.ask(message);
        assert_eq!(
            (&answer["jsonrpc"], &answer["id"]),
            (&json!("2.0"), &json!(id))
        );
        answer
    }

    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        self.request("tools/call", params)["result"].clone()
    }

    /// The error that a call ends with.
    fn refused(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{result}");
        assert_eq!(result["structuredContent"], Value::Null, "{result}");
        let text = result["content"][0]["text"].as_str().expect("text");
        let error: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(error["schema"], "vramfit.error/1");
        error
    }

    /// Closes the input; the server must end well, and say nothing more.
    fn end(mut self) {
        self.input = None;
        let mut rest = String::new();
        self.output.read_line(&mut rest).expect("the end");
        assert_eq!(rest, "");
        let done = self.child.wait_with_output().expect("an end");
        assert!(done.status.success(), "{done:?}");
        assert!(done.stderr.is_empty(), "{done:?}");
    }
}

/// Calls with the command lines that mean the same.
fn calls() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "recommend",
            json!({ "gpu": ["RTX 3090 x2"], "task": "chinese", "limit": 3, "context": "16k" }),
            "--gpu 'RTX 3090 x2' --task chinese --limit 3 --context 16k",
        ),
        (
            "recommend",
            json!({ "vram": ["24"], "kv_cache_type": "q8_0", "no-flash-attention": false }),
            "--vram 24 --kv-cache-type q8_0",
        ),
        (
            "explain",
            json!({ "tag": "qwen3:8b", "vram": [12], "context": 8192, "spread": true }),
            "qwen3:8b --vram 12 --context 8192 --spread",
        ),
        (
            "compare",
            json!({ "tags": ["llama3:8b", "qwen3:8b"], "gpu": "RTX 4090" }),
            "llama3:8b qwen3:8b --gpu 'RTX 4090'",
        ),
        (
            "models",
            json!({ "family": "qwen", "tier": null }),
            "--family qwen --limit 10",
        ),
        ("matrix", json!({ "vram": [24] }), "--vram 24"),
        (
            "tips",
            json!({ "tag": "qwen3:14b", "vram": [12] }),
            "--tag qwen3:14b --vram 12",
        ),
        (
            "plan",
            json!({ "demands": ["qwen3:8b", "llama3:8b*2"], "gpu": ["RTX 3090 x2"] }),
            "qwen3:8b llama3:8b*2 --gpu 'RTX 3090 x2'",
        ),
        ("gpus", json!({ "vram": ["24x2"] }), "--vram 24x2"),
        ("gpus", json!({}), ""),
    ]
}

#[test]
fn a_tool_answers_what_the_command_writes() {
    let mut server = Server::new(&[]);
    for (tool, arguments, flags) in calls() {
        let result = server.call(tool, arguments.clone());
        assert_ne!(result["isError"], true, "{tool} {arguments}: {result}");
        let expected = Machine::new().run(&format!("{tool} --json {flags}"));
        let written = &result["structuredContent"];
        assert_eq!(*written, expected.json(), "{tool} {arguments}");
        // Older clients read the text: to the last digit what the command writes.
        let lines = expected.out.lines().map(str::trim_start);
        let text = result["content"][0]["text"].as_str().expect("text");
        assert_eq!(text, lines.collect::<String>(), "{tool} {arguments}");
    }
    server.end();
}

#[test]
fn a_client_that_takes_structured_content_gets_it_alone() {
    let call = |server: &mut Server| server.call("gpus", json!({ "vram": ["24x2"] }));
    let mut server = Server::new(&["--structured-only"]);
    let result = call(&mut server);
    assert_eq!(result["content"], json!([]));
    // What went wrong has no structure of its own.
    assert_eq!(
        server.refused("explain", json!({}))["code"],
        "missing-argument"
    );
    server.end();
    let mut both = Server::new(&[]);
    assert_eq!(
        result["structuredContent"],
        call(&mut both)["structuredContent"]
    );
    both.end();
}

#[test]
fn files_presets_and_checks_are_tools_and_lists_are_bounded() {
    let mut server = Server::new(&[]);
    let arguments = json!({ "demands": ["bge-m3"], "gpu": ["RTX 3090"], "emit": ["compose"] });
    let emitted = server.call("emit", arguments);
    let file = &emitted["structuredContent"]["files"][0];
    assert_eq!(file["path"], "compose.yaml");
    assert!(
        file["text"]
            .as_str()
            .is_some_and(|text| text.contains("ollama pull bge-m3"))
    );
    let missing = json!({ "demands": ["bge-m3"], "gpu": ["RTX 3090"] });
    assert_eq!(server.refused("emit", missing)["code"], "missing-argument");
    let presets = server.call("presets", json!({}));
    assert_eq!(presets["structuredContent"]["schema"], "vramfit.presets/1");
    let refused = server.refused("plan", json!({ "preset": "" }));
    assert_eq!(refused["code"], "missing-argument", "{refused}");
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/doctor/guide.md"
    );
    let found = server.call("doctor", json!({ "files": [file] }));
    assert_eq!(
        found["structuredContent"]["schema"], "vramfit.doctor/1",
        "{found}"
    );
    let refused = server.refused("doctor", json!({ "files": [file], "fix": true }));
    assert_eq!(refused["code"], "unknown-argument", "{refused}");
    let models = server.call("models", json!({}));
    let rows = models["structuredContent"]["models"]
        .as_array()
        .expect("a list")
        .len();
    assert!((10..100).contains(&rows), "{rows}");
    server.end();
}

#[test]
fn an_answer_of_no_is_a_result() {
    let mut server = Server::new(&[]);
    let result = server.call("explain", json!({ "tag": "llama3:70b", "vram": [6] }));
    assert_ne!(result["isError"], true);
    assert_eq!(result["structuredContent"]["verdict"], "does-not-fit");
    server.end();
}

#[test]
fn every_tool_is_listed_with_the_schemas_of_its_command() {
    let mut server = Server::new(&[]);
    let answer = server.request("tools/list", json!({}));
    let tools = answer["result"]["tools"].as_array().expect("a list");
    let names: Vec<&str> = tools
        .iter()
        .map(|tool| tool["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(
        names,
        [
            "recommend",
            "explain",
            "compare",
            "models",
            "matrix",
            "tips",
            "plan",
            "emit",
            "presets",
            "upgrade",
            "gpus",
            "verify",
            "doctor"
        ]
    );
    for tool in tools {
        let name = tool["name"].as_str().expect("a name");
        assert!(!tool["description"].as_str().expect("words").is_empty());
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
        let command = if name == "emit" { "plan" } else { name };
        let schema = Machine::new().run(&format!("schema {command}")).json();
        assert_eq!(tool["outputSchema"], schema, "{name}");
        assert_eq!(tool["outputSchema"]["type"], "object", "{name}");
        let input = &tool["inputSchema"];
        assert_eq!(input["type"], "object");
        let properties = input["properties"].as_object().expect("an object");
        let help = Machine::new().run(&format!("{command} --help")).out
            + &Machine::new().run("help hardware").out;
        for (property, form) in properties {
            let described = form["description"]
                .as_str()
                .is_some_and(|it| !it.is_empty());
            assert!(described, "{name}.{property}");
            let positional = matches!(property.as_str(), "tag" | "tags" | "demands" | "files");
            assert!(
                positional || help.contains(&format!("--{property}")),
                "{name}.{property}"
            );
        }
        assert_eq!(properties.contains_key("emit"), name == "emit");
        for withheld in [
            "out", "force", "fix", "save", "json", "format", "config", "nvml", "help", "no-pager",
        ] {
            assert!(!properties.contains_key(withheld), "{name}.{withheld}");
        }
    }
    let of = |name: &str| {
        let at = names.iter().position(|one| *one == name).expect("a tool");
        tools[at]["inputSchema"].clone()
    };
    assert_eq!(of("explain")["required"], json!(["tag"]));
    let task = &of("recommend")["properties"]["task"]["enum"];
    assert!(task.as_array().expect("a list").contains(&json!("chinese")));
    assert_eq!(of("compare")["properties"]["tags"]["type"], "array");
    assert_eq!(of("gpus")["properties"]["spread"]["type"], "boolean");
    server.end();
}
