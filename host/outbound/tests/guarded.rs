//! Requests through the guarded client: real sockets on this machine, made-up name servers.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use hookgate_outbound::http::{GuardedClient, Resolver, SendError, SendLimits, TlsRoots};
use http::{Request, Response};
use hyper::body::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Answers from a table; an answer may differ each time.
#[derive(Default)]
struct Names {
    table: BTreeMap<&'static str, Vec<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let time = self.asked.fetch_add(1, Ordering::SeqCst);
        let answers = self.table.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(answers[time.min(answers.len() - 1)].clone())
    }
}

fn names(table: &[(&'static str, &[&str])]) -> Arc<Names> {
    let parse = |texts: &&[&str]| vec![texts.iter().map(|text| text.parse().expect("an address")).collect()];
    let table = table.iter().map(|(name, addresses)| (*name, parse(addresses))).collect();
    Arc::new(Names { table, ..Names::default() })
}

/// A peer that answers every connection with the same bytes and remembers what it was sent.
struct Peer {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    async fn start(answer: &'static [u8], pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let log = heard.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let log = log.clone();
                tokio::spawn(async move {
                    let mut buffer = vec![0; 64 << 10];
                    let length = stream.read(&mut buffer).await.unwrap_or(0);
                    log.lock()
                        .expect("no panic")
                        .push(String::from_utf8_lossy(&buffer[..length]).into_owned());
                    tokio::time::sleep(pause).await;
                    drop(stream.write_all(answer).await);
                });
            }
        });
        Self { address, heard }
    }

    async fn fine() -> Self {
        Self::start(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nfine", Duration::ZERO)
            .await
    }

    fn port(&self) -> u16 {
        self.address.port()
    }

    fn heard(&self) -> usize {
        self.heard.lock().expect("no panic").len()
    }
}

const LIMITS: SendLimits = SendLimits { time: Duration::from_secs(20), response_bytes: 1000 };

async fn send(
    resolver: Arc<Names>,
    exceptions: &'static [&'static str],
    url: &str,
    limits: SendLimits,
) -> Result<Response<Bytes>, SendError> {
    let is_exception = move |address: SocketAddr| exceptions.contains(&address.ip().to_string().as_str());
    let client = GuardedClient::new(resolver, &TlsRoots::default(), is_exception);
    client.send(Request::get(url).body(Bytes::new()).expect("a request"), limits).await
}

fn denied(result: Result<Response<Bytes>, SendError>) -> String {
    match result {
        Err(SendError::Denied(reason)) => reason,
        other => panic!("not denied: {other:?}"),
    }
}

#[tokio::test]
async fn an_address_that_is_an_exception_is_reached() {
    let peer = Peer::fine().await;
    for host in ["127.0.0.1", "service.internal"] {
        let names = names(&[("service.internal", &["127.0.0.1"])]);
        let url = format!("http://{host}:{}/path?a=b", peer.port());
        let response = send(names, &["127.0.0.1"], &url, LIMITS).await.expect("an answer");
        assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"fine"[..]));
    }
    let heard = peer.heard.lock().expect("no panic");
    assert!(heard[0].starts_with("GET /path?a=b HTTP/1.1\r\n"), "{heard:?}");
    assert!(heard[1].contains(&format!("host: service.internal:{}\r\n", peer.port())), "{heard:?}");
}

#[tokio::test]
async fn no_way_of_writing_it_leads_to_this_machine() {
    let peer = Peer::fine().await;
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "0.0.0.0",
        "169.254.169.254",
    ] {
        // As the server writes it after parsing; hyper itself knows no decimal addresses.
        let url = format!("http://{host}:{}/", peer.port());
        let names = names(&[
            ("2130706433", &["127.0.0.1"]),
            ("0x7f000001", &["127.0.0.1"]),
            ("0177.0.0.1", &["127.0.0.1"]),
            ("127.1", &["127.0.0.1"]),
        ]);
        let reason = denied(send(names, &[], &url, LIMITS).await);
        assert!(reason.contains("which is not public"), "{host}: {reason}");
    }
    assert_eq!(peer.heard(), 0, "nobody was connected to");
}

#[tokio::test]
async fn a_name_server_can_not_lead_there_either() {
    let peer = Peer::fine().await;
    for addresses in [
        &["127.0.0.1"][..],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["10.0.0.1", "192.168.0.1"],
        &["169.254.169.254"],
        &["100.64.0.1"],
        &["fd00::1"],
        &["fe80::1"],
    ] {
        let url = format!("http://api.example.com:{}/", peer.port());
        let reason = denied(send(names(&[("api.example.com", addresses)]), &[], &url, LIMITS).await);
        let expected = format!("api.example.com has the address {}, which is not public", addresses[0]);
        assert!(reason.contains(&expected), "{reason}");
    }
    assert_eq!(peer.heard(), 0, "nobody was connected to");
}

#[tokio::test]
async fn of_several_addresses_only_the_allowed_ones_are_tried() {
    let peer = Peer::fine().await;
    let url = format!("http://api.example.com:{}/", peer.port());
    let names = names(&[("api.example.com", &["10.255.255.1", "127.0.0.1", "127.0.0.9"])]);
    let response = send(names, &["127.0.0.1"], &url, LIMITS).await.expect("an answer");
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn a_name_is_looked_up_once_so_that_its_second_answer_does_not_matter() {
    let peer = Peer::fine().await;
    // Rebinding: what is allowed first, and something else a moment later.
    let answers = vec![vec!["127.0.0.1".parse().expect("one")], vec!["127.0.0.2".parse().expect("one")]];
    let table = BTreeMap::from([("api.example.com", answers)]);
    let names = Arc::new(Names { table, ..Names::default() });
    let url = format!("http://api.example.com:{}/", peer.port());
    let response = send(names.clone(), &["127.0.0.1"], &url, LIMITS).await.expect("an answer");
    assert_eq!((response.status().as_u16(), names.asked.load(Ordering::SeqCst)), (200, 1));
}

#[tokio::test]
async fn redirects_are_answers() {
    let target = Peer::fine().await;
    let answer = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n",
        target.port()
    );
    let peer = Peer::start(answer.leak().as_bytes(), Duration::ZERO).await;
    let url = format!("http://127.0.0.1:{}/", peer.port());
    let response = send(names(&[]), &["127.0.0.1"], &url, LIMITS).await.expect("an answer");
    assert_eq!(response.status(), 302);
    assert_eq!((peer.heard(), target.heard()), (1, 0), "nobody was asked but the first");
}

#[tokio::test]
async fn answers_are_bounded_in_time_and_size() {
    let slow = Peer::start(b"HTTP/1.1 200 OK\r\n\r\n", Duration::from_secs(60)).await;
    let url = format!("http://127.0.0.1:{}/", slow.port());
    let limits = SendLimits { time: Duration::from_millis(50), ..LIMITS };
    assert_eq!(send(names(&[]), &["127.0.0.1"], &url, limits).await.err(), Some(SendError::Timeout));

    let half = Peer::start(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", Duration::ZERO).await;
    let url = format!("http://127.0.0.1:{}/", half.port());
    let error = send(names(&[]), &["127.0.0.1"], &url, LIMITS).await.expect_err("it breaks off");
    assert!(matches!(error, SendError::Connection(_)), "{error:?}");

    let large = Peer::start(
        [&b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n"[..], &[b'x'; 1001]].concat().leak(),
        Duration::ZERO,
    )
    .await;
    let url = format!("http://127.0.0.1:{}/", large.port());
    assert_eq!(send(names(&[]), &["127.0.0.1"], &url, LIMITS).await.err(), Some(SendError::TooLarge));

    let endless = [&b"HTTP/1.1 200 OK\r\nx: "[..], &[b'x'; 200_000]].concat().leak();
    let endless = Peer::start(endless, Duration::ZERO).await;
    let url = format!("http://127.0.0.1:{}/", endless.port());
    let error = send(names(&[]), &["127.0.0.1"], &url, LIMITS).await.expect_err("headers without end");
    assert!(matches!(error, SendError::Connection(_)), "{error:?}");
}

#[tokio::test]
async fn a_peer_that_is_not_there_or_speaks_no_tls_is_a_connection_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    let error = send(names(&[]), &["127.0.0.1"], &url, LIMITS).await.expect_err("refused");
    assert!(matches!(&error, SendError::Connection(text) if text.contains("refused")), "{error:?}");

    let error = send(names(&[]), &[], "http://nowhere.example/", LIMITS).await.expect_err("no such name");
    assert!(matches!(error, SendError::Connection(_)), "{error:?}");

    let plain = Peer::fine().await;
    let url = format!("https://127.0.0.1:{}/", plain.port());
    let error = send(names(&[]), &["127.0.0.1"], &url, LIMITS).await.expect_err("no TLS");
    assert!(matches!(error, SendError::Connection(_)), "{error:?}");
}
