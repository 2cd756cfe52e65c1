//! A token hook that answers JSON that is no object. The SDK would not let it, so it speaks to the bindings.

wit_bindgen::generate!({ path: "../../wit", world: "modify-jwt-hook" });

use exports::hookgate::hooks::modify_jwt::{Guest, User};

struct JwtArray;

impl Guest for JwtArray {
    fn modify_jwt(_claims: String, _user: User) -> Result<String, String> {
        Ok("[1, 2]".to_owned())
    }
}

export!(JwtArray);
