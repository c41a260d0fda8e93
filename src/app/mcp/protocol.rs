//! The Model Context Protocol's server for tools: JSON-RPC 2.0, one message a line.
//!
//! The official SDK brings an asynchronous runtime and the types of a protocol of which this is a small part; it made the
//! program larger than the promised 8 MiB. What is here is what a client of tools can ask.

use std::io::{self, BufRead, Read, Write};

use serde_json::{Map, Value, json};

use crate::sanitize::sanitize_json;

/// The versions of the protocol whose words for tools are these; the latest first.
const VERSIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// Bytes of a line that are read: far more than any call has.
const LONGEST: u64 = 4 << 20;

/// Messages of a line that are answered.
const MOST_MESSAGES: usize = 100;

/// Codes of JSON-RPC's errors.
const NOT_JSON: i32 = -32700;
const NO_REQUEST: i32 = -32600;
const UNKNOWN_METHOD: i32 = -32601;
const BAD_PARAMETERS: i32 = -32602;

/// The tools that a server offers to its client.
pub(super) trait Tools {
    /// What a client should know before it calls one.
    fn instructions(&self) -> &str;
    /// Every tool, as `tools/list` has it.
    fn list(&self) -> Vec<Value>;
    /// The result of a call, as `tools/call` has it, in JSON on one line; `None` where there is no such tool.
    fn call(&self, name: &str, arguments: &Map<String, Value>) -> Option<String>;
}

/// Why a request has no result.
struct Refusal {
    code: i32,
    message: String,
}

impl Refusal {
    fn new(code: i32, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }
}

/// Answers one line after the other until the input ends.
///
/// # Errors
///
/// If the input cannot be read or the output not be written.
pub(super) fn serve(
    tools: &dyn Tools,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if Read::take(&mut *input, LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let whole = line.ends_with(b"\n") || (line.len() as u64) < LONGEST;
        let answer = match whole {
            true => answer(tools, &line),
            false => {
                skip_line(input)?;
                Some(refused(
                    &Value::Null,
                    Refusal::new(NO_REQUEST, "Message too long"),
                ))
            }
        };
        if let Some(answer) = answer {
            writeln!(out, "{}", sanitize_json(answer))?;
            out.flush()?;
        }
    }
}

fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let available = input.fill_buf()?;
        let (count, end) = match available.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (available.len(), available.is_empty()),
        };
        input.consume(count);
        if end {
            return Ok(());
        }
    }
}

/// The answer to a line, in JSON; none to notifications, answers and empty lines.
fn answer(tools: &dyn Tools, line: &[u8]) -> Option<String> {
    if line.trim_ascii().is_empty() {
        return None;
    }
    match serde_json::from_slice(line) {
        Err(_) => Some(refused(&Value::Null, Refusal::new(NOT_JSON, "Parse error"))),
        // One of the versions has several messages in a line.
        Ok(Value::Array(messages)) if messages.len() > MOST_MESSAGES => Some(refused(
            &Value::Null,
            Refusal::new(NO_REQUEST, "Too many messages"),
        )),
        Ok(Value::Array(messages)) if !messages.is_empty() => {
            let answers = messages.iter().filter_map(|message| one(tools, message));
            let answers: Vec<String> = answers.collect();
            (!answers.is_empty()).then(|| format!("[{}]", answers.join(",")))
        }
        Ok(message) => one(tools, &message),
    }
}

fn one(tools: &dyn Tools, message: &Value) -> Option<String> {
    let id = message.get("id");
    let method = message.get("method").and_then(Value::as_str);
    let is_answer = message.get("result").is_some() || message.get("error").is_some();
    match (id, method) {
        // Nothing is asked of clients, so that nothing of theirs can be an answer.
        (_, None) if is_answer => None,
        (Some(id), Some(method)) if id.is_string() || id.is_number() => {
            let nothing = Value::Null;
            let parameters = message.get("params").unwrap_or(&nothing);
            Some(match result(tools, method, parameters) {
                // Put together as text: a number that is read and written again may not be the same.
                Ok(result) => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#),
                Err(refusal) => refused(id, refusal),
            })
        }
        (None, Some(_)) => None,
        _ => Some(refused(
            &Value::Null,
            Refusal::new(NO_REQUEST, "Invalid Request"),
        )),
    }
}

fn refused(id: &Value, refusal: Refusal) -> String {
    let error = json!({ "code": refusal.code, "message": refusal.message });
    json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string()
}

/// What a request leads to, in JSON.
fn result(tools: &dyn Tools, method: &str, parameters: &Value) -> Result<String, Refusal> {
    match method {
        "initialize" => Ok(initialized(tools, parameters).to_string()),
        "ping" => Ok("{}".to_owned()),
        "tools/list" => Ok(json!({ "tools": tools.list() }).to_string()),
        "tools/call" => {
            let bad = |what: &str| Refusal::new(BAD_PARAMETERS, what);
            let name = parameters.get("name").and_then(Value::as_str);
            let name = name.ok_or_else(|| bad("A call needs the name of a tool"))?;
            let none = Map::new();
            let arguments = match parameters.get("arguments") {
                None | Some(Value::Null) => &none,
                Some(Value::Object(arguments)) => arguments,
                Some(_) => return Err(bad("The arguments of a call are an object")),
            };
            let unknown = || bad(&format!("Unknown tool: {}", short(name)));
            tools.call(name, arguments).ok_or_else(unknown)
        }
        method => Err(Refusal::new(
            UNKNOWN_METHOD,
            format!("Method not found: {}", short(method)),
        )),
    }
}

/// As much of a name as a person reads.
fn short(name: &str) -> String {
    name.chars().take(100).collect()
}

/// The client's version of the protocol where it is known, else the latest: the client then decides.
fn initialized(tools: &dyn Tools, parameters: &Value) -> Value {
    let asked = parameters.get("protocolVersion").and_then(Value::as_str);
    let known = VERSIONS.into_iter().find(|version| Some(*version) == asked);
    json!({
        "protocolVersion": known.unwrap_or(VERSIONS[0]),
        "capabilities": { "tools": {} },
        "serverInfo": { "name": "vramfit", "version": env!("CARGO_PKG_VERSION") },
        "instructions": tools.instructions(),
    })
}
