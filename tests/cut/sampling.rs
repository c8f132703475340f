//! Budgets nest and match across arms; hold-outs, controls, junk and order follow their seed.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gristmill::cut::{Budget, Summary};
use gristmill::document::Document;
use tempfile::TempDir;

use crate::mill::{Mill, cut_of, split, texts, tokens, write_pool};

const PIPELINE: &str = "
[[step]]
use = 'length'
min_words = 20
[[step]]
use = 'newline_runs'
max_newlines = 1
[[step]]
use = 'exact'
[[step]]
use = 'token_count'
[ablation]
leave_one_out = true
only_one = true
random_control = true
random_words = [50]
shuffled_documents = [250]
";

fn mill() -> (TempDir, Vec<PathBuf>, Mill) {
    let pool = TempDir::new().unwrap();
    let paths = write_pool(pool.path(), 3, 60);
    let mill = Mill::new(PIPELINE, &paths);
    (pool, paths, mill)
}

fn ids(documents: &[Document]) -> BTreeSet<String> {
    documents.iter().map(|document| document.id.clone()).collect()
}

#[test]
fn a_smaller_sample_is_part_of_a_larger_and_arms_share_what_both_keep() {
    let (_pool, _, mill) = mill();
    let sample = |arm: &str, budget, seed| -> (Summary, BTreeSet<String>) {
        let mut request = mill.request(arm);
        (request.budget, request.seed) = (budget, seed);
        let (_output, summary, documents) = cut_of(&request);
        (summary, ids(&documents))
    };
    let (whole, all) = sample("full", None, 0);
    let of_all = whole.tokens.unwrap();
    let mut earlier = BTreeSet::new();
    for part in [20, 8, 3, 2] {
        let asked = of_all / part;
        let (summary, ids) = sample("full", tokens(asked), 0);
        assert!(ids.is_superset(&earlier) && ids.len() > earlier.len());
        let drawn = summary.sample.unwrap();
        assert_eq!((drawn.asked, drawn.whole), (asked, of_all));
        assert_eq!(Some(drawn.drawn), summary.tokens);
        assert!(drawn.drawn <= asked && drawn.drawn + 200 > asked, "{drawn:?}");
        earlier = ids;
    }
    // The same draw in an arm of other documents: what both arms have and the larger sample takes.
    let (_, other_all) = sample("all_but_length", None, 0);
    let (_, other) = sample("all_but_length", tokens(of_all / 2), 0);
    let common: BTreeSet<_> = other.intersection(&all).collect();
    assert!(
        common.iter().all(|id| earlier.contains(*id)),
        "the larger arm's sample reaches less far"
    );
    assert!(other_all.len() > all.len());
    assert_ne!(sample("full", tokens(of_all / 2), 1).1, earlier, "another seed draws others");

    let (summary, more) = sample("full", tokens(of_all * 2), 0);
    let drawn = summary.sample.unwrap();
    assert_eq!(
        (more, drawn.asked, drawn.drawn),
        (all, of_all * 2, of_all),
        "all there is, and says so"
    );
    let (summary, some) = sample("full", Some(Budget::Documents(10)), 0);
    assert_eq!((some.len(), summary.documents), (10, 10));
    let (summary, _) = sample("full", Some(Budget::Bytes(2000)), 0);
    assert!(summary.text_bytes <= 2000 && summary.text_bytes > 1000);
}

#[test]
fn tokens_are_those_of_the_text_that_the_arm_has_whoever_counts_them() {
    let (_pool, _, mill) = mill();
    let counted = cut_of(&mill.request("full")).1;
    assert_eq!(counted.tokenizer.as_deref(), Some("r50k_base"));
    let mut again = mill.request("full");
    again.tokenizer = Some("r50k_base".into());
    assert_eq!(cut_of(&again).1.tokens, counted.tokens);
    // Another tokenizer counts anew.
    again.tokenizer = Some("o200k_base".into());
    again.budget = tokens(1000);
    let other = cut_of(&again).1;
    assert_eq!(other.tokenizer.as_deref(), Some("o200k_base"));
    assert!(other.tokens.unwrap() <= 1000);
    assert_ne!(other.sample.unwrap().whole, counted.tokens.unwrap());
}

#[test]
fn an_order_drawn_by_the_seed_has_the_same_documents_and_begins_with_the_sample() {
    let (_pool, _, mill) = mill();
    let (_output, _, in_order) = cut_of(&mill.request("full"));
    let mut request = mill.request("full");
    request.shuffle = true;
    let (_output, _, shuffled) = cut_of(&request);
    assert_ne!(texts(&shuffled), texts(&in_order));
    let sorted = |documents: &[Document]| {
        let mut sorted: Vec<_> = documents
            .iter()
            .map(|d| (d.id.clone(), d.text.clone(), d.url.clone(), d.date_us))
            .collect();
        sorted.sort();
        sorted
    };
    assert_eq!(sorted(&shuffled), sorted(&in_order));
    request.budget = Some(Budget::Documents(15));
    assert_eq!(texts(&cut_of(&request).2), texts(&shuffled[..15]));
    request.budget = None;
    request.seed = 7;
    assert_ne!(texts(&cut_of(&request).2), texts(&shuffled));
}

#[test]
fn what_is_held_out_is_in_no_arm_and_takes_no_part_in_its_dedups() {
    let (_pool, _, mill) = mill();
    let domains = |documents: &[Document]| -> BTreeSet<String> {
        let host = |document: &Document| document.host().unwrap();
        let domain =
            |host: String| gristmill::document::registered_domain(&host).map(str::to_owned);
        documents.iter().filter_map(|document| domain(host(document))).collect()
    };
    let mut request = mill.request("raw");
    request.holdout = split(0.4, true);
    let (_output, held_summary, held) = cut_of(&request);
    assert!(!held.is_empty() && held.len() < mill.pool().len());
    for arm in ["raw", "full", "only_exact", "random_length"] {
        let mut request = mill.request(arm);
        request.holdout = split(0.4, false);
        let (_output, summary, rest) = cut_of(&request);
        assert!(domains(&rest).is_disjoint(&domains(&held)), "{arm}");
        assert_eq!(summary.considered + held_summary.considered, summary.pool);
        if arm == "raw" {
            assert_eq!(rest.len() + held.len(), mill.pool().len());
        }
        if arm == "only_exact" {
            // A document whose first copy is held out stays itself.
            let (_output, _, whole) = cut_of(&mill.request("only_exact"));
            assert!(!ids(&rest).is_subset(&ids(&whole)), "no copy crosses the split in this pool");
        }
    }
}

#[test]
fn a_random_control_drops_as_many_tokens_as_the_steps_it_controls() {
    let (_pool, _, mill) = mill();
    let pool = cut_of(&mill.request("raw")).1.tokens.unwrap();
    for step in ["length", "exact"] {
        let (_output, only, of_rule) = cut_of(&mill.request(&format!("only_{step}")));
        let (_output, random, at_random) = cut_of(&mill.request(&format!("random_{step}")));
        let control = random.control.clone().unwrap();
        assert_eq!(control.unit, "tokens");
        assert_eq!(control.dropped_by_steps, pool - only.tokens.unwrap(), "{step}");
        assert_eq!(control.dropped_at_random, pool - random.tokens.unwrap(), "{step}");
        let short = control.dropped_by_steps - control.dropped_at_random;
        assert!(short < 200, "{control:?}");
        assert_ne!(ids(&of_rule), ids(&at_random));
        let mut other = mill.request(&format!("random_{step}"));
        other.seed = 1;
        assert_ne!(ids(&cut_of(&other).2), ids(&at_random));
    }
}

#[test]
fn junk_is_as_much_as_asked_for_and_the_pool_stays_as_it_is() {
    let (_pool, _, mill) = mill();
    let pool = mill.pool();
    let words = |documents: &[&Document]| -> usize {
        documents.iter().map(|document| document.text.split_whitespace().count()).sum()
    };
    let ids = ids(&pool);
    for (arm, percent) in [("random_words_50", 50), ("random_words_200", 200)] {
        let (_output, summary, mixed) = cut_of(&mill.request(arm));
        let (own, junk): (Vec<&Document>, Vec<&Document>) =
            mixed.iter().partition(|document| ids.contains(&document.id));
        assert_eq!(own.len(), pool.len());
        assert!(own.iter().zip(&pool).all(|(a, b)| a.id == b.id && a.text == b.text));
        assert_eq!(words(&junk), words(&own) * percent / 100);
        assert_eq!(summary.junk, junk.len() as u64);
        assert!(junk.iter().all(|d| d.text.split(' ').all(|w| (3..=8).contains(&w.len()))));
    }
    let (_output, summary, mixed) = cut_of(&mill.request("shuffled_documents_250"));
    let junk: Vec<&Document> =
        mixed.iter().filter(|document| !ids.contains(&document.id)).collect();
    assert_eq!((junk.len(), summary.junk), (pool.len() * 5 / 2, (pool.len() * 5 / 2) as u64));
    for copy in junk.iter().take(50) {
        let original = pool.iter().find(|d| copy.id.starts_with(&format!("{}:", d.id))).unwrap();
        let sorted = |text: &str| {
            let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            words.sort();
            words
        };
        assert_eq!(sorted(&copy.text), sorted(&original.text));
    }
    // A sample of an arm with junk has its share of it.
    let mut request = mill.request("random_words_200");
    request.budget = tokens(20_000);
    let sample = cut_of(&request).1;
    assert!(sample.junk > 0 && sample.tokens.unwrap() <= 20_000);
}
