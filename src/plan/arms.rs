//! `[arms]` and `[ablation]` → arms.

use crate::config::{ArmConfig, Config, Fault};

use super::steps::is_snake_case;
use crate::steps::{StepKind, find};

/// An ordered subset of the steps: the corpus one would get from running just those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// The arm's name.
    pub name: String,
    /// Its steps, as positions in the pipeline, ascending.
    pub steps: Vec<usize>,
    /// Its (step, view) pairs, one for each step.
    pub pairs: Vec<usize>,
    /// The view that its text is.
    pub view: usize,
}

impl Arm {
    fn new(name: impl Into<String>, steps: Vec<usize>) -> Self {
        Self { name: name.into(), steps, pairs: Vec::new(), view: 0 }
    }
}

/// All arms: `raw`, `full`, those declared in order, then those of `[ablation]`.
pub(super) fn resolve(config: &Config, names: &[&str], faults: &mut Vec<Fault>) -> Vec<Arm> {
    let all: Vec<usize> = (0..names.len()).collect();
    let is_annotation = |step: &usize| {
        let uses = config.steps.get(*step).and_then(|step| find(&step.uses.0));
        uses.is_some_and(|step| step.kind == StepKind::Annotation)
    };
    // Annotations change no corpus, and the pool's own tokens are what others are compared with.
    let raw = all.iter().copied().filter(is_annotation).collect();
    let mut arms = vec![Arm::new("raw", raw), Arm::new("full", all.clone())];
    for declared in &config.arms {
        let Some(steps) = members(declared, names, faults) else { continue };
        let name = &declared.name.name;
        let fault =
            |message: String, label: &str| Fault::new(declared.name.span.clone(), message, label);
        if name == "raw" && !steps.is_empty() {
            faults.push(fault("`raw` is the arm without steps".into(), "cannot have any"));
        } else if !is_snake_case(name) {
            faults.push(
                fault(format!("`{name}` is no name for an arm"), "not snake_case")
                    .help("names are lower-case letters, digits and `_`, and start with a letter"),
            );
        } else {
            match arms.iter_mut().find(|arm| arm.name == *name) {
                Some(arm) => arm.steps = steps,
                None => arms.push(Arm::new(name, steps)),
            }
        }
    }
    for (index, name) in names.iter().enumerate() {
        // Leaving an annotation out changes no document.
        if is_annotation(&index) {
            continue;
        }
        let others = all.iter().copied().filter(|&step| step != index).collect();
        if config.ablation.leave_one_out {
            arms.push(Arm::new(format!("all_but_{name}"), others));
        }
        if config.ablation.only_one {
            arms.push(Arm::new(format!("only_{name}"), vec![index]));
        }
    }
    check(config, &arms, names, faults);
    arms
}

fn check(config: &Config, arms: &[Arm], names: &[&str], faults: &mut Vec<Fault>) {
    for (index, arm) in arms.iter().enumerate() {
        if arms[..index].iter().any(|other| other.name == arm.name) {
            let declared = config.arms.iter().find(|declared| declared.name.name == arm.name);
            let span = declared.map_or(0..0, |declared| declared.name.span.clone());
            faults.push(Fault::new(
                span,
                format!("[ablation] makes an arm `{}` too", arm.name),
                "choose another name",
            ));
        }
    }
    for (index, step) in config.steps.iter().enumerate().take(names.len()) {
        if !arms.iter().any(|arm| arm.steps.contains(&index)) {
            let (name, span) = &step.name;
            faults.push(
                Fault::new(span.clone(), format!("no arm has the step `{name}`"), "never runs")
                    .help("add it to an arm, or take the step out"),
            );
        }
    }
}

/// The steps that the entries of an arm name, in the order of the pipeline.
fn members(arm: &ArmConfig, names: &[&str], faults: &mut Vec<Fault>) -> Option<Vec<usize>> {
    let before = faults.len();
    let mut steps: Vec<usize> = Vec::new();
    for (entry, span) in &arm.entries {
        let fault = |message: String, label: &str| Fault::new(span.clone(), message, label);
        if entry == "*" {
            steps = (0..names.len()).collect();
            continue;
        }
        let (removes, name) = match entry.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, entry.as_str()),
        };
        let Some(index) = names.iter().position(|known| *known == name) else {
            faults.push(
                fault(format!("no step is called `{name}`"), "not a step of this pipeline")
                    .suggest(name, names.iter().copied()),
            );
            continue;
        };
        let held = steps.contains(&index);
        if removes && held {
            steps.retain(|&step| step != index);
        } else if removes {
            faults.push(
                fault(format!("`{name}` is not in the arm to be taken out"), "not there")
                    .help("start the list with \"*\" to begin from all steps"),
            );
        } else if held {
            faults.push(fault(format!("`{name}` is in the arm already"), "a second time"));
        } else if steps.last().is_some_and(|&last| last > index) {
            faults.push(
                fault(format!("`{name}` comes earlier in the pipeline"), "out of order")
                    .help("an arm keeps the order of the pipeline"),
            );
        } else {
            steps.push(index);
        }
    }
    (faults.len() == before).then_some(steps)
}
