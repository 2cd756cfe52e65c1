//! `POST /passkeys/register/begin`, `POST /passkeys/register/complete`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::services::Caller;
use hookgate_core::webauthn::{ClientData, RegistrationResponse};
use serde::Serialize;

use super::{credential, credential_id};
use crate::call::Call;
use crate::error::ApiError;
use crate::extract::Fields;
use crate::respond::json;

/// The name of a passkey that was given none.
const NAME: &str = "Passkey";
/// The longest name, in characters.
const NAME_LIMIT: usize = 255;

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    name: &'a str,
    created_at: String,
}

/// What the browser is to ask the authenticator for.
pub(crate) async fn begin_registration(call: Call<Caller>) -> Result<Response, ApiError> {
    let options = call.app.services.begin_passkey_registration(&call.access).await?;
    Ok(json(StatusCode::OK, &options))
}

/// Stores a new passkey. 400 if the challenge is spent or the answer not good, 409 if it exists.
pub(crate) async fn complete_registration(call: Call<Caller>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    // A bare credential has no room for a name.
    let name =
        if fields.has("credential") { fields.optional_string_of("name", NAME_LIMIT) } else { Some(None) };
    let values = (credential(&mut fields, response), name);
    let (response, name) = fields.finish(values)?;
    let name = name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| NAME.to_owned());
    let services = &call.app.services;
    let passkey = services.complete_passkey_registration(&context, &call.access, &response, name).await?;
    let body = Body { id: &passkey.id, name: &passkey.name, created_at: passkey.created_at.iso_format() };
    Ok(json(StatusCode::CREATED, &body))
}

fn response(credential: &mut Fields) -> Option<RegistrationResponse> {
    let credential_id = credential_id(credential);
    let response = credential.object("response", |response| {
        let client_data =
            response.decoded("clientDataJSON", "client data", |bytes| ClientData::parse(&bytes));
        let attestation_object = response.bytes("attestationObject");
        client_data.zip(attestation_object)
    });
    let (client_data, attestation_object) = response?;
    Some(RegistrationResponse { credential_id: credential_id?, client_data, attestation_object })
}
