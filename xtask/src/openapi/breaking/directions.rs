//! The direction of a value, which decides whether a narrower or a wider schema breaks a client.

/// The direction of a compared value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    /// From the client, which knows the old document.
    Request,
    /// To the client.
    Response,
    /// To the client, as `application/problem+json`.
    Problem,
    /// To the client, as the `code` of a problem. The policy is that new codes may be added at any time and a
    /// client must accept unknown ones, so the enum is not compared.
    ProblemCode,
}

impl Direction {
    /// The direction of the schema for a media type of a response or a webhook.
    pub(super) fn of_received(media_type: &str) -> Self {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/problem+json") { Self::Problem } else { Self::Response }
    }

    pub(super) fn is_request(self) -> bool {
        self == Self::Request
    }

    /// Whether clients may rely on an enum of values in this direction.
    pub(super) fn has_closed_enums(self) -> bool {
        self != Self::ProblemCode
    }

    /// The direction of the schema of an object's member.
    pub(super) fn of_member(self, name: &str) -> Self {
        match self {
            Self::Problem | Self::ProblemCode if name == "code" => Self::ProblemCode,
            Self::ProblemCode => Self::Problem,
            _ => self,
        }
    }

    /// The message for values that are sent and not understood.
    pub(super) fn misunderstands(self, what: &str) -> String {
        if self.is_request() { format!("no longer accepts {what}") } else { format!("may now be {what}") }
    }

    /// Turns a pair of the old and the new document into one of the sender and the receiver, or back.
    pub(super) fn turned<T>(self, one: T, other: T) -> (T, T) {
        if self.is_request() { (one, other) } else { (other, one) }
    }
}
