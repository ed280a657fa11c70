//! Reads environment variables, and collects their faults.

use std::fmt;

/// Looks a variable up.
type Lookup<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

/// Reads variables and gathers their faults, so that one message names all of them.
pub struct Environment<'a> {
    variable: Lookup<'a>,
    faults: Vec<String>,
}

/// All faults of the environment.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(Vec<String>);

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration is wrong: {}", self.0.join("; "))
    }
}

impl<'a> Environment<'a> {
    /// The environment of this process.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// An environment whose variables a function looks up.
    pub fn new(variable: impl Fn(&str) -> Option<String> + 'a) -> Self {
        Self { variable: Box::new(variable), faults: Vec::new() }
    }

    /// A required variable. An empty one counts as missing.
    pub fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.faults.push(format!("{name} is missing"));
            String::new()
        })
    }

    /// Adds a fault of one or several variables.
    pub fn fault(&mut self, fault: impl Into<String>) {
        self.faults.push(fault.into());
    }

    /// An optional variable. An empty one counts as missing.
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// A variable that is read by `parse`, or is `default` when missing; `rule` says what it must be.
    pub fn parsed<T>(&mut self, name: &str, default: T, rule: &str, parse: impl Fn(&str) -> Option<T>) -> T {
        let Some(value) = self.optional(name) else { return default };
        parse(&value).unwrap_or_else(|| {
            self.faults.push(format!("{name} must be {rule}, not {value:?}"));
            default
        })
    }

    /// The same for a variable that may hold a secret: the message does not show its value.
    pub fn parsed_secret<T>(
        &mut self,
        name: &str,
        default: T,
        rule: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> T {
        let Some(value) = self.optional(name) else { return default };
        parse(&value).unwrap_or_else(|| {
            self.faults.push(format!("{name} must be {rule}"));
            default
        })
    }

    /// Returns the configuration if there are no faults.
    ///
    /// # Errors
    /// Names every fault.
    pub fn finish<T>(self, config: T) -> Result<T, ConfigError> {
        if self.faults.is_empty() { Ok(config) } else { Err(ConfigError(self.faults)) }
    }
}
