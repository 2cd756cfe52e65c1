//! A token hook that fails between the two tokens of a pair.

use hookgate_plugin::request::{self, TokenKind};
use hookgate_plugin::{Claims, EventHooks, User, plugin};

struct JwtTrapOnRefresh;

#[plugin]
impl EventHooks for JwtTrapOnRefresh {
    fn modify_jwt(claims: &mut Claims, _user: &User) {
        if request::token_kind() == Some(TokenKind::Refresh) {
            panic!("no refresh tokens today");
        }
        claims.set("seen", true);
    }
}
