//! `gristmill show`: one document, with everything that is known of it.

use std::path::PathBuf;

use serde_json::Value as Json;

use crate::inspect::arms::Verdict;
use crate::inspect::marked::{Fate, Piece};
use crate::inspect::record::Column;
use crate::inspect::show::{Document, Shown, show};

use super::machine::{self, failure};
use super::terminal::{self, Style, tame, tame_line};
use super::{Failure, format, output};

const AFTER_HELP: &str = "\
Of every step: its verdict, and every signal beside what its rules keep. Of every arm: whether it has
the document. Then the text, with what the edits of --arm remove [-so-] and put there {+so+}.

Examples:
  gristmill show out https://example.org/page
  gristmill show out urn:uuid:6f9619ff-8b86-d011-b42d-00c04fc964ff --json

Exit codes: 0 done, 1 environment, or there is no such document, 2 configuration or usage.";

/// Show one document: its text, every signal beside its threshold, every arm's verdict
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// Run directory
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// The document's id or URL
    #[arg(value_name = "URL|ID")]
    wanted: String,
    /// The arm whose edits are marked in the text, `full` by default
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    arm: Option<String>,
    /// Settle what is up to dedups, as a cut of each arm would: reads the verdicts of the whole run
    #[arg(long)]
    settle: bool,
    /// No pager
    #[arg(long)]
    no_pager: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Memory that clustering takes before it spills.
const MEMORY: u64 = 1 << 30;

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let options = machine::options(None, MEMORY, None, false);
    let interrupted = super::interrupts()?;
    let settle = args.settle.then_some((&options, &*interrupted));
    let shown = show(&args.run, &args.wanted, args.arm.as_deref(), settle, options.threads.get())
        .map_err(|error| failure(&error))?;
    let Some(shown) = shown else {
        return Err(Failure::Environment(format!(
            "error: {} has neither a document nor a failure of the id or URL {}",
            args.run.display(),
            tame_line(&args.wanted)
        )));
    };
    if args.json {
        return output::json(&shown);
    }
    let style = Style::of_stdout();
    let text = match &shown {
        Shown::Document(document) => describe(document, style),
        Shown::Failure { failure } => {
            let value = |name: &str| failure.get(name).map(plain).unwrap_or_default();
            format!(
                "{}\n{}\n{}\n{}: {}\n{} at {}\n",
                style.bold(&value("id")),
                value("url"),
                style.bad("the record gave no document"),
                value("kind"),
                value("message"),
                value("file"),
                value("offset"),
            )
        }
    };
    terminal::page(&text, !args.no_pager)
}

fn describe(shown: &Document, style: Style) -> String {
    let record = &shown.record;
    let value = |name: &str| record.document.get(name).map(plain).unwrap_or_default();
    let mut text = format!("{}\n", style.bold(&value("id")));
    let mut line = |words: String| text.push_str(&format!("{words}\n"));
    if record.metadata("url").is_some() {
        line(value("url"));
    }
    let place = format!(
        "{} at {}+{}, fetched {}, {}, {}",
        value("warc_file"),
        value("warc_offset"),
        value("warc_length"),
        value("date"),
        value("mime"),
        value("charset")
    );
    line(style.soft(&place));
    let said = ["title", "author", "published"].map(|name| (name, record.metadata(name)));
    for (name, said) in said {
        if let Some(said) = said {
            line(format!("{name}: {}", tame_line(said)));
        }
    }
    if !shown.others.is_empty() {
        let ids: Vec<String> = shown.others.iter().map(|other| tame_line(&other.id)).collect();
        line(style.soft(&format!("the same URL or id: {}", ids.join(", "))));
    }
    text.push_str(&format!("\n{}\n", style.bold("arms")));
    let width = shown.arms.iter().map(|arm| arm.arm.chars().count()).max().unwrap_or(0);
    for arm in &shown.arms {
        let by = arm.by.join(", ");
        let verdict = match arm.verdict {
            Verdict::Kept => style.good("kept"),
            Verdict::Dropped => {
                let reason = arm.reason.as_deref().unwrap_or_default();
                let keeper = arm.keeper.as_ref().map(|keeper| format!(" of {}", tame_line(keeper)));
                style.bad(&format!("dropped by {by}: {reason}{}", keeper.unwrap_or_default()))
            }
            Verdict::UpToDedup => style.good(&format!("kept up to {by}; --settle tells more")),
        };
        text.push_str(&format!("  {:<width$}  {verdict}\n", arm.arm));
    }
    text.push('\n');
    record.columns.iter().for_each(|column| text.push_str(&step(column, style)));
    let bytes = format::bytes(record.text.len() as u64);
    let title = format!("text, {bytes}, as the arm {} has it", shown.marked_for);
    text.push_str(&format!("\n{}\n{}", style.bold(&title), marked(&shown.marked, style)));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn step(column: &Column, style: Style) -> String {
    let verdict = match column.keep {
        Some(true) => style.good("kept"),
        Some(false) => {
            style.bad(&format!("dropped: {}", column.reason.as_deref().unwrap_or_default()))
        }
        None if column.kind == "annotation" || column.kind == "dedup" => column.kind.clone(),
        None => style.soft("does not apply"),
    };
    let mut text = format!("{}  {verdict}\n", style.bold(&column.column));
    let width = column.signals.iter().map(|signal| signal.name.len()).max().unwrap_or(0);
    for signal in &column.signals {
        let value = plain(&signal.value);
        let rules = signal.rules.iter().map(|rule| match rule.fails {
            true => style.bad(&format!("kept if {}: {}", rule.keeps, rule.reason)),
            false => style.soft(&format!("kept if {}", rule.keeps)),
        });
        let rules: Vec<String> = rules.collect();
        let line = format!("  {:<width$}  {value:<12}  {}", signal.name, rules.join(", "));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A value for people.
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::Null => "–".to_owned(),
        Json::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Json::Number(number) if number.is_f64() => {
            let number = number.as_f64().unwrap_or(0.0);
            let text = format!("{number:.6}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Json::Number(number) => number.to_string(),
        Json::String(text) => tame_line(text),
        other => other.to_string(),
    }
}

/// A text that is removed or put somewhere, so that line ends are seen if there is nothing else.
fn visible(text: &str) -> String {
    if text.trim().is_empty() { text.replace('\n', "¶\n") } else { text.to_owned() }
}

/// A marked text.
pub(super) fn marked(pieces: &[Piece], style: Style) -> String {
    let piece = |piece: &Piece| {
        let text = tame(&piece.text);
        match piece.fate {
            Fate::Kept => text,
            Fate::Removed => style.removed(&visible(&text)),
            Fate::Put => style.put(&visible(&text)),
            Fate::Left => style.soft(&format!(" … {text} … ")),
        }
    };
    pieces.iter().map(piece).collect()
}
