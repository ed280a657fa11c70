//! Parses query parameters, and collects their faults.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::Error;
use crate::domain::{Fault, Faults};

/// The maximum number of values in a parameter.
pub const MAX_ITEMS: usize = 100;

/// The parameters of a query string. Each is taken out by its name; those that are left at the end are
/// unknown.
#[derive(Debug)]
pub(super) struct Query {
    parameters: Vec<(String, String)>,
    faults: Faults,
}

impl Query {
    /// Parses a query string as it was sent (`application/x-www-form-urlencoded`).
    pub(super) fn parse(raw: &str) -> Self {
        Self {
            parameters: form_urlencoded::parse(raw.as_bytes()).into_owned().collect(),
            faults: Faults::default(),
        }
    }

    /// The value of a parameter that may be given once.
    pub(super) fn single(&mut self, name: &str) -> Option<String> {
        let values = self.take(name);
        if values.len() > 1 {
            self.fault(name, "repeated_parameter", "This parameter may be given only once");
        }
        values.into_iter().next()
    }

    /// The values of a parameter that may be repeated and contain several values, separated by commas.
    pub(super) fn list(&mut self, name: &str) -> Vec<String> {
        let values = self.take(name);
        self.items(name, values.iter().flat_map(|value| value.split(',')))
    }

    /// The values of a parameter that may be given once and contain several values, separated by commas.
    pub(super) fn single_list(&mut self, name: &str) -> Option<Vec<String>> {
        let text = self.single(name)?;
        Some(self.items(name, text.split(',')))
    }

    /// The first [`MAX_ITEMS`] of some values; more are a fault.
    fn items<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut items: Vec<_> = values.take(MAX_ITEMS + 1).map(str::to_owned).collect();
        if items.len() > MAX_ITEMS {
            items.truncate(MAX_ITEMS);
            self.fault(name, "too_many", format!("At most {MAX_ITEMS} values"));
        }
        items
    }

    /// The value of a parameter that is a whole number within a range; `None` if it is missing or invalid.
    /// `note` ends the message for an invalid one.
    pub(super) fn number(&mut self, name: &str, range: RangeInclusive<usize>, note: &str) -> Option<usize> {
        let text = self.single(name)?;
        let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits_only && range.contains(number));
        if number.is_none() {
            let message = format!("Expected a whole number from {} to {}{note}", range.start(), range.end());
            self.fault(name, "invalid_value", message);
        }
        number
    }

    /// Adds a fault for each of two parameters that contradict each other.
    pub(super) fn contradiction(&mut self, one: &str, other: &str, message: &str) {
        for name in [one, other] {
            self.fault(name, "contradictory", message);
        }
    }

    /// Adds a fault.
    pub(super) fn fault(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        self.faults.add(|| Fault::parameter(name, code, message));
    }

    /// Returns the value if there are no faults and no unknown parameters.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Error> {
        self.finish_naming(value, || "This route has no such parameter".to_owned())
    }

    /// The same; `unknown` is the message for an unknown parameter.
    pub(super) fn finish_naming<T>(mut self, value: T, unknown: impl Fn() -> String) -> Result<T, Error> {
        let left: BTreeSet<_> = self.parameters.into_iter().map(|(name, _)| name).collect();
        for name in left {
            self.faults.add(|| Fault::parameter(name, "unknown_parameter", unknown()));
        }
        self.faults.or(value).map_err(Error::InvalidQuery)
    }

    fn take(&mut self, name: &str) -> Vec<String> {
        self.parameters.extract_if(.., |(given, _)| given == name).map(|(_, value)| value).collect()
    }
}
