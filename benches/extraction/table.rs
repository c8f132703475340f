//! Scores as tables.

use std::collections::{BTreeMap, HashSet};

use crate::data::GoldPage;
use crate::score::f1;

/// F1 of one setting on each page.
pub(crate) struct Scores(Vec<f64>);

impl Scores {
    pub(crate) fn of(gold: &[GoldPage], texts: impl Iterator<Item = String>) -> Self {
        Self(gold.iter().zip(texts).map(|(page, text)| f1(&text, &page.gold)).collect())
    }

    fn mean(&self, pages: &[usize]) -> f64 {
        pages.iter().map(|page| self.0[*page]).sum::<f64>() / pages.len().max(1) as f64
    }
}

/// A line for each setting, a column for each set: first over all pages, of which the content model
/// was trained on most, then over the held-out sets, without the domains that it has seen. How it
/// judges pages of the others that it was not trained on, `train.py` reports.
pub(crate) fn print(gold: &[GoldPage], scores: &BTreeMap<String, Scores>) {
    let seen: HashSet<&str> =
        gold.iter().filter(|page| page.part == "train").map(|page| page.group.as_str()).collect();
    let unseen = |page: &GoldPage| page.part != "train" && !seen.contains(page.group.as_str());
    println!("\nF1, all pages");
    print_sets(gold, scores, |_| true);
    println!("\nF1, held-out sets, pages of domains that the model was not trained on");
    print_sets(gold, scores, unseen);
}

fn print_sets(
    gold: &[GoldPage],
    scores: &BTreeMap<String, Scores>,
    counts: impl Fn(&GoldPage) -> bool,
) {
    let mut sets: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, page) in gold.iter().enumerate() {
        if page.part != "no_gold" && counts(page) {
            sets.entry(&page.set).or_default().push(number);
        }
    }
    let line = |name: &str, cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!(" {cell:>7}")).collect();
        println!("{name:26}{cells}");
    };
    line("", sets.keys().map(|set| set.chars().take(7).collect()).chain(["mean".into()]).collect());
    line("pages", sets.values().map(|pages| pages.len().to_string()).collect());
    for (name, scores) in scores {
        let means: Vec<f64> = sets.values().map(|pages| scores.mean(pages)).collect();
        let mean = means.iter().sum::<f64>() / means.len() as f64;
        line(name, means.iter().chain([&mean]).map(|mean| format!("{mean:.4}")).collect());
    }
}

/// F1 of each page in each setting.
pub(crate) fn print_pages(gold: &[GoldPage], scores: &BTreeMap<String, Scores>) {
    let names: Vec<&str> = scores.keys().map(String::as_str).collect();
    println!("\nset\trecord\tpart\t{}", names.join("\t"));
    for (number, page) in gold.iter().enumerate() {
        let cells: Vec<String> =
            scores.values().map(|scores| format!("{:.4}", scores.0[number])).collect();
        println!("{}\t{}\t{}\t{}", page.set, page.id, page.part, cells.join("\t"));
    }
}
