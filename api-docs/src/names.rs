//! The names of a kind's resources: in texts, in the names of schemas and in those of operations.

use resource_api::domain::Kind;

/// The names for the resources of a kind.
pub(crate) struct Names {
    /// `order`
    pub(crate) one: String,
    /// `orders`
    pub(crate) many: String,
}

impl Names {
    pub(crate) fn of(kind: &Kind) -> Self {
        Self { one: words(kind.singular), many: words(kind.name) }
    }

    /// `Order`, the name of the schema of a resource.
    pub(crate) fn schema(&self) -> String {
        joined(&self.one)
    }

    /// Fills the placeholders in a text of a route's description.
    pub(crate) fn fill(&self, text: &str) -> String {
        // By its sound: an order, a user, a unit.
        let like_you = ["uni", "use", "usa", "ut", "eu"].iter().any(|start| self.one.starts_with(start));
        let article = if self.one.starts_with(['a', 'e', 'i', 'o', 'u']) && !like_you { "an" } else { "a" };
        text.replace("{One}", &joined(&self.one))
            .replace("{Many}", &joined(&self.many))
            .replace("{one}", &self.one)
            .replace("{many}", &self.many)
            .replace("{a_one}", &format!("{article} {}", self.one))
    }
}

/// `line items` for `line-items`.
fn words(name: &str) -> String {
    name.replace(['-', '_'], " ")
}

/// `LineItems` for `line items`, `line_items` or `lineItems`.
pub(crate) fn joined(words: &str) -> String {
    words.split([' ', '_', '-']).map(capitalized).collect()
}

/// `Line items` for `line items`.
pub(crate) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
