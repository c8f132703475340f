//! Clustering at scale, on planted clusters whose answer is known: every root, size and link is
//! checked.
//!
//! ```text
//! cargo bench --bench clusters -- [DOCUMENTS] [--memory-mib N] [--threads N] [--spill DIR] [--verify]
//! ```
//!
//! Each document has a key in each of 14 bands, made by a counter as it is pushed. Planted are: a key
//! that one document in a hundred has, a second large group and a bridge between the two, a path of
//! 5,000, and among the rest, blocks of 16 that are copies, pairs, chains, or triples in one band.
//! With `--verify` candidates are compared by sketches of 16 numbers, which are equal all over a
//! cluster.
#![allow(clippy::print_stdout, reason = "it reports")]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

use gristmill::cut::clusters::{
    Clusterer, Clusters, Link, Options, SketchBuilder, Sketches, Verify,
};
use rustix::time::{ClockId, clock_gettime};

const BANDS: u32 = 14;
const BLOCK: u32 = 16;
const PATH: u32 = 5000;
const HOT_BAND: u32 = 3;
const SECOND_BAND: u32 = 5;
const BRIDGE_BAND: u32 = 13;
/// Documents where none are asked for: seconds.
const FEW: u32 = 100_000;

fn main() {
    let mut documents = FEW;
    let mut memory_mib = 1024;
    let mut threads = 2;
    let mut verify = false;
    let mut spill = std::env::temp_dir();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || -> usize {
            arguments.next().and_then(|text| text.parse().ok()).expect("a number follows")
        };
        match argument.as_str() {
            "--memory-mib" => memory_mib = number(),
            "--threads" => threads = number(),
            "--verify" => verify = true,
            "--spill" => spill = arguments.next().map(PathBuf::from).expect("a directory follows"),
            // What cargo adds, and runs of all benches.
            "--bench" | "--quick" => {}
            text => documents = text.replace('_', "").parse().unwrap_or(documents),
        }
    }
    let options = Options {
        spill,
        memory_bytes: memory_mib << 20,
        threads: NonZeroUsize::new(threads).expect("one thread at least"),
    };
    run(&Planted::new(documents, verify), &options);
}

fn run(planted: &Planted, options: &Options) {
    let rows = u64::from(planted.documents) * u64::from(BANDS);
    println!(
        "{} documents, {rows} rows, {} MiB, {} threads",
        planted.documents,
        options.memory_bytes >> 20,
        options.threads
    );
    let generate = Phase::begin("generate alone");
    let mut sum = 0_u64;
    planted.each_row(|_, key, _| sum = sum.wrapping_add(key));
    std::hint::black_box(sum);
    let generated = generate.end(rows);
    let sketches = planted.verify.then(|| {
        let phase = Phase::begin("sketches");
        let sketches = planted.sketches(options);
        phase.end(u64::from(planted.documents));
        sketches
    });
    let by = sketches.as_ref().map(Sketches::equal_positions);
    let verify = by.as_ref().map(|similarity| Verify { min_similarity: 0.8, similarity });
    let whole = Phase::begin("push and finish");
    let push = Phase::begin("push");
    let mut clusterer = Clusterer::new(planted.documents, options);
    planted.each_row(|band, key, document| {
        clusterer.push(band, key, document).expect("the disk holds the rows");
    });
    push.end(rows);
    let finish = Phase::begin("finish");
    let clusters = clusterer.finish(verify.as_ref()).expect("the disk holds the rows");
    finish.end(rows);
    let cpu = whole.end(rows);
    println!("  without generating: {:.1} CPU s", cpu - generated);
    println!("  {:?}", clusters.statistics());
    println!("  spilled {:.2} GB", clusters.statistics().spilled_bytes as f64 / 1e9);
    println!("  peak memory {}", peak_memory());
    planted.check(&clusters);
    println!("  every root, size and link is as planted");
}

/// Peak of resident memory.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "not known here".to_owned(), |text| text.trim().to_owned())
}

struct Phase {
    name: &'static str,
    begin: Instant,
    cpu: f64,
}

impl Phase {
    fn begin(name: &'static str) -> Self {
        Self { name, begin: Instant::now(), cpu: cpu_seconds() }
    }

    /// Prints the phase; its CPU seconds.
    fn end(self, rows: u64) -> f64 {
        let (wall, cpu) = (self.begin.elapsed().as_secs_f64(), cpu_seconds() - self.cpu);
        let (name, rate) = (self.name, rows as f64 / wall / 1e6);
        println!("  {name:<16} {wall:8.2} s {cpu:8.2} CPU s {rate:8.2} M rows/s");
        cpu
    }
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Clusters of consecutive places; documents are places in another order.
struct Planted {
    documents: u32,
    /// Places from here on are of the second large group, of the path, of the blocks.
    second: u32,
    path: u32,
    blocks: u32,
    /// The document of a place is place × factor + 1, modulo the documents; and back.
    factor: u64,
    inverse: u64,
    verify: bool,
}

/// What a block is.
#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Copies,
    Pairs,
    Chain,
    /// The first three share the key of this band.
    Triple(u32),
    Alone,
}

impl Planted {
    fn new(documents: u32, verify: bool) -> Self {
        let second = documents / 100;
        let path = second + documents / 1000;
        let blocks = path + PATH.min(documents / 50);
        let (factor, inverse) = (u64::from(documents) * 618 / 1000..)
            .find_map(|factor| Some((factor, inverse(factor, u64::from(documents))?)))
            .expect("some number has no factor in common");
        Self { documents, second, path, blocks, factor, inverse, verify }
    }

    fn document(&self, place: u32) -> u32 {
        ((u64::from(place) * self.factor + 1) % u64::from(self.documents)) as u32
    }

    fn place(&self, document: u32) -> u32 {
        let n = u64::from(self.documents);
        ((u64::from(document) + n - 1) % n * self.inverse % n) as u32
    }

    fn block(&self, place: u32) -> u32 {
        (place - self.blocks) / BLOCK
    }

    fn sort(block: u32) -> Sort {
        match mix(u64::from(block)) % 8 {
            0 => Sort::Copies,
            1 => Sort::Pairs,
            2 => Sort::Chain,
            3 => Sort::Triple((mix(u64::from(block)) >> 32) as u32 % BANDS),
            _ => Sort::Alone,
        }
    }

    /// The key of a place in a band: kinds are apart, and mixing maps no two to one.
    fn key(&self, place: u32, sort: Sort, band: u32) -> u64 {
        let kind = |kind: u64, number: u32| {
            mix((kind << 40) + u64::from(number) * u64::from(BANDS) + u64::from(band))
        };
        // A path of the places from `first` on: each shares a key with the next.
        let on_path = |first: u32, last: u32| {
            let at = place - first;
            if at % BANDS == band && place < last {
                Some(kind(2, place))
            } else if at > 0 && (at - 1) % BANDS == band {
                Some(kind(2, place - 1))
            } else {
                None
            }
        };
        let shared = if place < self.path {
            if band == BRIDGE_BAND && (place == 0 || place == self.second) {
                Some(kind(1, 0))
            } else if place < self.second {
                (band == HOT_BAND).then(|| kind(1, 1))
            } else {
                (band == SECOND_BAND).then(|| kind(1, 2))
            }
        } else if place < self.blocks {
            on_path(self.path, self.blocks - 1)
        } else {
            let block = self.block(place);
            let first = self.blocks + block * BLOCK;
            match sort {
                Sort::Copies => Some(kind(3, first)),
                Sort::Pairs => Some(kind(3, first + (place - first) / 2 * 2)),
                Sort::Chain => on_path(first, first + BLOCK - 1),
                Sort::Triple(own) => (own == band && place < first + 3).then(|| kind(3, first)),
                Sort::Alone => None,
            }
        };
        shared.unwrap_or_else(|| kind(4, place))
    }

    fn each_row(&self, mut row: impl FnMut(u32, u64, u32)) {
        for document in 0..self.documents {
            let place = self.place(document);
            let sort = match place.checked_sub(self.blocks) {
                Some(past) => Self::sort(past / BLOCK),
                None => Sort::Alone,
            };
            for band in 0..BANDS {
                row(band, self.key(place, sort, band), document);
            }
        }
    }

    /// Sketches that tell clusters apart, or parts of those that touch.
    fn sketches(&self, options: &Options) -> Sketches {
        let mut builder = SketchBuilder::new(self.documents, options);
        for document in 0..self.documents {
            let cluster = match self.place(document) {
                place if place < self.path => 0,
                place if place < self.blocks => 1,
                place => 2 + self.block(place),
            };
            let sketch: [u64; 16] =
                std::array::from_fn(|at| mix(u64::from(cluster) << 4 | at as u64));
            builder.push(document, &sketch).expect("the disk holds the sketches");
        }
        builder.finish().expect("the disk holds the sketches")
    }

    /// How similar linked documents are.
    fn similarity(&self) -> Option<f32> {
        self.verify.then_some(1.0)
    }

    /// Ends the program if anything is not as planted.
    fn check(&self, clusters: &Clusters) {
        let documents = |places: std::ops::Range<u32>| -> Vec<u32> {
            places.map(|place| self.document(place)).collect()
        };
        let similarity = self.similarity();
        let mut tally = Tally { clusters, count: 0, documents: 0, largest: 1 };
        let (hot, second) = (documents(0..self.second), documents(self.second..self.path));
        let giant: Vec<u32> = hot.iter().chain(&second).copied().collect();
        tally.is_cluster(&giant);
        if !second.is_empty() {
            is_group(clusters, &hot, HOT_BAND, similarity);
            is_group(clusters, &second, SECOND_BAND, similarity);
        }
        let path = documents(self.path..self.blocks);
        tally.is_cluster(&path);
        is_path(clusters, &path, similarity);
        for first in (self.blocks..self.documents).step_by(BLOCK as usize) {
            let members = documents(first..(first + BLOCK).min(self.documents));
            match Self::sort(self.block(first)) {
                Sort::Copies => {
                    tally.is_cluster(&members);
                    is_group(clusters, &members, 0, similarity);
                }
                Sort::Pairs => {
                    for pair in members.chunks(2) {
                        tally.is_cluster(pair);
                        is_group(clusters, pair, 0, similarity);
                    }
                }
                Sort::Chain => {
                    tally.is_cluster(&members);
                    is_path(clusters, &members, similarity);
                }
                Sort::Triple(band) => {
                    let (triple, others) = members.split_at(members.len().min(3));
                    tally.is_cluster(triple);
                    is_group(clusters, triple, band, similarity);
                    others.iter().for_each(|&document| tally.is_cluster(&[document]));
                }
                Sort::Alone => {
                    members.iter().for_each(|&document| tally.is_cluster(&[document]));
                }
            }
        }
        let found = clusters.statistics();
        assert_eq!(found.rows, u64::from(self.documents) * u64::from(BANDS));
        assert_eq!(found.clusters, tally.count);
        assert_eq!(found.clustered_documents, tally.documents);
        assert_eq!(found.largest_cluster, tally.largest);
    }
}

/// What clusters there must be.
struct Tally<'a> {
    clusters: &'a Clusters,
    count: u64,
    documents: u64,
    largest: u64,
}

impl Tally<'_> {
    fn is_cluster(&mut self, members: &[u32]) {
        let Some(&root) = members.iter().min() else { return };
        let size = members.len() as u32;
        for &document in members {
            assert_eq!(self.clusters.root(document), root, "root of {document}");
            assert_eq!(self.clusters.size(document), size, "size at {document}");
            assert_eq!(self.clusters.link(document).is_some(), size > 1, "link of {document}");
        }
        if size > 1 {
            self.count += 1;
            self.documents += u64::from(size);
            self.largest = self.largest.max(u64::from(size));
        }
    }
}

/// All share a key in the band, and in none that is lower.
fn is_group(clusters: &Clusters, members: &[u32], band: u32, similarity: Option<f32>) {
    let first = members.iter().copied().min();
    let second = members.iter().copied().filter(|member| Some(*member) != first).min();
    for &document in members {
        let matched = if Some(document) == first { second } else { first };
        let link = matched.map(|matched| Link { matched, band, similarity });
        assert_eq!(clusters.link(document), link, "link of {document}");
    }
}

/// Each shares a key with the next, in a band after the other.
fn is_path(clusters: &Clusters, members: &[u32], similarity: Option<f32>) {
    for (at, &document) in members.iter().enumerate() {
        let band = |at: usize| at as u32 % BANDS;
        let before = at.checked_sub(1).map(|before| (band(before), members[before]));
        let after = members.get(at + 1).map(|&after| (band(at), after));
        let link = before.into_iter().chain(after).min();
        let link = link.map(|(band, matched)| Link { matched, band, similarity });
        assert_eq!(clusters.link(document), link, "link of {document}");
    }
}

/// One to one: the finalizer of SplitMix64.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// What a number is multiplied by to give 1, modulo n, if anything.
fn inverse(number: u64, n: u64) -> Option<u64> {
    let (mut a, mut b) = (number as i64 % n as i64, n as i64);
    let (mut x, mut y) = (1_i64, 0_i64);
    while b != 0 {
        let quotient = a / b;
        (a, b) = (b, a - quotient * b);
        (x, y) = (y, x - quotient * y);
    }
    (a == 1).then(|| x.rem_euclid(n as i64) as u64)
}
