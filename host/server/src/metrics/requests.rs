//! Requests by route and status, and how long they took.

use hookgate_http::Served;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// From a token check to a password that waited.
const BUCKETS: [f64; 12] = [0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

/// What is counted of requests.
pub(super) struct RequestMetrics {
    answers: Family<Answer, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
}

impl RequestMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let answers = Family::<Answer, Counter>::default();
        registry.register("http_requests", "Requests by route and status", answers.clone());
        let durations: Family<Route, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register_with_unit(
            "http_request_duration",
            "How long requests took",
            Unit::Seconds,
            durations.clone(),
        );
        Self { answers, durations }
    }

    pub(super) fn count(&self, served: &Served<'_>) {
        let Served { method, route, status, duration } = *served;
        self.answers.get_or_create(&Answer { method, route: route.to_owned(), status }).inc();
        let route = Route { method, route: route.to_owned() };
        self.durations.get_or_create(&route).observe(duration.as_secs_f64());
    }
}
