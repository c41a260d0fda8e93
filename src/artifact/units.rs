//! Units of systemd: a template for each engine, with a file of settings a server.

use super::File;
use super::fleet::Host;
use super::template::Templates;
use crate::engine::workload::Engine;
use crate::error::Error;

/// The files of a machine.
///
/// # Errors
/// As [`emit`](super::emit).
pub(super) fn files(templates: &Templates, host: &Host) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    if let Some(host) = host.served_by(Engine::Ollama) {
        files.extend(ollama(templates, &host)?);
    }
    if let Some(host) = host.served_by(Engine::LlamaCpp) {
        files.extend(llama_server(templates, &host)?);
    }
    if let Some(host) = host.served_by(Engine::Vllm) {
        files.extend(vllm(templates, &host)?);
    }
    Ok(files)
}

fn llama_server(templates: &Templates, host: &Host) -> Result<Vec<File>, Error> {
    let file = |path: &str, text| File::new(&format!("systemd/{path}"), text);
    let unit = "llama-server@.service";
    let mut files = vec![
        file(
            "LLAMA-SERVER.md",
            templates.render("llama_server.md", host)?,
        ),
        file(unit, templates.render(unit, host)?),
    ];
    for server in &host.servers {
        let text = templates.render("llama_server.env", server.alone())?;
        files.push(file(
            &format!("llama-server/{}.env", server.name.as_str()),
            text,
        ));
    }
    Ok(files)
}

fn vllm(templates: &Templates, host: &Host) -> Result<Vec<File>, Error> {
    let file = |path: &str, text| File::new(&format!("systemd/{path}"), text);
    let unit = "vllm@.service";
    let mut files = vec![
        file("VLLM.md", templates.render("vllm.md", host)?),
        file(unit, templates.render(unit, host)?),
    ];
    for server in &host.servers {
        let name = server.name.as_str();
        let view = server.alone();
        let settings = templates.render("vllm.yaml", &view)?;
        files.push(file(&format!("vllm/{name}.yaml"), settings));
        let environment = templates.render("vllm.env", &view)?;
        files.push(file(&format!("vllm/{name}.env"), environment));
    }
    Ok(files)
}

fn ollama(templates: &Templates, host: &Host) -> Result<Vec<File>, Error> {
    let plain = |path: &str, name| {
        Ok(File::new(
            &format!("systemd/{path}"),
            templates.render(name, host)?,
        ))
    };
    let mut files = vec![
        plain("INSTALL.md", "install.md")?,
        plain("ollama@.service", "ollama@.service")?,
        plain("ollama-preload@.service", "ollama-preload@.service")?,
    ];
    for server in &host.servers {
        files.push(File::new(
            &format!("systemd/env/{}.env", server.name.as_str()),
            templates.render("server.env", server.alone())?,
        ));
        if !server.after.is_empty() {
            files.push(File::new(
                &format!(
                    "systemd/ollama-preload@{}.service.d/order.conf",
                    server.name.as_str()
                ),
                templates.render("order.conf", server.alone())?,
            ));
        }
    }
    Ok(files)
}
