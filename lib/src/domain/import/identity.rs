//! The id of a record whose line has none: the same each time that the line stands at the same place of the same file.

use crate::domain::{Collection, ResourceId, Timestamp, hash};

/// The bits of the number of a line that an id holds: a counter behind the time (RFC 9562, section 6.2, method 1), so that
/// lines of one millisecond keep their order.
const NUMBER_BITS: u32 = 32;
/// Those of them that stand between the version and the variant.
const NUMBER_BITS_BEFORE_VARIANT: u32 = 12;
/// The bits behind the variant.
const BITS_AFTER_VARIANT: u32 = 62;

/// The id of a record that was created at a time, by the number of its line and what the line says: a UUID version 7.
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
