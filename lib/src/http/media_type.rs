//! Media types of bodies (RFC 9110, section 8.3.1).

use lambda_http::http::HeaderValue;

/// Whether a `Content-Type` names one of the `accepted` types, with no charset or with UTF-8.
pub(super) fn is_one_of(content_type: Option<&HeaderValue>, accepted: &[&str]) -> bool {
    let Some(content_type) = content_type.and_then(|value| value.to_str().ok()) else { return false };
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let accepted = accepted.iter().any(|accepted| essence.eq_ignore_ascii_case(accepted));
    accepted && parts.all(is_utf8_or_no_charset)
}

fn is_utf8_or_no_charset(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    }
}
