//! What an arm is, the slow way: step after step over all documents, each dropping and editing as it
//! goes, with no views, pairs, spans over spans, signatures on disk or spilling.

use std::collections::{BTreeMap, BTreeSet};

use gristmill::document::Document;
use gristmill::plan::Plan;
use gristmill::steps::{Outcome, StepKind, Unit, Value};
use gristmill::text::{Span, View, apply};

/// The documents that an arm has, with the text that it has of them, in order.
pub(crate) fn documents_of(plan: &Plan, arm: &str, pool: &[Document]) -> Vec<Document> {
    let arm = plan.arms.iter().find(|known| known.name == arm).unwrap();
    let mut alive: Vec<Alive> =
        pool.iter().map(|document| Alive::new(plan, &arm.steps, document)).collect();
    for &step in &arm.steps {
        let planned = &plan.steps[step];
        match planned.step_type.kind {
            StepKind::Filter | StepKind::Edit => {
                alive.retain(|document| document.outcome(plan, step).keep() != Some(false));
            }
            StepKind::Annotation => {}
            StepKind::Dedup if planned.step_type.unit == Some(Unit::Piece) => {
                remove_repeats(plan, step, &mut alive);
            }
            StepKind::Dedup => {
                let keepers = keepers(plan, step, &alive);
                alive = alive
                    .into_iter()
                    .enumerate()
                    .filter_map(|(at, document)| keepers.contains(&at).then_some(document))
                    .collect();
            }
        }
    }
    alive.into_iter().map(Alive::finish).collect()
}

/// A document that is still in the arm.
struct Alive {
    document: Document,
    /// The text before each step of the pipeline, after those edits of the arm that stand before it;
    /// and at last the text after all.
    texts: Vec<String>,
}

impl Alive {
    fn new(plan: &Plan, steps: &[usize], document: &Document) -> Self {
        let mut alive = Self { document: document.clone(), texts: vec![document.text.clone()] };
        for step in 0..plan.steps.len() {
            let text = alive.texts[step].clone();
            alive.texts.push(text);
            if plan.steps[step].is_edit() && steps.contains(&step) {
                let spans = alive.outcome(plan, step).spans;
                alive.texts[step + 1] = apply(&alive.texts[step], &spans);
            }
        }
        alive
    }

    /// What a step finds on the text before it.
    fn outcome(&self, plan: &Plan, step: usize) -> Outcome {
        let inputs: Vec<Value> = plan.steps[step]
            .step
            .inputs()
            .iter()
            .map(|input| {
                let at = plan.steps.iter().position(|other| other.name == input.step).unwrap();
                input.field.of(&self.outcome(plan, at))
            })
            .collect();
        let document = Document { text: self.texts[step].clone(), ..self.document.clone() };
        let mut outcome = Outcome::default();
        plan.steps[step].step.evaluate(&View::raw(&document), &inputs, &mut outcome);
        outcome
    }

    fn finish(self) -> Document {
        let text = self.texts.into_iter().next_back().unwrap();
        Document { text, ..self.document }
    }
}

/// The positions of the documents that a dedup keeps.
fn keepers(plan: &Plan, step: usize, alive: &[Alive]) -> BTreeSet<usize> {
    let params = &plan.steps[step].params;
    let verify = params.get("verify").and_then(|verify| verify.as_str()).unwrap_or("off");
    assert!(["off", "jaccard"].contains(&verify), "not what this tells");
    let keys: Vec<Vec<(u32, u64)>> =
        alive.iter().map(|document| document.outcome(plan, step).signature.keys).collect();
    let mut groups: BTreeMap<(u32, u64), Vec<usize>> = BTreeMap::new();
    for (at, keys) in keys.iter().enumerate() {
        keys.iter().for_each(|key| groups.entry(*key).or_default().push(at));
    }
    let shingles = |at: usize| -> BTreeSet<u64> {
        let text = alive[at].texts[step].clone();
        let document = Document { text, ..Document::default() };
        let mut hashes = Vec::new();
        plan.steps[step].step.shingles(&View::raw(&document), &mut hashes);
        hashes.into_iter().collect()
    };
    let alike = |a: usize, b: usize| {
        let least = params.get("min_jaccard").and_then(|least| least.as_f64());
        let (a, b) = (shingles(a), shingles(b));
        let both = a.intersection(&b).count() as f64;
        verify == "off" || both / a.union(&b).count() as f64 >= least.unwrap()
    };
    let mut links = Vec::new();
    for group in groups.values() {
        // Each is compared with those that were like nobody before them.
        let mut leaders: Vec<usize> = Vec::new();
        for &member in group {
            match leaders.iter().find(|&&leader| alike(leader, member)) {
                Some(&leader) => links.push((leader, member)),
                None => leaders.push(member),
            }
        }
    }
    let mut cluster: Vec<usize> = (0..alive.len()).collect();
    // Labels spread until nothing changes.
    loop {
        let before = cluster.clone();
        for &(a, b) in &links {
            let least = cluster[a].min(cluster[b]);
            (cluster[a], cluster[b]) = (least, least);
        }
        if cluster == before {
            break;
        }
    }
    let value = |at: usize| -> f64 {
        let document = &alive[at];
        match params["keep"].as_str().unwrap() {
            "first" => -(at as f64),
            "longest" => document.texts[step].chars().count() as f64,
            "newest" => document.document.date_us.map_or(f64::NEG_INFINITY, |date| date as f64),
            "best" => {
                let (name, field) = params["by"].as_str().unwrap().split_once('.').unwrap();
                let by = plan.steps.iter().position(|other| other.name == name).unwrap();
                let signals = plan.steps[by].step_type.signals;
                let signal = signals.iter().position(|signal| signal.name == field).unwrap();
                let value = document.outcome(plan, by).values[signal].number();
                value.unwrap_or(f64::NEG_INFINITY)
            }
            other => panic!("no keeper rule {other}"),
        }
    };
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    cluster.iter().enumerate().for_each(|(at, root)| members.entry(*root).or_default().push(at));
    members
        .into_values()
        .map(|members| {
            let best = members.iter().map(|&at| value(at)).fold(f64::NEG_INFINITY, f64::max);
            let equals = members.into_iter().filter(|&at| value(at) == best);
            equals.min_by_key(|&at| (alive[at].document.id.clone(), at)).unwrap()
        })
        .collect()
}

/// Removes the pieces that stand in the documents before already.
fn remove_repeats(plan: &Plan, step: usize, alive: &mut Vec<Alive>) {
    let mut seen = BTreeSet::new();
    let least = plan.steps[step].params["min_chars_left"].as_u64().unwrap_or(0);
    alive.retain_mut(|document| {
        let text = document.texts[step].clone();
        let mut pieces = Vec::new();
        plan.steps[step].step.pieces(&text, &mut pieces);
        let keys = document.outcome(plan, step).signature.keys;
        let repeats = keys.iter().filter(|(_, key)| !seen.insert(*key));
        let spans: Vec<Span> = repeats
            .map(|(piece, _)| &pieces[*piece as usize])
            .map(|piece| Span::remove(piece.start, piece.end))
            .collect();
        let left = apply(&text, &spans);
        let enough = least == 0 || left.chars().count() as u64 >= least;
        *document.texts.last_mut().unwrap() = left;
        enough
    });
}
