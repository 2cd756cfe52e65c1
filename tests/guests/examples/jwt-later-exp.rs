//! A token hook that makes tokens live an hour longer.

use hookgate_plugin::{Claims, EventHooks, Result, User, plugin};

struct JwtLaterExp;

#[plugin]
impl EventHooks for JwtLaterExp {
    fn modify_jwt(claims: &mut Claims, _user: &User) -> Result<()> {
        let exp = claims.get("exp").and_then(|exp| exp.as_u64()).ok_or("no exp")?;
        claims.set("exp", exp + 3600);
        Ok(())
    }
}
