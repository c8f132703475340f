//! `NAME_train_NNNNNN.bin` for modded-nanogpt (`data/fineweb.py`) and llm.c: a header of 256 i32
//! (20240520, 1, tokens of the shard, zeros), then tokens as u16; a document **begins** with the
//! token that elsewhere ends it.
//!
//! Shards are numbered from 1, since number 0 is the hold-out there. Theirs have 100 million tokens
//! to the last, and cut documents in two; here a shard has as many and the rest of its last
//! document, so that each begins with a document.

use std::io::Write as _;

use super::parts::{Part, Parts};
use super::tokens::{TokenBytes, Width, tokens};
use super::{CutDocument, Target, Writer, wrong};
use crate::steps::TextTokenizer;
use crate::store::{SealedFile, StoreError, WholeFile};

/// Tokens after which a new shard begins: `--shard_size` of `data/fineweb.py`.
const SHARD_TOKENS: u64 = 100_000_000;
const MAGIC: i32 = 20_240_520;
const VERSION: i32 = 1;
const HEADER_BYTES: usize = 256 * 4;

pub(super) fn begin(
    target: &Target,
    tokenizer: &TextTokenizer,
) -> Result<Box<dyn Writer>, StoreError> {
    begin_with(target, tokenizer, SHARD_TOKENS)
}

/// With shards of another size.
pub(super) fn begin_with(
    target: &Target,
    tokenizer: &TextTokenizer,
    shard_tokens: u64,
) -> Result<Box<dyn Writer>, StoreError> {
    let (directory, name) = (target.directory.clone(), target.name.clone());
    let tokens = TokenBytes::new(Width::Two, tokenizer);
    let end_of_text = tokenizer.end_of_text().map_err(|e| wrong(&directory, e.to_string()))?;
    Parts::begin(target, shard_tokens, move |number| {
        let place = directory.join(format!("{name}_train_{:06}.bin", number + 1));
        let mut data = WholeFile::create(place)?;
        // The number of tokens comes at the end.
        data.write_all(&header(0)).map_err(|error| StoreError::new(data.place(), error))?;
        Ok(NanogptPart { tokens: tokens.clone(), end_of_text, data, count: 0, end: 0 })
    })
}

fn header(tokens: i32) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    for (place, number) in header.chunks_exact_mut(4).zip([MAGIC, VERSION, tokens]) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    header
}

struct NanogptPart {
    tokens: TokenBytes,
    end_of_text: u32,
    data: WholeFile,
    count: u64,
    /// Tokens so far.
    end: u64,
}

impl Part for NanogptPart {
    fn weight(document: &CutDocument) -> u64 {
        1 + document.tokens.as_ref().map_or(0, |tokens| tokens.len() as u64)
    }

    fn write(&mut self, document: &CutDocument) -> Result<(), StoreError> {
        let list = tokens(document, self.data.place())?;
        let with_start = [self.end_of_text].into_iter().chain(list.iter().copied());
        self.end += self.tokens.write(with_start, &mut self.data)?;
        self.count += 1;
        Ok(())
    }

    fn seal(mut self) -> Result<Vec<SealedFile>, StoreError> {
        let tokens = i32::try_from(self.end)
            .map_err(|_| wrong(self.data.place(), "a shard of more than 2^31 tokens"))?;
        self.data.rewrite_beginning(&header(tokens))?;
        Ok(vec![self.data.seal(self.count)?])
    }
}
