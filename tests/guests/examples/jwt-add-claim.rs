//! A token hook that does what it may: the claim `added_by` holds its name and the setting `value`, after
//! what a plugin before it has put there.

use hookgate_plugin::{Claims, EventHooks, User, config, plugin};

struct JwtAddClaim;

#[plugin]
impl EventHooks for JwtAddClaim {
    fn modify_jwt(claims: &mut Claims, _user: &User) {
        let value = config::get("value").unwrap_or_default();
        let own = format!("jwt-add-claim {value}");
        let added_by = match claims.get_str("added_by") {
            Some(before) => format!("{before}, {}", own.trim_end()),
            None => own.trim_end().to_owned(),
        };
        claims.set("added_by", added_by);
    }
}
