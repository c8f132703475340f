//! Progress of a run: a bar on a terminal, plain lines when piped, nothing when quiet.

use std::io::IsTerminal;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::run::Progress;

use super::format;
use super::output::say;

/// How often a bar is drawn.
const BAR_EVERY: Duration = Duration::from_millis(200);
/// How often a line is written into a log.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// How many arms are told of.
const ARMS: usize = 3;

/// Where progress goes; copies show the same.
#[derive(Clone)]
pub(super) enum Display {
    /// Nowhere.
    None,
    /// Into a log, a line now and then.
    Lines,
    /// Onto a terminal.
    Bar(ProgressBar),
}

impl Display {
    pub(super) fn new(quiet: bool) -> Self {
        if quiet {
            return Self::None;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(
            "{elapsed_precise} {wide_bar} {decimal_bytes}/{decimal_total_bytes} \
             {decimal_bytes_per_sec}, {eta} left\n{msg}",
        );
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    /// Writes a line to standard error without drawing into the bar.
    pub(super) fn say(&self, line: &str) {
        match self {
            Self::Bar(bar) => bar.suspend(|| say(line)),
            Self::None | Self::Lines => say(line),
        }
    }

    /// Shows progress until the run says that it is over; `arms` in the order of the plan.
    pub(super) fn follow(&self, progress: &Progress, arms: &[&str], over: &Receiver<()>) {
        match self {
            Self::None => {}
            Self::Lines => {
                let start = Instant::now();
                while over.recv_timeout(LINE_EVERY) == Err(RecvTimeoutError::Timeout) {
                    say(&line(progress, arms, start.elapsed()));
                }
            }
            Self::Bar(bar) => loop {
                bar.set_length(progress.bytes.load(Ordering::Relaxed));
                bar.set_position(progress.bytes_read.load(Ordering::Relaxed));
                bar.set_message(state(progress, arms));
                if over.recv_timeout(BAR_EVERY) != Err(RecvTimeoutError::Timeout) {
                    bar.finish_and_clear();
                    break;
                }
            },
        }
    }
}

/// A line of a log.
fn line(progress: &Progress, arms: &[&str], elapsed: Duration) -> String {
    let read = progress.bytes_read.load(Ordering::Relaxed);
    let all = progress.bytes.load(Ordering::Relaxed);
    let rate = read as f64 / elapsed.as_secs_f64().max(0.001);
    let left = match read {
        0 => String::new(),
        _ => {
            let seconds = all.saturating_sub(read) as f64 / rate;
            // Past a century the rate says nothing.
            format!(", {} left", format::duration(Duration::from_secs_f64(seconds.min(3e9))))
        }
    };
    format!(
        "{}: {} of {} ({}) at {}/s{left}; {}",
        format::duration(elapsed),
        format::bytes(read),
        format::bytes(all),
        format::share(read, all),
        format::bytes(rate as u64),
        state(progress, arms),
    )
}

/// Shards, records, and what each of the first arms keeps so far.
fn state(progress: &Progress, arms: &[&str]) -> String {
    let counts = progress.counts();
    let pool = counts.documents + counts.dropped;
    let kept = arms.iter().filter(|name| **name != "raw").take(ARMS).filter_map(|name| {
        let arm = counts.arms.get(*name)?;
        Some(format!("{name} {}", format::share(arm.documents, pool)))
    });
    let kept: Vec<String> = kept.collect();
    let kept = if kept.is_empty() { String::new() } else { format!("; kept: {}", kept.join(", ")) };
    format!(
        "{} of {}, {}, {}, {}{kept}",
        format::count(progress.shards_done.load(Ordering::Relaxed)),
        format::counted(progress.shards.load(Ordering::Relaxed), "shard"),
        format::counted(counts.records, "record"),
        format::counted(pool, "document"),
        format::counted(counts.failed(), "failure"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_log_reads_as_a_sentence() {
        let progress = Progress::default();
        let after = |seconds| line(&progress, &["raw", "full"], Duration::from_secs(seconds));
        assert_eq!(
            after(0),
            "0 s: 0 B of 0 B (–) at 0 B/s; 0 of 0 shards, 0 records, 0 documents, 0 failures"
        );
        progress.shards.store(1200, Ordering::Relaxed);
        progress.bytes.store(4_000_000_000, Ordering::Relaxed);
        assert_eq!(
            after(10),
            "10 s: 0 B of 4.0 GB (0.0 %) at 0 B/s; 0 of 1,200 shards, 0 records, 0 documents, \
             0 failures"
        );
        progress.shards_done.store(300, Ordering::Relaxed);
        progress.bytes_read.store(1_000_000_000, Ordering::Relaxed);
        assert_eq!(
            after(90),
            "1 min 30 s: 1.0 GB of 4.0 GB (25.0 %) at 11.1 MB/s, 4 min 30 s left; 300 of 1,200 \
             shards, 0 records, 0 documents, 0 failures"
        );
    }
}
