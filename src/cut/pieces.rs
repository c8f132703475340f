//! A dedup of pieces among the survivors of an arm: signatures → which pieces are removed.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::steps::Built;
use crate::store::StoreError;
use crate::text::{Span, apply};

use super::CutError;
use super::arm::Dedup;
use super::bits::Bits;
use super::clusters::{Repeats, Scratch};
use super::context::Context;
use super::dedup::each_piece;

/// Bytes of an entry: a document and a position.
const ENTRY: u64 = 8;

/// What a dedup of pieces came to in an arm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PiecesSummary {
    /// The step.
    pub step: String,
    /// Documents that came as far as the dedup.
    pub documents: u64,
    /// Pieces removed.
    pub removed_pieces: u64,
    /// Bytes removed from documents that stay.
    pub removed_bytes: u64,
    /// Documents dropped, since too little was left of them.
    pub removed_documents: u64,
}

/// The pieces that an arm removes, as a file of (document, position), ascending.
pub(super) struct Removed {
    file: Scratch,
    /// By document: where its entries would begin, for every 4,096th document.
    index: Vec<u64>,
    entries: u64,
    built: Built,
    min_chars_left: Option<u64>,
}

/// Bytes written at a time.
const BUFFER: usize = 1 << 20;
/// Documents of a stretch of the index.
const STRETCH: u32 = 4096;

impl Removed {
    /// Finds the pieces of a set of documents that are repeats of earlier ones.
    pub(super) fn find(
        context: &Context<'_>,
        stage: &Dedup,
        documents: &Bits,
    ) -> Result<Self, CutError> {
        let built = stage.rebuild()?;
        let mut repeats = Repeats::new(context.pool.documents, &context.clustering());
        each_piece(context, stage, documents, |key, document, piece| {
            Ok(repeats.push(key, document, piece)?)
        })?;
        let file = Scratch::create(&context.spill)?;
        let (mut index, mut entries, mut written) = (Vec::new(), 0, 0);
        let mut buffer = Vec::with_capacity(BUFFER);
        for repeat in repeats.finish()? {
            let (document, piece) = repeat?;
            while index.len() <= (document / STRETCH) as usize {
                index.push(entries);
            }
            buffer.extend(document.to_le_bytes());
            buffer.extend(piece.to_le_bytes());
            entries += 1;
            if buffer.len() >= BUFFER {
                file.write_at(&buffer, written)?;
                written += buffer.len() as u64;
                buffer.clear();
            }
        }
        file.write_at(&buffer, written)?;
        let min_chars_left = stage.params["min_chars_left"].as_u64();
        Ok(Self { file, index, entries, built, min_chars_left })
    }

    /// How many pieces are removed.
    pub(super) fn count(&self) -> u64 {
        self.entries
    }

    /// The positions removed of the documents `first..first + rows`.
    pub(super) fn of_group(&self, first: u32, rows: u32) -> Result<OfGroup, StoreError> {
        let start = |document: u32| {
            let at = self.index.get((document / STRETCH) as usize);
            at.copied().unwrap_or(self.entries)
        };
        let end = (first + rows).checked_next_multiple_of(STRETCH).map_or(self.entries, start);
        let range = start(first)..end;
        let bytes = usize::try_from((range.end - range.start) * ENTRY).unwrap_or(usize::MAX);
        let mut buffer = vec![0; bytes];
        self.file.read_at(&mut buffer, range.start * ENTRY)?;
        let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap_or_default());
        let entries = buffer.chunks_exact(ENTRY as usize);
        Ok(OfGroup(entries.map(|entry| (number(&entry[..4]), number(&entry[4..]))).collect()))
    }

    /// A document's text without the pieces removed; `None` where too little is left.
    pub(super) fn apply(&self, positions: &[(u32, u32)], text: String) -> Option<String> {
        if positions.is_empty() {
            return self.enough(text);
        }
        let mut pieces: Vec<Range<usize>> = Vec::new();
        self.built.step.pieces(&text, &mut pieces);
        let spans: Vec<Span> = positions
            .iter()
            .filter_map(|(_, position)| pieces.get(*position as usize))
            .map(|piece| Span::remove(piece.start, piece.end))
            .collect();
        self.enough(apply(&text, &spans))
    }

    /// The text, unless it is too short.
    fn enough(&self, text: String) -> Option<String> {
        let least = self.min_chars_left.unwrap_or(0);
        let enough = least == 0 || text.chars().count() as u64 >= least;
        enough.then_some(text)
    }
}

/// The positions removed of some documents in a row.
pub(super) struct OfGroup(Vec<(u32, u32)>);

impl OfGroup {
    /// The entries of one of them.
    pub(super) fn of(&self, document: u32) -> &[(u32, u32)] {
        let start = self.0.partition_point(|(at, _)| *at < document);
        let end = self.0.partition_point(|(at, _)| *at <= document);
        &self.0[start..end]
    }
}
