//! `vramfit pull` and `vramfit run`: only what fits, unless it is forced.

use std::io::Write;
use std::process::Command;

use super::args::{Format, PullArgs};
use super::failure;
use super::hardware::Hardware;
use super::hub;
use super::installed::own_tag;
use super::progress::Meter;
use super::reporting::{self, Answer};
use super::session::{Session, here};
use crate::catalog::Entry;
use crate::catalog::text::Text;
use crate::engine::cheapest_fix::whatever_helps;
use crate::engine::doubt::place;
use crate::engine::estimate_input::{EstimateInput, estimate_input};
use crate::engine::fix::Situation;
use crate::engine::place::{Placement, Verdict};
use crate::engine::reason::ALL_LAYERS;
use crate::engine::workload::Workload;
use crate::error::Error;
use crate::messages;
use crate::ollama::{Client, Name, Timeouts};
use crate::render;
use crate::report::{LoadedReport, Pull};

pub(super) fn pull(
    session: &Session,
    args: &PullArgs,
    err: &mut dyn Write,
) -> Result<Answer, Error> {
    let client = session.server(Timeouts::default())?;
    let (report, _) = fetch(session, args, &client, "vramfit.pull/1", err)?;
    answer(session, &report)
}

pub(super) fn run(
    session: &Session,
    args: &PullArgs,
    err: &mut dyn Write,
) -> Result<Answer, Error> {
    let client = session.server(Timeouts::default())?;
    let (mut report, context_length) = fetch(session, args, &client, "vramfit.run/1", err)?;
    if report.refused {
        return answer(session, &report);
    }
    let draft = session.workload(&args.workload)?.0.draft;
    let name = prepare(session, &client, &report, context_length, draft, err);
    client
        .load(&name, Some(context_length))
        .map_err(Error::Ollama)?;
    report.loaded = loaded(&client, &name)?;
    report.command = Some(format!("ollama run {name}"));
    let talks = session.streams.input_is_terminal
        && session.streams.output_width.is_some()
        && session.format() == Format::Table;
    if talks {
        // What the page says is said before Ollama takes the terminal.
        let page = answer(session, &report)?.output;
        let _ = err.write_all(page.as_bytes()).and_then(|()| err.flush());
        if let Some(yes) = hand_over(session, &name) {
            return Ok(Answer {
                output: String::new(),
                yes,
            });
        }
        let note = messages::pull::no_ollama_program(session.lang);
        let _ = writeln!(err, "{note}");
        return Ok(Answer {
            output: String::new(),
            yes: true,
        });
    }
    answer(session, &report)
}

fn answer(session: &Session, report: &Pull) -> Result<Answer, Error> {
    reporting::answer(
        session,
        report,
        |view| render::ollama::pull(report, view),
        !report.refused,
    )
}

/// Judges a model, and downloads it if it fits or is forced. With the context that it was judged for.
fn fetch(
    session: &Session,
    args: &PullArgs,
    client: &Client,
    schema: &'static str,
    err: &mut dyn Write,
) -> Result<(Pull, u32), Error> {
    let (workload, _) = session.workload(&args.workload)?;
    let tag = tag(session, args)?;
    let was_installed = is_installed(client, &tag)?;
    let mut report = Pull {
        schema,
        tag,
        server: client.address().to_string(),
        verdict: None,
        estimate: None,
        placement: None,
        cheapest_fix: None,
        refused: false,
        was_installed,
        installed: was_installed,
        loaded: None,
        command: None,
    };
    let hardware = session.hardware()?;
    let context_length = judge(session, args, &workload, client, &hardware, &mut report)?;
    // Where there are no GPUs everything runs on the host, and that is no reason against it.
    let least = match hardware.pool.devices.is_empty() {
        true => Verdict::Offloads,
        false => Verdict::Tight,
    };
    if report.verdict.is_some_and(|verdict| verdict < least) && !args.force {
        report.refused = true;
        return Ok((report, context_length));
    }
    if !was_installed || schema == "vramfit.pull/1" {
        let mut meter = Meter::new(session, err);
        let pulled = client.pull(&report.tag, |progress| meter.tell(progress));
        meter.end();
        pulled.map_err(Error::Ollama)?;
        report.installed = true;
    }
    report.command = Some(format!("vramfit run {}", report.tag));
    Ok((report, context_length))
}

/// The tag to ask Ollama for: the file's own, where the person used another name of it.
fn tag(session: &Session, args: &PullArgs) -> Result<String, Error> {
    let unknown = |candidates| Error::UnknownTag {
        tag: args.tag.clone(),
        candidates,
    };
    match session.catalog.find(&args.tag) {
        Some(entry) if entry.model.published => Ok(entry.variant.tag.to_string()),
        Some(entry) => Err(unknown(
            entry
                .model
                .replaced_by
                .iter()
                .map(Text::to_string)
                .collect(),
        )),
        None => {
            let name = Name::parse(&args.tag)
                .ok_or_else(|| unknown(session.catalog.similar_tags(&args.tag)))?;
            let here = session
                .installed_models()
                .is_some_and(|installed_models| installed_models.has(&name));
            if here || args.force || hub::parse(&args.tag).is_some() {
                return Ok(name.to_string());
            }
            match session.entry(&args.tag) {
                Ok(entry) => Ok(entry.variant.tag.to_string()),
                // It is there to pull, whether or not it can be estimated.
                Err(Error::NotEstimated { .. }) => Ok(name.to_string()),
                Err(error) => Err(error),
            }
        }
    }
}

fn is_installed(client: &Client, tag: &str) -> Result<bool, Error> {
    let tags = client.tags().map_err(Error::Ollama)?;
    let wanted = Name::parse(tag);
    Ok(tags.iter().any(|tag| {
        let name = Name::parse(&tag.name);
        name.zip(wanted.as_ref())
            .is_some_and(|(name, wanted)| name.is(wanted))
    }))
}

/// Fills in how the model fits, where that can be told, and returns the context that it was judged for.
fn judge(
    session: &Session,
    args: &PullArgs,
    workload: &Workload,
    client: &Client,
    hardware: &Hardware,
    report: &mut Pull,
) -> Result<u32, Error> {
    let found;
    let (entry, input) = match session.catalog.find(&args.tag) {
        Some(entry) => (entry, estimate_input(&session.catalog, entry)),
        None => {
            found = session
                .installed_models()
                .and_then(|installed_models| installed_models.open(&report.tag))
                .or_else(|| hub::open(session, &args.tag).map(|(model, _)| model));
            match (&found, session.entry(&args.tag)) {
                (Some((model, _, input)), _) => {
                    (Entry::new(model, &model.variants[0]), Some(input.clone()))
                }
                (None, Ok(entry)) => (entry, estimate_input(&session.catalog, entry)),
                (None, Err(_)) => return Ok(workload.context_length),
            }
        }
    };
    let trained = entry.model.context_length.filter(|length| *length > 0);
    let workload = Workload {
        context_length: workload.context_length.min(trained.unwrap_or(u32::MAX)),
        ..*workload
    };
    // The GPUs of another machine are not these, unless they were described.
    let elsewhere = !client.address().is_local() && hardware.report.origin != "simulated";
    if let Some(input) = input.filter(|_| !elsewhere) {
        let placement = place(&input, &workload, &hardware.pool);
        fill(session, hardware, entry, &input, &placement, report);
    }
    Ok(workload.context_length)
}

fn fill(
    session: &Session,
    hardware: &Hardware,
    entry: Entry<'_>,
    input: &EstimateInput<'_>,
    placement: &Placement,
    report: &mut Pull,
) {
    let here = here(hardware);
    report.verdict = Some(placement.verdict);
    report.estimate = Some(reporting::estimate(hardware, placement, input));
    report.placement = Some(reporting::placement(hardware, placement));
    if placement.verdict < Verdict::Tight {
        let situation = Situation {
            catalog: &session.catalog,
            entry,
            workload: &placement.workload,
            pool: here.pool,
            tenants: here.tenants,
        };
        report.cheapest_fix = whatever_helps(input, placement, situation);
    }
}

/// A name under which the model keeps its settings. `ollama run` asks without any, which would load the model anew with the server's own;
/// so a model of the same file is made that has its own: the context, and for what is tight the parameter with which it loads whole.
fn prepare(
    session: &Session,
    client: &Client,
    report: &Pull,
    context_length: u32,
    draft: Option<u32>,
    err: &mut dyn Write,
) -> String {
    let tag = &report.tag;
    let Some(name) = Name::parse(tag) else {
        return tag.clone();
    };
    let is_tight = report.verdict == Some(Verdict::Tight);
    let kept = session
        .installed_models()
        .and_then(|installed_models| installed_models.in_store(&name)?.context_length);
    if kept == Some(context_length) && !is_tight && draft.is_none() {
        return tag.clone();
    }
    let own = own_tag(&name, context_length, draft, is_tight);
    let mut parameters = vec![("num_ctx", context_length)];
    parameters.extend(draft.map(|tokens| ("draft_num_predict", tokens)));
    if is_tight {
        parameters.push(("num_gpu", ALL_LAYERS));
    }
    match client.derive(&own, tag, &parameters) {
        Ok(()) => own,
        Err(error) => {
            // An old server cannot; the model itself is there all the same.
            let error = failure::safe_message(session.lang, &Error::Ollama(error));
            let _ = writeln!(err, "{error}");
            tag.clone()
        }
    }
}

fn loaded(client: &Client, name: &str) -> Result<Option<LoadedReport>, Error> {
    let wanted = Name::parse(name);
    let loaded = client.loaded().map_err(Error::Ollama)?;
    let found = loaded.into_iter().find(|loaded| {
        Name::parse(&loaded.name)
            .zip(wanted.as_ref())
            .is_some_and(|(name, wanted)| name.is(wanted))
    });
    Ok(found.map(|loaded| LoadedReport {
        name: name.to_owned(),
        context_length: Some(loaded.context_length).filter(|tokens| *tokens > 0),
        size: loaded.size,
        size_vram: loaded.size_vram,
    }))
}

/// Lets Ollama's own program have the terminal. `None` if it is not on this machine.
fn hand_over(session: &Session, name: &str) -> Option<bool> {
    let mut command = Command::new("ollama");
    command.args(["run", name]);
    if let Some(host) = session.environment.get("OLLAMA_HOST") {
        command.env("OLLAMA_HOST", host);
    }
    become_it(command)
}

/// In place of this program, so that signals and the terminal are the other's alone.
#[cfg(unix)]
fn become_it(mut command: Command) -> Option<bool> {
    use std::os::unix::process::CommandExt;
    // Returns only if it failed.
    let _ = command.exec();
    None
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> Option<bool> {
    command.status().ok().map(|status| status.success())
}
