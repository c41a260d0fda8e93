//! llama-swap: who is there all the time, who gives way, and who has a turn.

use serde::Serialize;

use super::fleet::{Fleet, Host};
use super::template::Templates;
use super::value::refused;
use super::{ArtifactKind, File, Options, each_host, started};
use crate::engine::workload::Engine;
use crate::error::{ArtifactFault, Error};
use crate::report::{Plan, Turn};

/// One machine's groups of servers.
#[derive(Serialize)]
struct Swap<'a> {
    #[serde(flatten)]
    host: &'a Host,
    /// Who is there whatever is asked for.
    stay: Vec<&'a str>,
    /// Who is there from the start, and gives way to the next.
    give_way: Vec<&'a str>,
    /// Who is there only while somebody asks for it.
    turns: Vec<&'a str>,
}

/// The configuration of every machine that has a `llama-server`.
///
/// # Errors
/// As [`emit`](super::emit).
pub(super) fn files(
    templates: &Templates,
    plan: &Plan,
    options: &Options,
) -> Result<Vec<File>, Error> {
    let turns = plan.unplaced.iter().filter_map(|one| one.turn.as_deref());
    let turns: Vec<&Turn> = turns.collect();
    let resident = plan.services.len();
    let mut all = plan.clone();
    all.services
        .extend(turns.iter().map(|turn| turn.service.clone()));
    let fleet = Fleet::new(&all, options)?;
    if fleet.pools.is_empty() {
        return Err(refused(
            ArtifactFault::Empty,
            ArtifactKind::LlamaSwap.label(),
        ));
    }
    started(&fleet, ArtifactKind::LlamaSwap)?;
    each_host(&fleet, |host| {
        let Some(host) = host.served_by(Engine::LlamaCpp) else {
            return Ok(Vec::new());
        };
        let here = turns
            .iter()
            .filter(|turn| turn.service.host == host.name.as_str());
        let gone: Vec<(&str, u32)> = here
            .flat_map(|turn| &turn.instead_of)
            .map(|name| (name.tag.as_str(), name.replica))
            .collect();
        let mut swap = Swap {
            host: &host,
            stay: Vec::new(),
            give_way: Vec::new(),
            turns: Vec::new(),
        };
        for server in &host.servers {
            let group = if server.order >= resident {
                &mut swap.turns
            } else if gone.contains(&(server.tag.as_str(), server.replica)) {
                &mut swap.give_way
            } else {
                &mut swap.stay
            };
            group.push(server.name.as_str());
        }
        let text = templates.render("llama-swap.yaml", swap)?;
        Ok(vec![File::new("llama-swap.yaml", text)])
    })
}
