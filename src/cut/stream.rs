//! An arm's documents in crawl order, with as much of each as is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::steps::TextTokenizer;

use super::CutError;
use super::context::Context;
use super::formats::CutDocument;
use super::mixture::Mixture;
use super::rows::{self, Wanted};
use super::survivors::Survivors;

/// What documents are weighed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unit {
    /// Each weighs 1.
    Documents,
    /// Bytes of the text as the arm has it.
    Bytes,
    /// A column of the run that has the tokens of the text as the arm has it.
    TokenColumn(String),
    /// Tokens of the text as the arm has it, counted now.
    Tokens,
}

/// What a pass over an arm gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wants<'a> {
    /// Metadata and text, and tokens where the stream has a tokenizer for the output.
    pub(super) whole: bool,
    /// The weight.
    pub(super) unit: Option<&'a Unit>,
}

/// A document with its weight.
pub(super) struct Weighed {
    pub(super) document: CutDocument,
    /// 0 where no unit was asked for.
    pub(super) weight: u64,
    /// Whether it is mixed in.
    pub(super) is_junk: bool,
}

/// The documents of an arm.
pub(super) struct Stream<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) survivors: Survivors,
    /// What is mixed in.
    pub(super) mixture: Mixture,
    /// By what tokens are counted and written.
    pub(super) tokenizer: Option<Arc<TextTokenizer>>,
    /// Whether the output is made of tokens.
    pub(super) writes_tokens: bool,
    /// Documents that the tokenizer refused when they were written; they have no tokens.
    pub(super) unencodable: AtomicU64,
}

impl Stream<'_> {
    /// Passes the documents in crawl order.
    pub(super) fn each(
        &self,
        wants: Wants<'_>,
        mut pass: impl FnMut(Weighed) -> Result<(), CutError>,
    ) -> Result<(), CutError> {
        let Self { context, survivors, .. } = self;
        let mixes = self.mixture != Mixture::Nothing;
        let unit = wants.unit.map(|unit| self.cheapest(unit));
        let by_text = matches!(unit, Some(Unit::Bytes | Unit::Tokens));
        let number = match &unit {
            Some(Unit::TokenColumn(column)) => Some(format!("{column}.tokens")),
            Some(Unit::Bytes) if self.stored_as_is() => Some("bytes".to_owned()),
            _ => None,
        };
        let needs_text = wants.whole || mixes || (by_text && number.is_none());
        let wanted = Wanted {
            metadata: wants.whole,
            text: needs_text.then_some(&survivors.text),
            number: number.as_deref(),
        };
        let finish = |row: u64, document: CutDocument| {
            self.finish(wants, unit.as_ref(), number.is_some().then_some(row), document)
        };
        let mut mixer = self.mixture.start();
        context.each_group(
            &match needs_text {
                true => context.parts_with(&survivors.alive)?,
                false => context.groups_with(&survivors.alive),
            },
            |group, shard| {
                let removed = survivors.removed.as_ref().filter(|_| needs_text);
                let positions =
                    removed.map(|removed| removed.of_group(group.first, group.rows)).transpose()?;
                let mut documents = Vec::new();
                rows::read(group, shard, &survivors.alive, wanted, |mut row| {
                    if let (Some(removed), Some(positions)) = (removed, &positions) {
                        let text = std::mem::take(&mut row.document.document.text);
                        let text = removed.apply(positions.of(row.ordinal), text);
                        row.document.document.text = text.unwrap_or_default();
                    }
                    survivors.add_clusters(row.ordinal, &mut row.document);
                    documents.push(finish(row.number, row.document));
                    Ok(())
                })?;
                Ok(documents)
            },
            |documents| {
                for document in documents {
                    let mixed = mixer.after(&document.document);
                    pass(document)?;
                    for junk in mixed {
                        let junk = self.finish(wants, unit.as_ref(), None, junk);
                        pass(Weighed { is_junk: true, ..junk })?;
                    }
                }
                Ok(())
            },
        )?;
        mixer.last().into_iter().try_for_each(|junk| {
            let junk = self.finish(wants, unit.as_ref(), None, junk);
            pass(Weighed { is_junk: true, ..junk })
        })
    }

    /// Whether the arm has the stored text.
    fn stored_as_is(&self) -> bool {
        let Self { survivors, mixture, .. } = self;
        survivors.text.spans.is_none()
            && survivors.removed.is_none()
            && *mixture == Mixture::Nothing
    }

    /// A column counts the tokens of the run's documents alone.
    fn cheapest(&self, unit: &Unit) -> Unit {
        let counted_now = self.survivors.removed.is_some() || self.mixture != Mixture::Nothing;
        match unit {
            Unit::TokenColumn(_) if counted_now => Unit::Tokens,
            unit => unit.clone(),
        }
    }

    /// Weighs a document and encodes it where the output is made of tokens.
    fn finish(
        &self,
        wants: Wants<'_>,
        unit: Option<&Unit>,
        number: Option<u64>,
        mut document: CutDocument,
    ) -> Weighed {
        let encodes = wants.whole && self.writes_tokens;
        if let Some(tokenizer) = self.tokenizer.as_ref().filter(|_| encodes) {
            let tokens = tokenizer.encode(&document.document.text);
            document.tokens = Some(tokens.unwrap_or_else(|_| {
                self.unencodable.fetch_add(1, Ordering::Relaxed);
                Vec::new()
            }));
        }
        let weight = match (unit, number) {
            (None, _) => 0,
            (Some(_), Some(number)) => number,
            (Some(Unit::Documents), None) => 1,
            (Some(Unit::Bytes), None) => document.document.text.len() as u64,
            (Some(Unit::TokenColumn(_) | Unit::Tokens), None) if encodes => {
                document.tokens.as_ref().map_or(0, Vec::len) as u64
            }
            (Some(Unit::TokenColumn(_) | Unit::Tokens), None) => {
                let count = |tokenizer: &Arc<TextTokenizer>| {
                    tokenizer.count(&document.document.text).unwrap_or(0)
                };
                self.tokenizer.as_ref().map_or(0, count)
            }
        };
        Weighed { document, weight, is_junk: false }
    }
}
