//! The statuses that the resources of a kind have.

/// The statuses that a client can set, and their transitions. The server itself owns `deleted`.
#[derive(Debug, Clone, Copy)]
pub struct Statuses {
    /// The names of the statuses.
    pub words: &'static [&'static str],
    /// The status of a new resource if the client sets none.
    pub initial: &'static str,
    /// The statuses that may follow each status; `None` if all may. A status without an entry is final.
    pub transitions: Option<&'static [(&'static str, &'static [&'static str])]>,
}

impl Statuses {
    /// These statuses. The first is the initial one.
    ///
    /// # Panics
    /// If there is none. In a constant, that fails the compilation.
    #[expect(clippy::panic, reason = "it ends a compilation")]
    pub const fn of(words: &'static [&'static str]) -> Self {
        let [initial, ..] = words else { panic!("Statuses::of(words): there is none") };
        Self { words, initial, transitions: None }
    }

    /// Sets the initial status.
    #[must_use]
    pub const fn initial(mut self, word: &'static str) -> Self {
        self.initial = word;
        self
    }

    /// Limits each status to the ones that may follow it, and new resources to the initial status.
    #[must_use]
    pub const fn transitions(
        mut self,
        transitions: &'static [(&'static str, &'static [&'static str])],
    ) -> Self {
        self.transitions = Some(transitions);
        self
    }

    /// The names, for a message.
    pub fn list(&self) -> String {
        self.words.join(", ")
    }

    /// The statuses that may follow a status; `None` if all may.
    pub fn after(&self, word: &str) -> Option<&'static [&'static str]> {
        let transitions = self.transitions?;
        Some(transitions.iter().find(|(from, _)| *from == word).map_or(&[][..], |(_, to)| to))
    }
}
