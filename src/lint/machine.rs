//! The machine itself: its variables, its driver, its cards.

use super::sheet::SourceText;
use super::variable::{self, Place, Setting};
use super::{Finding, LintContext, Problem};
use crate::units::Bytes;

/// Less than this of a card is of no use to a model: the engine's margin alone is a GiB.
const LEAST: Bytes = Bytes::mib(1536);

/// A GPU as the driver shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Index of the GPU on its machine, from 0.
    pub gpu: u32,
    /// Name of the GPU, e.g. `RTX 3090`.
    pub name: String,
    /// CUDA's compute capability, major and minor, where it is known.
    pub compute_capability: Option<(u32, u32)>,
    /// Bytes of its memory that nobody uses.
    pub free: Bytes,
}

/// What there is to judge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// The variables, as name and value.
    pub variables: Vec<(String, String)>,
    /// Version of the GPU driver, where one was found.
    pub driver: Option<String>,
    /// The GPUs of this machine.
    pub cards: Vec<Card>,
    /// Codes of what keeps the driver from answering.
    pub unusable: Vec<String>,
}

/// Finds what is wrong on a machine.
pub fn lint(machine: &Machine, context: LintContext<'_>) -> Vec<Finding> {
    let mut findings = variables(machine, context);
    let mut find = |text: String, problem: Problem, fix: Option<String>| {
        findings.push(Finding {
            line: 0,
            text,
            problem,
            fix,
        });
    };
    for note in &machine.unusable {
        find(
            note.clone(),
            Problem::DriverUnusable { note: note.clone() },
            None,
        );
    }
    let ollama = &context.catalog.knowledge.ollama;
    let least_driver = |capability| ollama.least_driver(&ollama.version, capability);
    let capabilities = machine
        .cards
        .iter()
        .filter_map(|card| card.compute_capability);
    let needs = capabilities.filter_map(least_driver);
    let newest = least_driver((u32::MAX, 0)).unwrap_or_default();
    let least = needs.max().unwrap_or(newest);
    let major = |driver: &str| driver.split('.').next()?.parse::<u32>().ok();
    if let Some(driver) = &machine.driver
        && major(driver).is_some_and(|major| major < least)
    {
        let problem = Problem::DriverTooOld {
            driver: driver.clone(),
            least: least.to_string(),
        };
        find(
            driver.clone(),
            problem,
            Some(format!("nvidia-driver-{least}")),
        );
    }
    for card in &machine.cards {
        if let Some((major, minor)) = card
            .compute_capability
            .filter(|capability| least_driver(*capability).is_none())
        {
            let problem = Problem::GpuTooOld {
                gpu: card.name.clone(),
                compute_capability: format!("{major}.{minor}"),
            };
            find(card.name.clone(), problem, None);
        } else if card.free < LEAST {
            let problem = Problem::CardFull {
                gpu: card.gpu,
                free: card.free,
            };
            find(card.name.clone(), problem, Some("nvidia-smi".to_owned()));
        }
    }
    findings
}

/// The variables as a text of their own, judged like any other.
fn variables(machine: &Machine, context: LintContext<'_>) -> Vec<Finding> {
    let lines: Vec<String> = machine
        .variables
        .iter()
        .filter(|(name, value)| variable::is_ours(name) && !value.contains('\n'))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let text = lines.join("\n");
    let mut sheet = SourceText::new(&text, context);
    let settings: Vec<Setting> = sheet
        .lines(0..text.len())
        .into_iter()
        .filter_map(|(at, line)| Setting::parse(line, at))
        .collect();
    variable::servers(
        &mut sheet,
        &settings.iter().collect::<Vec<_>>(),
        Place::Host,
    );
    let mut findings = sheet.finish().findings;
    for finding in &mut findings {
        finding.line = 0;
    }
    findings
}
