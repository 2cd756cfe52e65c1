//! Over real sockets: what a router alone can't show.

use std::net::SocketAddr;
use std::time::Duration;

use hookgate_http::{Drained, ServeOptions, serve};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::kit::{Behaviour, EMAIL, PASSWORD, TestApp};

struct Server {
    app: TestApp,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Drained>,
}

async fn server(change: impl FnOnce(&mut ServeOptions)) -> Server {
    let mut options = ServeOptions::default();
    change(&mut options);
    let app = TestApp::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let router = app.router.clone();
    let ended = tokio::spawn(async move {
        let shutdown = async { drop(stopped.await) };
        serve(listener, router, options, shutdown).await
    });
    Server { app, address, stop, ended }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    async fn stop(self) -> Drained {
        self.stop.send(()).expect("the server waits");
        self.ended.await.expect("no panic")
    }
}

/// Sends bytes and reads until the other end closes.
async fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> String {
    stream.write_all(bytes).await.expect("written");
    rest(stream).await
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    // A reset is an end as well.
    let _ = tokio::time::timeout(Duration::from_secs(10), read).await.expect("an end");
    String::from_utf8_lossy(&answer).into_owned()
}

/// One request on a connection that is kept.
async fn keep_alive(stream: &mut TcpStream) -> String {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer).await.expect("an answer");
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

fn login() -> Vec<u8> {
    let body = json!({"email": EMAIL, "password": PASSWORD}).to_string();
    format!("POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

#[tokio::test]
async fn requests_are_served_and_idle_connections_do_not_hold_the_stop() {
    let server = server(|_| {}).await;
    let (mut used, unused) = (server.connect().await, server.connect().await);
    for _ in 0..3 {
        assert!(keep_alive(&mut used).await.starts_with("HTTP/1.1 200 OK"));
    }
    assert_eq!(server.stop().await, Drained { cut: 0 });
    assert_eq!(rest(&mut used).await, "");
    drop(unused);
}

#[tokio::test]
async fn http2_is_spoken_too() {
    let server = server(|_| {}).await;
    let stream = hyper_util::rt::TokioIo::new(server.connect().await);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(executor, stream).await.expect("a handshake");
    let connection = tokio::spawn(connection);
    let request =
        axum::http::Request::get("http://x/healthz").body(axum::body::Body::empty()).expect("a request");
    let response = client.send_request(request).await.expect("an answer");
    assert_eq!((response.status().as_u16(), response.version()), (200, axum::http::Version::HTTP_2));
    assert_eq!(server.stop().await, Drained { cut: 0 });
    connection.await.expect("no panic").expect("closed in order");
}

#[tokio::test]
async fn the_peer_is_known() {
    let server = server(|_| {}).await;
    server.app.register().await;
    let mut stream = server.connect().await;
    stream.write_all(&login()).await.expect("written");
    let mut buffer = [0; 4096];
    let length = stream.read(&mut buffer).await.expect("an answer");
    let answer = String::from_utf8_lossy(&buffer[..length]);
    let token: serde_json::Value =
        serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON");
    let bearer = token["access_token"].as_str().expect("a token");
    let list = server.app.send(crate::kit::get("/auth/sessions").bearer(bearer)).await.json();
    assert_eq!(list[1]["ip_address"], "127.0.0.1");
}

#[tokio::test]
async fn a_client_that_says_nothing_is_hung_up_on() {
    let server = server(|options| options.header_timeout = Duration::from_millis(200)).await;
    for start in ["", "P", "PRI * HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\nx: "] {
        let mut stream = server.connect().await;
        assert_eq!(exchange(&mut stream, start.as_bytes()).await, "", "{start:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_a_while() {
    let server = server(|options| {
        options.header_timeout = Duration::from_millis(100);
        options.keep_alive_timeout = Duration::from_millis(100);
    })
    .await;
    let mut stream = server.connect().await;
    assert!(keep_alive(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn a_running_request_ends_before_the_server_does() {
    let server = server(|_| {}).await;
    server.app.register().await;
    server.app.hooks.will(Behaviour::Hang);
    let mut stream = server.connect().await;
    stream.write_all(&login()).await.expect("written");
    let hooks = server.app.hooks.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        hooks.will(Behaviour::Allow);
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(server.stop().await, Drained { cut: 0 });
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn what_does_not_end_is_cut() {
    let server = server(|options| options.drain_timeout = Duration::from_millis(200)).await;
    server.app.register().await;
    server.app.hooks.will(Behaviour::Hang);
    let mut stream = server.connect().await;
    stream.write_all(&login()).await.expect("written");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(server.stop().await, Drained { cut: 1 });
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let server = server(|options| options.max_connections = 1).await;
    let mut first = server.connect().await;
    keep_alive(&mut first).await;
    let mut second = server.connect().await;
    let waiting = tokio::time::timeout(Duration::from_millis(200), keep_alive(&mut second));
    assert!(waiting.await.is_err());
    drop(first);
    let mut buffer = [0; 1024];
    let length = second.read(&mut buffer).await.expect("an answer");
    assert!(buffer[..length].starts_with(b"HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_large_head_is_refused() {
    let server = server(|_| {}).await;
    let mut stream = server.connect().await;
    let request = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(40_000));
    let answer = exchange(&mut stream, request.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_slow_body_is_not_waited_for() {
    let app = TestApp::with(|wish| wish.options.body_timeout = Duration::from_millis(200));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = app.router.clone();
    let serving = tokio::spawn(serve(listener, router, ServeOptions::default(), std::future::pending()));
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let answer =
        exchange(&mut stream, b"POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    serving.abort();
}
