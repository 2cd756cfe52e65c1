//! A token hook that answers text that is not JSON. The SDK would not let it, so it speaks to the bindings.

wit_bindgen::generate!({ path: "../../wit", world: "modify-jwt-hook" });

use exports::hookgate::hooks::modify_jwt::{Guest, User};

struct JwtGarbage;

impl Guest for JwtGarbage {
    fn modify_jwt(_claims: String, _user: User) -> Result<String, String> {
        Ok("not { JSON".to_owned())
    }
}

export!(JwtGarbage);
