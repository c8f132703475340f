//! Faults of a pipeline as excerpts of the user's file, the offending text underlined.

use std::io::IsTerminal;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::config::{ConfigError, LoadError, nearest};
use crate::plan::PlanError;

use super::Failure;

/// The failure of a pipeline that has no plan.
pub(super) fn failure(error: &PlanError) -> Failure {
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    match error {
        PlanError::Load(LoadError::Config(error)) => Failure::Usage(render(error, colours)),
        PlanError::UnknownArm { name, known } => {
            let names: Vec<&str> = known.iter().map(String::as_str).collect();
            let help = match nearest(name, &names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its arms: {}", known.join(", ")),
            };
            Failure::Usage(format!("error: the pipeline has no arm `{name}`\nhelp: {help}"))
        }
        error @ (PlanError::Load(_) | PlanError::SettledByCut { .. }) => {
            Failure::Usage(format!("error: {error}"))
        }
    }
}

/// All faults, each with its excerpt, and how many there are.
pub(super) fn render(error: &ConfigError, colours: bool) -> String {
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for fault in &error.faults {
        let span = within(&error.text, &fault.span);
        let annotation = AnnotationKind::Primary.span(span).label(fault.label.as_str());
        let snippet =
            Snippet::source(error.text.as_str()).path(error.file.as_str()).annotation(annotation);
        let mut group = Level::ERROR.primary_title(fault.message.as_str()).element(snippet);
        if let Some(help) = &fault.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        text.push_str(&renderer.render(&[group]));
        text.push_str("\n\n");
    }
    let faults = error.faults.len();
    let plural = if faults == 1 { "" } else { "s" };
    // The rest is not looked at before the file is TOML.
    let kind = if error.faults.iter().any(|fault| fault.breaks_syntax) { " of syntax" } else { "" };
    text.push_str(&format!(
        "{}: {faults} fault{plural}{kind}; nothing was read or written",
        error.file
    ));
    text
}

/// A span inside the text, on character boundaries, of one line: a whole table would bury its
/// fault, so its first line stands for it.
fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let boundary = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (start, end) = (boundary(span.start), boundary(span.end));
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    start..end.clamp(start, line_end.max(start))
}
