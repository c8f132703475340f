//! The passes that follow: the documents about which the first one leaves a doubt.

use std::collections::BTreeMap;

use super::{BITS, Histogram, Sum};

/// Most documents that a pass keeps; with ids of 50 bytes some 20 MiB.
const MOST_KEPT: usize = 1 << 17;

/// A document's place in the drawing order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    priority: u64,
    id: String,
    ordinal: u32,
}

impl Place {
    /// The place in the form in which documents are asked about.
    fn key(&self) -> (u64, &str, u32) {
        (self.priority, &self.id, self.ordinal)
    }
}

/// A pass over the documents of the range of priorities in which the budget is exceeded.
#[derive(Debug)]
pub struct Refine {
    budget: u64,
    /// What comes before the range, and the documents of it up to `after`.
    before: Sum,
    /// The highest `bits` bits of the priorities of the range.
    prefix: u64,
    bits: u32,
    /// Where an earlier pass over the same range stopped.
    after: Option<Place>,
    /// The first documents of the range; which those are does not depend on the order of the pass.
    kept: BTreeMap<Place, Sum>,
    most_kept: usize,
    /// Whether the range has more documents than are kept.
    more: bool,
    /// The range by the next bits, as long as there are any.
    histogram: Option<Histogram>,
}

/// What a pass comes to.
#[derive(Debug)]
pub enum Refined {
    /// The draw is settled.
    Settled(Threshold),
    /// The range had more documents than are kept: another pass, over a part of it.
    Again(Refine),
}

impl Refine {
    pub(super) fn new(budget: u64, before: Sum, prefix: u64, bits: u32) -> Self {
        Self {
            budget,
            before,
            prefix,
            bits,
            after: None,
            kept: BTreeMap::new(),
            most_kept: MOST_KEPT,
            more: false,
            histogram: (bits < u64::BITS).then(|| Histogram::new(bits)),
        }
    }

    /// Keeps fewer documents, to test what happens when they are too many.
    #[cfg(test)]
    pub(super) fn keep_at_most(self, documents: usize) -> Self {
        Self { most_kept: documents, ..self }
    }

    /// Takes note of a document. Every pass is given every document that the first one counted, in
    /// any order.
    pub fn add(&mut self, priority: u64, id: &str, ordinal: u32, weight: u64) {
        if priority >> (u64::BITS - self.bits) != self.prefix {
            return;
        }
        if let Some(histogram) = &mut self.histogram {
            histogram.add(priority, weight);
        }
        let key = (priority, id, ordinal);
        let counted = self.after.as_ref().is_some_and(|after| key <= after.key());
        let too_late = self.more && self.kept.last_key_value().is_none_or(|(l, _)| key > l.key());
        if counted || too_late {
            return;
        }
        let place = Place { priority, id: id.to_owned(), ordinal };
        let sum = self.kept.entry(place).or_default();
        *sum = sum.and(Sum { weight: u128::from(weight), documents: 1 });
        if self.kept.len() > self.most_kept {
            self.kept.pop_last();
            self.more = true;
        }
    }

    /// Ends the pass.
    pub fn finish(mut self) -> Refined {
        let mut sum = self.before;
        for (place, &of_place) in &self.kept {
            let next = sum.and(of_place);
            if next.weight > u128::from(self.budget) {
                return Refined::Settled(Threshold { end: Some(place.clone()), sum });
            }
            sum = next;
        }
        if self.more {
            let Some(histogram) = self.histogram else {
                // All of one priority: the next pass takes up where this one stopped.
                let after = self.kept.pop_last().map(|(place, _)| place);
                let next = Self::new(self.budget, sum, self.prefix, self.bits);
                return Refined::Again(Self { after, most_kept: self.most_kept, ..next });
            };
            let (bucket, before) = histogram.crossing(self.before, self.budget);
            if let Some(bucket) = bucket {
                let prefix = self.prefix << BITS | bucket;
                let next = Self::new(self.budget, before, prefix, self.bits + BITS);
                return Refined::Again(Self { most_kept: self.most_kept, ..next });
            }
            sum = before;
        }
        // Only if this pass was given less than the first: then the whole range fits.
        let end = (u128::from(self.prefix) + 1) << (u64::BITS - self.bits);
        let first = |priority| Place { priority, id: String::new(), ordinal: 0 };
        Refined::Settled(Threshold { end: u64::try_from(end).ok().map(first), sum })
    }
}

/// Where a draw ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// The first place that is not taken; `None` if there is no place after those that are.
    end: Option<Place>,
    sum: Sum,
}

impl Threshold {
    /// Whether the draw takes a document.
    pub fn takes(&self, priority: u64, id: &str, ordinal: u32) -> bool {
        self.end.as_ref().is_none_or(|end| (priority, id, ordinal) < end.key())
    }

    /// What the documents taken weigh together; never more than the budget.
    pub fn total(&self) -> u64 {
        u64::try_from(self.sum.weight).unwrap_or(u64::MAX)
    }

    /// How many documents are taken.
    pub fn documents(&self) -> u64 {
        self.sum.documents
    }
}
