//! Exact decimal arithmetic, for rules.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr as _;

use bigdecimal::BigDecimal;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::Number;

use crate::domain::exact_decimal;

/// A decimal number. Sums and products are exact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Decimal(BigDecimal);

impl Decimal {
    /// Parses a number as JSON writes it; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        BigDecimal::from_str(text).ok().map(Self)
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self(number.into())
    }
}

impl Add for Decimal {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Decimal {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul for Decimal {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl Sum for Decimal {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::default(), Add::add)
    }
}

/// As JSON writes it.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.0.to_plain_string();
        f.write_str(&exact_decimal(&plain).unwrap_or(plain))
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        Self::parse(number.as_str()).ok_or_else(|| D::Error::custom("expected a decimal number"))
    }
}
