//! Rows: numbers of up to 128 bits whose order is the order of what they stand for.
//!
//! From the top: a group (the number of a band), a key, and what shares the key. On the disk a row
//! has `W` bytes, little-endian, without its group, which its partition tells.

/// The bytes of a row that are written.
#[inline]
pub(super) fn encode<const W: usize>(row: u128, bytes: &mut [u8]) {
    bytes.copy_from_slice(&row.to_le_bytes()[..W]);
}

/// A row as it was written.
#[inline]
pub(super) fn decode<const W: usize>(bytes: &[u8]) -> u128 {
    let mut whole = [0; 16];
    whole[..W].copy_from_slice(bytes);
    u128::from_le_bytes(whole)
}

/// Spreads keys evenly over all numbers of 64 bits, each to one of its own: the finalizer of
/// MurmurHash3. Partitions go by the upper bits, which a caller's keys may leave empty.
#[inline]
pub(super) fn spread(key: u64) -> u64 {
    let mut key = key;
    key = (key ^ (key >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    key = (key ^ (key >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    key ^ (key >> 33)
}

/// Where rows of a partition lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// Offset of the first, in bytes.
    pub(super) offset: u64,
    /// How many, one after the other.
    pub(super) rows: u32,
}

/// How rows are made up, in bits counted from the lowest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Bits below the group.
    pub(super) bits: u32,
    /// Bits below the key, where only rows that share a key with another matter; rows without a
    /// sharer may then be left out.
    pub(super) shared: Option<u32>,
}
