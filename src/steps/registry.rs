//! The registry: every step, and the type-erased way to declare, describe and build one.

use std::ops::Range;
use std::path::Path;

use crate::config::{ParamSpec, Params, Table};
use crate::text::View;

use super::{
    Annotation, Build, Dedup, Derived, Edit, Evaluate, Filter, Input, Outcome, Rule, Rules,
    SignalSpec, Signals, Step, StepKind, Test, Unit, Value,
};
use super::{annotations, dedup, edits, filters};

/// Every registered step, in the order that pages list them.
pub static REGISTRY: &[StepType] = &[
    StepType::filter::<filters::url_blocklist::UrlBlocklist>(),
    StepType::filter::<filters::language::Language>(),
    StepType::filter::<filters::length::Length>(),
    StepType::filter::<filters::gopher_repetition::GopherRepetition>(),
    StepType::filter::<filters::gopher_quality::GopherQuality>(),
    StepType::filter::<filters::c4_documents::C4Documents>(),
    StepType::filter::<filters::bad_words::BadWords>(),
    StepType::filter::<filters::fineweb_quality::FinewebQuality>(),
    StepType::filter::<filters::curator_quality::CuratorQuality>(),
    StepType::filter::<filters::madlad_sentences::MadladSentences>(),
    StepType::filter::<filters::fasttext_quality::FastTextQuality>(),
    StepType::filter::<filters::perplexity::Perplexity>(),
    StepType::filter::<filters::regex::Regex>(),
    StepType::filter::<filters::decontamination::Decontamination>(),
    StepType::derived::<filters::word_removal_ratio::WordRemovalRatio>(),
    StepType::derived::<filters::r#where::Where>(),
    StepType::edit::<edits::url_removal::UrlRemoval>(),
    StepType::edit::<edits::newline_runs::NewlineRuns>(),
    StepType::edit::<edits::c4_lines::C4Lines>(),
    StepType::edit::<edits::citation_marks::CitationMarks>(),
    StepType::edit::<edits::refinedweb_lines::RefinedwebLines>(),
    StepType::edit::<edits::boilerplate_substrings::BoilerplateSubstrings>(),
    StepType::edit::<edits::fasttext_paragraphs::FastTextParagraphs>(),
    StepType::edit::<edits::pii::Pii>(),
    StepType::dedup::<dedup::exact::Exact>(),
    StepType::dedup::<dedup::minhash::MinHash>(),
    StepType::dedup::<dedup::url_dedup::UrlDedup>(),
    StepType::dedup::<dedup::repeated_paragraphs::RepeatedParagraphs>(),
    StepType::annotation::<annotations::word_count::WordCount>(),
    StepType::annotation::<annotations::token_count::TokenCount>(),
    StepType::annotation::<annotations::redpajama_signals::RedpajamaSignals>(),
];

/// The step of a registered name.
pub fn find(name: &str) -> Option<&'static StepType> {
    REGISTRY.iter().find(|step| step.name == name)
}

/// Builds a step that names no files from all its parameters, as [`Built::params`] has them, but
/// those that only a cut goes by.
pub fn rebuild(name: &str, params: &serde_json::Value) -> Option<Built> {
    let step = find(name)?;
    let of_run = params.as_object()?.iter();
    let of_run = of_run.filter(|(key, _)| !step.settled_by_cut.contains(&key.as_str()));
    // Strings, numbers, booleans and lists of them are written alike in JSON and TOML.
    let lines = of_run.map(|(key, value)| format!("{key} = {value}\n"));
    let mut faults = Vec::new();
    let table = Table::parse(&lines.collect::<String>(), &mut faults);
    let mut build = Build::new(&table, Path::new(""), &[], &mut faults);
    step.build(&table, &mut build)
}

/// A registered step: its declarations, and how to build it.
pub struct StepType {
    /// The registered name.
    pub name: &'static str,
    /// What kind of step it is.
    pub kind: StepKind,
    /// Version of its definition.
    pub version: u32,
    /// What it measures.
    pub signals: &'static [SignalSpec],
    /// Its rules; empty for annotations.
    pub rules: &'static [Rule],
    /// What it keeps or removes, if it is a dedup.
    pub unit: Option<Unit>,
    /// Parameters that only `cut` goes by.
    pub settled_by_cut: &'static [&'static str],
    source: &'static str,
    params: fn() -> Vec<ParamSpec>,
    build: fn(&Table, &mut Build<'_>) -> Option<Built>,
}

/// A configured step and its parameters with defaults filled in.
pub struct Built {
    /// The step.
    pub step: Box<dyn Evaluate>,
    /// All parameters as JSON.
    pub params: serde_json::Value,
    /// Whether it applies to no document without a URL.
    pub needs_url: bool,
}

impl StepType {
    const fn filter<F: Filter>() -> Self {
        Self::of::<F>(StepKind::Filter, F::RULES, |table, build| {
            make::<F>(table, build, F::RULES, false, |step, rules| {
                Box::new(FilterStep { step, rules })
            })
        })
    }

    const fn derived<D: Derived>() -> Self {
        Self::of::<D>(StepKind::Filter, D::RULES, |table, build| {
            make::<D>(table, build, D::RULES, false, |step, rules| {
                Box::new(DerivedStep { step, rules })
            })
        })
    }

    const fn edit<E: Edit>() -> Self {
        Self::of::<E>(StepKind::Edit, E::RULES, |table, build| {
            make::<E>(table, build, E::RULES, true, |step, rules| {
                Box::new(EditStep { step, rules })
            })
        })
    }

    const fn dedup<D: Dedup>() -> Self {
        let step = Self::of::<D>(StepKind::Dedup, &[], |table, build| {
            make::<D>(table, build, &[], false, |step, rules| Box::new(DedupStep { step, rules }))
        });
        Self { unit: Some(D::UNIT), ..step }
    }

    const fn annotation<A: Annotation>() -> Self {
        Self::of::<A>(StepKind::Annotation, &[], |table, build| {
            make::<A>(table, build, &[], false, |step, rules| {
                Box::new(AnnotationStep { step, rules })
            })
        })
    }

    const fn of<S: Step>(
        kind: StepKind,
        rules: &'static [Rule],
        build: fn(&Table, &mut Build<'_>) -> Option<Built>,
    ) -> Self {
        Self {
            name: S::NAME,
            kind,
            version: S::VERSION,
            signals: S::Signals::SPECS,
            rules,
            unit: None,
            settled_by_cut: S::SETTLED_BY_CUT,
            source: S::SOURCE,
            params: S::Params::specs,
            build,
        }
    }

    /// The declared parameters.
    pub fn params(&self) -> Vec<ParamSpec> {
        (self.params)()
    }

    /// The step's page: the module documentation of its file, as Markdown.
    pub fn page(&self) -> String {
        let lines = self.source.lines().map_while(|line| line.strip_prefix("//!"));
        let text: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        text.join("\n")
    }

    /// The first sentence of the page.
    pub fn summary(&self) -> String {
        let page = self.page();
        let paragraph: Vec<&str> = page.lines().take_while(|line| !line.is_empty()).collect();
        paragraph.join(" ")
    }

    /// Reads the parameters and builds the step; `None` after at least one fault.
    pub fn build(&self, table: &Table, build: &mut Build<'_>) -> Option<Built> {
        (self.build)(table, build)
    }
}

fn make<S: Step>(
    table: &Table,
    build: &mut Build<'_>,
    rules: &[Rule],
    edits: bool,
    wrap: fn(S, Rules) -> Box<dyn Evaluate>,
) -> Option<Built> {
    let mut params = S::Params::read(table, &format!("step `{}`", S::NAME), build.faults())?;
    S::variant_defaults(&mut params, &|key| build.gives(key));
    let step = S::build(&params, build);
    let has_rule = |rule: &Rule| step.as_ref().is_none_or(|step| step.has_rule(rule));
    let (rules, left_out): (Vec<Rule>, Vec<Rule>) = rules.iter().copied().partition(has_rule);
    // An edit without rules still edits.
    let sound = check_bounds(&params, build)
        & (edits || check_rules(&params, &rules, build))
        & check_left_out(&params, &rules, &left_out, build);
    let step = step?;
    let rules = Rules::resolve(&rules, S::Signals::SPECS, &params);
    let needs_url = step.needs_url();
    sound.then(|| Built { step: wrap(step, rules), params: params.to_json(), needs_url })
}

/// Reports bounds that no document can pass.
fn check_bounds<P: Params>(params: &P, build: &mut Build<'_>) -> bool {
    let mut sound = true;
    for spec in P::specs() {
        let Some(what) = spec.name.strip_prefix("min_") else { continue };
        let highest = format!("max_{what}");
        if let (Some(low), Some(high)) = (params.number(spec.name), params.number(&highest))
            && low > high
        {
            let message = format!("no document can pass: at least {low} and at most {high}");
            build.fault(&highest, message).label = format!("less than `{}`", spec.name);
            sound = false;
        }
    }
    sound
}

/// Reports rules of which none could ever drop a document.
fn check_rules<P: Params>(params: &P, rules: &[Rule], build: &mut Build<'_>) -> bool {
    let specs = P::specs();
    let bounds: Vec<(&str, bool)> = rules
        .iter()
        .filter_map(|rule| match rule.test {
            // Signals are counts, ratios and probabilities: none is below 0, unless its bound may be.
            Test::AtLeast(param) => {
                let lowest = specs.iter().find(|spec| spec.name == param).and_then(|s| s.range);
                let lowest = lowest.map_or(0.0, |(low, _)| low.min(0.0));
                Some((param, params.number(param).is_some_and(|number| number > lowest)))
            }
            Test::AtMost(param) => Some((param, params.number(param).is_some())),
            Test::Never | Test::Always => None,
        })
        .collect();
    let sound = bounds.is_empty() || bounds.iter().any(|(_, drops)| *drops);
    if !sound {
        let given = bounds.iter().find(|(param, _)| build.gives(param));
        let key = given.map_or("", |(param, _)| param);
        build.fault(key, "every bound is off: this step could never drop a document");
    }
    sound
}

/// Reports bounds that the pipeline gives, but of which this configuration has no rule.
fn check_left_out<P: Params>(
    params: &P,
    rules: &[Rule],
    left_out: &[Rule],
    build: &mut Build<'_>,
) -> bool {
    let mut sound = true;
    for rule in left_out {
        let Some(param) = rule.test.param() else { continue };
        let used = rules.iter().any(|rule| rule.test.param() == Some(param));
        if !used && build.gives(param) && params.number(param).is_some() {
            build.fault(param, format!("`{param}` bounds nothing here")).label =
                format!("`{}` is not measured with these parameters", rule.signal);
            sound = false;
        }
    }
    sound
}

/// A step with the rules that are switched on, by kind.
struct FilterStep<F> {
    step: F,
    rules: Rules,
}

struct DerivedStep<D> {
    step: D,
    rules: Rules,
}

struct EditStep<E> {
    step: E,
    rules: Rules,
}

struct DedupStep<D> {
    step: D,
    rules: Rules,
}

struct AnnotationStep<A> {
    step: A,
    rules: Rules,
}

impl<F: Filter> Evaluate for FilterStep<F> {
    fn evaluate(&self, view: &View<'_>, _inputs: &[Value], outcome: &mut Outcome) {
        outcome.begin(true);
        outcome.fill(self.step.measure(view), &self.rules);
    }

    fn rules(&self) -> &Rules {
        &self.rules
    }
}

impl<D: Derived> Evaluate for DerivedStep<D> {
    fn evaluate(&self, view: &View<'_>, inputs: &[Value], outcome: &mut Outcome) {
        outcome.begin(true);
        outcome.fill(self.step.derive(view, inputs), &self.rules);
    }

    fn rules(&self) -> &Rules {
        &self.rules
    }

    fn inputs(&self) -> &[Input] {
        self.step.inputs()
    }
}

impl<E: Edit> Evaluate for EditStep<E> {
    fn evaluate(&self, view: &View<'_>, _inputs: &[Value], outcome: &mut Outcome) {
        outcome.begin(true);
        let signals = self.step.edit(view, &mut outcome.spans);
        outcome.fill(signals, &self.rules);
    }

    fn rules(&self) -> &Rules {
        &self.rules
    }
}

impl<D: Dedup> Evaluate for DedupStep<D> {
    fn evaluate(&self, view: &View<'_>, _inputs: &[Value], outcome: &mut Outcome) {
        outcome.begin(false);
        let signals = self.step.sign(view, &mut outcome.signature);
        outcome.fill(signals, &self.rules);
    }

    fn rules(&self) -> &Rules {
        &self.rules
    }

    fn inputs(&self) -> &[Input] {
        self.step.inputs()
    }

    fn shingles(&self, view: &View<'_>, hashes: &mut Vec<u64>) {
        self.step.shingles(view, hashes);
    }

    fn pieces(&self, text: &str, pieces: &mut Vec<Range<usize>>) {
        self.step.pieces(text, pieces);
    }
}

impl<A: Annotation> Evaluate for AnnotationStep<A> {
    fn evaluate(&self, view: &View<'_>, _inputs: &[Value], outcome: &mut Outcome) {
        outcome.begin(false);
        outcome.fill(self.step.measure(view), &self.rules);
    }

    fn rules(&self) -> &Rules {
        &self.rules
    }
}

impl Outcome {
    fn begin(&mut self, judges: bool) {
        self.judges = judges;
        self.spans.clear();
        self.signature.clear();
    }

    fn fill<S: Signals>(&mut self, signals: Option<S>, rules: &Rules) {
        self.values.clear();
        self.applies = signals.is_some();
        match signals {
            Some(signals) => {
                signals.write(&mut self.values);
                self.reason = rules.judge(&self.values);
            }
            None => {
                // What does not apply edits and signs nothing.
                self.spans.clear();
                self.signature.clear();
                self.values.resize(S::SPECS.len(), Value::Null);
                self.reason = None;
            }
        }
    }
}
