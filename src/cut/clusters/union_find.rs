//! Disjoint sets of documents, joined from any number of threads at once.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Disjoint sets of 0..n; the smallest member is the root. 4 bytes a member.
///
/// Relaxed order is enough: a parent is never greater than its child, only a root gets a parent of
/// its own choosing (by compare-and-swap), and any ancestor is a right parent, however old.
#[derive(Debug)]
pub(super) struct UnionFind {
    parents: Vec<AtomicU32>,
}

impl UnionFind {
    /// Each member alone.
    pub(super) fn new(members: u32) -> Self {
        Self { parents: (0..members).map(AtomicU32::new).collect() }
    }

    /// The smallest member known to be in the set now.
    #[inline]
    fn find(&self, member: u32) -> u32 {
        let mut member = member;
        loop {
            let parent = self.parents[member as usize].load(Relaxed);
            if parent == member {
                return member;
            }
            let above = self.parents[parent as usize].load(Relaxed);
            if above == parent {
                return parent;
            }
            self.parents[member as usize].store(above, Relaxed);
            member = above;
        }
    }

    /// Makes one set of two.
    #[inline]
    pub(super) fn join(&self, a: u32, b: u32) {
        let (mut a, mut b) = (a, b);
        // Most pairs meet in several bands.
        let parent = |member: u32| self.parents[member as usize].load(Relaxed);
        if parent(a) == parent(b) {
            return;
        }
        loop {
            (a, b) = (self.find(a), self.find(b));
            if a == b {
                return;
            }
            let (root, child) = (a.min(b), a.max(b));
            let place = &self.parents[child as usize];
            if place.compare_exchange(child, root, Relaxed, Relaxed).is_ok() {
                return;
            }
        }
    }

    /// The sets as they are now.
    pub(super) fn finish(self) -> Sets {
        let mut parents = self.parents;
        let mut is_root = vec![0_u64; parents.len().div_ceil(64)];
        // Parents are smaller than their children: those of all before are roots already.
        for member in 0..parents.len() {
            let parent = *parents[member].get_mut() as usize;
            let root = *parents[parent].get_mut();
            *parents[member].get_mut() = root;
            if parent == member {
                is_root[member / 64] |= 1 << (member % 64);
            }
        }
        let mut sets =
            Sets { values: parents.into_iter().map(AtomicU32::into_inner).collect(), is_root };
        for member in 0..sets.values.len() {
            if sets.is_root(member) {
                sets.values[member] = 1;
            } else {
                let root = sets.values[member] as usize;
                sets.values[root] += 1;
            }
        }
        sets
    }
}

/// Sets that no longer change, with their sizes; 4 bytes and a bit for each member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sets {
    /// Of a root the size of its set, of others the root.
    values: Vec<u32>,
    is_root: Vec<u64>,
}

impl Sets {
    fn is_root(&self, member: usize) -> bool {
        self.is_root[member / 64] >> (member % 64) & 1 == 1
    }

    /// The smallest member of the set.
    pub(super) fn root(&self, member: u32) -> u32 {
        if self.is_root(member as usize) { member } else { self.values[member as usize] }
    }

    /// Members of the set.
    pub(super) fn size(&self, member: u32) -> u32 {
        self.values[self.root(member) as usize]
    }

    /// Sizes of all sets, by root.
    pub(super) fn sizes(&self) -> impl Iterator<Item = u32> {
        let roots = (0..self.values.len()).filter(|&member| self.is_root(member));
        roots.map(|member| self.values[member])
    }
}
