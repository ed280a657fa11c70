//! The rules of checkov that the functions do not follow, with the reasons.

use std::fmt::Write as _;

use super::Trigger;

/// The lines of a function's `Metadata` that name its exceptions, each with its reason.
pub(super) fn metadata(trigger: &Trigger) -> String {
    let exceptions = match trigger {
        Trigger::Route { .. } | Trigger::Unmatched => [
            (
                "CKV_AWS_115",
                "Reserved concurrency is taken from all other functions of the account; the API's throttle limits requests",
            ),
            ("CKV_AWS_116", "API Gateway invokes it synchronously; a dead-letter queue is for asynchronous invocations"),
        ]
        .as_slice(),
        Trigger::Stream { .. } => {
            &[("CKV_AWS_116", "Its event source mapping has an on-failure destination")]
        }
    };
    let mut yaml = "      checkov:\n        skip:\n".to_owned();
    for (id, comment) in exceptions {
        // Writing to a string cannot fail.
        let _ = writeln!(yaml, "          - {{ id: {id}, comment: \"{comment}\" }}");
    }
    yaml
}
