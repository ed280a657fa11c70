//! The values in log lines of the embedded metric format, as CloudWatch extracts them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// A value, and when it was measured, in milliseconds since the Unix epoch.
type Sample = (u64, f64);

/// Values by metric.
#[derive(Debug, Default)]
pub(super) struct Numbers(BTreeMap<String, Vec<Sample>>);

impl Numbers {
    /// The values in the lines of this format. Other lines are ignored.
    ///
    /// # Errors
    /// When a line lacks a dimension or a value that its metadata names.
    pub(super) fn of_lines<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Self> {
        let mut numbers = Self::default();
        for line in lines {
            let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
            let Some(metadata) = line.get("_aws") else { continue };
            let at = metadata["Timestamp"].as_u64().context("a line has no timestamp")?;
            for directive in metadata["CloudWatchMetrics"].as_array().context("a line has no directives")? {
                let dimensions =
                    directive["Dimensions"].as_array().into_iter().flatten().filter_map(Value::as_array);
                for dimension in dimensions.flatten().filter_map(Value::as_str) {
                    ensure!(
                        line[dimension].is_string(),
                        "a log line has no value for its dimension {dimension}: {line}"
                    );
                }
                for name in
                    directive["Metrics"].as_array().into_iter().flatten().filter_map(|it| it["Name"].as_str())
                {
                    let value = line[name]
                        .as_f64()
                        .with_context(|| format!("a log line has no value for its metric {name}: {line}"))?;
                    numbers.0.entry(name.to_owned()).or_default().push((at, value));
                }
            }
        }
        Ok(numbers)
    }

    /// The sum of a metric.
    pub(super) fn sum(&self, metric: &str) -> f64 {
        self.0.get(metric).into_iter().flatten().fold(0.0, |sum, (_, value)| sum + value)
    }

    /// When the first and the last value were measured.
    pub(super) fn span(&self) -> Option<(u64, u64)> {
        let times = || self.0.values().flatten().map(|(at, _)| *at);
        Some((times().min()?, times().max()?))
    }

    /// The values of a metric in each of `periods` periods, the first of which begins at `from`. Later values
    /// are left out.
    pub(super) fn by_period(&self, metric: &str, from: u64, period: u64, periods: usize) -> Vec<Vec<f64>> {
        let mut values = vec![Vec::new(); periods];
        for (at, value) in self.0.get(metric).into_iter().flatten() {
            let index = at.checked_sub(from).and_then(|after| usize::try_from(after / period).ok());
            if let Some(of_period) = index.and_then(|index| values.get_mut(index)) {
                of_period.push(*value);
            }
        }
        values
    }
}
