//! Marks documents that share most of their text with another one: MinHash with LSH banding.
//!
//! # What it does
//! Simplifies the text, hashes each of its shingles (runs of n words, characters or tokens), and
//! takes the least value of each of `bands` × `rows` random hash functions over them. Two texts
//! agree in such a minimum with the probability of their Jaccard similarity s: the share of their
//! shingles that both have. The minima of a band, `rows` of them, are hashed into one key of 64
//! bits (XXH3 of the values, the least significant byte first) and written to `signatures/`.
//! Documents that share the key of a band are candidates; unequal bands have one key in 1 of 2⁶⁴
//! pairs. A pair is found with probability 1 − (1 − s^rows)^bands.
//!
//! Which of a cluster stays depends on who else is in an arm, so nothing is judged while the crawl
//! is read (`keep` is null). A text of fewer than n units has no shingle and no key, and is
//! nobody's copy.
//!
//! With `verify` a cut joins candidates only where their similarity is at least `min_jaccard`:
//! `"estimated"` by the share of equal minima, which are then stored too (8 bytes each: 896 bytes a
//! document with 14 × 8), `"jaccard"` by their sets of shingles, which are made from the texts again
//! and need no room. An estimate from k minima has the standard error √(s(1−s)/k): 0.04 for 112
//! minima at 0.75. A cut goes by `keep`, `by` and `min_jaccard` alone, so that they may change
//! without another run; `verify` decides what is stored and stays with the run.
//!
//! | variant | text | shingles | bands × rows | found at s = 0.7, 0.8, 0.9 |
//! |---|---|---|---|---|
//! | `"datatrove"` | lower case; numbers become `0`; punctuation becomes spaces; no accents | 5 words, as spaCy cuts English | 14 × 8 | 0.565, 0.924, 1.000 |
//! | `"refinedweb"` | lower case; punctuation deleted; no accents | 5 tokens of GPT-2 | 450 × 20 | 0.302, 0.995, 1.000 |
//! | `"dclm"` | lower case; ASCII punctuation deleted | 5 tokens of GPT-2 | 93 × 15 | 0.358, 0.964, 1.000 |
//! | `"duplodocus"` | as `"dclm"` | 5 tokens of `cl100k_base` | 26 × 11 | 0.405, 0.903, 1.000 |
//!
//! In all of them runs of white space are one space. `shingle`, `ngram`, `bands`, `rows`, `seed` and
//! `hash` can be given with any variant, whose values they replace.
//!
//! Text that is written without spaces (Chinese, Japanese, Thai) is one word to a splitter for
//! English, up to the next punctuation mark: near-copies go unseen or, with fewer than n such words,
//! have no key. `shingle = "character"` compares it well; for alphabetic scripts take a larger
//! `ngram` then, since short runs of letters are common to all texts of a language.
//!
//! # Why
//! The same article with another menu, date or advertisement around it; template pages; captures of
//! a page that changed a little.
//!
//! # Source
//! Broder 1997. `"datatrove"`: `MinhashDedupSignature` of datatrove 0.10.1 with its defaults, bit by
//! bit; FineWeb's configuration (arXiv 2406.17557; `examples/fineweb.py`) is the same with
//! `hash = "sha1"`. `"refinedweb"`: arXiv 2306.01116, with the numbers of Lee et al. 2021 (arXiv
//! 2107.06499). `"dclm"`: arXiv 2406.11794, the numbers of its ablations, and the text as in
//! `revbucket/minhash-rs` (commit 39b12c8), to which DCLM's repository refers. `"duplodocus"`: the
//! numbers of the configuration in the README of AI2's `allenai/duplodocus`. `min_jaccard`:
//! `fdedup` of data-prep-kit, which checks the estimate against 0.75.
//!
//! # Differences
//! datatrove compares the eight values of a band themselves, here their key of 64 bits counts. Its
//! words are English for every text here; FineWeb-2 takes a splitter for each language. Characters
//! are those of Unicode 14 (Python 3.11). datatrove has no verification. It changed its simplified
//! texts in June 2024 (commit 7758509), after FineWeb's first release, which this is not bit by bit.
//!
//! Of the other variants settings and shingles are reproduced and not the hashes, so that each finds
//! pairs with the same probability but not the same pairs: RefinedWeb's code is not public, and that
//! of minhash-rs and duplodocus hashes by `ahash`, whose values depend on its version and on the
//! machine. The hash functions here are datatrove's in all variants. What counts as punctuation
//! RefinedWeb does not say; here it is datatrove's list. minhash-rs takes the tokenizer from its
//! configuration, and DCLM's was not to be found; p50k, the first that it knows, cuts texts without
//! runs of spaces as GPT-2's does. Both tools give a text of fewer than five tokens one shingle of all of them.
//! DCLM-Baseline itself was deduplicated by Bloom filters over n-grams, as Dolma was over paragraphs.

#[cfg(test)]
mod parity;
#[cfg(test)]
mod tests;

use tiktoken_rs::CoreBPE;
use xxhash_rust::xxh3::Xxh3;

use crate::config::{choice, params};
use crate::steps::{Build, Dedup, Input, Signature, Step, signals};
use crate::text::View;
use crate::text::minhash::{HashFunctions, MinHashScratch};
use crate::text::scratch::with_scratch;
use crate::text::shingles::ShingleHash;
use crate::text::simplify::Simplification;

use super::keeper::{self, Keep};

/// Most hash functions: as many minima take half a megabyte a document.
const MAX_FUNCTIONS: u64 = 1 << 16;

/// Values from which on repeated shingles are sorted out before: a text that repeats itself without
/// end, or thousands of functions, would else cost seconds.
const SORT_PAYS: usize = 1 << 20;

/// `min_jaccard` where the pipeline gives none.
const MIN_JACCARD: f64 = 0.75;

choice! {
    /// Whose settings.
    pub enum Variant {
        /// datatrove, bit by bit, as in FineWeb
        Datatrove = "datatrove",
        /// RefinedWeb's numbers
        RefinedWeb = "refinedweb",
        /// the numbers of DCLM's ablations
        Dclm = "dclm",
        /// the numbers of AI2's duplodocus
        Duplodocus = "duplodocus",
    }
}

choice! {
    /// What shingles are made of.
    pub enum Shingle {
        /// words, as spaCy cuts English
        Word = "word",
        /// characters, spaces included
        Character = "character",
        /// tokens of GPT-2
        Gpt2 = "gpt2",
        /// tokens of GPT-4
        Cl100k = "cl100k",
    }
}

choice! {
    /// The hash of a shingle.
    pub enum Hash {
        /// xxHash, 64 bits
        Xxh64 = "xxh64",
        /// the first 64 bits of SHA-1, three times as slow
        Sha1 = "sha1",
    }
}

choice! {
    /// Whether a cut verifies candidates.
    pub enum Verify {
        /// every two documents that share a key are of one cluster
        Off = "off",
        /// by the share of equal minima, which are stored
        Estimated = "estimated",
        /// by the shingles of both texts
        Jaccard = "jaccard",
    }
}

params! {
    /// Parameters of `minhash`.
    pub struct Params {
        /// Whose settings: how the text is simplified, and the defaults of what follows.
        variant: Variant = Variant::Datatrove,
        /// What shingles are made of; `"refinedweb"` and `"dclm"` have gpt2, `"duplodocus"` cl100k.
        shingle: Shingle = Shingle::Word,
        /// Units of a shingle.
        ngram: u64 [units, 1 ..= 1000] = 5,
        /// Bands, each with a key of its own; the other variants have 450, 93 and 26.
        bands: u64 [bands, 1 ..= 65_535] = 14,
        /// Hash functions of a band; the other variants have 20, 15 and 11.
        rows: u64 [rows, 1 ..= 65_536] = 8,
        /// Seed of the hash functions.
        seed: u64 [seed, 0 ..= 4_294_967_295u32] = 1,
        /// The hash of a shingle.
        hash: Hash = Hash::Xxh64,
        /// Whether a cut verifies candidates, and by what.
        verify: Verify = Verify::Off,
        /// Least Jaccard similarity of two documents that a cut joins, with `verify`.
        min_jaccard: f64 [ratio, 0 ..= 1] = MIN_JACCARD,
        /// Which document of a cluster stays.
        keep: Keep = Keep::First,
        /// The signal of an earlier step whose highest value stays, with `keep = "best"`.
        by: Option<String> = None,
    }
}

signals! {
    /// What `minhash` measures.
    pub struct Signals {
        /// Characters of the text.
        chars: u64,
        /// Shingles of the simplified text, repeated ones too; a text with none has no key.
        shingles: u64,
    }
}

/// The step.
pub struct MinHash {
    simplification: Simplification,
    units: Units,
    ngram: usize,
    hash: ShingleHash,
    functions: HashFunctions,
    rows: usize,
    stores_minima: bool,
    by: Vec<Input>,
}

/// The units of a shingle.
enum Units {
    Words,
    Characters,
    Tokens(&'static CoreBPE),
}

impl Step for MinHash {
    const NAME: &'static str = "minhash";
    const VERSION: u32 = 1;
    /// The keeper and the least similarity: `verify` is not among them, because it decides whether
    /// minima are stored.
    const SETTLED_BY_CUT: &'static [&'static str] = &["keep", "by", "min_jaccard"];
    const SOURCE: &'static str = include_str!("minhash.rs");
    type Params = Params;
    type Signals = Signals;

    fn variant_defaults(params: &mut Params, gives: &dyn Fn(&str) -> bool) {
        let (shingle, bands, rows) = match params.variant {
            Variant::Datatrove => return,
            Variant::RefinedWeb => (Shingle::Gpt2, 450, 20),
            Variant::Dclm => (Shingle::Gpt2, 93, 15),
            Variant::Duplodocus => (Shingle::Cl100k, 26, 11),
        };
        if !gives("shingle") {
            params.shingle = shingle;
        }
        if !gives("bands") {
            params.bands = bands;
        }
        if !gives("rows") {
            params.rows = rows;
        }
    }

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let by = keeper::inputs(params.keep, params.by.as_deref(), build);
        let functions = params.bands.saturating_mul(params.rows);
        let too_many = functions > MAX_FUNCTIONS;
        if too_many {
            let key = if build.gives("bands") { "bands" } else { "rows" };
            let message = format!("bands × rows make {functions} hash functions");
            build.fault(key, message).help = Some(format!("{MAX_FUNCTIONS} are the most"));
        }
        let unused = params.verify == Verify::Off && params.min_jaccard != MIN_JACCARD;
        if unused {
            build.fault("min_jaccard", "`min_jaccard` bounds nothing without `verify`").help =
                Some("say by what: verify = \"estimated\" or verify = \"jaccard\"".into());
        }
        let by = by?;
        if too_many || unused {
            return None;
        }
        // The ranges of the parameters keep all of these small.
        let small = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let seed = u32::try_from(params.seed).unwrap_or(u32::MAX);
        Some(Self {
            simplification: match params.variant {
                Variant::Datatrove => Simplification::Datatrove,
                Variant::RefinedWeb => Simplification::RefinedWeb,
                Variant::Dclm | Variant::Duplodocus => Simplification::SlimPajama,
            },
            units: match params.shingle {
                Shingle::Word => Units::Words,
                Shingle::Character => Units::Characters,
                Shingle::Gpt2 => Units::Tokens(tiktoken_rs::r50k_base_singleton()),
                Shingle::Cl100k => Units::Tokens(tiktoken_rs::cl100k_base_singleton()),
            },
            ngram: small(params.ngram),
            hash: match params.hash {
                Hash::Xxh64 => ShingleHash::Xxh64,
                Hash::Sha1 => ShingleHash::Sha1,
            },
            functions: HashFunctions::new(seed, small(functions)),
            rows: small(params.rows),
            stores_minima: params.verify == Verify::Estimated,
            by,
        })
    }
}

impl MinHash {
    /// Appends the hashes of the shingles of a text.
    fn hash(&self, text: &str, scratch: &mut MinHashScratch, hashes: &mut Vec<u64>) {
        let MinHashScratch { simplified, simplify, shingles, .. } = scratch;
        self.simplification.apply(text, simplified, simplify);
        match &self.units {
            Units::Words => shingles.words(simplified),
            Units::Characters => shingles.characters(simplified),
            Units::Tokens(vocabulary) => shingles.tokens(&vocabulary.encode_ordinary(simplified)),
        }
        shingles.hash(self.ngram, self.hash, hashes);
    }
}

impl Dedup for MinHash {
    fn inputs(&self) -> &[Input] {
        &self.by
    }

    fn sign(&self, view: &View<'_>, signature: &mut Signature) -> Option<Signals> {
        let chars = view.chars() as u64;
        let shingles = with_scratch(|scratch| {
            let scratch = &mut scratch.minhash;
            let mut hashes = std::mem::take(&mut scratch.hashes);
            hashes.clear();
            self.hash(view.text(), scratch, &mut hashes);
            let shingles = hashes.len();
            if shingles.saturating_mul(self.functions.count()) > SORT_PAYS {
                hashes.sort_unstable();
                hashes.dedup();
            }
            let minima = &mut scratch.minima;
            self.functions.minima(&hashes, minima);
            let keys = minima.chunks_exact(self.rows).map(key);
            signature.keys.extend((0..).zip(keys));
            if self.stores_minima {
                signature.hashes.extend_from_slice(minima);
            }
            scratch.hashes = hashes;
            shingles
        });
        Some(Signals { chars, shingles: shingles as u64 })
    }

    fn shingles(&self, view: &View<'_>, hashes: &mut Vec<u64>) {
        let mut own = Vec::new();
        with_scratch(|scratch| self.hash(view.text(), &mut scratch.minhash, &mut own));
        own.sort_unstable();
        own.dedup();
        hashes.append(&mut own);
    }
}

/// The key of a band.
fn key(minima: &[u64]) -> u64 {
    let mut key = Xxh3::new();
    minima.iter().for_each(|minimum| key.update(&minimum.to_le_bytes()));
    key.digest()
}
