//! The ARPA format: counts by order, then the n-grams of each order, one a line.

use std::io::Read;

use super::builder::{Builder, Weights};
use super::error::LmError;
use super::lines::Lines;
use super::{MAX_ORDER, Model};

/// What no logarithm of a probability or weight comes near; SRILM writes -99 for "never".
const LARGEST_LOG: f32 = 1e6;

/// Reads a model, up to the end of the file.
pub(super) fn read<R: Read>(mut lines: Lines<R>) -> Result<Model, LmError> {
    skip_to_data(&mut lines)?;
    let counts = read_counts(&mut lines)?;
    let mut builder = Builder::new(&counts);
    for (index, &count) in counts.iter().enumerate() {
        let order = index + 1;
        expect(&mut lines, &format!("\\{order}-grams:"))?;
        for number in 0..count {
            let line = lines.next()?.unwrap_or_default();
            if is_blank(line) || line.starts_with(b"\\") {
                let what = format!("{number} {order}-grams are there, {count} are stated");
                return Err(lines.fault(what));
            }
            if let Err(what) = read_ngram(line, order, order == counts.len(), &mut builder) {
                return Err(lines.fault(what));
            }
        }
        builder.end_of_order().map_err(|what| lines.fault(what))?;
    }
    expect(&mut lines, "\\end\\")?;
    while let Some(line) = lines.next()? {
        if !is_blank(line) {
            return Err(lines.fault("the file goes on after `\\end\\`"));
        }
    }
    Ok(builder.finish(lines.finish()?))
}

/// Passes comments and empty lines, up to the line `\data\`.
fn skip_to_data<R: Read>(lines: &mut Lines<R>) -> Result<(), LmError> {
    while let Some(line) = lines.next()? {
        if is_blank(line) || line.starts_with(b"#") {
            continue;
        }
        return match trim(line) {
            b"\\data\\" => Ok(()),
            other => Err(LmError::NotArpa(guess(other))),
        };
    }
    Err(LmError::NotArpa("it is empty"))
}

/// What a file that begins otherwise is likely to be.
fn guess(line: &[u8]) -> &'static str {
    match line {
        [b'm', b'm', b'a', b'p', b' ', b'l', b'm', ..] => {
            "it is a KenLM binary; give the ARPA file from which it was built"
        }
        [b'b', b'l', b'm', b't', ..] => "it is an IRSTLM binary",
        [b'i', b'A', b'R', b'P', b'A', ..] => "it is an IRSTLM iARPA file",
        [b'v', b'e', b'r', b's', ..] => "it looks like a Git LFS pointer",
        [b'<', ..] => "it looks like an HTML page",
        [b'P', b'K', 3, 4, ..] => "it is a zip archive",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "it is compressed with zstd; plain and gzip are read",
        [0xfd, b'7', b'z', ..] => "it is compressed with xz; plain and gzip are read",
        _ => "its first line is not `\\data\\`",
    }
}

/// The numbers of n-grams by order, up to an empty line.
fn read_counts<R: Read>(lines: &mut Lines<R>) -> Result<Vec<u64>, LmError> {
    let mut counts = Vec::new();
    while let Some(line) = lines.next()? {
        if is_blank(line) {
            break;
        }
        let Some(count) = count(line, counts.len() + 1) else {
            let what = format!("`ngram {}=` and a number is expected", counts.len() + 1);
            return Err(lines.fault(what));
        };
        counts.push(count);
        if counts.len() > MAX_ORDER {
            return Err(lines.fault(format!("n-grams of more than {MAX_ORDER} words")));
        }
    }
    match counts.first() {
        None => Err(lines.fault("no counts of n-grams")),
        Some(&words) if words >= u64::from(u32::MAX) => Err(lines.fault("too many words")),
        Some(_) => Ok(counts),
    }
}

/// The count on a line `ngram N=COUNT` of a given order.
fn count(line: &[u8], order: usize) -> Option<u64> {
    let line = std::str::from_utf8(line).ok()?;
    let (number, count) = line.trim().strip_prefix("ngram ")?.split_once('=')?;
    let is_next = number.trim().parse() == Ok(order);
    is_next.then(|| count.trim().parse().ok()).flatten()
}

/// Passes empty lines and one that must be there.
fn expect<R: Read>(lines: &mut Lines<R>, expected: &str) -> Result<(), LmError> {
    while let Some(line) = lines.next()? {
        if is_blank(line) {
            continue;
        }
        if trim(line) == expected.as_bytes() {
            return Ok(());
        }
        return Err(lines.fault(format!("`{expected}` is expected")));
    }
    Err(lines.fault(format!("the file ends before `{expected}`")))
}

/// Reads `LOG10_PROBABILITY WORD… [LOG10_BACKOFF]`.
fn read_ngram(
    line: &[u8],
    order: usize,
    is_longest: bool,
    builder: &mut Builder,
) -> Result<(), String> {
    let mut fields = line.split(|&byte| is_space(byte)).filter(|field| !field.is_empty());
    let probability = logarithm(fields.next().unwrap_or_default())
        .ok_or("the line does not begin with a logarithm of a probability")?;
    if probability > 0.0 {
        return Err(format!("a logarithm of a probability above 0: {probability}"));
    }
    let mut words: [&[u8]; MAX_ORDER] = [b""; MAX_ORDER];
    for (found, slot) in words[..order].iter_mut().enumerate() {
        *slot = fields.next().ok_or_else(|| format!("{found} words, not {order}"))?;
    }
    let backoff = match fields.next() {
        Some(field) => logarithm(field).ok_or("the last field is no back-off weight")?,
        None => 0.0,
    };
    if fields.next().is_some() {
        return Err(format!("more than {order} words and two numbers"));
    }
    if is_longest && backoff != 0.0 && order > 1 {
        return Err("a back-off weight, though no n-gram is longer".into());
    }
    builder.add(&words[..order], Weights { probability, backoff })
}

fn logarithm(field: &[u8]) -> Option<f32> {
    let number: f32 = std::str::from_utf8(field).ok()?.parse().ok()?;
    (number.abs() <= LARGEST_LOG).then_some(number)
}

/// What ends a word in an ARPA file: `\v` and `\f` do not.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

fn trim(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}
