//! Tells a webhook of each sign-up: a JSON body, signed with HMAC-SHA-256.
//!
//! An event comes at least once. Its id is in the body and in a header, so that the receiver can count it once; a
//! receiver that is down gets it later, with the server's growing pauses.

use hookgate_plugin::{EventHooks, Result, User, config, http, json, log, plugin, request, secrets};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    url: String,
}

struct SignupWebhook;

#[plugin]
impl EventHooks for SignupWebhook {
    fn on_signup(user: &User) -> Result<()> {
        let config: Config = config::all()?;
        let event_id = request::event_id().unwrap_or_default();
        let body = json!({
            "event": "signup",
            "event_id": event_id,
            "time_ms": request::time(),
            "provider": request::provider(),
            "user": { "id": user.id, "email": user.email, "name": user.name },
            // What chat services show.
            "text": format!("{} signed up", user.name.as_deref().unwrap_or(&user.email)),
        })
        .to_string();
        let signature =
            secrets::hmac_sha256_hex("WEBHOOK_KEY", &body).ok_or("WEBHOOK_KEY is not under [secrets]")?;
        let answer = http::post(config.url)
            .header("content-type", "application/json")
            .header("x-event-id", event_id)
            .header("x-signature", format!("sha256={signature}"))
            .body(body)
            .send()?;
        match answer.status() {
            200..=299 => Ok(()),
            // Too early or too often: later it may work.
            408 | 425 | 429 => Err(format!("the webhook answered {}", answer.status()).into()),
            status @ 400..=499 => {
                log::error!(status = status; "the webhook does not want this event; it is not sent again");
                Ok(())
            }
            status => Err(format!("the webhook answered {status}").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use hookgate_plugin::testing::{self, Host, Reply, Request};

    use super::*;

    fn host(reply: Reply) -> Host {
        let event_id = Some("event-7".to_owned());
        Host::new()
            .with_request(Request { event_id, attempt: 1, ..Request::default() })
            .with_config(json!({ "url": "https://hooks.example.com/signup" }))
            .with_secret("WEBHOOK_KEY", "key")
            .with_reply("POST", "https://hooks.example.com/signup", reply)
    }

    #[test]
    fn the_body_is_signed() {
        let host = host(Reply::status(204));

        SignupWebhook::on_signup(&testing::user("ada@example.com")).unwrap();

        let sent = &host.requests()[0];
        assert_eq!(sent.json()["user"]["email"], "ada@example.com");
        assert_eq!(sent.header("x-event-id"), Some("event-7"));
        let signature = secrets::hmac_sha256_hex("WEBHOOK_KEY", &sent.body).unwrap();
        assert_eq!(sent.header("x-signature"), Some(format!("sha256={signature}").as_str()));
    }

    #[test]
    fn what_may_work_later_is_a_failure_and_what_never_will_is_not() {
        let user = testing::user("ada@example.com");
        for (reply, is_taken) in [
            (Reply::status(200), true),
            (Reply::status(410), true),
            (Reply::status(429), false),
            (Reply::status(302), false),
            (Reply::status(503), false),
            (Reply::failure(http::Error::Timeout), false),
        ] {
            let _host = host(reply.clone());
            assert_eq!(SignupWebhook::on_signup(&user).is_ok(), is_taken, "{reply:?}");
        }
    }
}
