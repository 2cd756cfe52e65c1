//! `POST /passkeys/authenticate/begin`, `POST /passkeys/authenticate/complete`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::webauthn::{AssertionResponse, ClientData};

use super::{credential, credential_id};
use crate::call::Call;
use crate::delivery;
use crate::error::{ApiError, denied_as};
use crate::extract::Fields;
use crate::respond;
use crate::security::Anyone;

/// What the browser is to ask the authenticator for. The answer does not tell whether there is such a
/// user.
pub(crate) async fn begin_sign_in(call: Call<Anyone>) -> Result<Response, ApiError> {
    let email = match call.document.optional_fields()? {
        Some(mut fields) => {
            let values = (fields.optional_string("email"),);
            fields.finish(values)?.0
        }
        None => None,
    };
    // An empty field of a form names nobody.
    let email = email.as_deref().filter(|email| !email.trim().is_empty());
    let options = call.app.services.begin_passkey_sign_in(email).await?;
    Ok(respond::json(StatusCode::OK, &options))
}

/// Signs in. 400 if the challenge is spent, 401 if the answer is not good, 403 if a plugin refuses.
pub(crate) async fn complete_sign_in(call: Call<Anyone>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    let values = (credential(&mut fields, response),);
    let (response,) = fields.finish(values)?;
    let signed_in = call.app.services.complete_passkey_sign_in(&context, &response).await;
    let signed_in = signed_in.map_err(denied_as("Sign-in not allowed"))?;
    Ok(delivery::signed_in(&call.app, StatusCode::OK, &signed_in))
}

fn response(credential: &mut Fields) -> Option<AssertionResponse> {
    let credential_id = credential_id(credential);
    let response = credential.object("response", |response| {
        let client_data =
            response.decoded("clientDataJSON", "client data", |bytes| ClientData::parse(&bytes));
        let authenticator_data = response.bytes("authenticatorData");
        let signature = response.bytes("signature");
        let user_handle = response.optional_bytes("userHandle");
        // Some libraries write "none" as "".
        let user_handle = user_handle.map(|handle| handle.filter(|bytes| !bytes.is_empty()));
        Some((client_data?, authenticator_data?, signature?, user_handle?))
    });
    let (client_data, authenticator_data, signature, user_handle) = response?;
    let credential_id = credential_id?;
    Some(AssertionResponse { credential_id, client_data, authenticator_data, signature, user_handle })
}
