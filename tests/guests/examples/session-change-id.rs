//! A session hook that gives the session another id.

use hookgate_plugin::{EventHooks, Session, User, plugin};

struct SessionChangeId;

#[plugin]
impl EventHooks for SessionChangeId {
    fn modify_session(session: &mut Session, _user: &User) {
        session.set("id", "a-session-of-my-choice");
    }
}
