//! `vramfit mcp`: the commands as tools of the Model Context Protocol, over standard input and output.
//!
//! A call is a command line: what it answers with `--json` is the tool's result, and what `--json` writes of an error is
//! the tool's error. The protocol itself is in [`protocol`].

mod protocol;
mod tool;

use std::ffi::OsString;
use std::io::{BufRead, ErrorKind, Write};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use protocol::Tools;
use tool::{Flag, Offer};

use super::Reply;
use super::args::Global;
use super::environment::Environment;
use super::reporting::Answer;
use super::session::{Session, Streams};
use crate::error::Error;
use crate::lang::Lang;
use crate::messages;

/// Serves until the client closes its side, which is a success; that it stops reading is the same.
///
/// # Errors
///
/// If it cannot be read from or written to.
pub(super) fn run(
    session: &Session,
    structured_only: bool,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<Answer, Error> {
    let server = Server::new(session, structured_only)?;
    match protocol::serve(&server, input, out) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::File {
            path: "-".into(),
            reason: error.to_string(),
        }),
        _ => Ok(Answer {
            output: String::new(),
            yes: true,
        }),
    }
}

/// What is kept between calls: the tools, and flags that the server was started with.
struct Server {
    offers: Vec<Offer>,
    /// The same, as clients see them.
    listed: Vec<Value>,
    environment: Environment,
    streams: Streams,
    /// The flags that the server was started with, for calls that do not say otherwise.
    defaults: Vec<Flag>,
    /// Whether the client takes structured content, and needs no text that says the same.
    structured_only: bool,
    instructions: &'static str,
}

/// The flags that describe hardware together.
const HARDWARE: [&str; 3] = ["gpu", "vram", "fleet"];

impl Server {
    fn new(session: &Session, structured_only: bool) -> Result<Self, Error> {
        let offers = tool::all(session.lang);
        let listed: Result<_, _> = offers.iter().map(Offer::listed).collect();
        Ok(Self {
            listed: listed?,
            offers,
            environment: session.environment.clone(),
            streams: session.streams,
            defaults: defaults(&session.global),
            structured_only,
            instructions: messages::monitor::mcp_instructions(session.lang),
        })
    }

    fn offer(&self, name: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.name == name)
    }

    /// The JSON that the command writes, on one line.
    fn answer(&self, offer: &Offer, arguments: &Map<String, Value>) -> Result<String, Error> {
        let reply = super::answer(
            self.command_line(offer, arguments)?,
            self.environment.clone(),
            self.streams,
            Lang::En,
            &mut std::io::sink(),
            &mut std::io::sink(),
        )?;
        match reply {
            // A string in JSON has no line breaks, so that all of them are between its words.
            Reply::Answer { answer, .. } => {
                Ok(answer.output.lines().map(str::trim_start).collect())
            }
            Reply::Help { text, .. } => Err(Error::Usage(text)),
        }
    }

    /// The command line of a call.
    fn command_line(
        &self,
        offer: &Offer,
        arguments: &Map<String, Value>,
    ) -> Result<Vec<OsString>, Error> {
        let typed = offer.typed(arguments)?;
        let given = |name: &str| typed.flags.iter().any(|(given, _)| given == name);
        let describes = |name: &str| HARDWARE.contains(&name);
        let described = HARDWARE.into_iter().any(given);
        // Described hardware is described whole: a call's is never mixed with the server's.
        let defaults = self
            .defaults
            .iter()
            .filter(|(name, _)| !given(name) && (!described || !describes(name)));
        let mut line: Vec<OsString> = ["vramfit", offer.command, "--json"].map(Into::into).into();
        line.extend(
            defaults
                .chain(&typed.flags)
                .map(|(name, value)| match value {
                    Some(value) => format!("--{name}={value}").into(),
                    None => format!("--{name}").into(),
                }),
        );
        line.push("--".into());
        line.extend(typed.positional.into_iter().map(OsString::from));
        Ok(line)
    }
}

/// The flags of the server as a call would type them.
fn defaults(global: &Global) -> Vec<Flag> {
    let text = |path: &PathBuf| path.display().to_string();
    let valued = [
        ("gpu", global.gpu.clone()),
        ("vram", global.vram.clone()),
        ("fleet", global.fleet.iter().map(text).collect()),
        ("ram", Vec::from_iter(global.ram.clone())),
        ("reserve", Vec::from_iter(global.reserve.clone())),
        (
            "ollama-version",
            Vec::from_iter(global.ollama_version.clone()),
        ),
        ("catalog", global.catalog.clone()),
        ("config", global.config.iter().map(text).collect()),
        ("nvml", global.nvml.iter().map(text).collect()),
    ];
    let flags = valued.into_iter().flat_map(|(name, values)| {
        let flag = move |value| (name.to_owned(), Some(value));
        values.into_iter().map(flag)
    });
    let spread = global.spread.then(|| ("spread".to_owned(), None));
    flags.chain(spread).collect()
}

impl Tools for Server {
    fn instructions(&self) -> &str {
        self.instructions
    }

    fn list(&self) -> Vec<Value> {
        self.listed.clone()
    }

    fn call(&self, name: &str, arguments: &Map<String, Value>) -> Option<String> {
        Some(match self.answer(self.offer(name)?, arguments) {
            Ok(answer) => {
                // Older clients read the text, and no client says which it is.
                let content = match self.structured_only {
                    true => json!([]),
                    false => json!([{ "type": "text", "text": answer }]),
                };
                format!(r#"{{"content":{content},"structuredContent":{answer},"isError":false}}"#)
            }
            // Structured content must be of the tool's schema, and an error is not.
            Err(error) => {
                let text = super::error_line(&error, Lang::En, true);
                json!({
                    "content": [{ "type": "text", "text": text.trim_end() }],
                    "isError": true,
                })
                .to_string()
            }
        })
    }
}
