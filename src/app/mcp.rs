//! `vramfit mcp`: the commands as tools of the Model Context Protocol, over standard input and output.
//!
//! A call is a command line: what it answers with `--json` is the tool's result, and what `--json` writes of an error is
//! the tool's error. The protocol itself is the SDK's.

mod tool;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, ServerInitializeError};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Map, Value};
use tokio::io::{AsyncReadExt, DuplexStream};

use tool::{Flag, Offer};

use super::Reply;
use super::answer::Answer;
use super::args::Global;
use super::environment::Environment;
use super::session::{Session, Streams};
use crate::error::Error;
use crate::lang::Lang;

/// Bytes of answers that wait for the client to read on.
const BUFFER: usize = 1 << 16;

/// Serves until the client closes standard input, which is a success.
///
/// # Errors
///
/// If there can be no runtime, if the client does not begin as the protocol demands, or if it cannot be written to.
pub(super) fn run(session: &Session, out: &mut dyn Write) -> Result<Answer, Error> {
    let server = Server::new(session);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| stream("-", &error))?;
    // The SDK wants a writer of its own for as long as it likes; ours is lent, so it is fed from here.
    let (answers, writer) = tokio::io::duplex(BUFFER);
    let served = runtime.block_on(async {
        let serving = tokio::spawn(serve(server, writer));
        forward(answers, out).await?;
        serving
            .await
            .unwrap_or_else(|error| Err(Error::Usage(error.to_string())))
    });
    // Whoever stops reading may still hold standard input open; nothing more is expected from there.
    runtime.shutdown_background();
    served.map(|()| Answer {
        output: String::new(),
        yes: true,
    })
}

/// The conversation, to its end.
async fn serve(server: Server, writer: DuplexStream) -> Result<(), Error> {
    match rmcp::serve_server(server, (tokio::io::stdin(), writer)).await {
        Ok(running) => {
            let end = running.waiting().await;
            end.map(drop)
                .map_err(|error| Error::Usage(error.to_string()))
        }
        // A client may look whether the program is there and leave.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(Error::Usage(error.to_string())),
    }
}

/// Hands on what the SDK writes. That nobody reads any more ends it like a closed input.
async fn forward(mut answers: DuplexStream, out: &mut dyn Write) -> Result<(), Error> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = answers
            .read(&mut buffer)
            .await
            .map_err(|error| stream("-", &error))?;
        if count == 0 {
            return Ok(());
        }
        match out.write_all(&buffer[..count]).and_then(|()| out.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
            result => result.map_err(|error| stream("-", &error))?,
        }
    }
}

fn stream(path: &str, error: &std::io::Error) -> Error {
    Error::File {
        path: PathBuf::from(path),
        reason: error.to_string(),
    }
}

/// What a call needs.
struct Server {
    offers: Vec<Offer>,
    environment: Environment,
    streams: Streams,
    /// The flags that the server was started with, for calls that do not say otherwise.
    defaults: Vec<Flag>,
    instructions: &'static str,
}

/// The flags that describe hardware together.
const HARDWARE: [&str; 3] = ["gpu", "vram", "fleet"];

impl Server {
    fn new(session: &Session) -> Self {
        Self {
            offers: tool::all(session.text),
            environment: session.environment.clone(),
            streams: session.streams,
            defaults: defaults(&session.global),
            instructions: session.text.mcp_instructions(),
        }
    }

    fn offer(&self, name: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.tool.name == name)
    }

    /// The JSON that the command writes.
    fn call(&self, offer: &Offer, arguments: &Map<String, Value>) -> Result<Value, Error> {
        let reply = super::answer(
            self.command_line(offer, arguments)?,
            self.environment.clone(),
            self.streams,
            Lang::En,
            &mut std::io::sink(),
            &mut std::io::sink(),
        )?;
        match reply {
            Reply::Answer(answer) => serde_json::from_str(&answer.output)
                .map_err(|error| Error::Usage(error.to_string())),
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
            .filter(|(name, _)| !given(name) && !(described && describes(name)));
        let mut line: Vec<OsString> = ["vramfit", &offer.tool.name, "--json"]
            .map(Into::into)
            .into();
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

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("vramfit", env!("CARGO_PKG_VERSION")))
            .with_instructions(self.instructions)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(
            self.offers.iter().map(|offer| offer.tool.clone()).collect(),
        ))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(offer) = self.offer(&request.name) else {
            // The protocol's own example words it so.
            let message = format!("Unknown tool: {}", request.name);
            return Err(ErrorData::invalid_params(message, None));
        };
        let result = match self.call(offer, &request.arguments.unwrap_or_default()) {
            Ok(value) => CallToolResult::structured(value),
            // Structured content must be of the tool's schema, and an error is not.
            Err(error) => CallToolResult::error(vec![ContentBlock::text(
                super::told(&error, Lang::En, true).trim_end(),
            )]),
        };
        Ok(result.into())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.offer(name).map(|offer| offer.tool.clone())
    }
}

/// A schema as the SDK holds it.
fn object(value: Value) -> Arc<Map<String, Value>> {
    Arc::new(match value {
        Value::Object(map) => map,
        _ => Map::new(),
    })
}
