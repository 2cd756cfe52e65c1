//! A token hook that answers a mebibyte, or as many bytes more as the setting `bytes` says.

use hookgate_plugin::{Claims, EventHooks, Result, User, config, plugin};

struct JwtHuge;

#[plugin]
impl EventHooks for JwtHuge {
    fn modify_jwt(claims: &mut Claims, _user: &User) -> Result<()> {
        let bytes = match config::get("bytes") {
            Some(bytes) => bytes.parse()?,
            None => 1 << 20,
        };
        claims.set("padding", "x".repeat(bytes));
        Ok(())
    }
}
