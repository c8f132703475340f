//! `[[step]]` tables → built steps.

use crate::config::{Config, Fault, StepConfig};
use crate::document::Document;
use crate::steps::{Build, Built, Earlier, REGISTRY, find};

use super::PlannedStep;

/// Builds every step; the flag tells whether all could be built.
pub(super) fn resolve(config: &Config, faults: &mut Vec<Fault>) -> (Vec<PlannedStep>, bool) {
    check_names(&config.steps, faults);
    let mut steps = Vec::new();
    let mut earlier = Vec::new();
    for step in &config.steps {
        let built = build(step, config, &earlier, faults);
        // A step that could not be built still stands there for those after it.
        let params = built.as_ref().map_or(serde_json::Value::Null, |built| built.params.clone());
        let step_type = find(&step.uses.0);
        let name = step.name.0.as_str();
        earlier.extend(step_type.map(|step_type| Earlier { name, step_type, params }));
        steps.extend(built);
    }
    let whole = steps.len() == config.steps.len();
    (steps, whole)
}

fn build(
    config: &StepConfig,
    whole: &Config,
    earlier: &[Earlier<'_>],
    faults: &mut Vec<Fault>,
) -> Option<PlannedStep> {
    let (uses, span) = &config.uses;
    let Some(step_type) = find(uses) else {
        faults.push(
            Fault::new(span.clone(), format!("there is no step `{uses}`"), "not registered")
                .suggest(uses, REGISTRY.iter().map(|step| step.name)),
        );
        return None;
    };
    let before = faults.len();
    let mut build = Build::new(&config.params, &whole.directory, earlier, faults);
    let built = step_type.build(&config.params, &mut build);
    let files = build.into_files();
    debug_assert!(built.is_some() || faults.len() > before, "{uses}: no step and no fault");
    let built = built.filter(|_| faults.len() == before)?;
    let name = config.name.0.clone();
    let Built { step, params, needs_url } = built;
    Some(PlannedStep { name, step_type, params, files, needs_url, step })
}

fn check_names(steps: &[StepConfig], faults: &mut Vec<Fault>) {
    for (index, step) in steps.iter().enumerate() {
        let (name, span) = &step.name;
        let fault = |message: String, label: &str| Fault::new(span.clone(), message, label);
        if step.uses.1 == *span && find(name).is_none() {
            // That there is no such step is said once, by `build`.
            continue;
        }
        if steps[..index].iter().any(|other| other.name.0 == *name) {
            faults.push(
                fault(format!("two steps are called `{name}`"), "the second one")
                    .help("give this copy a name of its own: as = \"…\""),
            );
        } else if Document::COLUMNS.contains(&name.as_str()) {
            faults.push(
                fault(format!("`{name}` is a column of every document"), "taken")
                    .help("give the step another name: as = \"…\""),
            );
        } else if !is_snake_case(name) {
            faults.push(
                fault(format!("`{name}` is no name for a step"), "not snake_case")
                    .help("names are lower-case letters, digits and `_`, and start with a letter"),
            );
        }
    }
}

/// Whether a name can be a column and part of a file name everywhere.
pub(super) fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && name.len() <= 64
}
