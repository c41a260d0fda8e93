//! A text that a model writes, by the server's own counters.

use serde::Deserialize;
use serde_json::json;

use super::Client;
use crate::error::{OllamaError, OllamaFault};
use crate::ollama::wire::or_default;

/// What a text took, as the server counted. Durations are nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Generated {
    /// Tokens of the prompt that were read.
    #[serde(deserialize_with = "or_default")]
    pub prompt_eval_count: u64,
    /// Nanoseconds in which the prompt was read.
    #[serde(deserialize_with = "or_default")]
    pub prompt_eval_duration: u64,
    /// Tokens of the answer that were written.
    #[serde(deserialize_with = "or_default")]
    pub eval_count: u64,
    /// Nanoseconds in which the answer was written.
    #[serde(deserialize_with = "or_default")]
    pub eval_duration: u64,
    /// Nanoseconds of the whole request, loading included.
    #[serde(deserialize_with = "or_default")]
    pub total_duration: u64,
}

/// Tokens a second that no machine reaches, at reading and at writing.
const IMPOSSIBLE: [f64; 2] = [1e7, 1e5];

impl Generated {
    /// Tokens a second at which the prompt was read and the answer written.
    ///
    /// # Errors
    /// What is wrong with the counters: one is zero, they contradict each other, or no machine is so fast.
    pub fn rates(&self, context_length: u32, asked: u32) -> Result<[f64; 2], String> {
        let read = (self.prompt_eval_count, self.prompt_eval_duration);
        let written = (self.eval_count, self.eval_duration);
        if [read.0, read.1, written.0, written.1].contains(&0) {
            return Err("a counter is 0".to_owned());
        }
        if written.0 > u64::from(asked) || read.0 > u64::from(context_length) {
            return Err(format!(
                "{} tokens read and {} written, of {context_length} and {asked}",
                read.0, written.0
            ));
        }
        if read.1.saturating_add(written.1) > self.total_duration {
            return Err("the parts took longer than the whole".to_owned());
        }
        let rates =
            [read, written].map(|(count, nanoseconds)| count as f64 / nanoseconds as f64 * 1e9);
        match rates
            .iter()
            .zip(IMPOSSIBLE)
            .find(|(rate, most)| *rate > most)
        {
            Some((rate, _)) => Err(format!("{rate:.0} tokens/s")),
            None => Ok(rates),
        }
    }
}

impl Client {
    /// Lets a model go on with a text, word for word as it is given, for at most so many tokens, and returns what that took.
    ///
    /// # Errors
    /// As [`Client::show`]; the server's own words where the model does not load; counters that cannot be.
    pub fn generate(
        &self,
        model: &str,
        text: &str,
        context_length: u32,
        tokens: u32,
    ) -> Result<(Generated, [f64; 2]), OllamaError> {
        let path = "/api/generate";
        let body = json!({
            "model": model,
            "prompt": text,
            "raw": true,
            "stream": false,
            "options": { "num_ctx": context_length, "num_predict": tokens, "temperature": 0, "seed": 1 },
        });
        let run: Generated = self.ask_for(path, Some(&body), model, self.patience.load)?;
        let rates = run.rates(context_length, tokens);
        rates
            .map(|rates| (run, rates))
            .map_err(|wrong| self.error(OllamaFault::Unbelievable, &wrong))
    }
}
