//! Output formats: what trainers read, written whole or not at all.
//!
//! Each format is a [`Writer`] that takes documents in the order in which they are to be read.
//! Memory is bounded by the greatest document, and by 4 bytes a document in one format
//! (Megatron). Files come to their places together, when the last document is written; a writer
//! that is dropped or killed leaves none there.

mod datatrove;
mod jsonl;
mod lingua;
mod megatron;
mod nanogpt;
mod olmo;
mod parquet;
mod parts;
#[cfg(test)]
mod tests;
mod tokens;

use std::fmt;
use std::io;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::document::Document;
use crate::steps::{TextTokenizer, TokenizerError};
use crate::store::{Output, StoreError};

/// A document as an arm has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CutDocument {
    /// Its metadata, and the text as the arm sees it.
    pub document: Document,
    /// Its host.
    pub host: Option<String>,
    /// Its registered domain.
    pub domain: Option<String>,
    /// By dedup of the arm, in order: how many documents its cluster has.
    pub cluster_sizes: Vec<u64>,
    /// The text in tokens, without one that ends it, where the format
    /// [needs them](Format::needs_tokenizer): whoever calls the writer has the threads for it.
    pub tokens: Option<Vec<u32>>,
}

/// What an arm is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Parquet with the metadata of every document.
    Parquet,
    /// JSON Lines.
    Jsonl,
    /// JSON Lines in gzip.
    JsonlGz,
    /// JSON Lines in zstd.
    JsonlZst,
    /// Chunks of JSON Lines for Lingua.
    Lingua,
    /// `.bin` and `.idx` for Megatron and NeMo.
    Megatron,
    /// Flat arrays for OLMo-core.
    Olmo,
    /// `.ds` with an index for datatrove and nanotron.
    Datatrove,
    /// Shards for modded-nanogpt and llm.c.
    Nanogpt,
}

/// Why a format cannot be written with a tokenizer, or without one.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// A name that is none of the formats'.
    #[error("`{name}` is no format; there are: {}", format_names())]
    Unknown {
        /// What the user gave.
        name: String,
    },
    /// Tokens without a tokenizer.
    #[error("the format `{0}` holds tokens: name a tokenizer")]
    NeedsTokenizer(Format),
    /// Nothing to end or to begin a document with.
    #[error(transparent)]
    NoEndOfText(#[from] TokenizerError),
    /// Tokens that the format has no room for.
    #[error(
        "the format `{format}` has 2 bytes a token, for 65,536 tokens at most; `{tokenizer}` has \
         {vocabulary_size}"
    )]
    VocabularyTooLarge {
        /// The format.
        format: Format,
        /// The tokenizer.
        tokenizer: String,
        /// One more than its greatest token.
        vocabulary_size: u32,
    },
}

fn format_names() -> String {
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    names.join(", ")
}

impl Format {
    /// Every format, in the order in which help lists them.
    pub const ALL: [Self; 9] = [
        Self::Parquet,
        Self::Jsonl,
        Self::JsonlGz,
        Self::JsonlZst,
        Self::Lingua,
        Self::Megatron,
        Self::Olmo,
        Self::Datatrove,
        Self::Nanogpt,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Jsonl => "jsonl",
            Self::JsonlGz => "jsonl.gz",
            Self::JsonlZst => "jsonl.zst",
            Self::Lingua => "lingua",
            Self::Megatron => "megatron",
            Self::Olmo => "olmo",
            Self::Datatrove => "datatrove",
            Self::Nanogpt => "nanogpt",
        }
    }

    /// What it is and who reads it, in a line.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Parquet => "Parquet with metadata: datasets, torchtitan, Levanter, DuckDB",
            Self::Jsonl => "JSON Lines",
            Self::JsonlGz => "JSON Lines in gzip",
            Self::JsonlZst => "JSON Lines in zstd",
            Self::Lingua => "NAME/NAME.chunk.NN.jsonl: Lingua",
            Self::Megatron => "NAME_text_document.bin and .idx: Megatron-LM, NeMo",
            Self::Olmo => "flat arrays of tokens, .npy: OLMo-core",
            Self::Datatrove => ".ds and .ds.index: datatrove, nanotron",
            Self::Nanogpt => "NAME_train_NNNNNN.bin: modded-nanogpt, llm.c",
        }
    }

    /// Whether it holds tokens, so that [`Target::tokenizer`] and [`CutDocument::tokens`] are asked
    /// for.
    pub fn needs_tokenizer(self) -> bool {
        match self {
            Self::Parquet | Self::Jsonl | Self::JsonlGz | Self::JsonlZst | Self::Lingua => false,
            Self::Megatron | Self::Olmo | Self::Datatrove | Self::Nanogpt => true,
        }
    }

    /// Whether it can be written with this tokenizer.
    ///
    /// # Errors
    /// If it needs one and has none, one without an end of text, or one with too many tokens.
    pub fn check(self, tokenizer: Option<&TextTokenizer>) -> Result<(), FormatError> {
        if !self.needs_tokenizer() {
            return Ok(());
        }
        let tokenizer = tokenizer.ok_or(FormatError::NeedsTokenizer(self))?;
        tokenizer.end_of_text()?;
        if self == Self::Nanogpt && tokenizer.vocabulary_size() > 1 << 16 {
            return Err(FormatError::VocabularyTooLarge {
                format: self,
                tokenizer: tokenizer.name().to_owned(),
                vocabulary_size: tokenizer.vocabulary_size(),
            });
        }
        Ok(())
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(name: &str) -> Result<Self, FormatError> {
        let found = Self::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| FormatError::Unknown { name: name.to_owned() })
    }
}

/// Where an arm is written and how.
pub struct Target {
    /// The directory, which is there; its files are this writer's alone.
    pub directory: PathBuf,
    /// The name of the arm, in snake_case: the formats that name their files after a corpus use it.
    pub name: String,
    /// Bytes of text after which a new part begins, in formats of parts.
    pub part_bytes: u64,
    /// Files that [`Format::Lingua`] deals the documents to: see [`LINGUA_CHUNKS`].
    pub lingua_chunks: NonZeroU16,
    /// Names for the columns of [`CutDocument::cluster_sizes`].
    pub dedups: Vec<String>,
    /// What made [`CutDocument::tokens`].
    pub tokenizer: Option<Arc<TextTokenizer>>,
}

/// Chunks for Lingua where nothing is said: one, which any number of ranks reads whole.
///
/// Lingua leaves out, without a word, the chunks that are more than its ranks, and refuses a number
/// of ranks that is no multiple of the chunks (`lingua/data.py`, `find_and_sanitize_chunks`). As
/// many chunks as ranks spare each rank the lines of the others.
pub const LINGUA_CHUNKS: NonZeroU16 = NonZeroU16::MIN;

/// Takes the documents of an arm in order.
pub trait Writer: Send {
    /// Appends a document.
    ///
    /// # Errors
    /// If the disk refuses, or the document lacks what the format holds: a fault of the caller. The
    /// writer is then to be discarded.
    fn write(&mut self, document: &CutDocument) -> Result<(), StoreError>;

    /// Puts all files in their places; paths are relative to the directory.
    ///
    /// # Errors
    /// If the disk refuses; no file is then in its place.
    fn finish(self: Box<Self>) -> Result<Vec<Output>, StoreError>;

    /// Gives the output up and removes what was written.
    fn discard(self: Box<Self>);
}

/// Begins an output.
///
/// # Errors
/// If the format [does not take](Format::check) the tokenizer, or a file cannot be made.
pub fn writer(format: Format, target: &Target) -> Result<Box<dyn Writer>, StoreError> {
    let tokenizer = target.tokenizer.as_deref();
    let refused = |error| {
        let error = io::Error::new(io::ErrorKind::InvalidInput, error);
        StoreError::new(&target.directory, error)
    };
    format.check(tokenizer).map_err(refused)?;
    match (format, tokenizer) {
        (Format::Parquet, _) => parquet::begin(target),
        (Format::Jsonl, _) => jsonl::begin(target, jsonl::Coding::Plain),
        (Format::JsonlGz, _) => jsonl::begin(target, jsonl::Coding::Gzip),
        (Format::JsonlZst, _) => jsonl::begin(target, jsonl::Coding::Zstd),
        (Format::Lingua, _) => lingua::begin(target),
        (Format::Megatron, Some(tokenizer)) => megatron::begin(target, tokenizer),
        (Format::Olmo, Some(tokenizer)) => olmo::begin(target, tokenizer),
        (Format::Datatrove, Some(tokenizer)) => datatrove::begin(target, tokenizer),
        (Format::Nanogpt, Some(tokenizer)) => nanogpt::begin(target, tokenizer),
        (_, None) => Err(refused(FormatError::NeedsTokenizer(format))),
    }
}

/// A fault of the caller, at the file that it concerns.
fn wrong(place: &std::path::Path, message: impl Into<String>) -> StoreError {
    StoreError::new(place, io::Error::new(io::ErrorKind::InvalidInput, message.into()))
}
