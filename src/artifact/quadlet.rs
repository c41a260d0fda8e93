//! Quadlets: containers, volumes and a network of which Podman makes units.

use super::File;
use super::fleet::Host;
use super::template::Templates;
use crate::engine::workload::Engine;
use crate::error::Error;

/// The network in which servers have names.
const NETWORK: &str = "[Network]\n";
/// A named volume, in which containers of one engine share what they download.
const VOLUME: &str = "[Volume]\n";

/// The files of a machine.
///
/// # Errors
/// As [`emit`](super::emit).
pub(super) fn files(templates: &Templates, host: &Host) -> Result<Vec<File>, Error> {
    let file = |path: &str, text| File::new(&format!("quadlet/{path}"), text);
    let mut files = vec![
        file("QUADLET.md", templates.render("quadlet.md", host)?),
        file("vramfit.network", NETWORK.to_owned()),
    ];
    for (engine, volume) in [
        (Engine::Ollama, "vramfit-ollama.volume"),
        (Engine::LlamaCpp, "vramfit-downloads.volume"),
        (Engine::Vllm, "vramfit-checkpoints.volume"),
    ] {
        if host.served_by(engine).is_some() {
            files.push(file(volume, VOLUME.to_owned()));
        }
    }
    for server in &host.servers {
        let name = server.name.as_str();
        let text = templates.render("server.container", server.alone())?;
        files.push(file(&format!("{name}.container"), text));
        if server.engine == Engine::Ollama {
            let text = templates.render("preload.container", server.alone())?;
            files.push(file(&format!("{name}-preload.container"), text));
        }
    }
    Ok(files)
}
