//! The identity of a request: its id, and the trace that it belongs to.

use std::fmt;

use lambda_http::http::HeaderMap;
use lambda_runtime::Context;
use tracing::Span;
use uuid::Uuid;

tokio::task_local! {
    static TRACE_HEADER: Option<String>;
}

/// The longest request id that is accepted from a caller, in characters.
const MAX_REQUEST_ID_LENGTH: usize = 128;

/// The identity of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext {
    /// The caller's own `x-request-id`, or the gateway's id for the request.
    pub request_id: String,
    /// The trace that the request is part of.
    pub trace: Trace,
    /// The id of X-Ray's trace, if the caller's `traceparent` names another trace.
    pub xray_trace_id: Option<String>,
    /// The value of `X-Amzn-Trace-Id` for calls to AWS; `None` if the trace starts here, because it is then
    /// not recorded.
    trace_header: Option<String>,
}

impl RequestContext {
    /// The identity from the request's headers, or else from the gateway and Lambda.
    pub fn new(headers: Option<&HeaderMap>, gateway_request_id: Option<&str>, context: &Context) -> Self {
        let field = |name: &str| headers?.get(name)?.to_str().ok();
        let request_id = field("x-request-id")
            .filter(|id| is_request_id(id))
            .or(gateway_request_id.filter(|id| is_request_id(id)))
            .unwrap_or(&context.request_id);
        let callers = field("traceparent").and_then(Trace::from_traceparent);
        let header = context.xray_trace_id.as_deref();
        let xrays = header.and_then(Trace::from_xray);
        // Lambda's header is passed on unchanged: it may have members that only X-Ray understands.
        let trace_header = match (&xrays, &callers) {
            (Some(_), _) => header.map(str::to_owned),
            (None, callers) => callers.as_ref().map(Trace::as_xray),
        };
        let other =
            |callers: &Trace| xrays.as_ref().map(|it| &it.trace_id).filter(|id| **id != callers.trace_id);
        let xray_trace_id = callers.as_ref().and_then(other).cloned();
        let trace = callers.or(xrays).unwrap_or_else(Trace::start);
        Self { request_id: request_id.to_owned(), trace, xray_trace_id, trace_header }
    }

    /// The span that puts this identity on every log line of the request.
    pub fn span(&self) -> Span {
        let Self { request_id, trace, xray_trace_id, .. } = self;
        tracing::error_span!("request", request_id, trace_id = trace.trace_id, xray_trace_id)
    }

    /// Runs the request. Its calls to AWS are part of its trace.
    pub fn scope<F: Future>(&self, request: F) -> impl Future<Output = F::Output> + use<F> {
        // Not an async function, whose future would contain the future of the request twice.
        TRACE_HEADER.scope(self.trace_header.clone(), request)
    }
}

/// The value of `X-Amzn-Trace-Id` for calls to AWS of the running request.
pub fn trace_header() -> Option<String> {
    TRACE_HEADER.try_with(Clone::clone).ok().flatten()
}

/// 1 to 128 visible ASCII characters.
fn is_request_id(id: &str) -> bool {
    (1..=MAX_REQUEST_ID_LENGTH).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A position in a distributed trace (W3C Trace Context).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// 32 lower-case hexadecimal digits.
    pub trace_id: String,
    /// This request's own 16 digits.
    span_id: String,
    /// 2 hexadecimal digits. The last bit is set if the trace is recorded.
    flags: String,
}

impl Trace {
    /// A trace that starts here.
    fn start() -> Self {
        Self::continued(&Uuid::now_v7().simple().to_string(), "00")
    }

    fn continued(trace_id: &str, flags: &str) -> Self {
        let span_id = format!("{:016x}", Uuid::now_v7().as_u64_pair().1);
        Self { trace_id: trace_id.to_owned(), span_id, flags: flags.to_owned() }
    }

    /// Continues `version-traceid-parentid-flags` (W3C Trace Context, section 3.2). Later versions may append parts.
    fn from_traceparent(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let (version, trace_id, parent_id, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let complete = version != "00" || parts.next().is_none();
        let valid = complete
            && is_hex(version, 2)
            && version != "ff"
            && is_hex(trace_id, 32)
            && is_hex(parent_id, 16)
            && is_hex(flags, 2)
            && [trace_id, parent_id].iter().all(|id| id.bytes().any(|byte| byte != b'0'));
        valid.then(|| Self::continued(trace_id, flags))
    }

    /// Continues X-Ray's `Root=1-seconds-random;…;Sampled=1`, whose two parts make a W3C trace id.
    fn from_xray(text: &str) -> Option<Self> {
        let field = |name: &str| text.split(';').find_map(|part| part.trim().strip_prefix(name));
        let trace_id = field("Root=1-")?.replace('-', "");
        let flags = if field("Sampled=") == Some("1") { "01" } else { "00" };
        is_hex(&trace_id, 32).then(|| Self::continued(&trace_id, flags))
    }

    /// The same position in the format of X-Ray.
    fn as_xray(&self) -> String {
        let (time, random) = self.trace_id.split_at_checked(8).unwrap_or_default();
        let sampled = u8::from_str_radix(&self.flags, 16).is_ok_and(|flags| flags & 1 == 1);
        format!("Root=1-{time}-{random};Parent={};Sampled={}", self.span_id, u8::from(sampled))
    }
}

/// The value of `traceparent`.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{}", self.trace_id, self.span_id, self.flags)
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
