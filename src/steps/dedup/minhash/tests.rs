//! What users of `minhash` rely on, short of parity.

use proptest::prelude::*;

use super::Variant;
use crate::document::Document;
use crate::steps::testing::{build, faults, outcome, value};
use crate::steps::{Outcome, Signature, find};
use crate::text::View;

const TEXT: &str = "The miller said that the grist is all of it, and that nothing is thrown away.";

fn sign(toml: &str, text: &str) -> Signature {
    outcome(&build("minhash", toml).expect("sound parameters"), text).signature
}

fn shared_keys(a: &Signature, b: &Signature) -> usize {
    a.keys.iter().filter(|key| b.keys.contains(key)).count()
}

fn shingles(outcome: &Outcome) -> Option<f64> {
    value("minhash", outcome, "shingles")
}

/// A text of `words` different words.
fn prose(words: usize) -> String {
    (0..words)
        .map(|at| {
            format!("word{} ", char::from(b'a' + (at % 26) as u8).to_string().repeat(at / 26 + 1))
        })
        .collect()
}

#[test]
fn a_variant_has_its_own_settings_and_what_is_given_wins() {
    for (variant, bands, rows) in
        [("datatrove", 14, 8), ("refinedweb", 450, 20), ("dclm", 93, 15), ("duplodocus", 26, 11)]
    {
        let toml = format!("variant = '{variant}'\nverify = 'estimated'");
        let signature = sign(&toml, TEXT);
        let numbers: Vec<u32> = signature.keys.iter().map(|key| key.0).collect();
        assert_eq!(numbers, (0..bands).collect::<Vec<_>>(), "{variant}");
        assert_eq!(signature.hashes.len(), (bands * rows) as usize, "{variant}");
        let given = sign(&format!("{toml}\nbands = 3\nrows = 2\nshingle = 'word'"), TEXT);
        assert_eq!((given.keys.len(), given.hashes.len()), (3, 6), "{variant}");
    }
    assert_eq!(Variant::CHOICES.len(), 4);
}

#[test]
fn the_page_has_the_probabilities_of_its_bands() {
    let page = find("minhash").unwrap().page();
    for (bands, rows) in [(14, 8), (450, 20), (93, 15), (26, 11)] {
        let found = [0.7f64, 0.8, 0.9].map(|s| 1.0 - (1.0 - s.powi(rows)).powi(bands));
        let [a, b, c] = found.map(|probability| format!("{probability:.3}"));
        let row = format!("{bands} × {rows} | {a}, {b}, {c} |");
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn a_text_without_a_shingle_has_no_key() {
    for text in ["", " … !", "one two three four", "one, two, three, four!"] {
        let outcome = outcome(&build("minhash", "verify = 'estimated'").unwrap(), text);
        assert_eq!(outcome.signature, Signature::default(), "{text}");
        assert_eq!(shingles(&outcome), Some(0.0));
        assert!(outcome.applies && outcome.keep().is_none());
    }
    assert_eq!(sign("", "one two three four five").keys.len(), 14);
    assert_eq!(sign("ngram = 4", "one two three four").keys.len(), 14);
    assert_eq!(sign("ngram = 6", "one two three four five").keys.len(), 0);
}

#[test]
fn unspaced_text_needs_shingles_of_characters() {
    let text = "昔々ある所にお爺さんとお婆さんが住んでいましたお爺さんは山へ柴刈りにお婆さんは川へ洗濯に行きました";
    let near = text.replace("洗濯に行き", "洗濯をし");
    assert!(sign("", text).keys.is_empty(), "one word to a splitter for English");
    let characters = "shingle = 'character'";
    let signature = sign(characters, text);
    assert!(shared_keys(&signature, &sign(characters, &near)) > 0);
    assert_eq!(shared_keys(&signature, &sign(characters, "全く別の文章がここに書いてあります")), 0);
}

#[test]
fn near_copies_share_a_key_and_other_texts_do_not() {
    let text = prose(400);
    let near = text.replacen("wordaa ", "changed ", 1);
    for variant in ["datatrove", "refinedweb", "dclm", "duplodocus"] {
        let toml = format!("variant = '{variant}'");
        let signature = sign(&toml, &text);
        assert!(shared_keys(&signature, &sign(&toml, &near)) > 0, "{variant}");
        assert_eq!(shared_keys(&signature, &sign(&toml, &TEXT.repeat(9))), 0, "{variant}");
    }
}

#[test]
fn seed_hash_and_shingle_make_other_keys() {
    let first = sign("", TEXT);
    assert_eq!(first, sign("seed = 1\nhash = 'xxh64'", TEXT));
    for toml in
        ["seed = 2", "seed = 4294967295", "hash = 'sha1'", "ngram = 4", "shingle = 'character'"]
    {
        assert_eq!(shared_keys(&first, &sign(toml, TEXT)), 0, "{toml}");
    }
}

#[test]
fn how_often_a_shingle_occurs_does_not_count() {
    let (once, often) = (prose(40), prose(40).repeat(300));
    let toml = "bands = 4000\nrows = 1\nverify = 'estimated'";
    let (once, often) = (sign(toml, &format!("{once}{once}")), sign(toml, &often));
    assert_eq!(once, often, "40 shingles, whether sorted out before or not");
}

#[test]
fn minima_are_stored_for_estimates_alone() {
    let [off, estimated, jaccard] =
        ["off", "estimated", "jaccard"].map(|verify| sign(&format!("verify = '{verify}'"), TEXT));
    assert_eq!(off, jaccard);
    assert_eq!(off.keys, estimated.keys);
    assert_eq!((off.hashes.len(), estimated.hashes.len()), (0, 112));
}

#[test]
fn shingles_come_once_and_ascending_behind_what_is_there() {
    let built = build("minhash", "").unwrap();
    let document = Document { text: TEXT.repeat(3), ..Document::default() };
    let mut hashes = vec![u64::MAX, 3];
    built.step.shingles(&View::raw(&document), &mut hashes);
    assert_eq!(hashes[..2], [u64::MAX, 3]);
    assert!(hashes[2..].windows(2).all(|pair| pair[0] < pair[1]));
    let all = shingles(&outcome(&built, &document.text)).unwrap();
    assert_eq!((hashes.len() - 2, all), (16, 44.0), "16 words, of which each begins a shingle");
}

#[test]
fn parameters_without_effect_or_beyond_measure_are_refused_all_at_once() {
    let found =
        faults("minhash", "bands = 9000\nrows = 20\nmin_jaccard = 0.8\nby = 'length.words'");
    for part in ["180000 hash functions", "without `verify`", "`by` is for"] {
        assert!(found.contains(part), "{part}: {found}");
    }
    assert!(faults("minhash", "ngram = 0").contains("between 1 and"));
    assert!(faults("minhash", "seed = 4294967296").contains("between 0 and"));
    assert!(faults("minhash", "verify = 'jaccard'\nmin_jaccard = 1.2").contains("between 0 and 1"));
    assert!(build("minhash", "verify = 'jaccard'\nmin_jaccard = 0.8").is_ok());
}

#[test]
fn a_cut_settles_the_keeper_and_the_least_similarity() {
    assert_eq!(find("minhash").unwrap().settled_by_cut, ["keep", "by", "min_jaccard"]);
}

proptest! {
    #[test]
    fn texts_that_are_simplified_alike_are_signed_alike(
        words in proptest::collection::vec("[a-z]{1,6}", 5..30),
        marks in proptest::collection::vec("[ ,;!\n]{0,3}", 30),
        upper in any::<bool>(),
    ) {
        let dressed: String = words.iter().zip(&marks).map(|(word, mark)| format!("{word} {mark}")).collect();
        let dressed = if upper { dressed.to_uppercase() } else { dressed };
        let plain = words.join(" ");
        let toml = "verify = 'estimated'";
        prop_assert_eq!(sign(toml, &dressed), sign(toml, &plain));
    }

    #[test]
    fn any_text_is_signed(text in any::<String>()) {
        for toml in ["", "shingle = 'character'", "variant = 'dclm'"] {
            let signature = sign(toml, &text);
            prop_assert_eq!(&signature, &sign(toml, &text));
        }
    }
}
