//! MinHash: a fixed number of hashes of a set, of which two sets share a part as large as their
//! Jaccard similarity.

mod numpy_random;

use super::shingles::Shingles;
use super::simplify::SimplifyScratch;
use numpy_random::RandomState;

/// The prime that minima are taken below: 2⁶¹−1.
const PRIME: u64 = (1 << 61) - 1;

/// Buffers from a text to its minima, kept between texts.
#[derive(Debug, Default)]
pub struct MinHashScratch {
    /// The text as it is compared.
    pub simplified: String,
    /// For its making.
    pub simplify: SimplifyScratch,
    /// Its units.
    pub shingles: Shingles,
    /// The hashes of its shingles.
    pub hashes: Vec<u64>,
    /// The minima.
    pub minima: Vec<u64>,
}

/// How many hash functions are worked on at once: they and their minima fit in registers.
const BLOCK: usize = 8;

/// Random hash functions `(a·h + b mod 2⁶⁴) mod 2⁶¹−1`, those of datatrove for the same seed.
///
/// Products wrap at 2⁶⁴ before the prime divides them, as numpy's do. What results is no universal
/// family for all its appearance; the hashes that go in are random enough to make up for it.
#[derive(Debug, Clone)]
pub struct HashFunctions {
    /// The factors, filled up to whole blocks.
    a: Vec<[u64; BLOCK]>,
    /// What is added, filled up likewise.
    b: Vec<[u64; BLOCK]>,
    count: usize,
}

impl HashFunctions {
    /// `count` functions from numpy's `RandomState(seed)`: all factors are drawn first, from 1 to
    /// below the prime, then all summands, from 0.
    pub fn new(seed: u32, count: usize) -> Self {
        let mut random = RandomState::new(seed);
        let mut draw = |low| blocks((0..count).map(|_| random.randint(low, PRIME)).collect());
        let a = draw(1);
        Self { a, b: draw(0), count }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The least value of each function over `hashes`, in order; each is below 2⁶¹−1.
    ///
    /// Nothing where there are no hashes.
    pub fn minima(&self, hashes: &[u64], minima: &mut Vec<u64>) {
        minima.clear();
        if hashes.is_empty() {
            return;
        }
        for (a, b) in self.a.iter().zip(&self.b) {
            minima.extend(block_minima(a, b, hashes));
        }
        minima.truncate(self.count);
    }
}

/// The minima of one block of functions.
///
/// Values are below 2⁶² and compared as signed numbers, which vector units without AVX-512 can.
#[inline]
fn block_minima(a: &[u64; BLOCK], b: &[u64; BLOCK], hashes: &[u64]) -> [u64; BLOCK] {
    let mut least = [i64::MAX; BLOCK];
    for &hash in hashes {
        for lane in 0..BLOCK {
            let value = remainder(hash.wrapping_mul(a[lane]).wrapping_add(b[lane])) as i64;
            least[lane] = if value < least[lane] { value } else { least[lane] };
        }
    }
    least.map(|value| value as u64)
}

/// A number modulo the prime, of which 2⁶¹ is 1 more.
#[inline]
fn remainder(number: u64) -> u64 {
    // At most 7 above the prime.
    let folded = ((number & PRIME) + (number >> 61)) as i64;
    let reduced = if folded >= PRIME as i64 { folded - PRIME as i64 } else { folded };
    reduced as u64
}

fn blocks(numbers: Vec<u64>) -> Vec<[u64; BLOCK]> {
    let block = |chunk: &[u64]| std::array::from_fn(|lane| chunk.get(lane).copied().unwrap_or(0));
    numbers.chunks(BLOCK).map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// First and last of the draws, and all of them folded into one number by their places.
    fn digest(numbers: &[[u64; BLOCK]], count: usize) -> (u64, u64, u64) {
        let numbers: Vec<u64> = numbers.iter().flatten().copied().take(count).collect();
        let fold = |fold: u64, (number, place): (&u64, u64)| fold ^ number.wrapping_mul(place);
        (numbers[0], numbers[count - 1], numbers.iter().zip(1..).fold(0, fold))
    }

    #[test]
    fn functions_are_those_that_numpy_draws_for_any_seed_and_number() {
        // numpy 2.4.6; the second is datatrove's own.
        type Digest = (u64, u64, u64);
        let expected: [(u32, usize, Digest, Digest); 5] = [
            (
                0,
                3,
                (900450186894289456, 1895649597198586620, 7835805459614387014),
                (827948490035658087, 385428395403958002, 261153325000573975),
            ),
            (
                1,
                112,
                (775169054918279404, 223865076026037746, 11666079643843066036),
                (1062448801025099917, 1097409548522419201, 4850946592618239701),
            ),
            (
                42,
                9000,
                (2297359619001564596, 1050434071774983648, 1367941444781766058),
                (711638714908796913, 1319677430654950411, 6776121146244001330),
            ),
            (
                u32::MAX,
                5,
                (1800993050274709795, 330928644418928417, 2191050434063671097),
                (1743326811000894075, 991259994952170583, 4632376920584939380),
            ),
            (
                20241123,
                1395,
                (142304634802080824, 835316553559758468, 4686504010602698365),
                (955920543663163778, 953077875286326576, 8707099435505228851),
            ),
        ];
        for (seed, count, a, b) in expected {
            let functions = HashFunctions::new(seed, count);
            assert_eq!(digest(&functions.a, count), a, "seed {seed}");
            assert_eq!(digest(&functions.b, count), b, "seed {seed}");
        }
    }

    #[test]
    fn a_value_that_folds_to_the_prime_or_past_it_is_its_remainder() {
        let identity = HashFunctions { a: vec![[1; BLOCK]], b: vec![[0; BLOCK]], count: 1 };
        let least = |hashes: &[u64]| {
            let mut minima = Vec::new();
            identity.minima(hashes, &mut minima);
            minima
        };
        assert_eq!(least(&[9, PRIME]), [0]);
        assert_eq!(least(&[9, PRIME + 3]), [3]);
        assert_eq!(least(&[9, u64::MAX]), [7]);
        assert_eq!(least(&[PRIME - 1]), [PRIME - 1]);
        assert_eq!(least(&[]), [0u64; 0]);
    }

    #[test]
    fn equal_minima_are_as_many_as_the_similarity_says() {
        let functions = HashFunctions::new(1, 2000);
        let minima = |set: std::ops::Range<u64>| {
            let hashes: Vec<u64> =
                set.map(|element| xxhash_rust::xxh64::xxh64(&element.to_le_bytes(), 0)).collect();
            let mut minima = Vec::new();
            functions.minima(&hashes, &mut minima);
            minima
        };
        for (size, shared) in [(20, 18), (200, 150), (1000, 500), (1000, 100), (500, 0)] {
            let similarity = shared as f64 / (2 * size - shared) as f64;
            let (a, b) = (minima(0..size), minima(size - shared..2 * size - shared));
            let equal = a.iter().zip(&b).filter(|(a, b)| a == b).count() as f64 / 2000.0;
            let error = (similarity * (1.0 - similarity) / 2000.0).sqrt();
            assert!((equal - similarity).abs() <= 4.0 * error, "{equal} for {similarity}");
        }
    }

    proptest! {
        #[test]
        fn minima_are_those_of_the_definition(
            seed in any::<u32>(),
            count in 1usize..40,
            hashes in proptest::collection::vec(any::<u64>(), 1..50),
        ) {
            let functions = HashFunctions::new(seed, count);
            let mut minima = Vec::new();
            functions.minima(&hashes, &mut minima);
            let numbers = |blocks: &[[u64; BLOCK]]| blocks.iter().flatten().copied().collect::<Vec<_>>();
            let (a, b) = (numbers(&functions.a), numbers(&functions.b));
            let value = |at: usize, hash: u64| hash.wrapping_mul(a[at]).wrapping_add(b[at]) % PRIME;
            let expected: Vec<u64> =
                (0..count).map(|at| hashes.iter().map(|&h| value(at, h)).min().unwrap()).collect();
            prop_assert_eq!(minima, expected);
        }
    }
}
