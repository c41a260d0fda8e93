//! What servers other than Ollama say of themselves: `llama-server`, and vLLM.

use serde::Deserialize;

use super::wire::or_default;
use super::{Client, Loaded, excerpt};
use crate::error::{OllamaError, OllamaFault};

/// What is read of llama-server's `/props`.
#[derive(Debug, Deserialize)]
struct Props {
    /// The name under which it serves its model.
    model_alias: String,
    #[serde(default, deserialize_with = "or_default")]
    default_generation_settings: Settings,
}

#[derive(Debug, Default, Deserialize)]
struct Settings {
    /// Tokens of one slot.
    #[serde(default, deserialize_with = "or_default")]
    n_ctx: u32,
}

/// A part of `/v1/models` as vLLM answers it.
#[derive(Debug, Deserialize)]
struct Models {
    data: Vec<Served>,
}

#[derive(Debug, Deserialize)]
struct Served {
    id: String,
    /// Tokens that a request may have, answer included.
    max_model_len: u32,
}

impl Client {
    /// The models of a vLLM server, whose memory it does not tell.
    ///
    /// # Errors
    /// A server that is absent, slow, broken, or no vLLM.
    pub fn served_by_vllm(&self) -> Result<Vec<Loaded>, OllamaError> {
        let models = self.ask::<Models>("/v1/models", None, "")?.data.into_iter();
        let loaded = models.map(|model| Loaded {
            name: excerpt(&model.id),
            context_length: model.max_model_len,
            ..Loaded::default()
        });
        Ok(loaded.collect())
    }

    /// The one model of a `llama-server`, whose memory it does not tell; none while it loads.
    ///
    /// # Errors
    /// A server that is absent, slow, broken, or no `llama-server`.
    pub fn served(&self) -> Result<Vec<Loaded>, OllamaError> {
        match self.ask::<Props>("/props", None, "") {
            Ok(props) => Ok(vec![Loaded {
                name: excerpt(&props.model_alias),
                context_length: props.default_generation_settings.n_ctx,
                ..Loaded::default()
            }]),
            Err(error) if error.fault == OllamaFault::Busy => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}
