//! What `/metrics` says: counters that are kept on the way, and gauges that are read when somebody asks.
//!
//! Nothing that a client or a plugin chooses becomes a label, except plugins' names, and those are
//! bounded in number ([`plugins`]).

mod plugins;
mod requests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hookgate_core::services::Services;
use hookgate_hooks::{Called, Observer, Registry as Plugins};
use hookgate_http::{Monitor, Page, Served};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use tokio::sync::Mutex;
use tracing::Span;

use plugins::PluginMetrics;
use requests::RequestMetrics;

use crate::telemetry::{self, SpanCounts};

/// Everything that is counted.
pub(crate) struct Metrics {
    registry: Registry,
    requests: RequestMetrics,
    plugins: PluginMetrics,
    gauges: Gauges,
    services: Arc<Services>,
    serving: Option<Arc<Plugins>>,
    /// Gauges are set and read by one page at a time.
    page: Mutex<()>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SignIn {
    provider: String,
    outcome: &'static str,
}

/// What is read when somebody asks.
#[derive(Default)]
struct Gauges {
    sign_ins: Family<SignIn, Counter>,
    waiting_passwords: Gauge,
    generation: Gauge,
    plugins: Gauge,
    outbox_pending: Gauge,
    outbox_dead: Gauge,
    outbox_age: Gauge<f64, AtomicU64>,
}

impl Metrics {
    /// `serving` is none for a server without plugins, `spans` for one that exports no traces.
    pub(crate) fn new(
        services: Arc<Services>,
        serving: Option<Arc<Plugins>>,
        spans: Option<&SpanCounts>,
    ) -> Arc<Self> {
        let mut registry = Registry::with_prefix("hookgate");
        let requests = RequestMetrics::register(&mut registry);
        let plugins = PluginMetrics::register(&mut registry);
        let gauges = Gauges::register(&mut registry);
        if let Some(spans) = spans {
            spans.register(&mut registry);
        }
        Arc::new(Self { registry, requests, plugins, gauges, services, serving, page: Mutex::new(()) })
    }

    /// The page, for any listener that may show it.
    pub(crate) async fn text(&self) -> String {
        let _turn = self.page.lock().await;
        self.read_gauges().await;
        let mut text = String::with_capacity(16 * 1024);
        if encode(&mut text, &self.registry).is_err() {
            tracing::error!("the metrics could not be written");
        }
        text
    }

    /// How many calls of a plugin an instance served that had served before.
    pub(crate) fn reused_calls(&self, plugin: &str) -> u64 {
        self.plugins.reused(plugin)
    }

    async fn read_gauges(&self) {
        let gauges = &self.gauges;
        for found in self.services.sign_in_counts() {
            let labels = SignIn { provider: found.provider, outcome: found.outcome };
            gauges.sign_ins.get_or_create(&labels).inner().store(found.count, Ordering::Relaxed);
        }
        gauges.waiting_passwords.set(whole(self.services.waiting_passwords() as u64));
        if let Some(serving) = &self.serving {
            let generation = serving.current();
            gauges.generation.set(whole(generation.number()));
            gauges.plugins.set(whole(generation.plugins().len() as u64));
            self.plugins.read(&generation);
        }
        match self.services.outbox_stats().await {
            Ok(stats) => {
                gauges.outbox_pending.set(whole(stats.pending));
                gauges.outbox_dead.set(whole(stats.dead));
                let now = self.services.clock().now_ms();
                let age = stats.oldest_pending_ms.map_or(0, |since| (now - since).max(0));
                #[expect(clippy::cast_precision_loss, reason = "an age in milliseconds is far below 2^52")]
                gauges.outbox_age.set(age as f64 / 1000.0);
            }
            Err(error) => tracing::warn!("metrics without the outbox: {error}"),
        }
    }
}

impl Gauges {
    fn register(registry: &mut Registry) -> Self {
        let gauges = Self::default();
        let Self {
            sign_ins,
            waiting_passwords,
            generation,
            plugins,
            outbox_pending,
            outbox_dead,
            outbox_age,
        } = &gauges;
        registry.register("sign_ins", "Sign-ins by way in and outcome", sign_ins.clone());
        registry.register("passwords_waiting", "Passwords that wait to be hashed", waiting_passwords.clone());
        registry.register("plugin_generation", "The generation of plugins that serves", generation.clone());
        registry.register("plugins", "The plugins that serve", plugins.clone());
        registry.register(
            "outbox_pending",
            "Events and letters still to be delivered",
            outbox_pending.clone(),
        );
        registry.register("outbox_dead", "Events and letters that were given up", outbox_dead.clone());
        registry.register_with_unit(
            "outbox_oldest_pending",
            "How long the oldest pending event or letter has waited",
            Unit::Seconds,
            outbox_age.clone(),
        );
        gauges
    }
}

impl Monitor for Metrics {
    fn served(&self, served: &Served<'_>) {
        self.requests.count(served);
    }

    fn continues(&self, span: &Span, traceparent: &str) {
        telemetry::continue_trace(span, traceparent);
    }

    fn page(&self) -> Page<'_> {
        Box::pin(self.text())
    }
}

impl Observer for Metrics {
    fn called(&self, call: &Called<'_>) {
        self.plugins.count(call);
    }
}

/// A gauge's value.
fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
