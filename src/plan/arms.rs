//! `[arms]` and `[ablation]` → arms.

use crate::config::{ArmConfig, Config, Fault};

use super::steps::is_snake_case;
use crate::steps::{StepKind, Unit, find};

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

/// An arm that a cut alone can make: it depends on the whole pool, or adds to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmOfCut {
    /// The arm's name.
    pub name: String,
    /// What it is.
    pub recipe: Recipe,
}

/// How a cut makes an arm of the pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipe {
    /// The pool without as many tokens as another arm drops, of documents drawn at random.
    RandomControl {
        /// The arm that drops them by a rule.
        like: Arm,
    },
    /// The pool and documents of random words.
    RandomWords {
        /// In per cent of the pool's words.
        percent: u64,
    },
    /// The pool and copies of its documents with their words shuffled.
    ShuffledDocuments {
        /// In per cent of the pool's documents.
        percent: u64,
    },
}

impl Arm {
    pub(super) fn new(name: impl Into<String>, steps: Vec<usize>) -> Self {
        Self { name: name.into(), steps, pairs: Vec::new(), view: 0 }
    }
}

/// All arms: `raw`, `full`, those declared in order, then those of `[ablation]`.
pub(super) fn resolve(
    config: &Config,
    names: &[&str],
    faults: &mut Vec<Fault>,
) -> (Vec<Arm>, Vec<ArmOfCut>) {
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
    let of_cut = arms_of_cut(config, names);
    check(config, &arms, &of_cut, names, faults);
    (arms, of_cut)
}

/// The arms of `[ablation]` that a cut alone can make.
fn arms_of_cut(config: &Config, names: &[&str]) -> Vec<ArmOfCut> {
    let mut arms = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let uses = config.steps.get(index).and_then(|step| find(&step.uses.0));
        let drops = uses.is_some_and(|step| match step.kind {
            StepKind::Filter => true,
            StepKind::Dedup => step.unit == Some(Unit::Document),
            StepKind::Edit | StepKind::Annotation => false,
        });
        if drops && config.ablation.random_control {
            let like = Arm::new(format!("only_{name}"), vec![index]);
            let recipe = Recipe::RandomControl { like };
            arms.push(ArmOfCut { name: format!("random_{name}"), recipe });
        }
    }
    for &percent in &config.ablation.random_words {
        let recipe = Recipe::RandomWords { percent };
        arms.push(ArmOfCut { name: format!("random_words_{percent}"), recipe });
    }
    for &percent in &config.ablation.shuffled_documents {
        let recipe = Recipe::ShuffledDocuments { percent };
        arms.push(ArmOfCut { name: format!("shuffled_documents_{percent}"), recipe });
    }
    arms
}

fn check(
    config: &Config,
    arms: &[Arm],
    of_cut: &[ArmOfCut],
    names: &[&str],
    faults: &mut Vec<Fault>,
) {
    let every: Vec<&str> = arms.iter().map(|arm| arm.name.as_str()).collect();
    let every = [every, of_cut.iter().map(|arm| arm.name.as_str()).collect()].concat();
    for (index, arm) in every.iter().enumerate() {
        if every[..index].contains(arm) {
            let declared = config.arms.iter().find(|declared| declared.name.name == *arm);
            let span = declared.map_or(0..0, |declared| declared.name.span.clone());
            faults.push(Fault::new(
                span,
                format!("[ablation] makes an arm `{arm}` too"),
                "choose another name",
            ));
        }
    }
    check_pieces(config, arms, faults);
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

/// Refuses what stands after a dedup of pieces: the text there is settled by a cut alone.
fn check_pieces(config: &Config, arms: &[Arm], faults: &mut Vec<Fault>) {
    let is_of_pieces = |index: usize| {
        let uses = config.steps.get(index).and_then(|step| find(&step.uses.0));
        uses.is_some_and(|step| step.unit == Some(Unit::Piece))
    };
    for (index, step) in config.steps.iter().enumerate().filter(|(index, _)| is_of_pieces(*index)) {
        let together = |arm: &&Arm| {
            let next = arm.steps.iter().position(|&step| step == index).map(|at| at + 1);
            next.is_some_and(|next| next < arm.steps.len())
        };
        if let Some(arm) = arms.iter().find(together) {
            let name = &step.name.0;
            faults.push(
                Fault::new(
                    step.name.1.clone(),
                    format!("in the arm `{}` steps stand after `{name}`", arm.name),
                    "which pieces are repeated is known only once the whole crawl is read",
                )
                .help("put it last; to judge what it leaves, run a pipeline over a cut of the arm"),
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
