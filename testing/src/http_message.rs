//! HTTP/1.1 messages, for the stand-ins of AWS services.

use std::io::{Error, ErrorKind, Result};

use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// One HTTP/1.1 message.
#[derive(Debug)]
pub struct HttpMessage {
    /// The first line and the header fields, except the length.
    pub head: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpMessage {
    /// The response of an AWS service.
    pub fn answer(status: u16, body: &Value) -> Self {
        let head =
            vec![format!("HTTP/1.1 {status} Answer"), "content-type: application/x-amz-json-1.0".to_owned()];
        Self { head, body: body.to_string().into_bytes() }
    }

    /// Reads a message.
    ///
    /// # Errors
    /// If the connection ends, or the length is not a number.
    pub async fn read(stream: &mut (impl AsyncBufRead + Unpin)) -> Result<Self> {
        let (mut head, mut length, mut chunked) = (Vec::new(), 0, false);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_owned();
            let field = line.to_ascii_lowercase();
            match field.strip_prefix("content-length:") {
                Some(value) => length = value.trim().parse().map_err(Error::other)?,
                None if line.is_empty() => break,
                // DynamoDB Local sends large responses in this way.
                None if field.starts_with("transfer-encoding:") => chunked = field.ends_with("chunked"),
                None => head.push(line),
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        if chunked {
            body = Self::chunks(stream).await?;
        }
        Ok(Self { head, body })
    }

    /// Reads a body in chunks (RFC 9112, section 7.1).
    async fn chunks(stream: &mut (impl AsyncBufRead + Unpin)) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let length = usize::from_str_radix(line.trim_end(), 16).map_err(Error::other)?;
            let mut chunk = vec![0; length];
            stream.read_exact(&mut chunk).await?;
            // The line break after the chunk.
            stream.read_line(&mut String::new()).await?;
            if length == 0 {
                return Ok(body);
            }
            body.extend(chunk);
        }
    }

    /// A header field; empty if it is missing.
    pub fn field(&self, name: &str) -> &str {
        let fields = self.head.iter().filter_map(|line| line.split_once(':'));
        let mut values =
            fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
        values.next().unwrap_or_default()
    }

    /// The message as it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        let head = format!("{}\r\ncontent-length: {}\r\n\r\n", self.head.join("\r\n"), self.body.len());
        [head.as_bytes(), &self.body].concat()
    }
}
