//! How long a context is needed: the guide's classes, what lies between them, the longest that fits, or a number.

use super::answers::{Answers, Length};
use super::hardware::listed;
use super::prompt::{Choice, PromptError};
use super::question::{QuestionContext, of_guide};
use crate::app::session::{DEFAULT_CONTEXT, Session, context_length};
use crate::catalog::guide::ContextClass;
use crate::engine::ranking::Scope;
use crate::messages;
use crate::request::Task;
use messages::tokens;

/// Lengths up to so many tokens, which the guide calls by a class of its own where it has one.
pub(super) struct Span<'a> {
    /// What it is counted as.
    pub tokens: u32,
    /// Where it begins, for one that the guide leaves out.
    after: u32,
    class: Option<&'a ContextClass>,
}

/// Every length, the shortest first: where the guide leaves a hole between two classes, a span of its own.
pub(super) fn spans(classes: &[ContextClass]) -> Vec<Span<'_>> {
    let mut classes: Vec<&ContextClass> = classes.iter().collect();
    classes.sort_by_key(|class| class.from);
    let mut spans: Vec<Span<'_>> = Vec::new();
    for class in classes {
        if let Some(after) = spans.last().map(|span| span.tokens)
            && after < class.from.saturating_sub(1)
        {
            spans.push(Span {
                tokens: class.from,
                after,
                class: None,
            });
        }
        spans.push(Span {
            tokens: class.tokens,
            after: class.from,
            class: Some(class),
        });
    }
    spans
}

impl Span<'_> {
    fn choice(&self, session: &Session, usual: Option<u32>) -> Choice<Option<Length>> {
        let lang = session.lang;
        let name = match self.class {
            Some(class) => class.title.get(lang).to_owned(),
            None => format!("{}-{}", self.after / 1024, tokens(self.tokens)),
        };
        let counted = messages::wizard::counted_as(lang, &tokens(self.tokens));
        let advice = self.class.map(|class| advice(session, class));
        let advice = of_guide(session, &advice.unwrap_or_default());
        Choice::new(Some(length(self.tokens, usual)), name)
            .with_remark(format!("{counted}  {advice}").trim_end())
    }
}

/// What the guide says of a class, of its models those that were trained for so long a context.
fn advice(session: &Session, class: &ContextClass) -> String {
    if class.picks.is_empty() {
        return class.advice.get(session.lang).to_owned();
    }
    let reaches = |tag: &&String| {
        let entry = session.catalog.find(tag);
        let trained = entry.and_then(|entry| entry.model.context_length);
        trained.is_some_and(|trained| trained >= class.tokens)
    };
    let picks: Vec<&str> = class
        .picks
        .iter()
        .filter(reaches)
        .map(String::as_str)
        .collect();
    picks.join(messages::punctuation::list_comma(session.lang))
}

/// The answer for so many tokens, where `recommend` would take `usual` ones unasked.
pub(super) fn length(tokens: u32, usual: Option<u32>) -> Length {
    if usual == Some(tokens) {
        Length::Usual
    } else {
        Length::of_tokens(tokens)
    }
}

/// The context that `vramfit recommend` takes where none is asked for.
fn usual(session: &Session, task: Option<Task>) -> u32 {
    match session.scope {
        Scope::All => task.unwrap_or(Task::Chat).usual_context(),
        Scope::Guide => DEFAULT_CONTEXT,
    }
}

/// Asks for it. What is set on this machine is the default, else what `recommend` takes by default for the task.
pub(super) fn context(
    asking: &QuestionContext<'_>,
    answers: &Answers,
) -> Result<Length, PromptError> {
    let session = &*asking.session;
    let lang = session.lang;
    let (workload, is_set) = session.workload(&Default::default())?;
    let usual = (!is_set).then(|| usual(session, answers.task.or(asking.typed_task)));
    loop {
        let mut choices: Vec<Choice<Option<Length>>> = Vec::new();
        if is_set {
            let set = Length::Tokens(workload.context_length.to_string());
            let choice = Choice::new(Some(set), tokens(workload.context_length));
            choices.push(choice.with_remark(messages::wizard::as_set_on_this_machine(lang)));
        }
        let spans = spans(&session.catalog.guide().context);
        choices.extend(spans.iter().map(|span| span.choice(session, usual)));
        choices.push(Choice::new(
            Some(Length::Longest),
            messages::wizard::the_longest_that_fits(lang),
        ));
        choices.push(Choice::new(None, messages::wizard::other_length(lang)).open());
        let before = listed(&choices, answers.context.as_ref());
        let is_usual = |choice: &Choice<Option<Length>>| choice.value == Some(Length::Usual);
        let default = choices.iter().position(is_usual).unwrap_or(0);
        let (chosen, typed) = asking.choose(
            messages::wizard::is_a_long_context_needed(lang),
            messages::wizard::decides_what_qualifies(lang),
            choices,
            before.as_ref(),
            default,
        )?;
        if let Some(context) = chosen {
            return Ok(context);
        }
        let check = |typed: &str| context_length("--context", typed).map(drop);
        let help = asking
            .prompter
            .help_of_line(messages::wizard::context_forms(lang));
        let before = match &answers.context {
            _ if !typed.is_empty() => typed.as_str(),
            Some(Length::Tokens(typed)) => typed.as_str(),
            Some(Length::Usual | Length::Longest) | None => "",
        };
        let ask = messages::wizard::how_long_a_context(lang);
        match asking.prompter.line(ask, &help, before, &[], &check) {
            // Back to the list that it was chosen from.
            Err(PromptError::Back) => {}
            answer => return answer.map(Length::Tokens),
        }
    }
}
