#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod components;
mod disk;
mod pieces;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroUsize;
use std::path::Path;

use super::groups::MOST_LEADERS;
use super::{Clusterer, Clusters, Link, Options, Similarity, Verify};
use crate::store::StoreError;

type Row = (u32, u64, u32);

fn options(spill: &Path, memory_bytes: usize, threads: usize) -> Options {
    let threads = NonZeroUsize::new(threads).unwrap();
    Options { spill: spill.to_path_buf(), memory_bytes, threads }
}

/// An order of its own for each seed.
fn shuffled<T: Clone>(items: &[T], seed: u64) -> Vec<T> {
    let mut keyed: Vec<_> = items
        .iter()
        .enumerate()
        .map(|(at, item)| (super::rows::spread(at as u64 ^ seed << 32), item.clone()))
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, item)| item).collect()
}

fn cluster(
    documents: u32,
    rows: &[Row],
    options: &Options,
    verify: Option<&Verify<'_>>,
) -> Clusters {
    let mut clusterer = Clusterer::new(documents, options);
    for &(band, key, document) in rows {
        clusterer.push(band, key, document).unwrap();
    }
    clusterer.finish(verify).unwrap()
}

/// How alike two documents are, where nothing but their numbers tells: in hundredths.
struct ByNumbers {
    seed: u64,
}

impl Similarity for ByNumbers {
    fn similarity(&self, a: u32, b: u32) -> Result<f64, StoreError> {
        let pair = u64::from(a.min(b)) << 32 | u64::from(a.max(b));
        Ok((super::rows::spread(pair ^ self.seed) % 101) as f64 / 100.0)
    }
}

/// What the rules of the module's documentation give, found the long way.
#[derive(Debug, Clone, PartialEq)]
struct Expected {
    /// Root, size and link by document.
    documents: Vec<(u32, u32, Option<Link>)>,
    groups: u64,
    candidate_pairs: u64,
    verified_pairs: u64,
}

fn expected(documents: u32, rows: &[Row], verify: Option<&Verify<'_>>) -> Expected {
    let mut groups: BTreeMap<(u32, u64), BTreeSet<u32>> = BTreeMap::new();
    for &(band, key, document) in rows {
        groups.entry((band, key)).or_default().insert(document);
    }
    groups.retain(|_, members| members.len() > 1);
    let mut candidate_pairs = 0;
    let mut edges = Vec::new();
    for (&(band, _), members) in &groups {
        let mut leaders: Vec<u32> = Vec::new();
        for &member in members {
            let measured = leaders.iter().map(|&leader| {
                let similarity =
                    verify.map(|verify| verify.similarity.similarity(leader, member).unwrap());
                (leader, similarity)
            });
            let mut joined = None;
            for (leader, similarity) in measured {
                candidate_pairs += 1;
                if similarity.is_none_or(|found| found >= verify.unwrap().min_similarity) {
                    joined = Some((leader, similarity));
                    break;
                }
            }
            match joined {
                Some((leader, similarity)) => edges.push((band, leader, member, similarity)),
                None if leaders.len() < MOST_LEADERS => leaders.push(member),
                None => {}
            }
        }
    }
    let mut neighbours = vec![Vec::new(); documents as usize];
    for &(band, a, b, similarity) in &edges {
        neighbours[a as usize].push((band, b, similarity));
        neighbours[b as usize].push((band, a, similarity));
    }
    let mut roots: Vec<Option<u32>> = vec![None; documents as usize];
    for start in 0..documents {
        let mut queue = VecDeque::from([start]);
        while let Some(document) = queue.pop_front() {
            if roots[document as usize].is_none() {
                roots[document as usize] = Some(start);
                queue.extend(neighbours[document as usize].iter().map(|(_, other, _)| other));
            }
        }
    }
    let of_document = |document: usize| {
        let size = roots.iter().filter(|root| **root == roots[document]).count() as u32;
        let link = neighbours[document].iter().min_by_key(|(band, other, _)| (*band, *other));
        let link = link.map(|&(band, matched, similarity)| Link {
            matched,
            band,
            similarity: similarity.map(|similarity| similarity as f32),
        });
        (roots[document].unwrap(), size, link)
    };
    Expected {
        documents: (0..documents as usize).map(of_document).collect(),
        groups: groups.len() as u64,
        candidate_pairs,
        verified_pairs: if verify.is_some() { edges.len() as u64 } else { 0 },
    }
}

fn found(documents: u32, clusters: &Clusters) -> Expected {
    let statistics = clusters.statistics();
    Expected {
        documents: (0..documents)
            .map(|document| {
                (clusters.root(document), clusters.size(document), clusters.link(document))
            })
            .collect(),
        groups: statistics.groups,
        candidate_pairs: statistics.candidate_pairs,
        verified_pairs: statistics.verified_pairs,
    }
}
