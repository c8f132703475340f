//! `gristmill plan`: what a pipeline would do.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::config::Shape;
use crate::plan::{Plan, PlannedStep, Recipe};
use crate::steps::{Rule, StepKind, Test};

use super::{Failure, diagnostics, format, output};

/// Show what a pipeline would do, or every fault in it; reads no input
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The pipeline file (TOML)
    pipeline: PathBuf,
    /// Show the plan of running this arm alone
    #[arg(long, value_name = "NAME")]
    arm: Option<String>,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let plan = Plan::load(&args.pipeline, args.arm.as_deref())
        .map_err(|error| diagnostics::failure(&error))?;
    if args.json {
        return output::print(&format!("{:#}\n", plan.to_json()));
    }
    output::print(&describe(&plan))
}

/// The plan for people.
fn describe(plan: &Plan) -> String {
    let mut text = match &plan.description {
        Some(description) => format::wrap("", &format!("{}: {description}", plan.name)),
        None => format!("{}\n", plan.name),
    };
    text.push('\n');
    text.push_str(&format::definitions(&head(plan), 0));
    let digits = plan.steps.len().to_string().len();
    let steps = plan.steps.iter().enumerate().map(|(index, step)| {
        let uses = step.step_type.name;
        let name = match step.name == uses {
            true => uses.to_owned(),
            false => format!("{} ({uses})", step.name),
        };
        let in_any_arm = plan.arms.iter().any(|arm| arm.steps.contains(&index));
        let said = match in_any_arm {
            true => said_of(step),
            false => format!("measured for others, drops nothing; {}", said_of(step)),
        };
        (format!("{:>digits$}  {name}", index + 1), said)
    });
    section(&mut text, "steps", steps.collect(), "none: every document is kept");
    section(
        &mut text,
        "columns, each with `keep`, `reason` and what is measured",
        columns(plan),
        "none besides the document's own",
    );
    let arms = plan.arms.iter().map(|arm| {
        let columns: Vec<String> = arm.pairs.iter().map(|&pair| plan.column(pair)).collect();
        let mut said = match columns.is_empty() {
            true => "no step: every document".to_owned(),
            false => columns.join(", "),
        };
        if arm.view != 0 {
            let after = format::together(&format!("text after {}", plan.view_name(arm.view)));
            let _ = write!(said, "; {after}");
        }
        (arm.name.clone(), said)
    });
    section(&mut text, "arms, each with the columns that decide", arms.collect(), "");
    if !plan.arms_of_cut.is_empty() {
        let arms = plan.arms_of_cut.iter().map(|arm| (arm.name.clone(), of_cut(&arm.recipe)));
        section(&mut text, "arms that `gristmill cut` makes of the whole pool", arms.collect(), "");
    }
    text
}

/// What an arm of a cut is.
fn of_cut(recipe: &Recipe) -> String {
    match recipe {
        Recipe::RandomControl { like } => {
            format!("without as many tokens as {} drops, of documents drawn at random", like.name)
        }
        Recipe::RandomWords { percent } => {
            format!("with {percent} % as many random words mixed in")
        }
        Recipe::ShuffledDocuments { percent } => {
            format!("with {percent} % as many copies mixed in, their words in random order")
        }
    }
}

fn head(plan: &Plan) -> Vec<(String, String)> {
    let mut rows = vec![("fingerprint".to_owned(), plan.fingerprint.clone())];
    if let Some(arm) = plan.direct {
        let arm = &plan.arms[arm].name;
        rows.push(("run".into(), format!("the arm `{arm}` alone, dropping as it goes")));
    }
    let shards = match plan.input.shards.is_empty() {
        true => "none named here: give --input".to_owned(),
        false => plan.input.shards.join(", "),
    };
    rows.push(("input".into(), shards));
    let extractor = plan.extractor();
    let extract = format!("{} (version {})", extractor.name(), extractor.version());
    rows.push(("extract".into(), extract));
    rows
}

fn section(text: &mut String, title: &str, rows: Vec<(String, String)>, empty: &str) {
    let _ = writeln!(text, "\n{title}");
    if rows.is_empty() {
        let _ = writeln!(text, "  {empty}");
    } else {
        text.push_str(&format::definitions(&rows, 2));
    }
}

/// What is measured in each column; said once for a step, however many views it is evaluated on.
fn columns(plan: &Plan) -> Vec<(String, String)> {
    let said = |index: usize| {
        let pair = plan.pairs[index];
        let again = plan.pairs[..index].iter().any(|other| other.step == pair.step);
        if again {
            return format!("the same on the text after {}", plan.view_name(pair.view));
        }
        let step = &plan.steps[pair.step];
        let mut parts: Vec<&str> = step.step_type.signals.iter().map(|spec| spec.name).collect();
        if step.is_edit() && plan.stored_view() == 0 {
            parts.push("spans");
        }
        parts.join(", ")
    };
    (0..plan.pairs.len()).map(|index| (plan.column(index), said(index))).collect()
}

/// Kind, parameters and rules of a step (`filter; languages = ["en"]; drops score < 0.65`).
fn said_of(step: &PlannedStep) -> String {
    let mut parts = vec![step.step_type.kind.as_str().to_owned()];
    let params = params(step);
    if !params.is_empty() {
        parts.push(params.join(", "));
    }
    let rules = step.step.rules().active.iter();
    let rules: Vec<String> = rules
        .map(|active| format::together(&with_threshold(&active.rule, active.threshold)))
        .collect();
    if !rules.is_empty() {
        parts.push(format!("drops {}", rules.join(", ")));
    }
    if step.step_type.kind == StepKind::Dedup {
        parts.push("writes keys to signatures/, judges nothing in the run".to_owned());
    }
    parts.join("; ")
}

/// Parameters that tell what the step does and that no rule shows: choices, and what is not as by
/// default; of a step without rules all that are on.
fn params(step: &PlannedStep) -> Vec<String> {
    let is_threshold = |name: &str| {
        step.step_type.rules.iter().any(|rule| match rule.test {
            Test::AtLeast(param) | Test::AtMost(param) => param == name,
            Test::Never | Test::Always => false,
        })
    };
    let specs = step.step_type.params();
    let shown = specs.iter().filter_map(|spec| {
        let value = step.params.get(spec.name)?;
        let usual = spec.default.as_ref() == Some(value)
            && !matches!(spec.shape, Shape::Choice(_))
            && !step.step_type.rules.is_empty();
        let off = value.as_str() == Some("off");
        (!is_threshold(spec.name) && !usual && !off)
            .then(|| format!("{} = {}", spec.name, format::toml(value)))
    });
    shown.collect()
}

fn with_threshold(rule: &Rule, threshold: Option<f64>) -> String {
    match (rule.test, threshold) {
        (Test::AtLeast(_), Some(bound)) => format!("{} < {bound}", rule.signal),
        (Test::AtMost(_), Some(bound)) => format!("{} > {bound}", rule.signal),
        _ => rule.describe(),
    }
}
