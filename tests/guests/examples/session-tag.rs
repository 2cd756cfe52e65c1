//! A session hook that does what it may: the member `tag` holds the setting `value`.

use hookgate_plugin::{EventHooks, Session, User, config, plugin};

struct SessionTag;

#[plugin]
impl EventHooks for SessionTag {
    fn modify_session(session: &mut Session, user: &User) {
        session.set("tag", config::get("value").unwrap_or_else(|| user.id.clone()));
    }
}
