//! The statuses that the resources of a kind have.

/// The statuses that a client can give, and what may become of each. `deleted` is the server's own.
#[derive(Debug, Clone, Copy)]
pub struct Statuses {
    /// Each word.
    pub words: &'static [&'static str],
    /// That of a new resource whose client gives none.
    pub initial: &'static str,
    /// What each may become; `None` where any may become any other. A word without an entry becomes none.
    pub transitions: Option<&'static [(&'static str, &'static [&'static str])]>,
}

impl Statuses {
    /// These statuses; a new resource has the first.
    ///
    /// # Panics
    /// When there is none; in a constant that ends the compilation.
    #[expect(clippy::panic, reason = "it ends a compilation")]
    pub const fn of(words: &'static [&'static str]) -> Self {
        let [initial, ..] = words else { panic!("Statuses::of(words): there is none") };
        Self { words, initial, transitions: None }
    }

    /// A new resource has this one.
    #[must_use]
    pub const fn initial(mut self, word: &'static str) -> Self {
        self.initial = word;
        self
    }

    /// A status becomes only what its entry says, and a new resource has the initial one.
    #[must_use]
    pub const fn transitions(
        mut self,
        transitions: &'static [(&'static str, &'static [&'static str])],
    ) -> Self {
        self.transitions = Some(transitions);
        self
    }

    /// The words, for a message.
    pub fn list(&self) -> String {
        self.words.join(", ")
    }

    /// What a status may become; `None` for anything.
    pub fn after(&self, word: &str) -> Option<&'static [&'static str]> {
        let transitions = self.transitions?;
        Some(transitions.iter().find(|(from, _)| *from == word).map_or(&[][..], |(_, to)| to))
    }
}
