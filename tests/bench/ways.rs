//! The same hook as a plugin, as a web-hook on the loopback, and as Rust in the process.

use std::hint::black_box;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::mpsc;
use std::time::Instant;

use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use hookgate_core::JsonObject;
use hookgate_core::user::User;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};

use crate::hook_call::{self, CALLS};
use crate::{guest, median};

const ROUNDS: usize = 5;

pub(crate) async fn report() {
    let plugin = hook_call::chain(&guest("jwt-add-claim"), 1).await;
    let mut web_hook = WebHook::connect(serve()).await;
    let (user, claims) = hook_call::subject();
    let (mut of_native, mut of_plugin, mut of_web_hook) = (vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        of_native.push(native(&claims).await);
        of_plugin.push(hook_call::round(&plugin, &user, &claims).await);
        let began = Instant::now();
        for _ in 0..CALLS {
            let answer = web_hook.modify_jwt(&claims, &user).await;
            assert!(answer.contains_key("added_by"));
        }
        of_web_hook.push(began.elapsed().as_secs_f64() * 1e6 / CALLS as f64);
    }
    let of_plugin = median(of_plugin);
    println!("\n## Ways to run a hook (`modify-jwt` that adds a claim, median of {ROUNDS} × {CALLS})\n");
    println!("| what | µs | of the plugin |");
    println!("|---|---|---|");
    for (what, micros) in [
        ("native Rust, in the process, unlimited", median(of_native)),
        ("a plugin, a fresh instance each", of_plugin),
        ("a web-hook on the loopback, connection kept (axum, hyper)", median(of_web_hook)),
    ] {
        println!("| {what} | {micros:.2} | {:.2} |", micros / of_plugin);
    }
}

/// What the plugin does.
fn add_claim(claims: &mut JsonObject) {
    let own = "jwt-add-claim";
    let added_by = match claims.get("added_by").and_then(|value| value.as_str()) {
        Some(before) => format!("{before}, {own}"),
        None => own.to_owned(),
    };
    claims.insert("added_by".to_owned(), added_by.into());
}

/// The same behind a pointer, as any hook is that the operator chooses.
type Native = Box<dyn Fn(JsonObject) -> Pin<Box<dyn Future<Output = JsonObject>>>>;

async fn native(claims: &JsonObject) -> f64 {
    let hook: Native = black_box(Box::new(|mut claims| {
        Box::pin(async move {
            add_claim(&mut claims);
            claims
        })
    }));
    let began = Instant::now();
    for _ in 0..CALLS {
        let answer = hook(claims.clone()).await;
        assert!(answer.contains_key("added_by"));
    }
    began.elapsed().as_secs_f64() * 1e6 / CALLS as f64
}

#[derive(Serialize)]
struct Call<'a> {
    claims: &'a JsonObject,
    user: &'a User,
}

#[derive(Deserialize)]
struct Called {
    claims: JsonObject,
}

/// An HTTP server on threads of its own.
fn serve() -> SocketAddr {
    let (address, bound) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            address.send(listener.local_addr().unwrap()).unwrap();
            let answer = |Json(mut call): Json<Called>| async move {
                add_claim(&mut call.claims);
                Json(call.claims)
            };
            axum::serve(listener, Router::new().route("/modify-jwt", post(answer))).await.unwrap();
        });
    });
    bound.recv().unwrap()
}

/// A connection to it that is kept.
struct WebHook(SendRequest<Full<Bytes>>);

impl WebHook {
    async fn connect(address: SocketAddr) -> Self {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(async { connection.await.unwrap() });
        Self(sender)
    }

    async fn modify_jwt(&mut self, claims: &JsonObject, user: &User) -> JsonObject {
        let body = serde_json::to_vec(&Call { claims, user }).unwrap();
        let request = http::Request::post("/modify-jwt")
            .header("host", "bench")
            .header("content-type", "application/json")
            .body(Full::from(body))
            .unwrap();
        self.0.ready().await.unwrap();
        let response = self.0.send_request(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&body).unwrap()
    }
}
