//! `kv`, `http` and `secrets`, through the generated bindings.

use crate::bindings::host::hookgate::hooks::{http as wit_http, kv as wit_kv};
use crate::{http, kv};

pub(crate) use crate::bindings::host::hookgate::hooks::secrets::{
    hmac_sha256 as secret_hmac_sha256, names as secret_names,
};

impl From<wit_kv::Error> for kv::Error {
    fn from(error: wit_kv::Error) -> Self {
        match error {
            wit_kv::Error::Invalid(reason) => Self::Invalid(reason),
            wit_kv::Error::Quota(reason) => Self::Quota(reason),
            wit_kv::Error::NotANumber => Self::NotANumber,
            wit_kv::Error::Unavailable => Self::Unavailable,
        }
    }
}

pub(crate) fn kv_get(key: &str) -> Result<Option<Vec<u8>>, kv::Error> {
    Ok(wit_kv::get(key)?)
}

pub(crate) fn kv_set(key: &str, value: &[u8], ttl: Option<u32>) -> Result<(), kv::Error> {
    Ok(wit_kv::set(key, value, ttl)?)
}

pub(crate) fn kv_delete(key: &str) -> Result<(), kv::Error> {
    Ok(wit_kv::delete(key)?)
}

pub(crate) fn kv_increment(key: &str, by: i64, ttl: Option<u32>) -> Result<i64, kv::Error> {
    Ok(wit_kv::increment(key, by, ttl)?)
}

pub(crate) fn kv_compare_and_set(
    key: &str,
    expected: Option<&[u8]>,
    value: Option<&[u8]>,
    ttl: Option<u32>,
) -> Result<bool, kv::Error> {
    Ok(wit_kv::compare_and_set(key, expected, value, ttl)?)
}

impl From<wit_http::Error> for http::Error {
    fn from(error: wit_http::Error) -> Self {
        match error {
            wit_http::Error::Invalid(reason) => Self::Invalid(reason),
            wit_http::Error::Denied(reason) => Self::Denied(reason),
            wit_http::Error::Timeout => Self::Timeout,
            wit_http::Error::TooLarge => Self::TooLarge,
            wit_http::Error::Connection(reason) => Self::Connection(reason),
        }
    }
}

pub(crate) fn http_send(request: http::Request) -> Result<http::Response, http::Error> {
    let secret_header = |header: http::SecretHeader| {
        let http::SecretHeader { name, prefix, secret } = header;
        wit_http::SecretHeader { name, prefix, secret }
    };
    let answer = wit_http::send(&wit_http::Request {
        method: request.method,
        url: request.url,
        headers: request.headers,
        secret_headers: request.secret_headers.into_iter().map(secret_header).collect(),
        body: request.body,
        timeout_ms: request.timeout_ms,
    })?;
    Ok(http::Response { status: answer.status, headers: answer.headers, body: answer.body })
}
