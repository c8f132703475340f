//! The least pipeline that has a given step: what it needs to be built, and no more.

use std::path::Path;

use fasttext::args::LossName;
use gristmill::config::{Config, ConfigError, Shape};
use gristmill::plan::Plan;
use gristmill::steps::{Input, Outcome, StepType, Value};
use gristmill::text::View;

#[path = "fasttext_training.rs"]
mod fasttext_training;

use fasttext_training::{Training, labelled_lines};

/// The least configuration of a step, for those that have required parameters; what it names is
/// written into the directory.
fn least_configuration(step: &StepType, directory: &Path) -> String {
    match step.name {
        "url_blocklist" => {
            std::fs::write(directory.join("list"), "bad.example\n").unwrap();
            "domains = ['list']".into()
        }
        "bad_words" => {
            std::fs::write(directory.join("list"), "grist\n").unwrap();
            "lists = { en = 'list' }".into()
        }
        "fasttext_quality" | "fasttext_paragraphs" => {
            let training = Training { loss: LossName::Softmax, ..Training::default() };
            training.write(&labelled_lines(60), &directory.join("model.bin"));
            "model = 'model.bin'\nlabels = ['sea']\nmin_score = 0.5".into()
        }
        "where" => "keep = 'length.words > 3'".into(),
        "perplexity" => {
            let model = "\\data\\\nngram 1=4\nngram 2=1\n\n\\1-grams:\n-1\t<unk>\n0\t<s>\t-0.3\n\
                         -0.9\t</s>\n-0.7\tthe\n\n\\2-grams:\n-0.2\t<s> the\n\n\\end\\\n";
            std::fs::write(directory.join("model.arpa"), model).unwrap();
            "model = 'model.arpa'".into()
        }
        "regex" => "drop = ['grist']".into(),
        "decontamination" => {
            let text = "The miller said that the grist is all of it, and that nothing is lost.\n";
            std::fs::write(directory.join("texts.txt"), text).unwrap();
            "texts = ['texts.txt']".into()
        }
        _ => String::new(),
    }
}

/// The steps that a step asks, before it in the pipeline.
fn asked(step: &StepType) -> &'static str {
    match step.name {
        "where" => "[[step]]\nuse = 'length'\n",
        "word_removal_ratio" => "[[step]]\nuse = 'word_count'\n",
        _ => "",
    }
}

/// A pipeline whose last step is this one, with further parameters; the faults where these do not fit.
pub(crate) fn least_pipeline(
    step: &StepType,
    parameters: &str,
    directory: &Path,
) -> Result<Plan, ConfigError> {
    let (asked, least) = (asked(step), least_configuration(step, directory));
    let step = format!("[[step]]\nuse = '{}'\n{least}\n{parameters}\n", step.name);
    let text = format!("name = 'x'\n{asked}{step}");
    let (config, faults) = Config::parse("p.toml", text, directory.to_path_buf());
    Plan::resolve(&config, faults)
}

/// A step's variants as lines of its configuration, each with a name.
pub(crate) fn variants(step: &StepType) -> Vec<(String, String)> {
    let params = step.params();
    match params.iter().find(|spec| spec.name == "variant").map(|spec| &spec.shape) {
        Some(Shape::Choice(choices)) => {
            let variant = |name| (format!("{}/{name}", step.name), format!("variant = '{name}'"));
            choices.iter().map(|(name, _)| variant(name)).collect()
        }
        _ => vec![(step.name.to_owned(), String::new())],
    }
}

/// What each step of a pipeline finds on one text.
pub(crate) fn evaluate(plan: &Plan, view: &View<'_>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    for planned in &plan.steps {
        let found = |input: &Input| {
            let at = plan.steps.iter().position(|step| step.name == input.step).unwrap();
            input.field.of(&outcomes[at])
        };
        let inputs: Vec<Value> = planned.step.inputs().iter().map(found).collect();
        let mut outcome = Outcome::default();
        planned.step.evaluate(view, &inputs, &mut outcome);
        outcomes.push(outcome);
    }
    outcomes
}
