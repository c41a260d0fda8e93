//! The servers of a page, asked side by side: a slow one holds up neither the others nor the page.

use std::thread;

use crate::error::OllamaError;
use crate::ollama::{Client, Loaded};
use crate::report::MonitoredServer;

/// What a server said.
#[derive(Clone, Debug)]
pub(super) struct ServerState {
    pub version: Option<String>,
    pub loaded: Result<Vec<Loaded>, OllamaError>,
}

impl ServerState {
    fn ask(client: &Client) -> Self {
        let loaded = client
            .loaded()
            .or_else(|error| client.served().map_err(|_| error))
            .or_else(|error| client.served_by_vllm().map_err(|_| error));
        // Nobody waits twice for a server that does not answer.
        let version = loaded.is_ok().then(|| client.version().ok()).flatten();
        Self { version, loaded }
    }

    /// The models in its memory, as far as it tells.
    pub(super) fn models(&self) -> &[Loaded] {
        self.loaded.as_deref().unwrap_or_default()
    }

    /// The server as it is reported.
    pub(super) fn server(&self, address: String) -> MonitoredServer {
        let fault = self.loaded.as_ref().err();
        MonitoredServer {
            address,
            fault: fault.map(|error| error.fault.code().to_owned()),
            version: self.version.clone(),
        }
    }
}

/// What all of them say, in their order; takes as long as the slowest of each lot, and that is no longer than its client's patience.
pub(super) fn ask(clients: &[Client]) -> Vec<ServerState> {
    match clients {
        [] => Vec::new(),
        [one] => vec![ServerState::ask(one)],
        several => several.chunks(AT_ONCE).flat_map(side_by_side).collect(),
    }
}

/// Servers that are asked at once.
const AT_ONCE: usize = 128;

fn side_by_side(clients: &[Client]) -> Vec<ServerState> {
    thread::scope(|scope| {
        let asked: Vec<_> = clients
            .iter()
            .map(|client| scope.spawn(|| ServerState::ask(client)))
            .collect();
        let answers = asked.into_iter().map(thread::ScopedJoinHandle::join);
        // A thread that panics has said so already.
        answers.flatten().collect()
    })
}

/// Asks in the background. Nobody waits for it when the page ends.
pub(super) struct Poller<Tell> {
    clients: Vec<Client>,
    tell: Tell,
    busy: bool,
}

impl<Tell: Fn(Vec<ServerState>) + Clone + Send + 'static> Poller<Tell> {
    /// `tell` takes the answers.
    pub(super) fn new(clients: Vec<Client>, tell: Tell) -> Self {
        Self {
            clients,
            tell,
            busy: false,
        }
    }

    /// Asks once more; `false` while the last question is still open.
    pub(super) fn ask(&mut self) -> bool {
        if self.busy {
            return false;
        }
        self.busy = true;
        let (clients, tell) = (self.clients.clone(), self.tell.clone());
        thread::spawn(move || tell(ask(&clients)));
        true
    }

    /// The answers have come.
    pub(super) fn answered(&mut self) {
        self.busy = false;
    }
}
