//! What checkov would have every function have, and why ours do without.

use std::fmt::Write as _;

use super::Trigger;

/// The lines of a function's `Metadata` that name its exceptions, each with its reason.
pub(super) fn metadata(trigger: &Trigger) -> String {
    let exceptions = match trigger {
        Trigger::Route { .. } | Trigger::Unmatched => [
            (
                "CKV_AWS_115",
                "Reserved concurrency is taken from all other functions of the account; the throttle of the API bounds it",
            ),
            ("CKV_AWS_116", "The API invokes it synchronously; a dead-letter queue takes only asynchronous events"),
        ]
        .as_slice(),
        Trigger::Stream { .. } => {
            &[("CKV_AWS_116", "The on-failure destination of its event source mapping takes what it gives up")]
        }
    };
    let mut yaml = "      checkov:\n        skip:\n".to_owned();
    for (id, comment) in exceptions {
        // Writing to a string cannot fail.
        let _ = writeln!(yaml, "          - {{ id: {id}, comment: \"{comment}\" }}");
    }
    yaml
}
