//! `security.register_reveals_existing = false` with real mail.

use serde_json::json;

use crate::kit::{Mailbox, PASSWORD};

#[tokio::test]
async fn a_quiet_registration_ends_in_the_mailbox() {
    let mailbox = Mailbox::new();
    let server = mailbox.setup().config("[security]\nregister_reveals_existing = false\n").start().await;
    let first = server.register("ada@example.com").await;
    assert_eq!(first.expect(201).text("message"), "Check your email to finish the registration");
    server.login("ada@example.com").await.expect_detail(401, "Invalid email or password");
    let mail = mailbox.next().await;
    assert_eq!(mail.text("subject"), "Verify your email address");
    server.get(&mail.link(), "").await.expect(200);
    server.login("ada@example.com").await.expect(200);

    let second = server.register("ada@example.com").await;
    assert_eq!((second.status, second.body), (first.status, first.body));
    let mail = mailbox.next().await;
    assert_eq!(mail.text("subject"), "You already have an account");
    let body = json!({"token": mail.token(), "new_password": format!("{PASSWORD} again")});
    server.post("/auth/reset-password", body).await.expect(200);
    server.login("ada@example.com").await.expect(401);
}
