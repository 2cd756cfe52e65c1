use reqwest::Method;

use crate::kit::Server;

#[tokio::test]
async fn without_a_good_token_nobody_is_authenticated() {
    let server = Server::start().await;
    let with = async |header: Option<&str>| {
        let mut request = server.request(Method::GET, "/auth/me");
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        server.send(request).await
    };
    for header in [None, Some("Bearer"), Some("Bearer "), Some("Basic YTpi"), Some("Bearer x.y.z"), Some("")]
    {
        let answer = with(header).await;
        answer.expect_detail(401, "Not authenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{header:?}");
    }
}

#[tokio::test]
async fn the_scheme_is_case_insensitive_and_the_cookie_works_too() {
    let server = Server::start().await;
    let token = server.register("ada@example.com").await.text("access_token");
    for header in [format!("bearer {token}"), format!("BEARER {token}")] {
        server
            .send(server.request(Method::GET, "/auth/me").header("authorization", header))
            .await
            .expect(200);
    }
    let cookie = format!("access_token={token}");
    server.send(server.request(Method::GET, "/auth/me").header("cookie", &cookie)).await.expect(200);
    let both = server.request(Method::GET, "/auth/me").header("cookie", &cookie).bearer_auth("bad");
    server.send(both).await.expect_detail(401, "Not authenticated");
}
