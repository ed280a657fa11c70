//! Ids of records without an id: the same for the same line at the same place of the same file.

use crate::domain::{Collection, ResourceId, Timestamp, hash};

/// How many bits of the line number an id holds. It is a counter after the timestamp (RFC 9562, section 6.2,
/// method 1), so that lines of one millisecond keep their order.
const NUMBER_BITS: u32 = 32;
/// How many of them are between the version and the variant.
const NUMBER_BITS_BEFORE_VARIANT: u32 = 12;
/// The bits after the variant.
const BITS_AFTER_VARIANT: u32 = 62;

/// The id of a record: a UUID version 7 from the time of its creation, and from the number and content of its
/// line.
pub(super) fn id_of_line(
    collection: &Collection,
    created_at: Timestamp,
    number: u64,
    line: &[u8],
) -> ResourceId {
    let digest = hash(&[
        collection.tenant.as_str().as_bytes(),
        collection.kind.name.as_bytes(),
        &number.to_be_bytes(),
        line,
    ]);
    let random = digest.iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let counter_bits_after_variant = NUMBER_BITS - NUMBER_BITS_BEFORE_VARIANT;
    let random_bits = BITS_AFTER_VARIANT - counter_bits_after_variant;
    let number = number & ((1 << NUMBER_BITS) - 1);
    let high = number >> counter_bits_after_variant;
    let low =
        (number & ((1 << counter_bits_after_variant) - 1)) << random_bits | random & ((1 << random_bits) - 1);
    ResourceId::version_7(created_at, high, low)
}
