//! Power cuts.

use futures_util::future::join_all;

use crate::kit::{Server, Setup};

#[tokio::test]
async fn what_was_answered_survives_kill_9() {
    let mut server = Server::start().await;
    let registered = join_all((0..20).map(|n| {
        let server = &server;
        async move { server.register(&format!("user{n}@example.com")).await.text("refresh_token") }
    }))
    .await;
    let mut rotated = Vec::new();
    for token in &registered {
        rotated.push(server.refresh(token).await.text("refresh_token"));
    }
    server.kill().await;

    let again = Setup::new().data_of(&server).start().await;
    for (n, token) in rotated.iter().enumerate() {
        again.login(&format!("user{n}@example.com")).await.expect(200);
        again.refresh(token).await.expect(200);
    }
    again.refresh(&registered[0]).await.expect_detail(401, "Refresh token has already been used");
}
