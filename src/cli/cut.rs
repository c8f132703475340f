//! `gristmill cut`: one arm of run directories, as a corpus.

use std::num::{NonZeroU16, NonZeroUsize};
use std::path::{Path, PathBuf};

use crate::config::units::{parse_bytes, parse_count};
use crate::cut::formats::{Format, FormatError, LINGUA_CHUNKS};
use crate::cut::{self, Budget, CutError, Request, Split, Summary};

use super::machine::{self, teller};
use super::output::say;
use super::{Failure, format, output};

const AFTER_HELP: &str = "\
Arms: those of the pipeline (`gristmill plan`), all_but_STEP, only_STEP, random_STEP,
random_words_PERCENT, shuffled_documents_PERCENT, or a list such as '*,-minhash'.

Examples:
  gristmill cut out --arm full --output arms/full
  gristmill cut out --arm all_but_minhash --tokens 10M --output arms/no-dedup-10M
  gristmill cut crawl-a crawl-b --arm full --format megatron --shuffle --output merged

Exit codes: 0 done, 1 environment, 2 configuration or usage.";

/// Cut one arm of run directories as a corpus
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// Run directories of one plan, in crawl order; dedups go over all of them
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// The arm
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    arm: String,
    /// Tokens at most (10M, 1.5B), of documents drawn by the seed; smaller samples are part of larger
    #[arg(long, value_name = "N", value_parser = parse_count, group = "budget")]
    tokens: Option<u64>,
    /// Bytes of text at most (500MB, 2GiB)
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes, group = "budget")]
    bytes: Option<u64>,
    /// Documents at most
    #[arg(long, value_name = "N", value_parser = parse_count, group = "budget")]
    docs: Option<u64>,
    /// Seed of samples, order, controls and junk
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Write in an order drawn by the seed, rather than in crawl order
    #[arg(long)]
    shuffle: bool,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "parquet", value_parser = parse_format,
          long_help = formats_help())]
    format: Format,
    /// By what tokens are counted and written: r50k_base, p50k_base, cl100k_base, o200k_base or a
    /// tokenizer.json; by default that of the pipeline's token_count
    #[arg(long, value_name = "NAME|FILE")]
    tokenizer: Option<String>,
    /// Hold out this share of registered domains (0.01, 1%) before any step
    #[arg(long, value_name = "SHARE", value_parser = share)]
    holdout: Option<f64>,
    /// Seed of which domains are held out: the same one for every cut of an experiment
    #[arg(long, value_name = "N", default_value_t = 0, requires = "holdout")]
    holdout_seed: u64,
    /// Which side of the hold-out to cut
    #[arg(long, value_name = "SIDE", default_value = "train", requires = "holdout",
          value_parser = ["train", "held_out"])]
    split: String,
    /// Text after which a new part begins
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_bytes)]
    part_size: u64,
    /// Files that the format lingua deals the documents to: as many as its ranks spare each rank the
    /// lines of the others
    #[arg(long, value_name = "N")]
    chunks: Option<NonZeroU16>,
    /// Where the cut is written; a new or empty directory
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// Threads; as many as there are cores by default
    #[arg(long, value_name = "N", value_parser = super::run::at_least_one)]
    threads: Option<NonZeroUsize>,
    /// Memory that sorting may take before it spills to disk
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_bytes)]
    memory: u64,
    /// Where sorting spills to; the output directory by default
    #[arg(long, value_name = "DIR")]
    spill: Option<PathBuf>,
    /// Hold the files of the runs against their checksums first
    #[arg(long)]
    verify: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    /// No summary (that of --json is printed); errors are told
    #[arg(long)]
    quiet: bool,
}

fn parse_format(text: &str) -> Result<Format, String> {
    text.parse().map_err(|error: FormatError| error.to_string())
}

/// What there is to write, a line each.
fn formats_help() -> String {
    let lines =
        Format::ALL.iter().map(|format| format!("  {:<10} {}", format.name(), format.summary()));
    format!("What to write:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn share(text: &str) -> Result<f64, String> {
    let number = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse::<f64>(),
    };
    match number {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("a share between 0 and 1 is needed, or a percentage (1%)".to_owned()),
    }
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    if args.chunks.is_some() && args.format != Format::Lingua {
        return Err(Failure::Usage("error: --chunks is for the format lingua alone".into()));
    }
    let budget = match (args.tokens, args.bytes, args.docs) {
        (Some(tokens), _, _) => Some(Budget::Tokens(tokens)),
        (_, Some(bytes), _) => Some(Budget::Bytes(bytes)),
        (_, _, Some(documents)) => Some(Budget::Documents(documents)),
        _ => None,
    };
    let held_out = args.split == "held_out";
    let request = Request {
        runs: args.runs.clone(),
        arm: args.arm.clone(),
        budget,
        seed: args.seed,
        shuffle: args.shuffle,
        format: args.format,
        tokenizer: args.tokenizer.clone(),
        holdout: args.holdout.map(|share| Split { share, seed: args.holdout_seed, held_out }),
        part_bytes: args.part_size,
        lingua_chunks: args.chunks.unwrap_or(LINGUA_CHUNKS),
    };
    let options = machine::options(args.threads, args.memory, args.spill.clone(), args.verify);
    let interrupted = super::interrupts()?;
    let told = teller(args.quiet);
    let summary = cut::cut(&request, &args.output, &options, &interrupted, &told)
        .map_err(|error| failure(&error))?;
    for warning in &summary.warnings {
        say(&format!("warning: {warning}"));
    }
    if summary.documents == 0 && !args.quiet {
        say("warning: the cut has no document; some readers refuse empty files");
    }
    if args.json {
        return output::json(&summary);
    }
    if !args.quiet {
        output::print(&describe(&summary, &args.output))?;
    }
    Ok(())
}

fn failure(error: &CutError) -> Failure {
    let message = format!("error: {error}");
    match error {
        CutError::Store(_) | CutError::Interrupted => Failure::Environment(format!(
            "{message}\nnothing is left of the cut; the same command begins anew"
        )),
        error if error.is_usage() => Failure::Usage(message),
        // What mends a damaged run is said already.
        _ => Failure::Environment(message),
    }
}

/// The summary for people: pool → arm → sample, dedups, files.
fn describe(summary: &Summary, directory: &Path) -> String {
    let mut text = String::new();
    let mut line = |words: String| text.push_str(&format::wrap("", &words));
    if summary.was_there {
        line("this very cut was there already; nothing was to do".to_owned());
    }
    let pool = format::counted(summary.pool, "document");
    let shards = format::counted(summary.shards, "shard");
    let considered = match summary.considered == summary.pool {
        true => String::new(),
        false => format!(", {} on this side of the hold-out", format::count(summary.considered)),
    };
    let share = format::share(summary.survivors, summary.considered);
    let survivors = format::count(summary.survivors);
    line(format!(
        "{pool} in {shards}{considered}; the arm {} has {survivors} ({share})",
        summary.arm
    ));
    for dedup in &summary.dedups {
        line(format!(
            "{}: {} in {}, {} removed; {} without a key",
            dedup.step,
            format::count(dedup.clustered),
            format::counted(dedup.clusters, "cluster"),
            format::count(dedup.removed),
            format::count(dedup.unsigned),
        ));
    }
    if let Some(pieces) = &summary.pieces {
        line(format!(
            "{}: {} removed, {}; {} dropped for what was left",
            pieces.step,
            format::counted(pieces.removed_pieces, "piece"),
            format::bytes(pieces.removed_bytes),
            format::counted(pieces.removed_documents, "document"),
        ));
    }
    if let Some(control) = &summary.control {
        line(format!(
            "dropped at random: {} {}, where the steps it controls drop {}",
            format::count(control.dropped_at_random),
            control.unit,
            format::count(control.dropped_by_steps),
        ));
    }
    if let Some(sample) = &summary.sample {
        let (asked, whole) = (format::count(sample.asked), format::count(sample.whole));
        let drawn = format::count(sample.drawn);
        line(match sample.asked > sample.whole {
            true => format!("{asked} {} were asked for: the whole arm has {whole}", sample.unit),
            false => format!("a sample of {drawn} of {whole} {}", sample.unit),
        });
    }
    if summary.unencodable > 0 {
        let refused = format::counted(summary.unencodable, "document");
        line(format!("the tokenizer refused {refused}, which have no tokens"));
    }
    let junk = match summary.junk {
        0 => String::new(),
        junk => format!(" ({} of junk mixed in)", format::count(junk)),
    };
    let tokens = match (summary.tokens, &summary.tokenizer) {
        (Some(tokens), Some(by)) => format!(", {} tokens by {by}", format::count(tokens)),
        _ => String::new(),
    };
    line(format!(
        "{}{junk}, {} of text{tokens}: {}",
        format::counted(summary.documents, "document"),
        format::bytes(summary.text_bytes),
        directory.display(),
    ));
    text
}
