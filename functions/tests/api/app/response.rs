//! A response, and checks of it.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

/// A response.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Response {
    pub(crate) status: i64,
    pub(crate) headers: HashMap<String, String>,
    /// `Value::Null` if there is none.
    pub(crate) body: Value,
    /// The body, decompressed.
    pub(crate) text: String,
    /// The length of the body as it was sent, in bytes.
    pub(crate) sent: usize,
    /// The IAM permissions on DynamoDB that the function used, each an action and a table or its indexes.
    pub(crate) used: BTreeSet<(String, String)>,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The `data` of a success.
    #[track_caller]
    pub(crate) fn data(&self, status: i64) -> &Value {
        assert_eq!(self.status, status, "{self:#?}");
        assert_eq!(self.body["success"], true, "{self:#?}");
        &self.body["data"]
    }

    /// Checks the members that every problem document has. Returns its `details`.
    #[track_caller]
    pub(crate) fn problem(&self, status: i64, code: &str) -> &Value {
        assert_eq!(self.status, status, "{self:#?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.body["success"], false);
        assert_eq!(self.body["code"], code, "{self:#?}");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], format!("/docs#{code}"));
        assert!(self.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{self:#?}");
        assert!(self.body["error"].is_string());
        assert!(self.body["title"].is_string());
        assert!(self.body["instance"].as_str().unwrap().starts_with('/'));
        assert_eq!(self.body["request_id"].as_str(), self.header("x-request-id"));
        &self.body["details"]
    }

    /// The places and codes of `details`, in order: `/name required`.
    #[track_caller]
    pub(crate) fn faults(&self, status: i64, code: &str) -> Vec<String> {
        let fault = |detail: &Value| {
            assert!(detail["message"].as_str().is_some_and(|message| !message.is_empty()));
            let place =
                ["pointer", "parameter", "header"].iter().find_map(|kind| detail[kind].as_str()).unwrap();
            format!("{place} {}", detail["code"].as_str().unwrap())
        };
        self.problem(status, code).as_array().unwrap().iter().map(fault).collect()
    }
}
