//! The site of the documentation: the page and the script that `docs/passkeys.md` shows, served on a port
//! of its own.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

const DOCS: &str = include_str!("../../docs/passkeys.md");

/// Where the script of the documentation expects the server.
const API: &str = "http://localhost:8000/auth";

/// A site that is about to be served.
pub(crate) struct Site {
    listener: TcpListener,
    /// As browsers call it.
    pub(crate) origin: String,
}

impl Site {
    /// Takes a port, so that the server can be told of it before there are pages.
    pub(crate) async fn prepare() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, origin: format!("http://localhost:{port}") }
    }

    /// Serves the pages, which call the API at `server`.
    pub(crate) fn serve(self, server: &str) -> String {
        let page = block("html");
        let script = block("js");
        assert!(script.contains(API), "the script names the API");
        let script = script.replace(API, &format!("{server}/auth"));
        let router = Router::new()
            .route("/", get(move || async { ([(CONTENT_TYPE, "text/html; charset=utf-8")], page) }))
            .route("/passkeys.js", get(move || async { ([(CONTENT_TYPE, "text/javascript")], script) }));
        tokio::spawn(async { axum::serve(self.listener, router).await.unwrap() });
        format!("{}/", self.origin)
    }
}

/// The first block of code in a language.
fn block(language: &str) -> String {
    let start = format!("```{language}\n");
    let (_, rest) = DOCS.split_once(&start).unwrap_or_else(|| panic!("docs/passkeys.md has no {start}"));
    rest.split_once("\n```").unwrap().0.to_owned()
}
