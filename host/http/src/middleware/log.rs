//! One line per request. No query, no body, no header: only what names no person and opens no door.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{Method, StatusCode};

use super::Arrival;
use crate::monitor::Served;

/// What to filter by, to have these lines alone or not at all.
const TARGET: &str = "hookgate_http::access";

/// What is known of the line before the answer.
pub(super) struct Line<'a> {
    method: Method,
    /// As in the route table. A path that is not there may hold anything and is not shown.
    route: &'a str,
}

impl<'a> Line<'a> {
    pub(super) fn of(route: Option<&'a str>, request: &Request) -> Self {
        Self { method: request.method().clone(), route: route.unwrap_or("-") }
    }

    /// The method, `other` for whatever word a client likes.
    pub(super) fn method(&self) -> &'static str {
        match self.method.as_str() {
            "GET" => "GET",
            "HEAD" => "HEAD",
            "POST" => "POST",
            "PUT" => "PUT",
            "PATCH" => "PATCH",
            "DELETE" => "DELETE",
            "OPTIONS" => "OPTIONS",
            _ => "other",
        }
    }

    pub(super) fn served(&self, status: StatusCode, duration: Duration) -> Served<'_> {
        Served { method: self.method(), route: self.route, status: status.as_u16(), duration }
    }

    pub(super) fn write(&self, status: StatusCode, duration: Duration, arrival: &Arrival) {
        let duration = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(
            target: TARGET,
            {
                request.id = arrival.id.as_str(),
                http.method = self.method.as_str(),
                http.route = self.route,
                http.status = status.as_u16(),
                duration_us = duration,
            },
            "served"
        );
        if let Some(client) = arrival.client {
            tracing::debug!(
                target: TARGET,
                { request.id = arrival.id.as_str(), client.ip = %client },
                "served to"
            );
        }
    }
}
