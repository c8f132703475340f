//! Weight matrices: dense f32, or product-quantised as in `.ftz` files.
//!
//! Every sum runs in the order of the reference implementation, element by element and row by
//! row in f32, so that probabilities agree to the last bits.

use std::io::Read;

use super::error::ModelError;
use super::source::Source;

/// Weights beyond this are refused: no training yields them, and below it no sum of this module
/// can overflow to infinity or NaN.
const MAX_WEIGHT: f32 = 1e8;

/// Rows start on cache lines where that can be had: a row of 16 columns is then one line.
const ALIGN_BYTES: usize = 64;

/// Entries of one sub-quantiser's codebook: codes are one byte.
const CODEBOOK: usize = 256;

/// A matrix of weights, `[rows × cols] f32`.
#[derive(Debug)]
pub(super) enum Matrix {
    Dense(Dense),
    Quantised(Quantised),
}

impl Matrix {
    /// Reads a matrix; `what` names it in errors.
    pub(super) fn read<R: Read>(
        source: &mut Source<R>,
        what: &'static str,
        quantised: bool,
    ) -> Result<Self, ModelError> {
        if quantised {
            Quantised::read(source, what).map(Self::Quantised)
        } else {
            Dense::read(source, what).map(Self::Dense)
        }
    }

    pub(super) fn rows(&self) -> u64 {
        match self {
            Self::Dense(dense) => dense.rows,
            Self::Quantised(quantised) => quantised.rows,
        }
    }

    pub(super) fn cols(&self) -> u64 {
        match self {
            Self::Dense(dense) => dense.cols as u64,
            Self::Quantised(quantised) => quantised.cols as u64,
        }
    }

    /// Adds the given rows to `sum`, one after the other.
    pub(super) fn add_rows(&self, rows: &[u32], sum: &mut [f32]) {
        match self {
            Self::Dense(dense) => dense.add_rows(rows, sum),
            Self::Quantised(quantised) => {
                for &row in rows {
                    quantised.add_row(row as usize, sum);
                }
            }
        }
    }

    /// The product of one row and `vector`.
    pub(super) fn dot(&self, row: usize, vector: &[f32]) -> f32 {
        match self {
            Self::Dense(dense) => {
                dense.row(row).iter().zip(vector).fold(0.0, |sum, (a, b)| sum + a * b)
            }
            Self::Quantised(quantised) => quantised.dot(row, vector),
        }
    }

    /// Decodes a quantised matrix whose dense form takes at most `max_bytes`.
    ///
    /// Adding a decoded row gives the same sums as adding its codes, at a fraction of the cost.
    pub(super) fn decode_up_to(self, max_bytes: u64) -> Self {
        match self {
            Self::Quantised(q) if q.rows * q.cols as u64 * 4 <= max_bytes => {
                Self::Dense(q.decode())
            }
            other => other,
        }
    }
}

/// `[rows × cols] f32`, row after row.
#[derive(Debug)]
pub(super) struct Dense {
    rows: u64,
    cols: usize,
    /// The weights begin at `start`; what is before aligns them.
    data: Vec<f32>,
    start: usize,
}

impl Dense {
    fn read<R: Read>(source: &mut Source<R>, what: &'static str) -> Result<Self, ModelError> {
        let (rows, cols) = read_shape(source, what)?;
        let count = rows.checked_mul(cols as u64).ok_or_else(|| too_large(what))?;
        let mut data = Vec::new();
        source.reserve_floats(count, ALIGN_BYTES / 4, &mut data);
        let start = pad_to_alignment(&mut data);
        source.floats(what, count, &mut data)?;
        check_weights(&data[start..], what)?;
        Ok(Self { rows, cols, data, start })
    }

    fn row(&self, row: usize) -> &[f32] {
        let at = self.start + row * self.cols;
        &self.data[at..at + self.cols]
    }

    fn add_rows(&self, rows: &[u32], sum: &mut [f32]) {
        let mut column = 0;
        while column + 16 <= self.cols {
            self.add_columns::<16>(rows, column, sum);
            column += 16;
        }
        while column + 4 <= self.cols {
            self.add_columns::<4>(rows, column, sum);
            column += 4;
        }
        while column < self.cols {
            self.add_columns::<1>(rows, column, sum);
            column += 1;
        }
    }

    /// Adds `N` columns from `column` on; the sums stay in registers over all rows.
    fn add_columns<const N: usize>(&self, rows: &[u32], column: usize, sum: &mut [f32]) {
        let Some(target) = sum[column..].first_chunk_mut::<N>() else { return };
        let first = &self.data[self.start + column..];
        let mut sums = *target;
        for &row in rows {
            let at = row as usize * self.cols;
            for (sum, weight) in sums.iter_mut().zip(&first[at..at + N]) {
                *sum += weight;
            }
        }
        *target = sums;
    }
}

/// Rows as codes into the codebooks of their sub-vectors, optionally with a quantised norm.
#[derive(Debug)]
pub(super) struct Quantised {
    rows: u64,
    cols: usize,
    /// `[rows × parts] u8`.
    codes: Vec<u8>,
    books: Codebooks,
    /// `[rows] u8` into the 256 norms; `None` if rows were quantised with their norms.
    norms: Option<(Vec<u8>, Codebooks)>,
}

impl Quantised {
    fn read<R: Read>(source: &mut Source<R>, what: &'static str) -> Result<Self, ModelError> {
        let has_norms = source.flag("the flag of quantised norms")?;
        let (rows, cols) = read_shape(source, what)?;
        let code_count = u64::from(source.count("the number of codes")?);
        let mut codes = Vec::new();
        source.bytes(what, code_count, &mut codes)?;
        let books = Codebooks::read(source, what, cols)?;
        if rows.checked_mul(books.parts as u64) != Some(code_count) {
            return Err(ModelError::Damaged(format!(
                "{what} has {code_count} codes for {rows} rows of {} parts",
                books.parts
            )));
        }
        let norms = if has_norms {
            let mut norm_codes = Vec::new();
            source.bytes(what, rows, &mut norm_codes)?;
            Some((norm_codes, Codebooks::read(source, what, 1)?))
        } else {
            None
        };
        Ok(Self { rows, cols, codes, books, norms })
    }

    fn norm(&self, row: usize) -> f32 {
        match &self.norms {
            Some((codes, books)) => books.centroids[usize::from(codes[row])],
            None => 1.0,
        }
    }

    /// The sub-vectors of a row, without its norm.
    fn parts(&self, row: usize) -> impl Iterator<Item = &[f32]> {
        let codes = &self.codes[row * self.books.parts..(row + 1) * self.books.parts];
        codes.iter().enumerate().map(|(part, &code)| self.books.centroid(part, code))
    }

    fn add_row(&self, row: usize, sum: &mut [f32]) {
        let norm = self.norm(row);
        for (sums, part) in sum.chunks_mut(self.books.part_cols).zip(self.parts(row)) {
            for (sum, weight) in sums.iter_mut().zip(part) {
                *sum += norm * weight;
            }
        }
    }

    fn dot(&self, row: usize, vector: &[f32]) -> f32 {
        let mut sum = 0.0;
        for (values, part) in vector.chunks(self.books.part_cols).zip(self.parts(row)) {
            for (value, weight) in values.iter().zip(part) {
                sum += value * weight;
            }
        }
        sum * self.norm(row)
    }

    fn decode(&self) -> Dense {
        // The caller has bounded the product.
        let rows = usize::try_from(self.rows).unwrap_or(0);
        let mut data = Vec::with_capacity(rows * self.cols + ALIGN_BYTES / 4);
        let start = pad_to_alignment(&mut data);
        for row in 0..rows {
            let norm = self.norm(row);
            data.extend(self.parts(row).flatten().map(|weight| norm * weight));
        }
        Dense { rows: self.rows, cols: self.cols, data, start }
    }
}

/// The centroids that codes stand for: 256 for each sub-vector of `part_cols` columns.
#[derive(Debug)]
struct Codebooks {
    /// Number of sub-vectors.
    parts: usize,
    /// Columns of a sub-vector; the last one may have fewer.
    part_cols: usize,
    last_cols: usize,
    centroids: Vec<f32>,
}

impl Codebooks {
    fn read<R: Read>(
        source: &mut Source<R>,
        what: &'static str,
        cols: usize,
    ) -> Result<Self, ModelError> {
        let field = |value: u32| value as usize;
        let dim = source.count("the quantiser's dimension").map(field)?;
        let parts = source.count("the quantiser's number of parts").map(field)?;
        let part_cols = source.count("the quantiser's part size").map(field)?;
        let last_cols = source.count("the quantiser's last part size").map(field)?;
        let consistent = dim == cols
            && part_cols > 0
            && parts == dim.div_ceil(part_cols)
            && parts > 0
            && last_cols == dim - (parts - 1) * part_cols;
        if !consistent {
            return Err(ModelError::Damaged(format!(
                "the quantiser of {what} splits {dim} columns into {parts} parts of {part_cols} \
                 and {last_cols}, the matrix has {cols}"
            )));
        }
        let mut centroids = Vec::new();
        source.floats(what, (dim * CODEBOOK) as u64, &mut centroids)?;
        check_weights(&centroids, what)?;
        Ok(Self { parts, part_cols, last_cols, centroids })
    }

    fn centroid(&self, part: usize, code: u8) -> &[f32] {
        let cols = if part + 1 == self.parts { self.last_cols } else { self.part_cols };
        let at = part * CODEBOOK * self.part_cols + usize::from(code) * cols;
        &self.centroids[at..at + cols]
    }
}

fn read_shape<R: Read>(
    source: &mut Source<R>,
    what: &'static str,
) -> Result<(u64, usize), ModelError> {
    let rows = source.long_count("the number of rows")?;
    let cols = source.long_count("the number of columns")?;
    // Rows are numbered in 32 bits throughout the format.
    if rows > u64::from(u32::MAX) || cols > u64::from(u16::MAX) {
        return Err(too_large(what));
    }
    Ok((rows, usize::try_from(cols).map_err(|_| too_large(what))?))
}

fn too_large(what: &str) -> ModelError {
    ModelError::Damaged(format!("the declared size of {what} is impossible"))
}

fn check_weights(weights: &[f32], what: &str) -> Result<(), ModelError> {
    match weights.iter().find(|weight| weight.is_nan() || weight.abs() > MAX_WEIGHT) {
        Some(weight) => Err(ModelError::Damaged(format!("{what} holds the weight {weight}"))),
        None => Ok(()),
    }
}

/// Fills an empty vector up to the next cache line; its weights begin at the index returned.
fn pad_to_alignment(data: &mut Vec<f32>) -> usize {
    let start = data.as_ptr().align_offset(ALIGN_BYTES);
    if start >= data.capacity().min(ALIGN_BYTES / 4) {
        return 0;
    }
    data.resize(start, 0.0);
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dense(rows: &[&[f32]]) -> Dense {
        let (rows_count, cols) = (rows.len() as u64, rows[0].len());
        Dense { rows: rows_count, cols, data: rows.concat(), start: 0 }
    }

    #[test]
    fn rows_of_any_width_are_summed_over_all_columns() {
        for cols in [1, 3, 4, 5, 16, 19, 37] {
            let rows: Vec<Vec<f32>> =
                (0..3).map(|r| (0..cols).map(|c| (r * 100 + c) as f32).collect()).collect();
            let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
            let mut sum = vec![0.0; cols];
            dense(&rows).add_rows(&[2, 0, 2], &mut sum);
            let expected: Vec<f32> = (0..cols).map(|c| (400 + 3 * c) as f32).collect();
            assert_eq!(sum, expected);
        }
    }

    /// Three columns in parts of two: codebooks of 256 × 2 and 256 × 1.
    fn quantised() -> Quantised {
        let mut centroids = vec![0.0; 3 * CODEBOOK];
        centroids[2 * 7..2 * 7 + 2].copy_from_slice(&[1.0, 2.0]);
        centroids[2 * CODEBOOK + 9] = 3.0;
        let books = Codebooks { parts: 2, part_cols: 2, last_cols: 1, centroids };
        let mut norms = vec![0.0; CODEBOOK];
        norms[4] = 10.0;
        let norm_books = Codebooks { parts: 1, part_cols: 1, last_cols: 1, centroids: norms };
        let norms = Some((vec![0, 4], norm_books));
        Quantised { rows: 2, cols: 3, codes: vec![0, 0, 7, 9], books, norms }
    }

    #[test]
    fn codes_stand_for_centroids_times_the_norm() {
        let matrix = Matrix::Quantised(quantised());
        let mut sum = [1.0, 1.0, 1.0];
        matrix.add_rows(&[1], &mut sum);
        assert_eq!(sum, [11.0, 21.0, 31.0]);
        assert_eq!(matrix.dot(1, &[1.0, 1.0, 2.0]), 90.0);
    }

    #[test]
    fn decoding_keeps_every_sum() {
        let decoded = Matrix::Quantised(quantised()).decode_up_to(24);
        assert!(matches!(decoded, Matrix::Dense(_)));
        let mut sum = [1.0, 1.0, 1.0];
        decoded.add_rows(&[1], &mut sum);
        assert_eq!(sum, [11.0, 21.0, 31.0]);
        let kept = Matrix::Quantised(quantised()).decode_up_to(23);
        assert!(matches!(kept, Matrix::Quantised(_)));
    }
}
