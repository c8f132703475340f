//! Signals in the middle of a run: it stops, says how to carry on, and carries on to the same
//! bytes.

#![cfg(unix)]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::common::warc::{Layout, Page, WarcWriter};
use super::program::{Said, argument, command, data_files, run_file};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A crawl that takes a while, and its pipeline.
struct Crawl {
    place: TempDir,
    shards: Vec<PathBuf>,
}

impl Crawl {
    /// Shards of the given number of pages, with a pipeline of copies of one step.
    fn new(shards: u32, pages: u32, copies: u32) -> Self {
        let place = tempfile::tempdir().unwrap();
        let mut pipeline = String::from("name = 'long'\n[extract]\nwith = 'all_text'\n");
        for copy in 0..copies {
            let _ = write!(pipeline, "[[step]]\nuse = 'gopher_repetition'\nas = 'copy_{copy}'\n");
        }
        std::fs::write(place.path().join("p.toml"), pipeline).unwrap();
        let write = |shard: u32| {
            let mut writer = WarcWriter::new(Layout::Plain, shard);
            for page in 0..pages {
                let url = format!("http://h{page}.example/{shard}");
                writer.page(&Page::html(&url, body(shard * pages + page)));
            }
            let path = place.path().join(format!("crawl-{shard}.warc"));
            std::fs::write(&path, writer.finish()).unwrap();
            path
        };
        let shards = (0..shards).map(write).collect();
        Self { place, shards }
    }

    fn output(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn command(&self, output: &Path) -> Command {
        let pipeline = self.place.path().join("p.toml");
        let mut command = command(&["run", argument(&pipeline), "--threads", "1"]);
        command.arg("--output").arg(output);
        for shard in &self.shards {
            command.arg("--input").arg(shard);
        }
        command
    }

    fn run(&self, output: &Path) -> Said {
        self.command(output).output().unwrap().into()
    }

    fn start(&self, output: &Path) -> Child {
        self.command(output).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// A page of 3,000 words of its own.
fn body(seed: u32) -> String {
    let mut text = String::from("<p>");
    for word in 0..3000u32 {
        let number = (word + seed * 3000).wrapping_mul(2_654_435_761);
        let end = if word % 12 == 11 { ".</p>\n<p>" } else { " " };
        let _ = write!(text, "w{:x}{end}", number >> 12);
    }
    text
}

/// Waits until something is so.
fn wait_until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited too long");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether the first shard is whole.
fn began(output: &Path) -> bool {
    std::fs::read_dir(output.join("shards")).is_ok_and(|mut files| {
        files.any(|file| file.unwrap().path().extension().is_some_and(|suffix| suffix == "json"))
    })
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

/// Files that are half written.
fn half_written(output: &Path) -> Vec<PathBuf> {
    let files = ["", "documents", "failures", "shards"].into_iter().flat_map(|part| {
        std::fs::read_dir(output.join(part)).unwrap().map(|entry| entry.unwrap().path())
    });
    files.filter(|path| path.extension().is_some_and(|suffix| suffix == "tmp")).collect()
}

#[test]
fn an_interrupted_or_killed_run_carries_on_to_the_same_bytes() {
    let crawl = Crawl::new(8, 100, 2);
    let whole = crawl.output("whole");
    assert_eq!(crawl.run(&whole).code, Some(0));
    for name in ["-INT", "-TERM", "-KILL"] {
        let output = crawl.output(name);
        let child = crawl.start(&output);
        wait_until(|| began(&output));
        signal(&child, name);
        let said = child.wait_with_output().unwrap();
        if name == "-KILL" {
            assert_eq!(said.status.code(), None);
        } else {
            let said = Said::from(said);
            assert_eq!(said.code, Some(1), "{said:?}");
            let lines: Vec<&str> = said.err.lines().collect();
            let stopping = "stopping after the batches in flight; once more to stop at once";
            assert_eq!(lines[0], stopping, "{said:?}");
            assert!(lines[1].starts_with("stopped with ") && lines[1].contains(" to do; "));
            assert!(lines[1].ends_with("the same command carries on from there"), "{said:?}");
            assert!(said.out.contains("shard"), "what is whole is summed up: {said:?}");
            assert_eq!(half_written(&output), Vec::<PathBuf>::new());
        }
        let again = crawl.run(&output);
        assert_eq!(again.code, Some(0), "{again:?}");
        assert!(again.out.contains(" of them whole before"), "{again:?}");
        assert!(data_files(&output) == data_files(&whole), "{name}: other bytes");
        assert_eq!(run_file(&output), run_file(&whole), "{name}");
        assert_eq!(half_written(&output), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_second_signal_ends_the_run_at_once() {
    // What is in flight takes more than a second, and a signal much less.
    let crawl = Crawl::new(1, 900, 12);
    let output = crawl.output("out");
    let mut child = crawl.start(&output);
    let shard = output.join("documents").join("crawl-0.parquet.tmp");
    wait_until(|| shard.exists());
    // Until batches are in flight.
    std::thread::sleep(Duration::from_millis(250));
    signal(&child, "-INT");
    let mut line = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    assert!(line.starts_with("stopping "), "{line}");
    signal(&child, "-INT");
    line.clear();
    stderr.read_line(&mut line).unwrap();
    assert_eq!((child.wait().unwrap().code(), line.as_str()), (Some(130), ""));
}
