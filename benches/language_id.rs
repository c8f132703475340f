//! How often the identifiers of the step `language` are right, on sentences whose language is known.
//!
//! Prints the macro accuracy (the mean over languages of the share of texts identified) of whatlang,
//! which is part of the program, and of lid.176.ftz, over the languages that both know, beside
//! reference figures of the same identifiers on larger samples of the same collections. Texts and
//! model come from `GRISTMILL_DATA` or `../shared/data`; without them there is nothing to measure.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the table is what this is for")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use gristmill::config::Config;
use gristmill::document::Document;
use gristmill::plan::Plan;
use gristmill::steps::{Outcome, Value};
use gristmill::text::View;

/// File, and the reference's accuracies of lid.176.ftz and of whatlang where there are any.
const SETS: [(&str, Option<[f64; 2]>); 5] = [
    ("tatoeba-laser", Some([0.868, 0.832])),
    ("lingua-sentences", Some([0.959, 0.949])),
    ("lingua-word-pairs", None),
    ("udhr-para", Some([0.924, 0.956])),
    ("bible-300", None),
];

/// The languages that both know: the label, then every ISO 639-3 code that the texts have for it.
const LANGUAGES: &str = "
    af afr; am amh; ar ara arb; az aze azj; be bel; bn ben; bg bul; ca cat; cs ces; cy cym; da dan;
    de deu; el ell; en eng; eo epo; es spa; et est ekk; fa fas pes; fi fin; fr fra; gu guj; he heb;
    hi hin; hr hrv; hu hun; hy hye; id ind; it ita; ja jpn; jv jav; ka kat; km khm; kn kan; ko kor;
    la lat; lt lit; lv lav lvs; mk mkd; ml mal; mr mar; my mya; ne nep npi; nl nld; no nob; or ori ory;
    pa pan; pl pol; pt por; ro ron; ru rus; si sin; sk slk; sl slv; sr srp; sv swe; ta tam; te tel;
    th tha; tk tuk; tl tgl; tr tur; uk ukr; ur urd; uz uzb uzn; vi vie; yi yid ydd; zh cmn zho";

/// Texts of one language and how many of them each identifier got right.
#[derive(Default)]
struct Tally {
    texts: usize,
    right: [usize; 2],
}

fn main() {
    let data = std::env::var_os("GRISTMILL_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let model = data.join("models/lid.176.ftz");
    if !model.is_file() {
        eprintln!("SKIPPED: no model at {}", model.display());
        return;
    }
    let plan = plan(&model);
    let labels = labels();
    println!(
        "{:<18} {:>9} {:>6} {:>11} {:>9} {:>9} {:>9}",
        "set", "languages", "texts", "lid.176.ftz", "reference", "whatlang", "reference"
    );
    for (set, reference) in SETS {
        let path = data.join("lid").join(format!("{set}.tsv.gz"));
        let Ok(file) = File::open(&path) else {
            eprintln!("SKIPPED: no texts at {}", path.display());
            continue;
        };
        let tallies = tally(BufReader::new(MultiGzDecoder::new(file)), &plan, &labels);
        let texts: usize = tallies.values().map(|tally| tally.texts).sum();
        let [fasttext, whatlang] = [0, 1].map(|identifier| {
            let share = |tally: &Tally| tally.right[identifier] as f64 / tally.texts as f64;
            tallies.values().map(share).sum::<f64>() / tallies.len() as f64
        });
        let [of_fasttext, of_whatlang] = [0, 1].map(|identifier| {
            reference.map_or("-".into(), |reference| format!("{:.3}", reference[identifier]))
        });
        println!(
            "{set:<18} {:>9} {texts:>6} {fasttext:>11.3} {of_fasttext:>9} {whatlang:>9.3} \
             {of_whatlang:>9}",
            tallies.len()
        );
    }
}

/// The step with either identifier.
fn plan(model: &Path) -> Plan {
    let toml = format!(
        "name = 'language_id'\n[[step]]\nuse = 'language'\nas = 'fasttext'\nmodel = '{}'\n\
         [[step]]\nuse = 'language'\nas = 'whatlang'\n",
        model.display()
    );
    let (config, faults) = Config::parse("language_id.toml", toml, PathBuf::new());
    Plan::resolve(&config, faults).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The label of each code.
fn labels() -> BTreeMap<&'static str, &'static str> {
    let languages = LANGUAGES.split(';').map(str::split_whitespace);
    let codes = languages.flat_map(|mut names| {
        let label = names.next().unwrap_or_default();
        names.map(move |code| (code, label))
    });
    codes.collect()
}

/// Identifies every text whose language both know; lines are code, source and text.
fn tally(
    lines: impl BufRead,
    plan: &Plan,
    labels: &BTreeMap<&str, &'static str>,
) -> BTreeMap<&'static str, Tally> {
    let mut tallies: BTreeMap<_, Tally> = BTreeMap::new();
    let mut outcome = Outcome::default();
    for line in lines.lines() {
        let line = line.expect("the texts can be read");
        let mut fields = line.splitn(3, '\t');
        let (Some(code), Some(text)) = (fields.next(), fields.nth(1)) else { continue };
        let Some(&label) = labels.get(code) else { continue };
        let tally = tallies.entry(label).or_default();
        tally.texts += 1;
        let document = Document { text: text.to_owned(), ..Document::default() };
        for (step, right) in plan.steps.iter().zip(&mut tally.right) {
            step.step.evaluate(&View::raw(&document), &[], &mut outcome);
            let is_right = matches!(&outcome.values[0], Value::Text(found) if found == label);
            *right += usize::from(is_right);
        }
    }
    tallies
}
