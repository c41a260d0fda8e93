//! Where the model shall run: GPUs that are here, by name or by size, and the system memory beside them.

use std::cell::RefCell;

use super::answers::{Answers, Memory, Ram};
use super::prompt::{Choice, PromptError};
use super::question::{QuestionContext, of_guide, with_memory};
use crate::app::session::{Session, size};
use crate::catalog::guide::MemoryClass;
use crate::error::Error;
use crate::messages;
use crate::report::{GpuReport, InventoryReport};

/// An answer that is listed, or that one is typed.
type Listed<T> = Option<T>;

/// Which GPUs: those that are here, else any by name or by size.
pub(super) fn memory(
    asking: &mut QuestionContext<'_>,
    answers: &Answers,
) -> Result<Memory, PromptError> {
    let here = asking.session.hardware()?.report;
    let lang = asking.session.lang;
    loop {
        let by_name = Choice::new(None, messages::wizard::a_card_by_name(lang));
        let mut choices: Vec<Choice<Listed<Memory>>> = Vec::new();
        choices.extend(found(asking.session, &here));
        choices.push(
            by_name
                .with_remark(messages::wizard::tab_completes(lang))
                .open(),
        );
        let classes = &asking.session.catalog.guide().memory;
        choices.extend(classes.iter().map(|class| of_class(asking.session, class)));
        choices.extend(processor(asking.session, &here));
        let before = listed(&choices, answers.memory.as_ref());
        let (chosen, typed) = asking.choose(
            messages::wizard::how_much_gpu_memory(lang),
            messages::wizard::decides_what_fits(lang),
            choices,
            before.as_ref(),
            0,
        )?;
        if let Some(memory) = chosen {
            return Ok(memory);
        }
        match named(asking, answers, &typed) {
            // Back to the list that it was chosen from.
            Err(PromptError::Back) => {}
            answer => return answer,
        }
    }
}

/// The choice of what was answered before: one that was typed is none of those listed.
pub(super) fn listed<T: Clone + PartialEq>(
    choices: &[Choice<Listed<T>>],
    before: Option<&T>,
) -> Option<Listed<T>> {
    let before = before?;
    let is_listed = choices
        .iter()
        .any(|choice| choice.value.as_ref() == Some(before));
    Some(is_listed.then(|| before.clone()))
}

/// A size of the guide, what it is counted as where that is not the size itself, and what the guide says of it.
fn of_class(session: &Session, class: &MemoryClass) -> Choice<Listed<Memory>> {
    let lang = session.lang;
    let picks = class.picks.join(", ");
    let advice = match &class.note {
        Some(note) if picks.is_empty() => note.get(lang),
        _ => &picks,
    };
    let counted = match (&class.gpu, &class.to) {
        (Some(gpus), _) => messages::wizard::counted_as(lang, gpus),
        (None, Some(to)) if *to != class.from => messages::wizard::counted_as(lang, to),
        (None, _) => String::new(),
    };
    let advice = of_guide(session, advice);
    Choice::new(Some(Memory::of_class(class)), class.title.get(lang))
        .with_remark(format!("{counted}  {advice}").trim())
}

/// The GPUs of this machine, if it has any.
fn found(session: &Session, here: &InventoryReport) -> Option<Choice<Listed<Memory>>> {
    let gpus: Vec<&GpuReport> = here.hosts.iter().flat_map(|host| &host.gpus).collect();
    let least = gpus.iter().map(|gpu| gpu.free).min()?.to_string();
    let most = gpus.iter().map(|gpu| gpu.free).max()?.to_string();
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for gpu in &gpus {
        match kinds.iter_mut().find(|(name, _)| *name == gpu.name) {
            Some((_, count)) => *count += 1,
            None => kinds.push((&gpu.name, 1)),
        }
    }
    let names = kinds.iter().map(|(name, count)| match count {
        1 => (*name).to_owned(),
        _ => format!("{name} x{count}"),
    });
    let names = names.collect::<Vec<_>>().join(" + ");
    let name = messages::wizard::gpus_here(session.lang, &names);
    let free = messages::wizard::free(session.lang, &least, &most);
    Some(Choice::new(Some(Memory::Detected), name).with_remark(free))
}

/// The processor of a machine without GPUs.
fn processor(session: &Session, here: &InventoryReport) -> Option<Choice<Listed<Memory>>> {
    let [host] = here.hosts.as_slice() else {
        return None;
    };
    let memory = host.memory.filter(|_| host.gpus.is_empty())?;
    let remark = messages::wizard::memory_available(session.lang, &memory.available.to_string());
    let name = messages::wizard::no_gpu_use_the_cpu(session.lang);
    Some(Choice::new(Some(Memory::Detected), name).with_remark(remark))
}

/// GPUs by name, completed from the catalog; or an amount. `typed` is what the list was searched for.
fn named(
    asking: &mut QuestionContext<'_>,
    answers: &Answers,
    typed: &str,
) -> Result<Memory, PromptError> {
    let lang = asking.session.lang;
    let names: Vec<String> = asking
        .session
        .catalog
        .gpus
        .iter()
        .map(|gpu| gpu.name.to_string())
        .collect();
    let before = match &answers.memory {
        _ if !typed.is_empty() => typed,
        Some(Memory::Amount(typed) | Memory::Named(typed)) => typed.as_str(),
        Some(Memory::Detected) | None => "",
    };
    let session = RefCell::new(&mut *asking.session);
    let check = |typed: &str| -> Result<(), Error> {
        let memory = Memory::of_text(typed, &session.borrow().catalog);
        with_memory(&mut session.borrow_mut(), Some(&memory), Session::hardware).map(drop)
    };
    let help = asking
        .prompter
        .help_of_line(messages::wizard::gpu_forms(lang));
    let ask = messages::wizard::which_gpu_or_memory(lang);
    let typed = asking.prompter.line(ask, &help, before, &names, &check)?;
    Ok(Memory::of_text(&typed, &asking.session.catalog))
}

/// System memory that machines are sold with, in GiB.
const RAM: [&str; 4] = ["16", "32", "64", "128"];

/// How much system memory stands beside GPUs that are not here.
pub(super) fn ram(asking: &QuestionContext<'_>, answers: &Answers) -> Result<Ram, PromptError> {
    let lang = asking.session.lang;
    loop {
        let unused = Choice::new(Some(Ram::Unused), messages::wizard::gpus_only(lang));
        let mut choices = vec![unused];
        choices.extend(
            RAM.map(|size| Choice::new(Some(Ram::Amount(size.to_owned())), format!("{size} GB"))),
        );
        choices.push(Choice::new(None, messages::wizard::other_size(lang)).open());
        let before = listed(&choices, answers.ram.as_ref());
        let (chosen, typed) = asking.choose(
            messages::wizard::how_much_ram(lang),
            messages::wizard::decides_what_offloads(lang),
            choices,
            before.as_ref(),
            0,
        )?;
        if let Some(ram) = chosen {
            return Ok(ram);
        }
        let before = match &answers.ram {
            _ if !typed.is_empty() => typed.as_str(),
            Some(Ram::Amount(typed)) => typed.as_str(),
            Some(Ram::Unused) | None => "",
        };
        let check = |typed: &str| size("--ram", typed).map(drop);
        let help = asking
            .prompter
            .help_of_line(messages::wizard::size_forms(lang));
        let ask = messages::wizard::how_much_ram(lang);
        match asking.prompter.line(ask, &help, before, &[], &check) {
            // Back to the list that it was chosen from.
            Err(PromptError::Back) => {}
            answer => return answer.map(Ram::Amount),
        }
    }
}
