//! Who is left of a pool after the steps of an arm, and what text they have.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::store::Output;

use super::CutError;
use super::arm::{Dedup, Stage, Steps, TextAt};
use super::bits::Bits;
use super::clusters::Clusters;
use super::context::Context;
use super::dedup::{DedupSummary, dedup};
use super::formats::CutDocument;
use super::judge::judge;
use super::pieces::{OfGroup, PiecesSummary, Removed};
use super::rows::{self, Wanted};

/// What a filter or an edit dropped in an arm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Its column.
    pub column: String,
    /// Documents that it was the first of the arm's steps to drop.
    pub documents: u64,
}

/// A dedup of an arm that has been settled.
pub(crate) struct Settled<'a> {
    /// The dedup.
    pub(crate) dedup: &'a Dedup,
    /// Who is left after it.
    pub(crate) alive: &'a Bits,
    /// The clusters among those that came as far.
    pub(crate) clusters: &'a Clusters,
}

/// The documents of an arm.
pub(crate) struct Survivors {
    /// Who they are.
    pub(crate) alive: Bits,
    /// The text they have.
    pub(crate) text: TextAt,
    /// The pieces removed from it.
    pub(super) removed: Option<Removed>,
    /// By dedup, in order: the clusters among those that came as far.
    clusters: Vec<Clusters>,
    /// By column, in order: what it was the first to drop.
    pub(crate) verdicts: Vec<Dropped>,
    /// The files of the dedups' provenance.
    pub(crate) files: Vec<Output>,
    /// By dedup, in order: what it came to.
    pub(crate) dedups: Vec<DedupSummary>,
    /// What the dedup of pieces came to.
    pub(crate) pieces: Option<PiecesSummary>,
}

impl Survivors {
    /// All documents of a set, as they are stored.
    pub(crate) fn all(alive: Bits) -> Self {
        Self {
            alive,
            text: TextAt::default(),
            removed: None,
            clusters: Vec::new(),
            verdicts: Vec::new(),
            files: Vec::new(),
            dedups: Vec::new(),
            pieces: None,
        }
    }

    /// Those that steps leave of a set; each dedup writes its provenance into `directory`, and
    /// `watch` is shown what each dedup of documents leaves.
    pub(crate) fn settle(
        context: &Context<'_>,
        steps: &Steps,
        alive: Bits,
        directory: &Path,
        watch: &mut dyn FnMut(Settled<'_>),
    ) -> Result<Self, CutError> {
        let mut left = Self { text: steps.text.clone(), ..Self::all(alive) };
        for stage in &steps.stages {
            match stage {
                Stage::Judge(columns) => {
                    let counts = judge(context, columns, &mut left.alive)?;
                    let counts = columns.iter().cloned().zip(counts);
                    left.verdicts
                        .extend(counts.map(|(column, documents)| Dropped { column, documents }));
                }
                Stage::Dedup(stage) => {
                    let provenance = directory.join(format!("{}.parquet", stage.step));
                    let (clusters, summary, file) =
                        dedup(context, stage, &mut left.alive, &provenance)?;
                    watch(Settled { dedup: stage, alive: &left.alive, clusters: &clusters });
                    left.clusters.push(clusters);
                    left.files.push(Output {
                        path: format!("dedup/{}.parquet", stage.step),
                        rows: file.rows,
                        bytes: file.bytes,
                        sha256: file.sha256,
                    });
                    left.dedups.push(summary);
                }
            }
        }
        if let Some(stage) = &steps.pieces {
            context.note(&format!("{}: finding repeats", stage.step));
            let removed = Removed::find(context, stage, &left.alive)?;
            let before = left.alive.count();
            let bytes = drop_short(context, &removed, &left.text, &mut left.alive)?;
            left.pieces = Some(PiecesSummary {
                step: stage.step.clone(),
                documents: before,
                removed_pieces: removed.count(),
                removed_bytes: bytes,
                removed_documents: before - left.alive.count(),
            });
            left.removed = Some(removed);
        }
        Ok(left)
    }

    /// What is removed at last of the documents `first..first + rows`.
    pub(crate) fn last_edits(&self, first: u32, rows: u32) -> Result<LastEdits<'_>, CutError> {
        let removed = self.removed.as_ref();
        let positions = removed.map(|removed| removed.of_group(first, rows)).transpose()?;
        Ok(LastEdits { removed: removed.zip(positions) })
    }

    /// Adds what the dedups know of a document.
    pub(crate) fn add_clusters(&self, ordinal: u32, document: &mut CutDocument) {
        let sizes = self.clusters.iter().map(|clusters| u64::from(clusters.size(ordinal)));
        document.cluster_sizes.extend(sizes);
    }
}

/// What a dedup of pieces removes of some documents in a row.
pub(crate) struct LastEdits<'s> {
    removed: Option<(&'s Removed, OfGroup)>,
}

impl LastEdits<'_> {
    /// The text of a document without the pieces; `text` is as the arm's edits leave it.
    pub(crate) fn apply(&self, ordinal: u32, text: String) -> String {
        match &self.removed {
            Some((removed, positions)) => {
                removed.apply(positions.of(ordinal), text).unwrap_or_default()
            }
            None => text,
        }
    }
}

/// Takes out the documents of which the dedup of pieces leaves too little; the bytes it removes.
fn drop_short(
    context: &Context<'_>,
    removed: &Removed,
    text: &TextAt,
    alive: &mut Bits,
) -> Result<u64, CutError> {
    let wanted = Wanted { text: Some(text), ..Wanted::default() };
    let (mut short, mut bytes) = (Vec::new(), 0);
    context.each_group(
        &context.parts_with(alive)?,
        |group, shard| {
            let positions = removed.of_group(group.first, group.rows)?;
            let (mut short, mut bytes) = (Vec::new(), 0);
            rows::read(group, shard, alive, wanted, |row| {
                let text = row.document.document.text;
                let before = text.len();
                match removed.apply(positions.of(row.ordinal), text) {
                    Some(text) => bytes += (before - text.len()) as u64,
                    None => short.push(row.ordinal),
                }
                Ok(())
            })?;
            Ok((short, bytes))
        },
        |(of_group, some)| {
            short.extend(of_group);
            bytes += some;
            Ok(())
        },
    )?;
    short.into_iter().for_each(|ordinal| alive.remove(ordinal));
    Ok(bytes)
}
