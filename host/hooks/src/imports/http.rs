//! `http`: requests to the hosts that the operator allowed.

use std::time::Duration;

use crate::contract::bindings::host::hookgate::hooks::http::{Error, Host, Request, Response};
use crate::http::{HttpFailure, HttpLimits, answer, check};
use crate::plugin::limits::size;
use crate::state::CallState;

impl Host for CallState {
    async fn send(&mut self, request: Request) -> Result<Response, Error> {
        self.host_calls().enter();
        let response = self.exchange(request).await;
        self.host_calls().leave();
        response
    }
}

impl CallState {
    async fn exchange(&mut self, request: Request) -> Result<Response, Error> {
        let asked = request.timeout_ms;
        if self.is_trial() {
            return Err(Error::Denied("nothing is sent while the plugin is loaded".to_owned()));
        }
        let limits = self.plugin().limits;
        let (grant, secrets) = (&self.plugin().http, &self.services().secrets);
        let checked = match check(request, grant, secrets, size(limits.http_request_bytes)) {
            Err(Error::TooLarge) => {
                let limit = limits.http_request_bytes;
                self.breached(&format!("its body has more than {limit} bytes (`http_request_bytes`)"));
                return Err(Error::TooLarge);
            }
            checked => checked?,
        };
        let Some(client) = self.services().http.clone() else {
            return Err(Error::Denied("this server sends no requests for plugins".to_owned()));
        };
        if self.requests().count_one() > limits.http_requests {
            let reason =
                format!("the call has made all its {} requests (`http_requests`)", limits.http_requests);
            self.breached(&reason);
            return Err(Error::Denied(reason));
        }
        let (time, limit) = self.time_for_request(asked, limits.http_timeout_ms);
        let response_bytes = size(limits.http_response_bytes);
        let failure = match client.send(checked, HttpLimits { time, response_bytes }).await {
            Ok(response) => return Ok(answer(&response)),
            Err(failure) => failure,
        };
        match (&failure, limit) {
            (HttpFailure::TooLarge, _) => {
                let limit = limits.http_response_bytes;
                self.breached(&format!("the answer has more than {limit} bytes (`http_response_bytes`)"));
            }
            (HttpFailure::Timeout, Some(limit)) => {
                self.breached(&format!("no answer within {} ms ({limit})", time.as_millis()));
            }
            _ => {}
        }
        Err(failure.into())
    }

    /// What the plugin asks for, what the operator allows, what the call has left: the least of it. A
    /// tenth of the last stays for the plugin, so that it can still say what to do without an answer. With
    /// the limit that it is, unless the plugin asks for less.
    fn time_for_request(&self, asked: Option<u32>, allowed_ms: u64) -> (Duration, Option<&'static str>) {
        let left = self.time_left() * 9 / 10;
        let allowed = Duration::from_millis(allowed_ms);
        match asked.map(|ms| Duration::from_millis(ms.into())) {
            Some(asked) if asked < left.min(allowed) => (asked, None),
            _ if allowed < left => (allowed, Some("`http_timeout_ms`")),
            _ => (left, Some("what the call's `time_ms` had left")),
        }
    }

    /// Tells the operator, since of most limits the guest is told only that there is one.
    fn breached(&mut self, reason: &str) {
        if !self.requests().is_first_breach() {
            return;
        }
        tracing::warn!(
            plugin = &*self.plugin().name,
            digest = &*self.plugin().digest_short,
            request.id = &*self.context().request.id,
            "a request of a plugin came to its limit: {reason}"
        );
    }
}

impl From<HttpFailure> for Error {
    fn from(failure: HttpFailure) -> Self {
        match failure {
            HttpFailure::Denied(reason) => Self::Denied(reason),
            HttpFailure::Timeout => Self::Timeout,
            HttpFailure::TooLarge => Self::TooLarge,
            HttpFailure::Connection(reason) => Self::Connection(reason),
        }
    }
}
