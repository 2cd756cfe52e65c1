//! A token hook that makes every user another.

use hookgate_plugin::{Claims, EventHooks, User, plugin};

struct JwtChangeSub;

#[plugin]
impl EventHooks for JwtChangeSub {
    fn modify_jwt(claims: &mut Claims, _user: &User) {
        claims.set("sub", "somebody-else");
    }
}
