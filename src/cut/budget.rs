//! Budgets: the longest beginning of the drawing order that weighs no more than a budget.
//!
//! Documents are drawn by ascending [priority](super::priority); what counts is their weight in
//! tokens, bytes or documents. The first document that would exceed the budget ends the draw, and
//! no smaller one is taken in its stead: so a smaller budget draws a beginning of what a larger one
//! draws, and small documents are not preferred.
//!
//! Memory does not grow with the documents. The first pass sums the weights by the highest 16 bits
//! of the priority. The budget is exceeded in one of these 2^16 ranges, and the second pass keeps
//! the documents of that range alone: with 8 billion documents, some 131,000. Should a range have
//! more (ids that repeat millions of times), the same pass has summed it by the next 16 bits, and
//! another one follows.
//!
//! Documents of one id and one ordinal cannot be told apart: they stand or fall together.

mod refine;
#[cfg(test)]
mod tests;

pub use refine::{Refine, Refined, Threshold};

/// Bits of the priority by which one pass sums.
const BITS: u32 = 16;

/// What some documents come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    /// 2^64 documents of 2^64 each fit.
    weight: u128,
    documents: u64,
}

impl Sum {
    fn and(self, other: Self) -> Self {
        Self {
            weight: self.weight.saturating_add(other.weight),
            documents: self.documents.saturating_add(other.documents),
        }
    }
}

/// Sums by 16 bits of the priority, `[2^16]`; 2 MiB.
#[derive(Debug)]
struct Histogram {
    sums: Vec<Sum>,
    /// Bits above those that it sums by.
    above: u32,
}

impl Histogram {
    fn new(above: u32) -> Self {
        Self { sums: vec![Sum::default(); 1 << BITS], above }
    }

    fn add(&mut self, priority: u64, weight: u64) {
        let bucket = (priority << self.above >> (u64::BITS - BITS)) as usize;
        let sum = &mut self.sums[bucket];
        *sum = sum.and(Sum { weight: u128::from(weight), documents: 1 });
    }

    /// The bucket in which the budget is exceeded, and what comes before it; without one, what
    /// everything comes to. `before` is what comes before the histogram.
    fn crossing(&self, before: Sum, budget: u64) -> (Option<u64>, Sum) {
        let mut sum = before;
        for (bucket, &of_bucket) in self.sums.iter().enumerate() {
            let next = sum.and(of_bucket);
            if next.weight > u128::from(budget) {
                return (Some(bucket as u64), sum);
            }
            sum = next;
        }
        (None, sum)
    }
}

/// All passes over documents that can be read as often as needed; `None` if all of them fit the
/// budget together.
///
/// `pass` hands every document to the function it is given, as [`Refine::add`] takes it.
///
/// # Errors
/// Those of `pass`.
pub fn draw<E>(
    budget: u64,
    mut pass: impl FnMut(&mut dyn FnMut(u64, &str, u32, u64)) -> Result<(), E>,
) -> Result<Option<Threshold>, E> {
    let mut draw = Draw::new(budget);
    pass(&mut |priority, _, _, weight| draw.count(priority, weight))?;
    let Some(mut refine) = draw.refine() else { return Ok(None) };
    loop {
        pass(&mut |priority, id, ordinal, weight| refine.add(priority, id, ordinal, weight))?;
        match refine.finish() {
            Refined::Settled(threshold) => return Ok(Some(threshold)),
            Refined::Again(next) => refine = next,
        }
    }
}

/// The first pass: weights by priority.
#[derive(Debug)]
pub struct Draw {
    budget: u64,
    histogram: Histogram,
}

impl Draw {
    /// A draw of documents that weigh `budget` together at most.
    pub fn new(budget: u64) -> Self {
        Self { budget, histogram: Histogram::new(0) }
    }

    /// Counts a document.
    pub fn count(&mut self, priority: u64, weight: u64) {
        self.histogram.add(priority, weight);
    }

    /// Goes on to the second pass; `None` if all documents fit the budget together.
    pub fn refine(self) -> Option<Refine> {
        let (bucket, before) = self.histogram.crossing(Sum::default(), self.budget);
        Some(Refine::new(self.budget, before, bucket?, BITS))
    }
}
