//! `NAME_text_document.bin` and `.idx` for Megatron-LM and NeMo
//! (`megatron/core/datasets/indexed_dataset.py`): a sequence for each document, its end of text
//! appended as `tools/preprocess_data.py --append-eod` does.
//!
//! The index, little-endian: `MMIDIDX\0\0`; 1 as u64; the type of a token as u8 (8 for u16, 4 for
//! i32); sequences as u64; documents and one more as u64; tokens of each sequence as i32; where each
//! begins in the data, in bytes, as i64; the first sequence of each document and the end of the
//! last as i64. Lengths are kept in memory until the end: 4 bytes a document.
//!
//! Of an output without documents, Megatron's reader opens the data only with `mmap=False`: no
//! system maps a file of no bytes.

use std::io::{self, Write as _};

use super::parts::Sealed;
use super::tokens::{TokenBytes, Width, tokens};
use super::{CutDocument, Target, Writer, wrong};
use crate::steps::TextTokenizer;
use crate::store::{Output, StoreError, WholeFile};

/// Below it Megatron takes u16 (`DType.optimal_dtype`): not 65,536.
const TWO_BYTES_BELOW: u32 = 65_500;

pub(super) fn begin(
    target: &Target,
    tokenizer: &TextTokenizer,
) -> Result<Box<dyn Writer>, StoreError> {
    let place =
        |suffix: &str| target.directory.join(format!("{}_text_document.{suffix}", target.name));
    let two = tokenizer.vocabulary_size() < TWO_BYTES_BELOW;
    let width = if two { Width::Two } else { Width::Four };
    let data = WholeFile::create(place("bin"))?;
    let index = WholeFile::create(place("idx"))?;
    let end_of_text = tokenizer.end_of_text().map_err(|e| wrong(data.place(), e.to_string()))?;
    Ok(Box::new(Megatron {
        tokens: TokenBytes::new(width, tokenizer),
        end_of_text,
        data,
        index,
        lengths: Vec::new(),
        sealed: Sealed::new(target),
    }))
}

struct Megatron {
    tokens: TokenBytes,
    end_of_text: u32,
    data: WholeFile,
    index: WholeFile,
    /// Tokens of each document.
    lengths: Vec<i32>,
    sealed: Sealed,
}

impl Megatron {
    fn write_index(&mut self) -> io::Result<()> {
        let (index, lengths) = (&mut self.index, &self.lengths);
        let type_of_token: u8 = if self.tokens.width == Width::Two { 8 } else { 4 };
        let count = lengths.len() as u64;
        index.write_all(b"MMIDIDX\0\0")?;
        index.write_all(&1u64.to_le_bytes())?;
        index.write_all(&[type_of_token])?;
        index.write_all(&count.to_le_bytes())?;
        index.write_all(&(count + 1).to_le_bytes())?;
        for length in lengths {
            index.write_all(&length.to_le_bytes())?;
        }
        let mut start: i64 = 0;
        for length in lengths {
            index.write_all(&start.to_le_bytes())?;
            start += i64::from(*length) * self.tokens.width.bytes() as i64;
        }
        for document in 0..=count {
            index.write_all(&document.to_le_bytes())?;
        }
        Ok(())
    }
}

impl Writer for Megatron {
    fn write(&mut self, document: &CutDocument) -> Result<(), StoreError> {
        let list = tokens(document, self.data.place())?;
        let with_end = list.iter().copied().chain([self.end_of_text]);
        let length = self.tokens.write(with_end, &mut self.data)?;
        let length = i32::try_from(length)
            .map_err(|_| wrong(self.data.place(), "a document of more than 2^31 tokens"))?;
        self.lengths.push(length);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Output>, StoreError> {
        self.write_index().map_err(|error| StoreError::new(self.index.place(), error))?;
        let rows = self.lengths.len() as u64;
        let files = vec![self.data.seal(rows)?, self.index.seal(rows)?];
        self.sealed.extend(files);
        self.sealed.put()
    }

    fn discard(self: Box<Self>) {
        drop(self);
    }
}
