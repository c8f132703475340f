//! The k best labels, with ties in the order of the reference.
//!
//! Ties are common: one-vs-all scores come from a table of 513 values. Which of two equal labels
//! is kept, and which comes first, then follows from the binary heap of the C++ library the
//! reference is built with (libstdc++); this heap moves its entries in the same way.

/// A label's number and its score, the logarithm of its probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scored {
    pub(super) score: f32,
    pub(super) label: u32,
}

/// Collects at most `k` labels; the worst one collected stands at the root.
#[derive(Debug)]
pub(super) struct Best<'a> {
    heap: &'a mut Vec<Scored>,
    k: usize,
}

impl<'a> Best<'a> {
    /// Collects into `heap`, whose former content is dropped.
    pub(super) fn new(heap: &'a mut Vec<Scored>, k: usize) -> Self {
        heap.clear();
        Self { heap, k }
    }

    /// Whether a label of this score would be turned away: `k` better ones are there.
    pub(super) fn is_beaten(&self, score: f32) -> bool {
        self.heap.len() >= self.k && self.heap.first().is_none_or(|worst| score < worst.score)
    }

    /// Adds a label; of labels equal to the worst, one of those added before makes room.
    pub(super) fn push(&mut self, score: f32, label: u32) {
        let scored = Scored { score, label };
        let hole = self.heap.len();
        self.heap.push(scored);
        sift_up(self.heap, hole, scored);
        if self.heap.len() > self.k {
            move_root_to_end(self.heap);
            self.heap.pop();
        }
    }

    /// Puts the labels in order, best first.
    pub(super) fn sort(self) {
        for end in (2..=self.heap.len()).rev() {
            move_root_to_end(&mut self.heap[..end]);
        }
    }
}

/// Places `scored` in the hole at `hole` or above it.
fn sift_up(heap: &mut [Scored], mut hole: usize, scored: Scored) {
    while hole > 0 {
        let parent = (hole - 1) / 2;
        if heap[parent].score <= scored.score {
            break;
        }
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = scored;
}

/// Swaps the root out to the last place and makes the others a heap again.
///
/// The hole sinks to a leaf along the lesser children first, then the former last entry rises.
fn move_root_to_end(heap: &mut [Scored]) {
    let Some(last) = heap.len().checked_sub(1).filter(|&last| last > 0) else { return };
    let moved = heap[last];
    heap[last] = heap[0];
    let heap = &mut heap[..last];
    let mut hole = 0;
    loop {
        let right = 2 * hole + 2;
        let child = if right < heap.len() {
            // Of equal children the right one rises.
            if heap[right].score > heap[right - 1].score { right - 1 } else { right }
        } else if right == heap.len() {
            right - 1
        } else {
            break;
        };
        heap[hole] = heap[child];
        hole = child;
    }
    sift_up(heap, hole, moved);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn best(scores: &[f32], k: usize) -> Vec<(f32, u32)> {
        let mut heap = Vec::new();
        let mut best = Best::new(&mut heap, k);
        for (label, &score) in scores.iter().enumerate() {
            if !best.is_beaten(score) {
                best.push(score, label as u32);
            }
        }
        best.sort();
        heap.iter().map(|scored| (scored.score, scored.label)).collect()
    }

    #[test]
    fn of_equal_labels_the_last_is_the_single_best() {
        assert_eq!(best(&[1.0, 3.0, 3.0, 2.0], 1), [(3.0, 2)]);
    }

    proptest! {
        #[test]
        fn the_best_scores_come_sorted(
            scores in prop::collection::vec((0_u8..9).prop_map(f32::from), 0..40),
            k in 0_usize..12,
        ) {
            let found: Vec<f32> = best(&scores, k).iter().map(|&(score, _)| score).collect();
            let mut expected = scores;
            expected.sort_by(|a, b| b.total_cmp(a));
            expected.truncate(k);
            prop_assert_eq!(found, expected);
        }
    }
}
