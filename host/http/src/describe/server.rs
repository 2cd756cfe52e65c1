//! What is not about users: probes, and these descriptions themselves.

use super::{Description, Shape, route};
use crate::rate_limit::RateClass::Default;

const TAG: &str = "server";

pub(super) const ROUTES: &[Description] = &[
    route("GET", "/healthz", TAG, Default, "Whether the process runs")
        .unlimited()
        .answers(200, Shape::One("Status")),
    route("GET", "/readyz", TAG, Default, "Whether requests can be served")
        .unlimited()
        .answers(200, Shape::One("Status")),
    route("GET", "/openapi.json", TAG, Default, "This description").answers(200, Shape::Free),
    route("GET", "/docs", TAG, Default, "This description, to read").answers(200, Shape::Page),
];
