//! From the hidden vector to the probabilities of labels, by the loss the model was trained with.
//!
//! Probabilities pass through `ln(p + 1e-5)` and back, as in the reference: a probability given
//! may therefore exceed the true one by about 1e-5, and 1 slightly.

use super::best::Best;
use super::error::ModelError;
use super::header::Loss;
use super::matrix::Matrix;

/// Counts are summed in the Huffman tree up to this; the reference builds on it as "infinite".
const MAX_COUNT: u64 = 1_000_000_000_000_000;

/// The sigmoid is a table of 512 steps from -8 to 8.
const SIGMOID_STEPS: u16 = 512;
const MAX_SIGMOID: f32 = 8.0;

/// What turns the hidden vector into probabilities.
#[derive(Debug)]
pub(super) struct Output {
    matrix: Matrix,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A Huffman tree of binary decisions.
    Hierarchical(Tree),
    /// Probabilities that add up to 1.
    Softmax,
    /// Each label for itself, by sigmoid.
    Independent(Vec<f32>),
}

/// Buffers kept from text to text.
#[derive(Debug, Default)]
pub(super) struct OutputScratch {
    /// One value per label.
    values: Vec<f32>,
    /// Nodes to visit, with the scores of their paths.
    pending: Vec<(u32, f32)>,
}

impl Output {
    pub(super) fn new(matrix: Matrix, loss: Loss, counts: &[u64]) -> Result<Self, ModelError> {
        let kind = match loss {
            Loss::HierarchicalSoftmax => Kind::Hierarchical(Tree::new(counts)?),
            Loss::Softmax => Kind::Softmax,
            Loss::NegativeSampling | Loss::OneVsAll => Kind::Independent(sigmoid_table()),
        };
        Ok(Self { matrix, kind })
    }

    /// Collects the best labels whose probability is at least `threshold`.
    pub(super) fn collect(
        &self,
        hidden: &[f32],
        threshold: f32,
        scratch: &mut OutputScratch,
        best: &mut Best<'_>,
    ) {
        if let Kind::Hierarchical(tree) = &self.kind {
            tree.collect(&self.matrix, hidden, threshold, &mut scratch.pending, best);
            return;
        }
        self.fill_values(hidden, &mut scratch.values);
        for (label, &value) in (0..).zip(&scratch.values) {
            if value < threshold {
                continue;
            }
            let score = log(f64::from(value));
            if !best.is_beaten(score) {
                best.push(score, label);
            }
        }
    }

    /// The score of one label; `label` is within the model's labels.
    pub(super) fn score(&self, hidden: &[f32], label: usize, scratch: &mut OutputScratch) -> f32 {
        match &self.kind {
            Kind::Hierarchical(tree) => {
                tree.score(&self.matrix, hidden, label, &mut scratch.pending)
            }
            Kind::Softmax => {
                self.fill_values(hidden, &mut scratch.values);
                log(f64::from(scratch.values[label]))
            }
            Kind::Independent(table) => {
                log(f64::from(sigmoid(table, self.matrix.dot(label, hidden))))
            }
        }
    }

    fn fill_values(&self, hidden: &[f32], values: &mut Vec<f32>) {
        values.clear();
        let labels = 0..usize::try_from(self.matrix.rows()).unwrap_or(0);
        values.extend(labels.map(|label| self.matrix.dot(label, hidden)));
        match &self.kind {
            Kind::Independent(table) => {
                values.iter_mut().for_each(|value| *value = sigmoid(table, *value));
            }
            _ => softmax(values),
        }
    }
}

/// `ln(p + 1e-5)`, in f64 until the end.
fn log(probability: f64) -> f32 {
    (probability + 1e-5).ln() as f32
}

/// `e^x` rounded once: the f32 routine differs from platform to platform, this one hardly can.
pub(super) fn exp(x: f32) -> f32 {
    f64::from(x).exp() as f32
}

fn softmax(values: &mut [f32]) {
    let max = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for value in &mut *values {
        *value = exp(*value - max);
        sum += *value;
    }
    values.iter_mut().for_each(|value| *value /= sum);
}

fn sigmoid_table() -> Vec<f32> {
    let entry = |step: u16| {
        let x = f32::from(step) * 2.0 * MAX_SIGMOID / f32::from(SIGMOID_STEPS) - MAX_SIGMOID;
        (1.0 / (1.0 + f64::from(exp(-x)))) as f32
    };
    (0..=SIGMOID_STEPS).map(entry).collect()
}

fn sigmoid(table: &[f32], x: f32) -> f32 {
    if x < -MAX_SIGMOID {
        return 0.0;
    }
    let step = (x + MAX_SIGMOID) * f32::from(SIGMOID_STEPS) / MAX_SIGMOID / 2.0;
    // The conversion cuts off; beyond the table's end the sigmoid counts as 1.
    if x > MAX_SIGMOID { 1.0 } else { table.get(step as usize).copied().unwrap_or(1.0) }
}

/// The Huffman tree of the labels: leaf `i` is label `i`, the inner nodes follow.
#[derive(Debug)]
struct Tree {
    leaves: usize,
    /// Left and right child of each inner node; the last one is the root.
    children: Vec<[u32; 2]>,
    /// The parent of each node and whether it is that parent's right child.
    parents: Vec<(u32, bool)>,
}

impl Tree {
    /// Builds the tree as training did; labels come with their counts, most frequent first.
    fn new(counts: &[u64]) -> Result<Self, ModelError> {
        let total = counts.iter().try_fold(0_u64, |total, &count| total.checked_add(count));
        if total.is_none_or(|total| total >= MAX_COUNT) {
            return Err(ModelError::Damaged("the counts of the labels are impossible".into()));
        }
        let leaves = counts.len();
        let mut inner_counts: Vec<u64> = Vec::new();
        let mut children = Vec::new();
        let mut parents = vec![(0, false); (2 * leaves).saturating_sub(1)];
        // Two queues: leaves from the rarest on, and inner nodes in the order they were made.
        let (mut leaves_left, mut next_inner) = (leaves, 0);
        for node in leaves..parents.len() {
            let mut pair = [0_u32; 2];
            let mut count = 0;
            for (child, is_right) in pair.iter_mut().zip([false, true]) {
                let inner = inner_counts.get(next_inner).copied().unwrap_or(MAX_COUNT);
                let taken = if leaves_left > 0 && counts[leaves_left - 1] < inner {
                    leaves_left -= 1;
                    count += counts[leaves_left];
                    leaves_left
                } else {
                    next_inner += 1;
                    count += inner;
                    leaves + next_inner - 1
                };
                parents[taken] = (number(node), is_right);
                *child = number(taken);
            }
            inner_counts.push(count);
            children.push(pair);
        }
        Ok(Self { leaves, children, parents })
    }

    /// The scores of an inner node's two ways.
    fn branch(&self, matrix: &Matrix, hidden: &[f32], inner: usize) -> [f32; 2] {
        let right = (1.0 / f64::from(1.0 + exp(-matrix.dot(inner, hidden)))) as f32;
        [log(f64::from((1.0 - f64::from(right)) as f32)), log(f64::from(right))]
    }

    /// Depth first, left before right; branches that cannot make it are cut.
    fn collect(
        &self,
        matrix: &Matrix,
        hidden: &[f32],
        threshold: f32,
        pending: &mut Vec<(u32, f32)>,
        best: &mut Best<'_>,
    ) {
        let least = log(f64::from(threshold));
        pending.clear();
        pending.push((number(self.parents.len().saturating_sub(1)), 0.0));
        while let Some((node, score)) = pending.pop() {
            if score < least || best.is_beaten(score) {
                continue;
            }
            match (node as usize).checked_sub(self.leaves) {
                None => best.push(score, node),
                Some(inner) => {
                    let [left, right] = self.children[inner];
                    let [go_left, go_right] = self.branch(matrix, hidden, inner);
                    pending.push((right, score + go_right));
                    pending.push((left, score + go_left));
                }
            }
        }
    }

    /// The score of one leaf: its path alone, summed from the root on.
    fn score(
        &self,
        matrix: &Matrix,
        hidden: &[f32],
        leaf: usize,
        path: &mut Vec<(u32, f32)>,
    ) -> f32 {
        path.clear();
        let mut node = leaf;
        while node + 1 < self.parents.len() {
            let (parent, is_right) = self.parents[node];
            node = parent as usize;
            let branch = self.branch(matrix, hidden, node - self.leaves);
            path.push((parent, branch[usize::from(is_right)]));
        }
        path.iter().rev().fold(0.0, |score, (_, step)| score + step)
    }
}

/// Nodes fit in 32 bits: the format counts labels in 31.
fn number(node: usize) -> u32 {
    node as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sigmoid_is_a_table_that_saturates() {
        let table = sigmoid_table();
        assert_eq!(table.len(), 513);
        assert_eq!(sigmoid(&table, 0.0), 0.5);
        assert_eq!(sigmoid(&table, 0.03), 0.5);
        assert_eq!(sigmoid(&table, 8.0), table[512]);
        assert_eq!(sigmoid(&table, 8.01), 1.0);
        assert_eq!(sigmoid(&table, -8.01), 0.0);
    }

    #[test]
    fn softmax_adds_up_to_one_even_for_large_scores() {
        let mut values = [1000.0, 1000.0, -1000.0];
        softmax(&mut values);
        assert_eq!(values, [0.5, 0.5, 0.0]);
    }

    #[test]
    fn frequent_labels_have_short_paths() {
        let tree = Tree::new(&[8, 4, 2, 1]).unwrap();
        // The two rarest join first (node 4), then the next (5), then the most frequent (6).
        assert_eq!(tree.children, [[3, 2], [4, 1], [5, 0]]);
        assert_eq!(tree.parents[0], (6, true));
        assert_eq!(tree.parents[3], (4, false));
    }

    #[test]
    fn one_label_is_certain_and_impossible_counts_are_refused() {
        assert!(Tree::new(&[5]).unwrap().children.is_empty());
        assert!(Tree::new(&[0, 0, 0]).is_ok());
        for counts in [vec![MAX_COUNT, 1], vec![u64::MAX, u64::MAX]] {
            assert!(matches!(Tree::new(&counts), Err(ModelError::Damaged(_))));
        }
    }
}
