//! gristmill: a streaming web-corpus filtering pipeline that measures every document with every
//! step and drops nothing; what a filter would have removed is afterwards a query.
//!
//! # The house
//!
//! Arrows point down only; `tests/house.rs` holds the table of allowed imports.
//!
//! | module | what it does |
//! |---|---|
//! | `main.rs`, [`cli`] | parse the command line, call the library, print, exit code |
//! | [`run`] | shard loop, workers, order, checkpoints, caps; knows only the plan |
//! | [`report`] | run directories → what the filters do, as one page |
//! | [`inspect`] | one document of a run, or a few: found, explained, compared |
//! | [`cut`] | run directories → one arm: survivors, clusters, budget, output formats |
//! | [`store`] | schema from the plan; Parquet writers; `run.json` |
//! | [`plan`] | configuration + registry → plan: views, (step, view) pairs, arms, fingerprint |
//! | [`config`] | TOML → [`config::Config`] with spans; diagnostics; units |
//! | [`steps`] | the traits, the registry, and one file per filter, edit, dedup and annotation |
//! | [`extract`] | charset, HTML → text and metadata; one file per extractor |
//! | [`warc`] | bytes → records → HTTP payloads |
//! | [`shards`] | files, directories, patterns and path lists → the input shards and their names |
//! | [`pool`] | JSONL and Parquet files of already extracted text → documents |
//! | [`fasttext`] | fastText models, read by format |
//! | [`ngram_lm`] | n-gram language models, read from ARPA files |
//! | [`text`] | words, lines, sentences, n-grams, edited views: one definition each |
//! | [`document`] | the document, its id and its source location |
//! | [`digest`], `figures`, `panics` | SHA-256 in hex; numbers as people read them; what a caught panic said |
//!
//! # Invariants
//!
//! 1. **Exactness of arms.** An arm taken from a run of everything equals a run of that arm's
//!    steps alone: the same ids, the same text bytes, in the same order.
//! 2. **Determinism.** Output bytes depend on the input, its bytes and the names it is given by, and
//!    on the plan's fingerprint: not on threads, shard order, clock or machine. (CPU seconds in
//!    manifests are measurements and the one exception.)
//! 3. **Accounting.** Every record is a document, a failure with offset and reason, or counted by
//!    kind.
//! 4. **Purity.** Steps are pure and total: no I/O, clock, randomness or panic. A panic or an
//!    over-size page of a parser ends as a failure row. Should a step panic after all, its document
//!    is a failure in every run that has the step, the one exception to the first invariant.
//! 5. **Bounded memory.** Memory is bounded by configuration, not by input.
//! 6. **No silent keeps.** A step that could never fire is an error of configuration.

pub mod cli;
pub mod config;
pub mod cut;
pub mod digest;
pub mod document;
pub mod extract;
pub mod fasttext;
mod figures;
pub mod inspect;
pub mod ngram_lm;
mod panics;
pub mod plan;
pub mod pool;
pub mod report;
pub mod run;
pub mod shards;
pub mod steps;
pub mod store;
pub mod text;
pub mod warc;
