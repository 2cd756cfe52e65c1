//! Where mails go in tests: a folder, or a mail server.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mailin::{Action, AuthMechanism, Handler, Response, SessionBuilder, response};
use serde_json::Value;
use tempfile::TempDir;

use super::{Setup, eventually};

/// A folder that the server writes its mails to.
pub(crate) struct Mailbox {
    folder: TempDir,
    read: AtomicUsize,
}

/// One mail.
#[derive(Debug)]
pub(crate) struct Mail(Value);

impl Mailbox {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), read: AtomicUsize::new(0) }
    }

    /// A server that writes here.
    pub(crate) fn setup(&self) -> Setup {
        let folder = self.folder.path().display();
        Setup::new().config(&format!("[email]\ntransport = \"file\"\nfile_dir = \"{folder}\"\n"))
    }

    /// How many mails came so far.
    pub(crate) fn count(&self) -> usize {
        self.files().len()
    }

    /// The next mail, in the order in which they came.
    pub(crate) async fn next(&self) -> Mail {
        let index = self.read.fetch_add(1, Ordering::Relaxed);
        eventually("a mail", || {
            let is_there = self.count() > index;
            async move { is_there }
        })
        .await;
        Mail(serde_json::from_slice(&std::fs::read(&self.files()[index]).unwrap()).unwrap())
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            entries.filter(|path| !path.file_name().unwrap().to_str().unwrap().starts_with('.')).collect();
        files.sort();
        files
    }
}

impl Mail {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("no text `{name}` in {self:?}"))
    }

    /// The path of its link, which both parts have to hold.
    pub(crate) fn link(&self) -> String {
        let text = self.text("body_text");
        let url = text.split_whitespace().find(|word| word.starts_with("http")).unwrap();
        assert!(self.text("body_html").contains(&format!("href=\"{url}\"")), "{self:?}");
        url.strip_prefix("http://localhost:8000").unwrap().to_owned()
    }

    /// The token in its link.
    pub(crate) fn token(&self) -> String {
        self.link().split_once("?token=").unwrap().1.to_owned()
    }
}

/// A mail server on the loopback. It wants ada's password, and answers recipients as it was told: one
/// answer each, and all further ones are welcome.
#[derive(Clone, Default)]
pub(crate) struct MailServer {
    answers: Arc<Mutex<Vec<u16>>>,
    mails: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    current: Vec<u8>,
}

impl MailServer {
    pub(crate) const PASSWORD: &str = "opensesame";

    /// Starts it, and gives its port.
    pub(crate) fn start(answers: &[u16]) -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { answers: Arc::new(Mutex::new(answers.to_vec())), ..Self::default() };
        let handler = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                handler.connections.fetch_add(1, Ordering::Relaxed);
                let handler = handler.clone();
                std::thread::spawn(move || converse(&stream, handler));
            }
        });
        (server, port)
    }

    /// The mails it took, as they came over the wire.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

fn converse(stream: &TcpStream, handler: MailServer) {
    let mut builder = SessionBuilder::new("mail.test");
    builder.enable_auth(AuthMechanism::Plain).insecure_enable_plaintext_auth();
    let mut session = builder.build(stream.peer_addr().unwrap().ip(), handler);
    let mut out = stream;
    // A client that hangs up ends the conversation.
    let mut say = |answer: &Response| out.write_all(&answer.buffer().unwrap()).is_ok();
    say(&session.greeting());
    let mut input = BufReader::new(stream);
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let answer = session.process(&line);
        line.clear();
        let is_on = answer.action == Action::NoReply || say(&answer);
        if !is_on || answer.action == Action::Close {
            break;
        }
    }
}

impl Handler for MailServer {
    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        if user == "ada" && password == Self::PASSWORD {
            response::AUTH_OK
        } else {
            response::INVALID_CREDENTIALS
        }
    }

    fn rcpt(&mut self, _: &str) -> Response {
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.is_empty() { 250 } else { answers.remove(0) };
        Response::custom(answer, "as told".to_owned())
    }

    fn data(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.current.extend_from_slice(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let mail = String::from_utf8(std::mem::take(&mut self.current)).unwrap();
        self.mails.lock().unwrap().push(mail);
        response::OK
    }
}
