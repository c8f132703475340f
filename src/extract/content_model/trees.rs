//! Sums of oblivious trees over columns of features.

/// Most questions of one tree.
pub(super) const DEPTH: usize = 6;

/// Blocks that are judged at a time: as many as fit the second cache with all their features.
const CHUNK: usize = 256;

/// A question of a tree: is the feature above the border?
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Split {
    /// Which feature, as a column.
    pub(super) feature: u16,
    /// The border.
    pub(super) border: f32,
}

/// A tree: the answers to its questions, the first one the lowest bit, number the leaf.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    /// The questions.
    pub(super) splits: Vec<Split>,
    /// What each leaf adds to the logit.
    pub(super) leaves: [f32; 1 << DEPTH],
}

/// A sum of trees.
#[derive(Debug, Default)]
pub(super) struct Trees {
    /// The logit of no tree.
    pub(super) bias: f32,
    /// The trees.
    pub(super) trees: Vec<Tree>,
}

/// Features of some blocks, each feature in a run.
pub(super) struct Columns {
    /// [features × CHUNK].
    values: Vec<f32>,
    blocks: usize,
}

impl Columns {
    pub(super) fn new(features: usize) -> Self {
        Self { values: vec![0.0; features * CHUNK], blocks: 0 }
    }

    /// Adds a block; there must be room.
    pub(super) fn push<'a>(&mut self, row: impl Iterator<Item = &'a f32>) {
        for (column, value) in self.values.chunks_exact_mut(CHUNK).zip(row) {
            column[self.blocks] = *value;
        }
        self.blocks += 1;
    }

    pub(super) fn is_full(&self) -> bool {
        self.blocks == CHUNK
    }
}

impl Trees {
    /// Appends the logit of each block, and takes the blocks out.
    pub(super) fn judge(&self, columns: &mut Columns, logits: &mut Vec<f32>) {
        // Whole vectors: what stands behind the last block is judged in vain.
        let blocks = columns.blocks.next_multiple_of(8);
        let mut sums = [self.bias; CHUNK];
        let mut leaf = [0_u32; CHUNK];
        for tree in &self.trees {
            let leaf = &mut leaf[..blocks];
            leaf.fill(0);
            for (level, split) in tree.splits.iter().enumerate() {
                let column = &columns.values[usize::from(split.feature) * CHUNK..][..blocks];
                for (leaf, value) in leaf.iter_mut().zip(column) {
                    *leaf |= u32::from(*value > split.border) << level;
                }
            }
            for (sum, leaf) in sums.iter_mut().zip(leaf.iter()) {
                *sum += tree.leaves[*leaf as usize % (1 << DEPTH)];
            }
        }
        logits.extend_from_slice(&sums[..columns.blocks]);
        columns.blocks = 0;
    }

    /// How many trees there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.trees.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_add_the_leaves_that_their_questions_lead_to() {
        let split = |feature, border| Split { feature, border };
        let mut leaves = [0.0; 1 << DEPTH];
        (leaves[0], leaves[1], leaves[2], leaves[3]) = (1.0, 2.0, 4.0, 8.0);
        let tree = Tree { splits: vec![split(0, 0.5), split(1, -1.0)], leaves };
        let trees = Trees { bias: 0.25, trees: vec![tree.clone(), tree] };
        let mut columns = Columns::new(2);
        let mut logits = Vec::new();
        for row in [[0.5, -1.0], [0.6, -1.0], [0.5, -0.9], [0.6, -0.9]] {
            columns.push(row.iter());
        }
        trees.judge(&mut columns, &mut logits);
        assert_eq!(logits, [2.25, 4.25, 8.25, 16.25]);
        columns.push([9.0, -9.0].iter());
        trees.judge(&mut columns, &mut logits);
        assert_eq!(logits[4..], [4.25]);
    }
}
