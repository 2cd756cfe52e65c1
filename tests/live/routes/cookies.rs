//! `token_delivery = "cookie"`.

use reqwest::Method;
use serde_json::json;

use crate::kit::{Server, Setup};

async fn server() -> Server {
    Setup::new().config("token_delivery = \"cookie\"").start().await
}

#[tokio::test]
async fn tokens_come_in_cookies_and_nowhere_else() {
    let server = server().await;
    let answer = server.register("ada@example.com").await;
    assert_eq!(answer.expect(201).json(), json!({"message": "Authentication successful"}));
    let lines = answer.set_cookies();
    let line =
        |name: &str| lines.iter().find(|line| line.starts_with(&format!("{name}="))).unwrap().to_lowercase();
    for (name, max_age, is_http_only) in
        [("access_token", 900, true), ("refresh_token", 2_592_000, true), ("csrf_token", 2_592_000, false)]
    {
        let line = line(name);
        for part in [&format!("max-age={max_age}"), "path=/", "samesite=lax", "secure"] {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert_eq!(line.contains("httponly"), is_http_only, "{line}");
        assert!(!line.contains("domain"), "{line}");
    }
    assert_eq!(answer.cookie("csrf_token").unwrap().len(), 43);
}

#[tokio::test]
async fn refresh_and_logout_by_cookie_need_the_csrf_pair() {
    let server = server().await;
    let answer = server.register("ada@example.com").await;
    let cookie = |name: &str| answer.cookie(name).unwrap();
    let jar = format!(
        "access_token={}; refresh_token={}; csrf_token={}",
        cookie("access_token"),
        cookie("refresh_token"),
        cookie("csrf_token")
    );
    let post = |path: &str| server.request(Method::POST, path).header("cookie", &jar);
    for path in ["/auth/refresh", "/auth/logout"] {
        server.send(post(path)).await.expect_detail(403, "CSRF token missing or invalid");
        server.send(post(path).header("x-csrf-token", "wrong")).await.expect(403);
        let odd =
            post(path).header("x-csrf-token", reqwest::header::HeaderValue::from_bytes(b"\xff\xfe").unwrap());
        server.send(odd).await.expect(403);
    }
    let refreshed = server.send(post("/auth/refresh").header("x-csrf-token", cookie("csrf_token"))).await;
    refreshed.expect(200);
    assert_ne!(refreshed.cookie("csrf_token"), answer.cookie("csrf_token"), "new on every issue");

    let jar = format!(
        "access_token={}; csrf_token={}",
        refreshed.cookie("access_token").unwrap(),
        refreshed.cookie("csrf_token").unwrap()
    );
    let logout = server
        .request(Method::POST, "/auth/logout")
        .header("cookie", jar)
        .header("x-csrf-token", refreshed.cookie("csrf_token").unwrap());
    let ended = server.send(logout).await;
    ended.expect(200);
    for name in ["access_token", "refresh_token", "csrf_token"] {
        let line =
            ended.set_cookies().into_iter().find(|line| line.starts_with(&format!("{name}="))).unwrap();
        assert!(line.to_lowercase().contains("max-age=0"), "{line}");
    }
}
