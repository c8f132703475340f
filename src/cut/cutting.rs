//! A cut under way: who is left, what is drawn of them, and in which order it is written.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::StoreError;

use super::arm::{CutArm, Recipe};
use super::bits::Bits;
use super::budget::{self, Threshold};
use super::context::Context;
use super::formats::{self, Target};
use super::holdout::Holdout;
use super::mixture::Mixture;
use super::output::Place;
use super::priority::{Priority, Purpose};
use super::rows::{self, Wanted};
use super::shuffle::Shuffle;
use super::stream::{Stream, Unit, Wants};
use super::survivors::Survivors;
use super::tokens::Tokens;
use super::{Budget, Control, CutError, Request, Sample, Split, Summary};

/// A cut under way.
pub(super) struct Cutting<'a> {
    pub(super) request: &'a Request,
    pub(super) context: &'a Context<'a>,
    pub(super) arm: &'a CutArm,
    pub(super) tokens: Tokens,
}

impl Cutting<'_> {
    /// Cuts into a place.
    pub(super) fn run(self, place: &Place) -> Result<Summary, CutError> {
        let Self { request, context, arm, .. } = &self;
        let alive = self.split()?;
        let considered = alive.count();
        let (survivors, control) = self.survivors(alive, place)?;
        let mut summary = Summary {
            arm: arm.name.clone(),
            steps: arm.steps().map_or_else(Vec::new, |steps| steps.names.clone()),
            pipeline: context.pool.plan.name.clone(),
            fingerprint: context.pool.plan.fingerprint.clone(),
            pool: u64::from(context.pool.documents),
            considered,
            warnings: context.pool.warnings.clone(),
            shards: context.pool.shards.len() as u64,
            dropped: survivors.verdicts.clone(),
            dedups: survivors.dedups.clone(),
            pieces: survivors.pieces.clone(),
            control,
            survivors: survivors.alive.count(),
            sample: None,
            documents: 0,
            junk: 0,
            text_bytes: 0,
            tokens: None,
            tokenizer: None,
            unencodable: 0,
            outputs: Vec::new(),
            was_there: false,
        };
        let mixture = match arm.recipe {
            Recipe::RandomWords(percent) => Mixture::RandomWords { seed: request.seed, percent },
            Recipe::ShuffledDocuments(percent) => {
                Mixture::ShuffledDocuments { seed: request.seed, percent }
            }
            _ => Mixture::Nothing,
        };
        let mut stream = Stream {
            context,
            survivors,
            mixture,
            tokenizer: self.tokens.tokenizer.clone(),
            writes_tokens: request.format.needs_tokenizer(),
            unencodable: AtomicU64::new(0),
        };
        let mut threshold = match request.budget {
            Some(budget) => self.draw(&stream, budget, &mut summary)?,
            None => None,
        };
        if mixture == Mixture::Nothing
            && let Some(drawn) = threshold.take()
        {
            // What is not drawn need not be read.
            self.narrow(&mut stream.survivors, &drawn)?;
        }
        self.write(&stream, threshold.as_ref(), place, &mut summary)?;
        Ok(summary)
    }

    /// The documents on the side of the hold-out that was asked for; all without one.
    fn split(&self) -> Result<Bits, CutError> {
        let Self { request, context, .. } = self;
        let mut alive = Bits::new(context.pool.documents, true);
        let Some(Split { share, seed, held_out }) = request.holdout else { return Ok(alive) };
        context.note("splitting domains");
        let holdout = Holdout::new(share, seed);
        let wanted = Wanted { metadata: true, ..Wanted::default() };
        let everything = alive.clone();
        context.each_group(
            &context.pool.groups,
            |group, shard| {
                let mut out = Vec::new();
                rows::read(group, shard, &everything, wanted, |row| {
                    let cut = row.document;
                    let (domain, host) = (cut.domain.as_deref(), cut.host.as_deref());
                    if holdout.holds(domain, host, &cut.document.id) != held_out {
                        out.push(row.ordinal);
                    }
                    Ok(())
                })?;
                Ok(out)
            },
            |out| {
                out.into_iter().for_each(|ordinal| alive.remove(ordinal));
                Ok(())
            },
        )?;
        Ok(alive)
    }

    fn survivors(
        &self,
        alive: Bits,
        place: &Place,
    ) -> Result<(Survivors, Option<Control>), CutError> {
        let Self { context, arm, .. } = self;
        match &arm.recipe {
            Recipe::Steps(steps) => {
                let left =
                    Survivors::settle(context, steps, alive, &place.provenance()?, &mut |_| ())?;
                Ok((left, None))
            }
            Recipe::RandomControl(like) => {
                let provenance = place.provenance()?;
                let left =
                    Survivors::settle(context, like, alive.clone(), &provenance, &mut |_| ())?;
                // Whose copies those were is not told of an arm that drops others.
                std::fs::remove_dir_all(&provenance)
                    .map_err(|error| StoreError::new(&provenance, error))?;
                self.control(alive, &left.alive)
            }
            Recipe::RandomWords(_) | Recipe::ShuffledDocuments(_) => {
                Ok((Survivors::all(alive), None))
            }
        }
    }

    /// The pool without as much as `left` lacks of it, of documents drawn at random.
    fn control(&self, alive: Bits, left: &Bits) -> Result<(Survivors, Option<Control>), CutError> {
        let Self { request, context, .. } = self;
        let (name, column) = match self.tokens.pool_column.as_deref() {
            Some(column) => ("tokens", format!("{column}.tokens")),
            None => ("bytes", "bytes".to_owned()),
        };
        let wanted = Wanted { number: Some(&column), ..Wanted::default() };
        let priority = Priority::new(Purpose::RandomControl, request.seed);
        let each = |pass: &mut dyn FnMut(u32, u64, &str, u64)| {
            context.each_group(
                &context.groups_with(&alive),
                |group, shard| {
                    let mut found = Vec::new();
                    rows::read(group, shard, &alive, wanted, |row| {
                        let id = row.document.document.id;
                        found.push((row.ordinal, priority.of(&id), id, row.number));
                        Ok(())
                    })?;
                    Ok(found)
                },
                |found| {
                    for (ordinal, priority, id, weight) in found {
                        pass(ordinal, priority, &id, weight);
                    }
                    Ok(())
                },
            )
        };
        let mut dropped = 0;
        each(&mut |ordinal, _, _, weight| {
            dropped += if left.has(ordinal) { 0 } else { weight };
        })?;
        let mut control = Control {
            unit: name.to_owned(),
            dropped_by_steps: dropped,
            dropped_at_random: dropped,
        };
        if dropped == 0 {
            return Ok((Survivors::all(alive), Some(control)));
        }
        context.note("drawing documents to drop");
        let threshold = budget::draw(dropped, |take| {
            each(&mut |ordinal, priority, id, weight| take(priority, id, ordinal, weight))
        })?;
        let mut survivors = alive.clone();
        match threshold {
            // Everything goes.
            None => survivors = Bits::new(alive.len(), false),
            Some(threshold) => {
                each(&mut |ordinal, priority, id, _| {
                    if threshold.takes(priority, id, ordinal) {
                        survivors.remove(ordinal);
                    }
                })?;
                control.dropped_at_random = threshold.total();
            }
        }
        Ok((Survivors::all(survivors), Some(control)))
    }

    /// Which documents a budget takes; `None` where it takes all.
    fn draw(
        &self,
        stream: &Stream<'_>,
        budget: Budget,
        summary: &mut Summary,
    ) -> Result<Option<Threshold>, CutError> {
        stream.context.note("weighing documents");
        let unit = match (budget, &self.tokens.arm_column) {
            (Budget::Documents(_), _) => Unit::Documents,
            (Budget::Bytes(_), _) => Unit::Bytes,
            (Budget::Tokens(_), Some(column)) => Unit::TokenColumn(column.clone()),
            (Budget::Tokens(_), None) => Unit::Tokens,
        };
        let priority = Priority::new(Purpose::Sample, self.request.seed);
        let (mut weights, mut whole, mut is_weighed) = (Vec::new(), 0u64, false);
        let threshold = budget::draw(budget.amount(), |take| {
            // Weighing may mean to tokenize, and is done once.
            let unit = (!is_weighed).then_some(&unit);
            let mut sequence = 0u32;
            stream.each(Wants { whole: false, unit }, |weighed| {
                if !is_weighed {
                    whole = whole.saturating_add(weighed.weight);
                    weights.push(u32::try_from(weighed.weight).unwrap_or(u32::MAX));
                }
                let weight = weights.get(sequence as usize).copied().unwrap_or(0);
                let id = &weighed.document.document.id;
                take(priority.of(id), id, sequence, u64::from(weight));
                sequence = next(sequence)?;
                Ok::<_, CutError>(())
            })?;
            is_weighed = true;
            Ok::<_, CutError>(())
        })?;
        let sample = Sample {
            unit: budget.unit().to_owned(),
            asked: budget.amount(),
            whole,
            drawn: threshold.as_ref().map_or(whole, Threshold::total),
        };
        summary.sample = Some(sample);
        Ok(threshold)
    }

    /// Takes out what was not drawn.
    fn narrow(&self, survivors: &mut Survivors, drawn: &Threshold) -> Result<(), CutError> {
        let Self { request, context, .. } = self;
        let priority = Priority::new(Purpose::Sample, request.seed);
        let (mut sequence, mut out) = (0, Vec::new());
        context.each_group(
            &context.groups_with(&survivors.alive),
            |group, shard| {
                let mut found = Vec::new();
                rows::read(group, shard, &survivors.alive, Wanted::default(), |row| {
                    let id = row.document.document.id;
                    found.push((row.ordinal, priority.of(&id), id));
                    Ok(())
                })?;
                Ok(found)
            },
            |found| {
                for (ordinal, priority, id) in found {
                    if !drawn.takes(priority, &id, sequence) {
                        out.push(ordinal);
                    }
                    sequence = next(sequence)?;
                }
                Ok(())
            },
        )?;
        out.into_iter().for_each(|ordinal| survivors.alive.remove(ordinal));
        Ok(())
    }

    fn write(
        &self,
        stream: &Stream<'_>,
        threshold: Option<&Threshold>,
        place: &Place,
        summary: &mut Summary,
    ) -> Result<(), CutError> {
        let Self { request, context, arm, tokens } = self;
        let target = Target {
            directory: place.directory().to_path_buf(),
            name: arm.name.clone(),
            part_bytes: request.part_bytes,
            lingua_chunks: request.lingua_chunks,
            dedups: summary.dedups.iter().map(|dedup| dedup.step.clone()).collect(),
            tokenizer: tokens.tokenizer.clone(),
        };
        context.note("writing");
        let mut writer = formats::writer(request.format, &target)?;
        let unit = match (&tokens.arm_column, request.format.needs_tokenizer()) {
            (_, true) => Some(Unit::Tokens),
            (Some(column), false) => Some(Unit::TokenColumn(column.clone())),
            (None, false) if matches!(request.budget, Some(Budget::Tokens(_))) => {
                Some(Unit::Tokens)
            }
            (None, false) => None,
        };
        let priority = Priority::new(Purpose::Sample, request.seed);
        let mut counts = (0u64, 0u64, 0u64, 0u64);
        let mut shuffled =
            request.shuffle.then(|| Shuffle::new(&context.spill, context.memory_bytes));
        let mut sequence = 0u32;
        let streamed = stream.each(Wants { whole: true, unit: unit.as_ref() }, |weighed| {
            let (document, at) = (weighed.document, sequence);
            sequence = next(sequence)?;
            let drawn = priority.of(&document.document.id);
            let id = &document.document.id;
            if threshold.is_some_and(|threshold| !threshold.takes(drawn, id, at)) {
                return Ok(());
            }
            counts.0 += 1;
            counts.1 += document.document.text.len() as u64;
            counts.2 += weighed.weight;
            counts.3 += u64::from(weighed.is_junk);
            match &mut shuffled {
                Some(shuffled) => Ok(shuffled.push(drawn, at, &document)?),
                None => Ok(writer.write(&document)?),
            }
        });
        let written = streamed.and_then(|()| match shuffled {
            Some(shuffled) => {
                shuffled.finish(|document| match context.interrupted.load(Ordering::Relaxed) {
                    true => Err(CutError::Interrupted),
                    false => Ok(writer.write(&document)?),
                })
            }
            None => Ok(()),
        });
        if let Err(error) = written {
            writer.discard();
            return Err(error);
        }
        summary.outputs = writer.finish()?;
        summary.outputs.extend(stream.survivors.files.iter().cloned());
        (summary.documents, summary.text_bytes, summary.junk) = (counts.0, counts.1, counts.3);
        summary.tokens = unit.is_some().then_some(counts.2);
        let file_name = |name: &String| match Path::new(name).file_name() {
            Some(file) => file.to_string_lossy().into_owned(),
            None => name.clone(),
        };
        summary.tokenizer = unit.and(tokens.name.as_ref().map(file_name));
        summary.unencodable = stream.unencodable.load(Ordering::Relaxed);
        Ok(())
    }
}

/// The number of the next document of an arm; what is mixed in counts, too.
fn next(sequence: u32) -> Result<u32, CutError> {
    let next = sequence.checked_add(1);
    next.ok_or(CutError::TooMany { documents: u64::from(u32::MAX) + 1 })
}
