//! The least that an axum server can do, in a process of its own.

use axum::Router;
use axum::routing::get;

pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/hello", get(|| async { "hello" }));
        axum::serve(listener, router).await.unwrap();
    });
}
