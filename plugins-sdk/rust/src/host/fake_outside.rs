//! `kv`, `http` and `secrets` of the server in memory.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::fake::clock_now;
use super::fake_state::{Entry, with};
use crate::testing::records::SentRequest;
use crate::{http, kv};

/// A key that may be used, and what it has now.
fn entry(key: &str) -> Result<Option<Entry>, kv::Error> {
    if key.is_empty() || key.len() > 256 {
        return Err(kv::Error::Invalid("a key has 1 to 256 bytes".to_owned()));
    }
    let now = clock_now();
    let found = with(|state| state.outside.kv.get(key).cloned());
    Ok(found.filter(|entry| entry.ends.is_none_or(|end| now < end)))
}

fn put(key: &str, value: Vec<u8>, ends: Option<u64>) {
    with(|state| state.outside.kv.insert(key.to_owned(), Entry { value, ends }));
}

fn end(ttl: Option<u32>) -> Option<u64> {
    ttl.map(|seconds| clock_now() + u64::from(seconds) * 1000)
}

pub(crate) fn kv_get(key: &str) -> Result<Option<Vec<u8>>, kv::Error> {
    Ok(entry(key)?.map(|entry| entry.value))
}

pub(crate) fn kv_set(key: &str, value: &[u8], ttl: Option<u32>) -> Result<(), kv::Error> {
    entry(key)?;
    put(key, value.to_vec(), end(ttl));
    Ok(())
}

pub(crate) fn kv_delete(key: &str) -> Result<(), kv::Error> {
    entry(key)?;
    with(|state| state.outside.kv.remove(key));
    Ok(())
}

pub(crate) fn kv_increment(key: &str, by: i64, ttl: Option<u32>) -> Result<i64, kv::Error> {
    let (present, ends) = match entry(key)? {
        Some(entry) => {
            let number = std::str::from_utf8(&entry.value).ok().and_then(|text| text.parse::<i64>().ok());
            (number.ok_or(kv::Error::NotANumber)?, entry.ends)
        }
        None => (0, end(ttl)),
    };
    let sum = present.checked_add(by).ok_or(kv::Error::NotANumber)?;
    put(key, sum.to_string().into_bytes(), ends);
    Ok(sum)
}

pub(crate) fn kv_compare_and_set(
    key: &str,
    expected: Option<&[u8]>,
    value: Option<&[u8]>,
    ttl: Option<u32>,
) -> Result<bool, kv::Error> {
    if entry(key)?.as_ref().map(|entry| entry.value.as_slice()) != expected {
        return Ok(false);
    }
    match value {
        Some(value) => kv_set(key, value, ttl)?,
        None => kv_delete(key)?,
    }
    Ok(true)
}

pub(crate) fn http_send(request: http::Request) -> Result<http::Response, http::Error> {
    with(|state| {
        let outside = &mut state.outside;
        let mut headers = request.headers;
        for header in request.secret_headers {
            if !outside.secrets.contains_key(&header.secret) {
                return Err(http::Error::Denied(format!("the secret `{}` is not granted", header.secret)));
            }
            // Its name stands for it, so that a test can't come to depend on its value.
            headers.push((header.name, format!("{}{{{}}}", header.prefix, header.secret)));
        }
        let (method, url) = (request.method, request.url);
        let reply = outside.replies.iter().find(|(m, u, _)| *m == method && *u == url);
        let answer = match reply {
            Some((_, _, reply)) => reply.clone().into_answer(),
            None => Err(http::Error::Denied(format!("the test has no answer to {method} {url}"))),
        };
        outside.sent.push(SentRequest { method, url, headers, body: request.body.unwrap_or_default() });
        answer
    })
}

pub(crate) fn secret_names() -> Vec<String> {
    with(|state| state.outside.secrets.keys().cloned().collect())
}

pub(crate) fn secret_hmac_sha256(name: &str, data: &[u8]) -> Option<Vec<u8>> {
    with(|state| {
        let mut mac = Hmac::<Sha256>::new_from_slice(state.outside.secrets.get(name)?.as_bytes()).ok()?;
        mac.update(data);
        Some(mac.finalize().into_bytes().to_vec())
    })
}
