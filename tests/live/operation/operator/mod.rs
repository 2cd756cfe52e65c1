//! The operator's command line, beside a running server and without one.

mod data;
mod keys;
mod passkeys;
mod plugins;
mod users;

use crate::kit::{Desk, Server, text};

async fn access_token(server: &Server, email: &str) -> String {
    let answer = server.login(email).await;
    answer.expect(200);
    answer.text("access_token")
}
