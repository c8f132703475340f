//! `gristmill diff`: what one arm has and another has not.

use std::path::PathBuf;

use crate::config::units::parse_count;
use crate::inspect::diff::{Diff, Kind, Request, Sample, diff};
use crate::inspect::marked::{Fate, Piece};

use super::machine::{Machine, failure, teller};
use super::output::say;
use super::show::marked;
use super::terminal::{self, Style, tame_line};
use super::{Failure, format, output};

const AFTER_HELP: &str = "\
Documents that one arm has and the other lacks, with why; and, where both have a document with other
texts, what the first removes [-so-] and puts there {+so+}.

Examples:
  gristmill diff out --arm full --arm all_but_c4_lines --sample 20
  gristmill diff out --arm full --arm '*,-minhash' --json

Exit codes: 0 done, 1 environment, 2 configuration or usage.";

/// Show what one arm has and another has not: what one step alone removes, as text
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// Run directories of one plan, in crawl order
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// The two arms
    #[arg(long = "arm", value_name = "NAME", required = true, allow_hyphen_values = true)]
    arms: Vec<String>,
    /// Documents shown of each kind of difference
    #[arg(long, value_name = "N", default_value = "10", value_parser = parse_count)]
    sample: u64,
    /// Seed that they are drawn by
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Characters of each document; all with --full
    #[arg(long, value_name = "N", default_value = "1500", value_parser = parse_count)]
    chars: u64,
    /// Whole texts
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    machine: Machine,
    /// No pager
    #[arg(long)]
    no_pager: bool,
    /// Print as JSON, with whole texts
    #[arg(long)]
    json: bool,
}

/// Documents at most: their texts are held in memory.
const MOST_SAMPLES: u64 = 1000;

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let [a, b] = args.arms.as_slice() else {
        return Err(Failure::Usage("error: two arms are compared: --arm A --arm B".into()));
    };
    if args.sample > MOST_SAMPLES {
        let most = format::count(MOST_SAMPLES);
        return Err(Failure::Usage(format!("error: --sample is {most} at most")));
    }
    let request = Request {
        runs: args.runs.clone(),
        a: a.clone(),
        b: b.clone(),
        samples: usize::try_from(args.sample).unwrap_or(0),
        seed: args.seed,
    };
    let options = args.machine.options(false);
    let told = teller(false);
    let interrupted = super::interrupts()?;
    let found = diff(&request, &options, &interrupted, &told).map_err(|error| failure(&error))?;
    for warning in &found.warnings {
        say(&format!("warning: {warning}"));
    }
    if args.json {
        return output::json(&found);
    }
    let chars =
        if args.full { usize::MAX } else { usize::try_from(args.chars).unwrap_or(usize::MAX) };
    terminal::page(&describe(&found, chars, Style::of_stdout()), !args.no_pager)
}

fn describe(found: &Diff, chars: usize, style: Style) -> String {
    let Diff { a, b, .. } = found;
    let steps = |names: &[String]| match names {
        [] => "no step that the other lacks".to_owned(),
        names => names.join(", "),
    };
    let rows = [
        vec!["".into(), "documents".into(), "text".into(), "steps of its own".into()],
        vec![
            a.clone(),
            format::count(found.both + found.only_a),
            format::bytes(found.bytes_a),
            steps(&found.steps_of_a),
        ],
        vec![
            b.clone(),
            format::count(found.both + found.only_b),
            format::bytes(found.bytes_b),
            steps(&found.steps_of_b),
        ],
    ];
    let mut text = format::table(&rows, &[1, 2]);
    text.push_str(&format!(
        "{} in both, {} of them with other texts; {} in {a} alone; {} in {b} alone\n",
        format::counted(found.both, "document"),
        format::count(found.changed),
        format::count(found.only_a),
        format::count(found.only_b),
    ));
    if found.only_white_space > 0 {
        text.push_str(&format!(
            "of {} drawn from those, {} differ in white space alone, and are shown last\n",
            format::count(found.drawn_changed),
            format::count(found.only_white_space),
        ));
    }
    for sample in &found.samples {
        text.push_str(&one(sample, found, chars, style));
    }
    text
}

fn one(sample: &Sample, found: &Diff, chars: usize, style: Style) -> String {
    let Diff { a, b, .. } = found;
    let (has, lacks) = match sample.kind {
        Kind::OnlyA => (format!("in {a} alone"), b),
        Kind::OnlyB => (format!("in {b} alone"), a),
        Kind::Changed => (format!("in both; what {a} makes of the text of {b}"), a),
    };
    let mut text = format!("\n{}  {has}\n", style.bold(&tame_line(&sample.id)));
    if let Some(url) = &sample.url {
        text.push_str(&format!("{}\n", tame_line(url)));
    }
    if let Some(why) = &sample.why {
        let failed = why.failed.iter().map(|(signal, value, keeps)| {
            format!("; {signal} {}, kept if {keeps}", super::show::plain(value))
        });
        let keeper = why.keeper.as_ref().map(|keeper| format!(" of {}", tame_line(keeper)));
        text.push_str(&style.bad(&format!(
            "{lacks} drops it by {}: {}{}{}",
            why.column,
            why.reason,
            keeper.unwrap_or_default(),
            failed.collect::<String>()
        )));
        text.push('\n');
    }
    text.push_str(&marked(&shortened(&sample.text, chars), style));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// The beginnings of a marked text: what stays is shortened around what does not.
fn shortened(pieces: &[Piece], chars: usize) -> Vec<Piece> {
    /// Characters of what stays beside what does not.
    const BESIDE: usize = 120;
    let (mut room, mut shown, mut left) = (chars, Vec::new(), 0);
    let marks = pieces.iter().any(|piece| piece.fate != Fate::Kept);
    let mut show = |fate: Fate, text: &str, left: &mut usize| {
        if *left > 0 && (!text.is_empty() || fate == Fate::Left) {
            shown.push(Piece { fate: Fate::Left, text: format!("{left} bytes") });
            *left = 0;
        }
        if !text.is_empty() {
            shown.push(Piece { fate, text: text.to_owned() });
        }
    };
    for (at, piece) in pieces.iter().enumerate() {
        let text = piece.text.as_str();
        let count = text.chars().count();
        let cut = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(byte, _)| byte);
        let stays = marks && piece.fate == Fate::Kept && chars != usize::MAX;
        if stays && room > 0 && count > 2 * BESIDE + 40 {
            let head = if at == 0 { 0 } else { cut(BESIDE) };
            let tail = if at + 1 == pieces.len() { text.len() } else { cut(count - BESIDE) };
            show(Fate::Kept, &text[..head], &mut left);
            left += tail - head;
            show(Fate::Kept, &text[tail..], &mut left);
            room = room.saturating_sub(2 * BESIDE);
        } else {
            let end = cut(room);
            show(piece.fate, &text[..end], &mut left);
            left += text.len() - end;
            room = room.saturating_sub(count);
        }
    }
    show(Fate::Left, "", &mut left);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(fate: Fate, text: String) -> Piece {
        Piece { fate, text }
    }

    #[test]
    fn long_texts_are_shortened_around_what_differs() {
        let text = [
            piece(Fate::Kept, "a".repeat(500)),
            piece(Fate::Removed, "b".repeat(10)),
            piece(Fate::Kept, "c".repeat(500)),
            piece(Fate::Put, "d".repeat(2000)),
        ];
        let shown = marked(&shortened(&text, 1000), Style::plain());
        let (a, c) = ("a".repeat(120), "c".repeat(120));
        let (b, d) = ("b".repeat(10), "d".repeat(510));
        let expected =
            format!(" … 380 bytes … {a}[-{b}-]{c} … 260 bytes … {c}{{+{d}+}} … 1490 bytes … ");
        assert_eq!(shown, expected);
        assert_eq!(shortened(&text, usize::MAX), text);
        assert_eq!(shortened(&text[..1], 500), text[..1]);
    }
}
