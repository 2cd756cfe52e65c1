//! HTTP/1.1 over one kept-alive connection, as cheap as it gets: the client shares the cores with the
//! server, so what it costs is missing there.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A status and a body.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Reply {
    /// A text member of a flat JSON body.
    pub(crate) fn member(&self, name: &str) -> &str {
        let start = self.body.find(&format!("\"{name}\":\"")).unwrap() + name.len() + 4;
        let length = self.body[start..].find('"').unwrap();
        &self.body[start..start + length]
    }
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(8192) }
    }

    pub(crate) async fn get(&mut self, path: &str, token: &str) -> Reply {
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n");
        self.exchange(request).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &str) -> Reply {
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.exchange(request).await
    }

    async fn exchange(&mut self, request: String) -> Reply {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        let (body_start, length) = loop {
            assert_ne!(self.stream.read_buf(&mut self.buffer).await.unwrap(), 0, "connection closed");
            if let Some(head) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break (head + 4, content_length(&self.buffer[..head]));
            }
        };
        while self.buffer.len() < body_start + length {
            assert_ne!(self.stream.read_buf(&mut self.buffer).await.unwrap(), 0, "connection closed");
        }
        let status = std::str::from_utf8(&self.buffer[9..12]).unwrap().parse().unwrap();
        let body = String::from_utf8(self.buffer[body_start..body_start + length].to_vec()).unwrap();
        Reply { status, body }
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).unwrap();
    head.lines()
        .find_map(|line| {
            line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        })
        .map_or(0, |(_, value)| value.trim().parse().unwrap())
}
