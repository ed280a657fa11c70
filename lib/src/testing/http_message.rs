//! HTTP/1.1 as the stand-ins for AWS's services speak it.

use std::io::{Error, ErrorKind, Result};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpStream;

/// One HTTP/1.1 message whose body has a length.
#[derive(Debug)]
pub struct HttpMessage {
    /// The first line and the fields, but for the length.
    pub head: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpMessage {
    /// The answer of a service of AWS.
    pub fn answer(status: u16, body: &Value) -> Self {
        let head =
            vec![format!("HTTP/1.1 {status} Answer"), "content-type: application/x-amz-json-1.0".to_owned()];
        Self { head, body: body.to_string().into_bytes() }
    }

    /// Reads one.
    ///
    /// # Errors
    /// When the connection ends, or its length is no number.
    pub async fn read(stream: &mut BufReader<TcpStream>) -> Result<Self> {
        let (mut head, mut length) = (Vec::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_owned();
            match line.to_ascii_lowercase().strip_prefix("content-length:") {
                Some(value) => length = value.trim().parse().map_err(Error::other)?,
                None if line.is_empty() => break,
                None => head.push(line),
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        Ok(Self { head, body })
    }

    /// A header field; empty where there is none.
    pub fn field(&self, name: &str) -> &str {
        let fields = self.head.iter().filter_map(|line| line.split_once(':'));
        let mut values =
            fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
        values.next().unwrap_or_default()
    }

    /// As it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        let head = format!("{}\r\ncontent-length: {}\r\n\r\n", self.head.join("\r\n"), self.body.len());
        [head.as_bytes(), &self.body].concat()
    }
}
