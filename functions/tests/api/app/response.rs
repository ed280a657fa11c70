//! What came back.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Response {
    pub(crate) status: i64,
    pub(crate) headers: HashMap<String, String>,
    /// `Value::Null` for no body.
    pub(crate) body: Value,
    /// The body as it was sent, but not compressed.
    pub(crate) text: String,
    /// The bytes that were sent of it.
    pub(crate) sent: usize,
    /// The permissions on DynamoDB that the function used, each an action and what it was on.
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

    /// Checks everything that every problem has, and gives its `details`.
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

    /// The places and codes of a problem's details, in order: `/name required`.
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
