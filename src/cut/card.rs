//! The data card: what a cut is, for people and for data hubs.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::formats::Format;
use super::pool::Pool;
use super::{Request, Summary};

/// The pipeline of a cut, as the card's JSON has it: everything but the arms and columns.
pub(super) fn pipeline(pool: &Pool) -> Json {
    let mut plan = pool.json.clone();
    if let Some(object) = plan.as_object_mut() {
        for key in ["views", "pairs", "arms", "arms_of_cut", "stored_view"] {
            object.remove(key);
        }
        // Where shards lay is no matter of the corpus.
        if let Some(input) = object.get_mut("input").and_then(Json::as_object_mut) {
            input.remove("shards");
            input.remove("base");
        }
    }
    plan
}

/// The card as Markdown, with the header that Hugging Face reads.
pub(super) fn markdown(request: &Request, summary: &Summary, pool: &Pool, digest: &str) -> String {
    let mut card = header(request, summary, digest);
    let _ = write!(card, "\n# {}: arm `{}`\n\n", summary.pipeline, request.arm);
    if let Some(description) = &pool.plan.description {
        let _ = write!(card, "{description}.\n\n");
    }
    card.push_str(match pool.plan.direct_arm {
        Some(_) => "Cut by gristmill from a run of this arm's steps alone.\n\n",
        None => {
            "Cut by gristmill from a run that measured every document with every step and dropped \
             nothing: other arms of the same pool, the raw one among them, hold the very same \
             documents wherever they keep them.\n\n"
        }
    });
    for warning in &summary.warnings {
        let _ = write!(card, "**Warning:** {warning}.\n\n");
    }
    counts(&mut card, summary);
    steps(&mut card, summary, pool);
    dedups(&mut card, summary);
    provenance(&mut card, request, summary);
    files(&mut card, summary);
    card.push_str(
        "\n## Licence\n\nThe texts are those of the pages they were crawled from, under the terms \
         of their owners and of the crawl; this cut grants no right to them. Pages of Common Crawl: \
         <https://commoncrawl.org/terms-of-use>.\n",
    );
    card
}

/// `datasets` keeps what it loaded by the names of directory and configuration: each cut has its own.
fn header(request: &Request, summary: &Summary, digest: &str) -> String {
    let name = format!("{} {}", summary.pipeline, summary.arm);
    let (config, files) = match request.format {
        Format::Parquet => (&*summary.arm, Some("data/*.parquet".to_owned())),
        Format::Jsonl => (&*summary.arm, Some("data/*.jsonl".to_owned())),
        Format::JsonlGz => (&*summary.arm, Some("data/*.jsonl.gz".to_owned())),
        Format::JsonlZst => (&*summary.arm, Some("data/*.jsonl.zst".to_owned())),
        Format::Lingua => (&*summary.arm, Some(format!("{}/*.jsonl", summary.arm))),
        // Tokens are no rows; what can be loaded is who was whose copy.
        _ if summary.dedups.is_empty() => ("none", None),
        _ => ("dedup", Some("dedup/*.parquet".to_owned())),
    };
    let config = format!("{config}-{}", digest.get(..8).unwrap_or(digest));
    let mut header = format!("---\npretty_name: {}\n", json!(name));
    if let Some(files) = files {
        let _ = write!(
            header,
            "configs:\n- config_name: {}\n  data_files: {}\n",
            json!(config),
            json!(files)
        );
    }
    header.push_str("tags:\n- gristmill\nlicense: other\n---\n");
    header
}

fn counts(card: &mut String, summary: &Summary) {
    let mut rows = vec![("documents of the pool", summary.pool.to_string())];
    if summary.considered != summary.pool {
        rows.push(("on this side of the hold-out", summary.considered.to_string()));
    }
    rows.push(("documents of the arm", summary.survivors.to_string()));
    rows.push(("documents here", summary.documents.to_string()));
    if summary.junk > 0 {
        rows.push(("of these, junk mixed in", summary.junk.to_string()));
    }
    rows.push(("bytes of text", summary.text_bytes.to_string()));
    if let (Some(tokens), Some(tokenizer)) = (summary.tokens, &summary.tokenizer) {
        rows.push(("tokens", format!("{tokens} ({tokenizer}; none that end a document)")));
    }
    if summary.unencodable > 0 {
        rows.push(("documents that the tokenizer refused", summary.unencodable.to_string()));
    }
    card.push_str("| | |\n|---|---|\n");
    for (what, number) in rows {
        let _ = writeln!(card, "| {what} | {number} |");
    }
    if let Some(sample) = &summary.sample {
        let whole = sample.asked >= sample.whole;
        let _ = match whole {
            true => write!(
                card,
                "\nThe whole arm: {} {} were asked for, and it has {}.\n",
                sample.asked, sample.unit, sample.whole
            ),
            false => write!(
                card,
                "\nA sample of {} of {} {}; {} were asked for. Documents were drawn by a hash of their \
                 id and the seed, in one order for every arm: a smaller sample is part of a larger \
                 one, and the samples of two arms overlap as far as one order lets them.\n",
                sample.drawn, sample.whole, sample.unit, sample.asked
            ),
        };
    }
    if let Some(control) = &summary.control {
        let _ = write!(
            card,
            "\nA random control: the pool without {} {}, of documents drawn at random, where the \
             steps it controls drop {}.\n",
            control.dropped_at_random, control.unit, control.dropped_by_steps
        );
    }
}

fn steps(card: &mut String, summary: &Summary, pool: &Pool) {
    card.push_str("\n## Steps\n\n");
    if summary.steps.is_empty() {
        card.push_str("None: what the pool has.\n");
        return;
    }
    card.push_str("| step | of | first to drop | parameters |\n|---|---|---|---|\n");
    for name in &summary.steps {
        let Some(step) = pool.plan.steps.iter().find(|step| step.name == *name) else { continue };
        let params = step.params.as_object().into_iter().flatten();
        let params = params.filter(|(_, value)| value.as_str() != Some("off"));
        let params: Vec<String> =
            params.map(|(key, value)| format!("`{key} = {value}`").replace('|', "\\|")).collect();
        let _ = writeln!(
            card,
            "| `{name}` | {} `{}`, version {} | {} | {} |",
            step.kind,
            step.uses,
            step.version,
            first_to_drop(name, summary),
            params.join(", ")
        );
    }
}

/// How many documents a step was the first of the arm's to drop.
fn first_to_drop(step: &str, summary: &Summary) -> String {
    let of = |column: &str| column.split('@').next() == Some(step);
    let judged = summary.dropped.iter().find(|dropped| of(&dropped.column));
    let judged = judged.map(|dropped| dropped.documents);
    let removed = summary.dedups.iter().find(|dedup| dedup.step == step);
    let dropped = judged.or(removed.map(|dedup| dedup.removed));
    dropped.map_or_else(String::new, |documents| documents.to_string())
}

fn dedups(card: &mut String, summary: &Summary) {
    if !summary.dedups.is_empty() {
        card.push_str(
            "\n## Dedup\n\nAmong the documents that came as far as the step; \
             `dedup/<step>.parquet` has every document of a cluster of two or more, with its \
             keeper, the document it matched, and the band that linked them.\n\n\
             | step | keeps | documents | without a key | clusters | in clusters | largest | removed |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
    }
    for dedup in &summary.dedups {
        let _ = writeln!(
            card,
            "| `{}` | {} | {} | {} | {} | {} | {} | {} |",
            dedup.step,
            dedup.keep,
            dedup.documents,
            dedup.unsigned,
            dedup.clusters,
            dedup.clustered,
            dedup.largest,
            dedup.removed
        );
    }
    if let Some(pieces) = &summary.pieces {
        let _ = write!(
            card,
            "\n`{}` removed {} repeated pieces ({} bytes), and {} documents of which too little \
             was left.\n",
            pieces.step, pieces.removed_pieces, pieces.removed_bytes, pieces.removed_documents
        );
    }
}

fn provenance(card: &mut String, request: &Request, summary: &Summary) {
    let _ = write!(
        card,
        "\n## Provenance\n\n| | |\n|---|---|\n| pipeline | `{}` |\n| fingerprint of the plan | \
         `{}` |\n| gristmill | {} |\n| seed | {} |\n| order | {} |\n",
        summary.pipeline,
        summary.fingerprint,
        env!("CARGO_PKG_VERSION"),
        request.seed,
        if request.shuffle { "drawn by the seed" } else { "that of the crawl" },
    );
    if let Some(split) = request.holdout {
        let side = if split.held_out { "held out" } else { "not held out" };
        let _ = writeln!(
            card,
            "| hold-out | {} % of registered domains by seed {}, before any step; these are {side} |",
            split.share * 100.0,
            split.seed
        );
    }
}

fn files(card: &mut String, summary: &Summary) {
    card.push_str("\n## Files\n\n| file | documents | bytes | SHA-256 |\n|---|---|---|---|\n");
    for output in &summary.outputs {
        let _ = writeln!(
            card,
            "| `{}` | {} | {} | `{}` |",
            output.path, output.rows, output.bytes, output.sha256
        );
    }
}
