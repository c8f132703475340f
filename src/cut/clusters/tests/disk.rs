//! What becomes of the disk.

use std::path::Path;

use super::super::{Clusterer, Repeats, SketchBuilder, Verify};
use super::{ByNumbers, Options, StoreError, options};

type Fill = fn(&Options) -> Result<(), StoreError>;

fn fill(options: &Options) -> Result<(), StoreError> {
    let mut clusterer = Clusterer::new(10_000, options);
    for document in 0..10_000 {
        clusterer.push(0, u64::from(document / 2), document)?;
    }
    let verify = Verify { min_similarity: 0.5, similarity: &ByNumbers { seed: 0 } };
    clusterer.finish(Some(&verify)).map(drop)
}

fn fill_pieces(options: &Options) -> Result<(), StoreError> {
    let mut repeats = Repeats::new(10_000, options);
    for document in 0..10_000 {
        repeats.push(1, document, 0)?;
    }
    repeats.finish()?.try_for_each(|piece| piece.map(drop))
}

fn fill_sketches(options: &Options) -> Result<(), StoreError> {
    let mut sketches = SketchBuilder::new(10_000, options);
    for document in 0..10_000 {
        sketches.push(document, &[u64::from(document)])?;
    }
    sketches.finish()?.get(7).map(drop)
}

const ALL: [Fill; 3] = [fill, fill_pieces, fill_sketches];

#[test]
fn what_fits_the_memory_never_touches_the_disk() {
    for fill in ALL {
        fill(&options(Path::new("/there is/no such directory"), 1 << 24, 2)).unwrap();
    }
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a file");
    std::fs::write(&file, "not a directory").unwrap();
    for fill in ALL {
        for place in [&file, &directory.path().join("none")] {
            let error = fill(&options(place, 1000, 2)).unwrap_err();
            assert_eq!(&error.path, place);
        }
    }
}

#[test]
#[cfg(unix)]
fn temporary_files_have_no_names_from_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path(), 1000, 2);
    let names = || std::fs::read_dir(directory.path()).unwrap().count();
    let mut clusterer = Clusterer::new(10_000, &options);
    let mut repeats = Repeats::new(10_000, &options);
    let mut sketches = SketchBuilder::new(10_000, &options);
    for document in 0..10_000 {
        clusterer.push(0, 1, document).unwrap();
        repeats.push(1, document, 0).unwrap();
        sketches.push(document, &[1]).unwrap();
    }
    assert_eq!(names(), 0, "while rows are collected");
    let clusters = clusterer.finish(None).unwrap();
    assert!(clusters.statistics().spilled_bytes >= 120_000);
    let mut pieces = repeats.finish().unwrap();
    assert_eq!(pieces.next().unwrap().unwrap(), (1, 0));
    assert!(pieces.statistics().spilled_bytes >= 240_000);
    let _sketches = sketches.finish().unwrap();
    assert_eq!(names(), 0, "while they are read");
}

#[test]
fn a_similarity_that_cannot_be_had_ends_it() {
    struct Broken;
    impl super::Similarity for Broken {
        fn similarity(&self, _: u32, _: u32) -> Result<f64, StoreError> {
            Err(StoreError::new(Path::new("sketches"), std::io::Error::other("torn")))
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let mut clusterer = Clusterer::new(1000, &options(directory.path(), 1000, 3));
    for document in 0..1000 {
        clusterer.push(0, u64::from(document / 2), document).unwrap();
    }
    let verify = Verify { min_similarity: 0.5, similarity: &Broken };
    let error = clusterer.finish(Some(&verify)).err().unwrap();
    assert_eq!(error.to_string(), "sketches: torn");
}
