//! `http`: requests to the hosts that the operator allowed.

use std::time::Duration;

use crate::bindings::host::hookgate::hooks::http::{Error, Host, Request, Response};
use crate::http::{HttpFailure, HttpLimits, answer, check};
use crate::instance::CallState;
use crate::limits::size;

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
        let plugin = self.plugin();
        let limits = plugin.limits;
        let checked =
            check(request, &plugin.http, &self.services().secrets, size(limits.http_request_bytes))?;
        let Some(client) = self.services().http.clone() else {
            return Err(Error::Denied("this server sends no requests for plugins".to_owned()));
        };
        if !self.count_request() {
            let limit = limits.http_requests;
            return Err(Error::Denied(format!(
                "the call has made all its {limit} requests (`http_requests`)"
            )));
        }
        let limits = HttpLimits {
            time: self.time_for_request(asked, limits.http_timeout_ms),
            response_bytes: size(limits.http_response_bytes),
        };
        match client.send(checked, limits).await {
            Ok(response) => Ok(answer(&response)),
            Err(failure) => Err(failure.into()),
        }
    }

    /// What the plugin asks for, what the operator allows, what the call has left: the least of it. A
    /// tenth of the last stays for the plugin, so that it can still say what to do without an answer.
    fn time_for_request(&self, asked: Option<u32>, allowed_ms: u64) -> Duration {
        let left = self.time_left() * 9 / 10;
        let asked = asked.map_or(Duration::MAX, |ms| Duration::from_millis(ms.into()));
        left.min(asked).min(Duration::from_millis(allowed_ms))
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
