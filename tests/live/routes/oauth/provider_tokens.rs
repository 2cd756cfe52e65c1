//! The providers' own tokens.

use rusqlite::{Connection, OpenFlags};

use super::{setup, sign_in};
use crate::kit::{Browser, IdentityProvider, Server};

fn stored(server: &Server) -> Vec<Option<String>> {
    let path = server.data_dir().join("hookgate.db");
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let columns = "SELECT access_token, refresh_token FROM oauth_accounts";
    database.query_row(columns, [], |row| Ok(vec![row.get(0)?, row.get(1)?])).unwrap()
}

#[tokio::test]
async fn they_are_not_kept_unless_asked_for() {
    let provider = IdentityProvider::start().await;
    let server = setup(&provider, "").start().await;
    sign_in(&server, &Browser::new(), "google").await.expect(200);
    assert_eq!(stored(&server), [None, None]);
}

#[tokio::test]
async fn they_are_kept_sealed_renewed_and_shown_to_nobody() {
    let provider = IdentityProvider::start().await;
    let server =
        setup(&provider, "store_oauth_provider_tokens = true\n[server]\nlog_level = \"trace\"").start().await;
    let answer = sign_in(&server, &Browser::new(), "google").await;
    let first = stored(&server);
    sign_in(&server, &Browser::new(), "google").await.expect(200);
    let second = stored(&server);
    for (one, two) in first.iter().zip(&second) {
        let (one, two) = (one.as_deref().unwrap(), two.as_deref().unwrap());
        assert_ne!(one, two, "sealed anew");
        assert!(!one.contains("provider") && one.len() > 40, "{one}");
    }
    let accounts = server.get("/auth/oauth/accounts", &answer.text("access_token")).await;
    for text in [&answer.body, &accounts.body, &server.log.text(), &server.printed.text()] {
        for secret in ["provider-access-token", "provider-refresh-token", "code-1", "s3cret"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
