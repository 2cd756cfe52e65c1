//! An event hook that works at the third attempt.

use hookgate_plugin::{EventHooks, Result, User, log, plugin, request};

struct EventFailTwice;

#[plugin]
impl EventHooks for EventFailTwice {
    fn on_signup(user: &User) -> Result<()> {
        handle(user)
    }

    fn on_signin(user: &User, _provider: &str) -> Result<()> {
        handle(user)
    }
}

fn handle(user: &User) -> Result<()> {
    let attempt = request::attempt();
    if attempt <= 2 {
        Err(format!("attempt {attempt} fails"))?;
    }
    log::info!(user.id = user.id, event.id = request::event_id().unwrap_or_default(), attempt = attempt; "handled");
    Ok(())
}
