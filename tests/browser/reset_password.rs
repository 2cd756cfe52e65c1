//! The page that the mailed link leads to.

use serde_json::json;

use crate::chromium::Page;
use crate::kit::{Mailbox, PASSWORD, Server};

const ADA: &str = "ada@example.com";
const NEW_PASSWORD: &str = "a different horse";

/// A server, a browser, and the address in the mail.
async fn scene() -> Option<(Server, Page, String)> {
    let page = Page::open().await?;
    let mailbox = Mailbox::new();
    let server = mailbox.setup().start().await;
    server.register(ADA).await.expect(201);
    server.post("/auth/forgot-password", json!({"email": ADA})).await.expect(200);
    let url = format!("{}{}", server.url, mailbox.next().await.link());
    Some((server, page, url))
}

async fn set(page: &mut Page, password: &str) {
    page.fill("#password", password).await;
    page.click("button").await;
}

#[tokio::test]
async fn a_new_password_is_set_once() {
    let Some((server, mut page, url)) = scene().await else { return };
    page.go(&url).await;
    assert_eq!(page.evaluate("document.activeElement.id").await, "password");
    set(&mut page, "short").await;
    page.shows("#message", "Password must be at least 8 characters long").await;
    set(&mut page, NEW_PASSWORD).await;
    page.shows("#message", "Your new password is set").await;
    assert_eq!(page.evaluate("document.querySelector('#form').offsetParent").await, json!(null));
    server.login(ADA).await.expect(401);
    server.post("/auth/login", json!({"email": ADA, "password": NEW_PASSWORD})).await.expect(200);

    page.go("about:blank").await;
    page.go(&url).await;
    set(&mut page, PASSWORD).await;
    page.shows("#message", "Invalid or expired reset token").await;
    server.login(ADA).await.expect(401);
}

#[tokio::test]
async fn an_incomplete_link_says_so() {
    let Some((server, mut page, _)) = scene().await else { return };
    page.go(&format!("{}/auth/reset-password", server.url)).await;
    page.shows("#message", "This link is incomplete.").await;
    assert_eq!(page.evaluate("document.querySelector('#form').hidden").await, true);
}

#[tokio::test]
async fn the_page_runs_nothing_but_itself() {
    let Some((server, mut page, url)) = scene().await else { return };
    page.go(&url).await;
    // What somebody might get into the page is not run, and asks nobody.
    let attempts = "(async () => {
        const blocked = [];
        document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
        const script = document.createElement('script');
        script.textContent = 'window.ran = true';
        document.body.append(script);
        const image = document.createElement('img');
        image.src = 'https://elsewhere.example/';
        document.body.append(image);
        await fetch('https://elsewhere.example/').catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 100));
        return { blocked: blocked.sort(), ran: window.ran === true, style: getComputedStyle(document.querySelector('main')).maxWidth };
    })()";
    let seen = page.evaluate(attempts).await;
    assert_eq!(seen["blocked"], json!(["connect-src", "img-src", "script-src-elem"]));
    assert_eq!((&seen["ran"], &seen["style"]), (&json!(false), &json!("360px")));

    // A token is text to the page, whatever it looks like.
    page.go(&format!("{}/auth/reset-password?token=%3Cimg%20src=x%3E", server.url)).await;
    set(&mut page, NEW_PASSWORD).await;
    page.shows("#message", "Invalid or expired reset token").await;
    assert_eq!(page.evaluate("document.images.length").await, 0);
}
