//! Counts the tokens that a body costs. Nothing is built in memory, because the rate limit is checked first.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};

/// The number of operations in a batch; `None` if the body is not one.
pub(super) fn operations(body: &[u8]) -> Option<usize> {
    #[derive(Deserialize)]
    struct Body {
        operations: Count,
    }
    serde_json::from_slice(body).ok().map(|Body { operations: Count(count) }| count)
}

/// The number of ids in a batch-get; `None` if the body is not one.
pub(super) fn ids(body: &[u8]) -> Option<usize> {
    #[derive(Deserialize)]
    struct Asked {
        ids: Count,
    }
    serde_json::from_slice(body).ok().map(|Asked { ids: Count(count) }| count)
}

/// The length of an array.
struct Count(usize);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self(0))
    }
}

impl<'de> Visitor<'de> for Count {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {
            self.0 += 1;
        }
        Ok(self)
    }
}
