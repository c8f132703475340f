//! Extraction against gold text, and what it costs, beside Python's resiliparse and trafilatura on
//! the same pages in the same run.
//!
//! ```text
//! cargo bench --bench extraction                              # F1 of every setting, and pages per CPU second
//! cargo bench --bench extraction -- --python venv/bin/python  # and of the peers, from PyPI
//! cargo bench --bench extraction -- --pages                   # and F1 of each page, as TSV
//! cargo bench --bench extraction -- hostile [PAGE]            # what pages made to hang a parser cost
//! cargo bench --bench extraction -- features DIR              # what train.py trains on
//! ```
//!
//! F1 is that of the multisets of tokens, the mean over pages: `score.rs` has what a token is. Crawl
//! and gold text are those of `GRISTMILL_DATA`, or of `../shared/data`; without them there is
//! nothing to do. `split.tsv` says which pages the content model has seen.
#![allow(clippy::unwrap_used, reason = "a bench that cannot set itself up ends")]
#![allow(clippy::print_stdout, reason = "a bench tells its results")]

mod data;
mod export;
mod hostile;
mod peers;
mod score;
mod table;

use std::collections::BTreeMap;
use std::path::Path;

use gristmill::extract::{Comments, ExtractorKind, Favor, Options, extract};
use rustix::time::ClockId;

use data::{GoldPage, Page};
use table::Scores;

/// Our settings, by name.
fn settings() -> Vec<(&'static str, Options)> {
    let main_content = Options::of(ExtractorKind::MainContent);
    let favor = |favor| Options { favor, ..main_content.clone() };
    let comments = |comments| Options { comments, ..main_content.clone() };
    vec![
        ("gristmill", main_content.clone()),
        ("gristmill precision", favor(Favor::Precision)),
        ("gristmill recall", favor(Favor::Recall)),
        ("gristmill comments keep", comments(Comments::Keep)),
        ("gristmill readability", Options::of(ExtractorKind::Readability)),
        ("gristmill all_text", Options::of(ExtractorKind::AllText)),
    ]
}

fn main() {
    // Cargo tells every bench that it is one.
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|argument| argument == "hostile") {
        return hostile::print(arguments.get(1).map(String::as_str));
    }
    let Some(data) = data::directory() else {
        println!("no crawl and gold text: skipped");
        return;
    };
    let gold = data::gold_pages(&data);
    match arguments.first().map(String::as_str) {
        Some("features") => {
            let directory = arguments.get(1).expect("a directory to write to");
            export::write(&gold, Path::new(directory));
        }
        _ => compare(&data, &gold, &arguments),
    }
}

fn compare(data: &Path, gold: &[GoldPage], arguments: &[String]) {
    let python = arguments.iter().position(|argument| argument == "--python");
    let python = python.and_then(|at| arguments.get(at + 1));
    let mut scores: BTreeMap<String, Scores> = BTreeMap::new();
    for (name, options) in settings() {
        let texts = gold.iter().map(|page| text_of(&options, &page.html));
        scores.insert(name.to_owned(), Scores::of(gold, texts));
    }
    if let Some(python) = python {
        for (name, texts) in peers::texts(python, gold) {
            scores.insert(name, Scores::of(gold, texts.into_iter()));
        }
    }
    table::print(gold, &scores);
    if arguments.iter().any(|argument| argument == "--pages") {
        table::print_pages(gold, &scores);
    }
    let pages = data::crawl_pages(data);
    println!("\n{} pages of the crawl, {} bytes", pages.len(), bytes(&pages));
    // Before and after the peers: a machine that has slowed down meanwhile shows.
    let before = cpu_of_ours(&pages);
    let peer = python.map(|python| peers::cpu(python, &pages));
    let after = cpu_of_ours(&pages);
    for (name, seconds) in before.iter().chain(&after) {
        println!("{name:28} {:>8.0} pages per CPU second", pages.len() as f64 / seconds);
    }
    if let Some(seconds) = peer {
        println!("{:28} {:>8.0} pages per CPU second", "resiliparse", pages.len() as f64 / seconds);
        let ours = before.iter().chain(&after).filter(|(name, _)| *name == "main_content");
        let slowest = ours.map(|(_, seconds)| *seconds).fold(0.0, f64::max);
        println!("main_content does {:.2} times resiliparse's pages", seconds / slowest);
    }
}

fn text_of(options: &Options, html: &str) -> String {
    extract(options, html, None).map(|page| page.text).unwrap_or_default()
}

fn bytes(pages: &[Page]) -> usize {
    pages.iter().map(|page| page.html.len()).sum()
}

/// CPU seconds of this thread for all pages, by extractor: parsing, text and metadata.
fn cpu_of_ours(pages: &[Page]) -> Vec<(&'static str, f64)> {
    ExtractorKind::ALL
        .into_iter()
        .map(|extractor| {
            let options = Options::of(extractor);
            let start = cpu_seconds();
            let found =
                pages.iter().filter(|page| !text_of(&options, &page.html).is_empty()).count();
            let seconds = cpu_seconds() - start;
            println!("{}: {} of {} pages have text", extractor.name(), found, pages.len());
            (extractor.name(), seconds)
        })
        .collect()
}

/// CPU seconds of this thread so far.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
