//! Documents of one key → links between them.

use super::links::Links;
use super::union_find::UnionFind;
use super::{Statistics, Verify};
use crate::store::StoreError;

/// Documents of a group that later ones are compared with, at most: with more, the work of a large
/// group of unlike documents would grow with the square of its size.
pub(super) const MOST_LEADERS: usize = 64;

/// Where links go.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) sets: &'a UnionFind,
    pub(super) links: &'a Links,
    pub(super) verify: Option<&'a Verify<'a>>,
}

/// Takes the rows of one band by key and document, ascending, and joins the documents of each key.
pub(super) struct Groups<'a> {
    target: Target<'a>,
    /// Rank of the band.
    band: u16,
    key: u64,
    /// The document before, of this key.
    last: Option<u32>,
    /// Documents of this key that others are joined to: the first, where nothing is verified.
    leaders: Vec<u32>,
    is_group: bool,
    counts: Statistics,
}

impl<'a> Groups<'a> {
    /// For the rows of a band.
    pub(super) fn new(target: Target<'a>, band: u16) -> Self {
        Self {
            target,
            band,
            key: 0,
            last: None,
            leaders: Vec::new(),
            is_group: false,
            counts: Statistics::default(),
        }
    }

    /// What was counted.
    pub(super) fn counts(&self) -> &Statistics {
        &self.counts
    }

    /// The next row.
    #[inline]
    pub(super) fn row(&mut self, key: u64, document: u32) -> Result<(), StoreError> {
        let Some(last) = self.last.filter(|_| self.key == key) else {
            self.key = key;
            self.last = Some(document);
            self.is_group = false;
            self.leaders.clear();
            self.leaders.push(document);
            return Ok(());
        };
        if last == document {
            return Ok(());
        }
        self.last = Some(document);
        let is_second = !std::mem::replace(&mut self.is_group, true);
        self.counts.groups += u64::from(is_second);
        if let Some(verify) = self.target.verify {
            return self.verify(verify, document);
        }
        self.counts.candidate_pairs += 1;
        let Target { sets, links, .. } = self.target;
        let first = self.leaders[0];
        sets.join(first, document);
        links.offer(self.band, document, first, None);
        if is_second {
            links.offer(self.band, first, document, None);
        }
        Ok(())
    }

    /// Joins a document to the first leader that it is similar enough to, or makes it a leader.
    fn verify(&mut self, verify: &Verify<'_>, document: u32) -> Result<(), StoreError> {
        for at in 0..self.leaders.len() {
            let leader = self.leaders[at];
            self.counts.candidate_pairs += 1;
            // Copies meet in many bands.
            let similarity = match self.target.links.known(leader, document) {
                Some(similarity) => Some(similarity),
                None => {
                    let similarity = verify.similarity.similarity(leader, document)?;
                    (similarity >= verify.min_similarity).then_some(similarity as f32)
                }
            };
            if let Some(similarity) = similarity {
                self.counts.verified_pairs += 1;
                let Target { sets, links, .. } = self.target;
                sets.join(leader, document);
                links.offer(self.band, document, leader, Some(similarity));
                links.offer(self.band, leader, document, Some(similarity));
                return Ok(());
            }
            self.counts.rejected_pairs += 1;
        }
        if self.leaders.len() < MOST_LEADERS {
            self.leaders.push(document);
        }
        Ok(())
    }
}
