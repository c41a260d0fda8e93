//! The templates, in strict mode: a name that a template uses and nobody gives is an error, not an empty text.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

use super::value::refused;
use crate::error::{ArtifactFault, Error};

macro_rules! template {
    ($name:literal) => {
        ($name, include_str!(concat!("../../data/templates/", $name)))
    };
}

const TEMPLATES: &[(&str, &str)] = &[
    template!("start.sh.j2"),
    template!("preload.sh.j2"),
    template!("status.sh.j2"),
    template!("stop.sh.j2"),
    template!("migrate.sh.j2"),
    template!("migrate_shell.sh.j2"),
    template!("migrate_systemd.sh.j2"),
    template!("migrate_quadlet.sh.j2"),
    template!("migrate_compose.sh.j2"),
    template!("migrate_exchange.sh.j2"),
    template!("gateway.sh.j2"),
    template!("shell_head.sh.j2"),
    template!("shell_mac.sh.j2"),
    template!("shell_process.sh.j2"),
    template!("shell_end.sh.j2"),
    template!("shell_answers.sh.j2"),
    template!("Modelfile.j2"),
    template!("ollama@.service.j2"),
    template!("ollama-preload@.service.j2"),
    template!("server.env.j2"),
    template!("order.conf.j2"),
    template!("install.md.j2"),
    template!("server.container.j2"),
    template!("preload.container.j2"),
    template!("quadlet.md.j2"),
    template!("compose.yaml.j2"),
    template!("nginx.conf.j2"),
    template!("nginx_settings.j2"),
    template!("litellm.yaml.j2"),
    template!("kubernetes.yaml.j2"),
    template!("vllm_pod.yaml.j2"),
    template!("vllm@.service.j2"),
    template!("vllm.yaml.j2"),
    template!("vllm.env.j2"),
    template!("vllm.md.j2"),
    template!("compose_vllm.j2"),
    template!("prometheus.yaml.j2"),
    template!("llama-server@.service.j2"),
    template!("llama_server.env.j2"),
    template!("llama_server.md.j2"),
    template!("llama-swap.yaml.j2"),
    template!("llama_file.j2"),
    template!("compose_gpus.j2"),
    template!("compose_llama_server.j2"),
];

/// All templates of `data/templates`, parsed when the first is rendered.
static PARSED: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(parse);

fn parse() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Values are checked, not escaped.
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()?;
    environment.set_syntax(syntax);
    // The one filter that the templates use; minijinja's own set weighs a tenth of the program.
    environment.add_filter("length", |items: Value| items.len());
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}

/// Every template of `data/templates`, parsed once.
pub(super) struct Templates(&'static Environment<'static>);

impl Templates {
    pub(super) fn new() -> Result<Self, Error> {
        PARSED.as_ref().map(Self).map_err(mistake)
    }

    /// Renders `data/templates/NAME.j2` with these values.
    pub(super) fn render(&self, name: &str, given: impl Serialize) -> Result<String, Error> {
        let template = self
            .0
            .get_template(&format!("{name}.j2"))
            .map_err(|error| mistake(&error))?;
        let text = template.render(Value::from(Serde(given)));
        text.map_err(|error| mistake(&error))
    }
}

fn mistake(error: &minijinja::Error) -> Error {
    refused(ArtifactFault::Template, &format!("{error:#}"))
}
