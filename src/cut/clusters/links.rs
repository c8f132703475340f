//! For each document the one that it is known to be alike: in its lowest band the smallest.

use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed};

/// No document and no band.
const NO_DOCUMENT: u32 = u32::MAX;
const NO_BAND: u16 = u16::MAX;

/// Links of documents, made band by band in ascending order and within a band from any number of
/// threads: 6 bytes a document, 10 with similarities.
#[derive(Debug)]
pub(super) struct Links {
    /// Rank of the band among those there are.
    bands: Vec<AtomicU16>,
    matched: Matched,
}

#[derive(Debug)]
enum Matched {
    Plain(Vec<AtomicU32>),
    /// The document in the upper half, the bits of the similarity in the lower: a pair has one
    /// similarity, so that the smallest document decides.
    Measured(Vec<AtomicU64>),
}

impl Links {
    /// Bands that can be told apart.
    pub(super) const MOST_BANDS: usize = NO_BAND as usize;

    /// No links yet.
    pub(super) fn new(documents: u32, measured: bool) -> Self {
        let all = 0..documents;
        Self {
            bands: all.clone().map(|_| AtomicU16::new(NO_BAND)).collect(),
            matched: if measured {
                Matched::Measured(all.map(|_| AtomicU64::new(u64::MAX)).collect())
            } else {
                Matched::Plain(all.map(|_| AtomicU32::new(NO_DOCUMENT)).collect())
            },
        }
    }

    /// Links a document, unless it has a link of a lower band or to a smaller document.
    #[inline]
    pub(super) fn offer(&self, band: u16, document: u32, matched: u32, similarity: Option<f32>) {
        let place = &self.bands[document as usize];
        // No other band is at work now: what is not of this band is settled, or there is none.
        let present = place.load(Relaxed);
        if present < band {
            return;
        }
        match &self.matched {
            Matched::Plain(all) => {
                all[document as usize].fetch_min(matched, Relaxed);
            }
            Matched::Measured(all) => {
                let link =
                    u64::from(matched) << 32 | u64::from(similarity.unwrap_or_default().to_bits());
                all[document as usize].fetch_min(link, Relaxed);
            }
        }
        if present != band {
            place.store(band, Relaxed);
        }
    }

    /// The similarity of two documents, where a link between them tells it.
    pub(super) fn known(&self, a: u32, b: u32) -> Option<f32> {
        let of = |document, other| match self.matched(document) {
            Some((matched, similarity)) if matched == other => similarity,
            _ => None,
        };
        of(a, b).or_else(|| of(b, a))
    }

    fn matched(&self, document: u32) -> Option<(u32, Option<f32>)> {
        let (matched, similarity) = match &self.matched {
            Matched::Plain(all) => (all[document as usize].load(Relaxed), None),
            Matched::Measured(all) => {
                let link = all[document as usize].load(Relaxed);
                ((link >> 32) as u32, Some(f32::from_bits(link as u32)))
            }
        };
        (matched != NO_DOCUMENT).then_some((matched, similarity))
    }

    /// Rank of the band, document and similarity of a document's link.
    pub(super) fn get(&self, document: u32) -> Option<(u16, u32, Option<f32>)> {
        let (matched, similarity) = self.matched(document)?;
        Some((self.bands[document as usize].load(Relaxed), matched, similarity))
    }
}
