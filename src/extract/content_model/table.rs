//! `weights.txt` → [`Model`].
//!
//! One row a line: `class WORD AROUND OWN`, `word WORD WEIGHT`, `first BIAS`, `second BIAS` and
//! `comments BIAS` where trees start, `tree (FEATURE BORDER)… : LEAF…`. Lines that start with `#` are
//! for readers.

use super::lexicon::{self, ClassWeight};
use super::trees::{DEPTH, Split, Tree};
use super::{Model, neighbours};
use crate::extract::context::{pair_hash, token_hash};
use crate::extract::features;
use crate::extract::measure::word_hash;

/// Reads a table.
///
/// # Errors
///
/// The number of the first line that is none of a table's.
pub(super) fn read(table: &str) -> Result<Model, usize> {
    let mut model = Model::default();
    let mut stage = Stage::None;
    for (number, line) in table.lines().enumerate() {
        if !line.starts_with('#') {
            add(&mut model, &mut stage, line).ok_or(number + 1)?;
        }
    }
    Ok(model)
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    None,
    First,
    Second,
    Comments,
}

fn add(model: &mut Model, stage: &mut Stage, line: &str) -> Option<()> {
    let mut fields = line.split_ascii_whitespace();
    match fields.next()? {
        "class" => {
            let name = fields.next()?;
            let hash = match name.split_once('-') {
                Some((first, second)) => {
                    pair_hash(token_hash(first.as_bytes()), token_hash(second.as_bytes()))
                }
                None => token_hash(name.as_bytes()),
            };
            let weight = ClassWeight { around: number(&mut fields)?, own: number(&mut fields)? };
            model.lexicon.classes.insert(hash, weight);
        }
        "word" => {
            model.lexicon.words.insert(word_hash(fields.next()?), number(&mut fields)?);
        }
        "first" => {
            *stage = Stage::First;
            model.first.bias = number(&mut fields)?;
        }
        "second" => {
            *stage = Stage::Second;
            model.second.bias = number(&mut fields)?;
        }
        "comments" => {
            *stage = Stage::Comments;
            model.comments.bias = number(&mut fields)?;
        }
        "tree" => {
            let tree = tree(&mut fields, *stage)?;
            match stage {
                Stage::None => return None,
                Stage::First => model.first.trees.push(tree),
                Stage::Second => model.second.trees.push(tree),
                Stage::Comments => model.comments.trees.push(tree),
            }
        }
        _ => return None,
    }
    fields.next().is_none().then_some(())
}

fn number<'a>(fields: &mut impl Iterator<Item = &'a str>) -> Option<f32> {
    fields.next()?.parse().ok().filter(|number: &f32| number.is_finite())
}

fn tree<'a>(fields: &mut impl Iterator<Item = &'a str>, stage: Stage) -> Option<Tree> {
    let mut splits = Vec::with_capacity(DEPTH);
    loop {
        let name = fields.next()?;
        if name == ":" {
            break;
        }
        splits.push(Split { feature: column(name, stage)?, border: number(fields)? });
    }
    let mut leaves = [0.0; 1 << DEPTH];
    if splits.len() > DEPTH {
        return None;
    }
    for leaf in &mut leaves[..1 << splits.len()] {
        *leaf = number(fields)?;
    }
    Some(Tree { splits, leaves })
}

/// The column of a feature: those of the page first, then those of words, then of neighbours.
fn column(name: &str, stage: Stage) -> Option<u16> {
    let beside: &[&str] = match stage {
        Stage::Second => &neighbours::NAMES,
        _ => &[],
    };
    let mut names = features::NAMES.iter().chain(&lexicon::NAMES).chain(beside);
    names.position(|known| *known == name).and_then(|column| u16::try_from(column).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_row_by_row() {
        let table = "# head\nclass entry-content 0.5 0.25\nclass nav -1 0\nword share -0.5\n\
                     first 0.1\ntree words 0.5 class_sum 0 : 1 2 3 4\nsecond -1\n\
                     tree logit 0.5 : 1 -2\ncomments 0.25\ntree words 0.5 : 1 -2\n";
        let model = read(table).unwrap();
        assert_eq!((model.lexicon.len(), model.first.len(), model.second.len()), (3, 1, 1));
        assert_eq!((model.comments.len(), model.comments.bias), (1, 0.25));
        assert_eq!(model.first.trees[0].leaves[..5], [1.0, 2.0, 3.0, 4.0, 0.0]);
    }

    #[test]
    fn the_first_faulty_line_is_named() {
        for (line, table) in [
            (1, "class x 1"),
            (2, "word x 1\nword y"),
            (1, "word x NaN"),
            (1, "tree words 1 : 1 2"),
            (2, "first 0\ntree wordz 1 : 1 2"),
            (2, "first 0\ntree logit 1 : 1 2"),
            (2, "comments 0\ntree logit 1 : 1 2"),
            (2, "first 0\ntree words 1 : 1"),
            (2, "first 0\ntree words 1 : 1 2 3"),
            (1, "branch"),
        ] {
            assert_eq!(read(table).err(), Some(line), "{table}");
        }
    }
}
