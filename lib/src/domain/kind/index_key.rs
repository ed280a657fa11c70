//! Values in a form that sorts byte by byte in their order: the beginning of the indexes' sort keys.

use super::{Field, FieldValue, Indexed, Type};
use crate::domain::{Status, fold, hash, hexadecimal};

/// DynamoDB's limit for a sort key, in bytes.
pub(crate) const MAX_SORT_KEY_LENGTH: usize = 1024;
/// Separates the value from the id. Indexed texts contain no control characters, so it sorts before all of
/// them: "ab" comes before "ab c".
pub(crate) const END: char = '\u{1}';
/// Sorts after every key with this value, and before keys with greater ones.
const BEYOND: char = '\u{2}';
/// The length of an id in its hyphenated form.
pub(crate) const ID_LENGTH: usize = 36;
/// The longest value that a key holds completely.
const LONGEST: usize = MAX_SORT_KEY_LENGTH - ID_LENGTH - END.len_utf8();

/// A value in the form of a sort key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexKey {
    /// The beginning of the sort key.
    pub text: String,
    /// Whether it is cut, so that other values may have the same key. Then the values themselves must be
    /// compared.
    pub cut: bool,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the operator of its name")]
pub enum Operator {
    Equal,
    GreaterOrEqual,
    Greater,
    LessOrEqual,
    Less,
}

impl Operator {
    /// The operators of ranges, with the words that parameters have in brackets.
    pub const RANGES: [(Self, &'static str); 4] = [
        (Self::GreaterOrEqual, "gte"),
        (Self::Greater, "gt"),
        (Self::LessOrEqual, "lte"),
        (Self::Less, "lt"),
    ];

    /// Whether `value` is in this relation to `bound`.
    pub fn holds<T: Ord + ?Sized>(self, value: &T, bound: &T) -> bool {
        match self {
            Self::Equal => value == bound,
            Self::GreaterOrEqual => value >= bound,
            Self::Greater => value > bound,
            Self::LessOrEqual => value <= bound,
            Self::Less => value < bound,
        }
    }
}

impl IndexKey {
    fn whole(text: String) -> Self {
        Self { text, cut: false }
    }

    /// The key of a folded text. If the cut is inside a character, the greatest character that fits replaces
    /// it, so that a greater text never has a smaller key.
    pub(crate) fn of_folded(folded: &str) -> Self {
        if folded.len() < LONGEST {
            return Self::whole(folded.to_owned());
        }
        let end = folded.floor_char_boundary(LONGEST);
        let mut text = folded.get(..end).unwrap_or_default().to_owned();
        match LONGEST - end {
            1 => text.push('\u{7f}'),
            2 => text.push('\u{7ff}'),
            3 => text.push('\u{ffff}'),
            _ => {}
        }
        Self { text, cut: true }
    }

    /// The key of a text that is compared as it is.
    pub(crate) fn of_plain(text: &str) -> Self {
        Self::whole(text.to_owned())
    }

    /// The bounds, both included, of the keys whose values are in this relation to this one. No key equals a
    /// bound. If this value is cut, the bounds include the keys that equal it, because their values may lie
    /// on either side.
    pub(crate) fn bounds(&self, operator: Operator) -> (Option<String>, Option<String>) {
        let before = || Some(format!("{}{END}", self.text));
        let behind = || Some(format!("{}{BEYOND}", self.text));
        match operator {
            Operator::Equal => (before(), behind()),
            Operator::GreaterOrEqual => (before(), None),
            Operator::Greater => (if self.cut { before() } else { behind() }, None),
            Operator::LessOrEqual => (None, behind()),
            Operator::Less => (None, if self.cut { behind() } else { before() }),
        }
    }
}

/// The key of a subject: a hash, which can be compared only for equality.
pub fn subject_key(subject: &str) -> IndexKey {
    IndexKey::whole(hexadecimal(&hash(&[subject.as_bytes()])))
}

/// The key of a field's value; `None` if it is null, or does not have the declared type any more.
pub fn index_key(field: &Field, value: &FieldValue) -> Option<IndexKey> {
    Some(match (&field.field_type, value) {
        (Type::Text(_), FieldValue::Text(text)) => IndexKey::of_folded(&fold(text)),
        (Type::Choice(_) | Type::Date | Type::Timestamp, FieldValue::Text(text)) => IndexKey::of_plain(text),
        (Type::Integer { .. } | Type::Number { .. }, FieldValue::Number(number)) => {
            IndexKey::whole(of_number(number)?)
        }
        (Type::Boolean, FieldValue::Boolean(value)) => IndexKey::of_plain(if *value { "1" } else { "0" }),
        (Type::Reference(_), FieldValue::Reference(id)) => IndexKey::whole(id.to_string()),
        _ => return None,
    })
}

impl Indexed {
    /// The key of a resource in this index; `None` if it has no value there.
    pub(crate) fn key_of(self, values: &super::Values, created_by: &str) -> Option<IndexKey> {
        match self {
            Self::Status => Some(Status::key(values.status())),
            Self::CreatedBy => Some(subject_key(created_by)),
            Self::Field(field) => index_key(values.kind().declaration(field)?, values.get(field)?),
        }
    }

    /// A text that is equal for equal values only: the key, but not cut. `None` for null.
    pub(crate) fn identity_of(self, values: &super::Values, created_by: &str) -> Option<String> {
        let key = self.key_of(values, created_by)?;
        match self {
            Self::Field(field) if key.cut => values.get(field)?.as_text().map(fold),
            _ => Some(key.text),
        }
    }
}

/// The key of a canonical number, from 1E-130 to 9.99…E+125. A positive one is `1`, the exponent plus 130 in
/// three digits, and the significant digits. Zero is `0`. A negative one is `-`, the exponent and digits
/// inverted, and `~`, so that more digits sort first.
fn of_number(number: &str) -> Option<String> {
    let (negative, magnitude) = number.strip_prefix('-').map_or((false, number), |rest| (true, rest));
    let (mantissa, exponent) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = [whole, fraction].concat();
    let digits = all.trim_start_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    let leading_zeros = i64::try_from(all.len() - digits.len()).ok()?;
    let exponent = exponent.parse::<i64>().ok()? + i64::try_from(whole.len()).ok()? - leading_zeros - 1;
    let from_least = exponent - LEAST_EXPONENT;
    let digits = digits.trim_end_matches('0');
    if !(0..=EXPONENTS).contains(&from_least) {
        return None;
    }
    Some(if negative {
        let inverted: String =
            digits.bytes().map(|digit| char::from(b'0' + b'9'.saturating_sub(digit))).collect();
        format!("-{:03}{inverted}~", EXPONENTS - from_least)
    } else {
        format!("1{from_least:03}{digits}")
    })
}

/// The exponent of the smallest magnitude that DynamoDB holds.
const LEAST_EXPONENT: i64 = -130;
/// The distance to the exponent of the greatest magnitude.
const EXPONENTS: i64 = 255;
