//! Ollama's REST API.

mod generate;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::http::Response;
use ureq::{Agent, Body};

use super::address::Address;
use super::excerpt;
use super::shown::Shown;
use super::timeouts::Timeouts;
use super::wire::{Loaded, Models, Progress, Tag};
use crate::error::{OllamaError, OllamaFault};
pub use generate::Generated;

/// No answer but a stream is larger: `/api/show` with every token of a vocabulary is about 10 MB.
const ANSWER_LIMIT: u64 = 64 << 20;
/// No server has more models.
const MODELS_LIMIT: usize = 10_000;
/// No name of a model is longer: Ollama takes four parts of 350 letters at most.
const NAME_LIMIT: usize = 1500;
/// Bytes read or written at once; no header is longer.
const BUFFER: usize = 16 << 10;
/// No line of a stream is longer.
const LINE_LIMIT: u64 = 1 << 20;

/// Speaks HTTP with one Ollama server.
#[derive(Clone, Debug)]
pub struct Client {
    address: Address,
    agent: Agent,
    patience: Timeouts,
}

impl Client {
    /// The server at `address`.
    ///
    /// # Errors
    /// An address that asks for TLS.
    pub fn new(address: Address, patience: Timeouts) -> Result<Self, OllamaError> {
        if address.is_https() {
            return Err(OllamaError {
                fault: OllamaFault::Https,
                server: address.to_string(),
                detail: String::new(),
            });
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // Only `app` reads the environment, and a server on this machine is not behind a proxy.
            .proxy(None)
            .max_idle_connections(0)
            .user_agent(concat!("vramfit/", env!("CARGO_PKG_VERSION")))
            // Only a name is looked up; a limit of that takes a thread.
            .timeout_resolve(address.ip().is_none().then_some(patience.connect))
            .timeout_connect(Some(patience.connect))
            // Ollama's answers have small headers; larger buffers are memory that every run clears.
            .max_response_header_size(BUFFER)
            .input_buffer_size(BUFFER)
            .output_buffer_size(BUFFER)
            .build();
        Ok(Self {
            address,
            agent: config.into(),
            patience,
        })
    }

    /// The address that it speaks to.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Its version, such as `0.33.0`.
    ///
    /// # Errors
    /// A server that is absent, slow, broken, or no Ollama.
    pub fn version(&self) -> Result<String, OllamaError> {
        let answer: Value = self.ask("/api/version", None, "")?;
        match answer.get("version").and_then(Value::as_str) {
            Some(version) => Ok(excerpt(version)),
            None => Err(self.unexpected("/api/version", "no version")),
        }
    }

    /// The models that it has.
    ///
    /// # Errors
    /// As [`Self::version`].
    pub fn tags(&self) -> Result<Vec<Tag>, OllamaError> {
        let models = self.ask::<Models<Tag>>("/api/tags", None, "")?.models;
        self.believable("/api/tags", models, |tag| &tag.name)
    }

    /// The models in memory.
    ///
    /// # Errors
    /// As [`Self::version`].
    pub fn loaded(&self) -> Result<Vec<Loaded>, OllamaError> {
        let models = self.ask::<Models<Loaded>>("/api/ps", None, "")?.models;
        self.believable("/api/ps", models, |loaded| &loaded.name)
    }

    /// A list that a server may have: more models than any disk holds, or names that fill pages, are nobody's.
    fn believable<T>(
        &self,
        path: &str,
        models: Vec<T>,
        name: impl Fn(&T) -> &String,
    ) -> Result<Vec<T>, OllamaError> {
        if models.len() > MODELS_LIMIT {
            return Err(self.unexpected(path, &format!("{} models", models.len())));
        }
        match models.iter().map(|model| name(model).len()).max() {
            Some(length) if length > NAME_LIMIT => {
                Err(self.unexpected(path, &format!("a name of {length} bytes")))
            }
            _ => Ok(models),
        }
    }

    /// What a model's file says.
    ///
    /// # Errors
    /// As [`Self::version`], and a model that the server does not have.
    pub fn show(&self, model: &str) -> Result<Shown, OllamaError> {
        // Without `verbose` every array is null, and with it the numbers that differ from block to block.
        let body = json!({ "model": model, "verbose": true });
        self.ask("/api/show", Some(&body), model)
    }

    /// Downloads a model, or what is missing of it, and tells every line of the server. Ollama itself keeps what is half done and goes on
    /// with it next time.
    ///
    /// # Errors
    /// As [`Self::version`]; a stream that ends before the server says that it succeeded; the server's own words where it failed.
    pub fn pull(&self, model: &str, mut tell: impl FnMut(&Progress)) -> Result<(), OllamaError> {
        let path = "/api/pull";
        let body = json!({ "model": model, "stream": true });
        let response = self
            .agent
            .post(self.address.url(path))
            .config()
            .timeout_recv_response(Some(self.patience.idle))
            .timeout_per_read(Some(self.patience.idle))
            .build()
            .content_type("application/json")
            .send(body.to_string())
            .map_err(|error| self.failed(&error, self.patience.idle))?;
        let mut response = self.accepted(response, path, model)?;
        let mut lines = BufReader::new(response.body_mut().as_reader());
        let mut done = false;
        loop {
            let mut line = Vec::new();
            let read = lines
                .by_ref()
                .take(LINE_LIMIT)
                .read_until(b'\n', &mut line)
                .map_err(|error| self.failed(&ureq::Error::from(error), self.patience.idle))?;
            if read == 0 {
                break;
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let value: Value = serde_json::from_slice(&line)
                .map_err(|error| self.broken(&format!("{path}: {error}")))?;
            // The status was sent before anything could fail, so that a failure is a line like the others.
            self.refused_in(&value, model)?;
            let progress: Progress = serde_json::from_value(value)
                .map_err(|error| self.unexpected(path, &error.to_string()))?;
            done = progress.status == "success";
            tell(&Progress {
                status: excerpt(&progress.status),
                ..progress
            });
        }
        if done { Ok(()) } else { Err(self.broken(path)) }
    }

    /// Loads a model without asking it anything. `context_length`, in tokens of one slot, is the model's own or the server's if not given.
    ///
    /// # Errors
    /// As [`Self::show`]; the server's own words where the model does not load.
    pub fn load(&self, model: &str, context_length: Option<u32>) -> Result<(), OllamaError> {
        let options = match context_length {
            Some(tokens) => json!({ "num_ctx": tokens }),
            None => json!({}),
        };
        let body = json!({ "model": model, "stream": false, "options": options });
        self.ask_for::<Value>("/api/generate", Some(&body), model, self.patience.load)
            .map(|_| ())
    }

    /// Makes a model that is `from` with parameters of its own, such as `num_ctx`: a few hundred bytes beside the same file.
    ///
    /// # Errors
    /// As [`Self::show`]; the server's own words where it refuses.
    pub fn derive(
        &self,
        model: &str,
        from: &str,
        parameters: &[(&str, u32)],
    ) -> Result<(), OllamaError> {
        let parameters: BTreeMap<&str, u32> = parameters.iter().copied().collect();
        let body =
            json!({ "model": model, "from": from, "parameters": parameters, "stream": false });
        self.ask::<Value>("/api/create", Some(&body), from)
            .map(|_| ())
    }

    pub(super) fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<&Value>,
        model: &str,
    ) -> Result<T, OllamaError> {
        self.ask_for(path, body, model, self.patience.answer)
    }

    fn ask_for<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<&Value>,
        model: &str,
        wait: Duration,
    ) -> Result<T, OllamaError> {
        let url = self.address.url(path);
        let sent = match body {
            None => self
                .agent
                .get(url)
                .config()
                .timeout_global(Some(wait))
                .build()
                .call(),
            Some(body) => self
                .agent
                .post(url)
                .config()
                .timeout_global(Some(wait))
                .build()
                .content_type("application/json")
                .send(body.to_string()),
        };
        let response = sent.map_err(|error| self.failed(&error, wait))?;
        let mut response = self.accepted(response, path, model)?;
        let text = response
            .body_mut()
            .with_config()
            .limit(ANSWER_LIMIT)
            .read_to_vec()
            .map_err(|error| self.failed(&error, wait))?;
        let value: Value = serde_json::from_slice(&text).map_err(|error| {
            if error.is_eof() {
                self.broken(path)
            } else {
                self.unexpected(path, &error.to_string())
            }
        })?;
        self.refused_in(&value, model)?;
        serde_json::from_value(value).map_err(|error| self.unexpected(path, &error.to_string()))
    }

    /// A response that is no refusal.
    fn accepted(
        &self,
        mut response: Response<Body>,
        path: &str,
        model: &str,
    ) -> Result<Response<Body>, OllamaError> {
        let status = response.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(response);
        }
        let body = response
            .body_mut()
            .with_config()
            .limit(LINE_LIMIT)
            .read_to_vec()
            .unwrap_or_default();
        let words = serde_json::from_slice(&body)
            .ok()
            .and_then(|value: Value| Some(excerpt(value.get("error")?.as_str()?)));
        Err(match (status, words) {
            (403, None) if body.is_empty() => self.error(OllamaFault::HostRefused, ""),
            (404, Some(_)) if !model.is_empty() => self.error(OllamaFault::UnknownModel, model),
            (503, _) => self.error(OllamaFault::Busy, ""),
            (_, Some(words)) => self.error(OllamaFault::Refused, &words),
            (status, None) => self.unexpected(path, &format!("HTTP {status}")),
        })
    }

    /// `{"error": ..}` where the status said that all is well.
    fn refused_in(&self, value: &Value, model: &str) -> Result<(), OllamaError> {
        let Some(error) = value.get("error").and_then(Value::as_str) else {
            return Ok(());
        };
        Err(
            if error.contains("file does not exist") && !model.is_empty() {
                // What the registry's 404 becomes.
                self.error(OllamaFault::UnknownModel, model)
            } else {
                self.error(OllamaFault::Refused, &excerpt(error))
            },
        )
    }

    fn failed(&self, error: &ureq::Error, wait: Duration) -> OllamaError {
        use std::io::ErrorKind;
        let slow = |wait: Duration| {
            let seconds = wait.as_secs_f64();
            self.error(OllamaFault::Timeout, &format!("{seconds:.0}"))
        };
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                self.error(OllamaFault::Unreachable, &excerpt(&error.to_string()))
            }
            ureq::Error::Timeout(_) => slow(wait),
            ureq::Error::Io(io) => match io.kind() {
                ErrorKind::TimedOut | ErrorKind::WouldBlock => slow(wait),
                ErrorKind::ConnectionRefused
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
                | ErrorKind::AddrNotAvailable
                | ErrorKind::NotFound => {
                    self.error(OllamaFault::Unreachable, &excerpt(&io.to_string()))
                }
                // The resolver's errors have no kind of their own.
                _ if io.to_string().contains("lookup address") => {
                    self.error(OllamaFault::Unreachable, &excerpt(&io.to_string()))
                }
                _ => self.broken(&io.to_string()),
            },
            ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => {
                self.error(OllamaFault::Unreachable, &excerpt(&error.to_string()))
            }
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
                self.error(OllamaFault::Address, &excerpt(&error.to_string()))
            }
            ureq::Error::BodyExceedsLimit(_) => self.unexpected("", &error.to_string()),
            _ => self.broken(&error.to_string()),
        }
    }

    fn broken(&self, detail: &str) -> OllamaError {
        self.error(OllamaFault::Disconnected, &excerpt(detail))
    }

    fn unexpected(&self, path: &str, detail: &str) -> OllamaError {
        self.error(
            OllamaFault::Unexpected,
            excerpt(&format!("{path} {detail}")).trim(),
        )
    }

    fn error(&self, fault: OllamaFault, detail: &str) -> OllamaError {
        OllamaError {
            fault,
            server: self.address.to_string(),
            detail: detail.to_owned(),
        }
    }
}
