//! Who sends a value to whom, which decides whether a narrower or a wider schema is noticed.

/// Which way a compared value travels.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    /// From the client, which knows the old document.
    Request,
    /// To the client.
    Response,
    /// To the client, as `application/problem+json`.
    Problem,
    /// To the client, as the `code` of a problem. The policy is that new codes may come at any time and a
    /// client must expect one it does not know, so the list of them is no promise: its enum is not compared.
    ProblemCode,
}

impl Direction {
    /// Takes a response's or a webhook's media type and gives the direction of its schema.
    pub(super) fn of_received(media_type: &str) -> Self {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/problem+json") { Self::Problem } else { Self::Response }
    }

    pub(super) fn is_request(self) -> bool {
        self == Self::Request
    }

    /// Says whether an enum of the values sent this way is a promise.
    pub(super) fn has_closed_enums(self) -> bool {
        self != Self::ProblemCode
    }

    /// Takes the name of an object's member and gives the direction of its schema.
    pub(super) fn of_member(self, name: &str) -> Self {
        match self {
            Self::Problem | Self::ProblemCode if name == "code" => Self::ProblemCode,
            Self::ProblemCode => Self::Problem,
            _ => self,
        }
    }

    /// Takes the name of values that are sent and not understood, and gives the words for it.
    pub(super) fn misunderstands(self, what: &str) -> String {
        if self.is_request() { format!("no longer accepts {what}") } else { format!("may now be {what}") }
    }

    /// Takes something of the old document and of the new one, and gives that of the sender and of the
    /// receiver; or the other way round, as turning twice changes nothing.
    pub(super) fn turned<T>(self, one: T, other: T) -> (T, T) {
        if self.is_request() { (one, other) } else { (other, one) }
    }
}
