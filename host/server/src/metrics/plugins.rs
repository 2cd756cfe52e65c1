//! Hook calls by plugin, hook and outcome; how long they took and where.
//!
//! Plugins' names come from files. So the number of them that get series of their own is bounded, those
//! beyond share one, and the series of plugins that are gone go with them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use hookgate_core::hooks::{Hook, Stage};
use hookgate_hooks::{BreakerState, Called, Generation, Outcome};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Plugins with series of their own.
const MAX_PLUGINS: usize = 100;
/// The name of all others. Brackets can't be in a plugin's name.
const OTHERS: &str = "(other)";
/// From a small Rust plugin to one that waits for a remote server.
const BUCKETS: [f64; 14] = [
    0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5,
    5.0,
];

/// The parts of a call.
const PHASES: [&str; 4] = ["wait", "instantiate", "guest", "host"];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    plugin: String,
    hook: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PhaseLabels {
    plugin: String,
    hook: &'static str,
    phase: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HookLabels {
    plugin: String,
    hook: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PluginLabels {
    plugin: String,
}

/// What is counted of hook calls.
pub(super) struct PluginMetrics {
    calls: Family<CallLabels, Counter>,
    durations: Family<PhaseLabels, Histogram, fn() -> Histogram>,
    peaks: Family<PluginLabels, Gauge>,
    breakers: Family<HookLabels, Gauge>,
    reused: Family<PluginLabels, Counter>,
    idle: Family<PluginLabels, Gauge>,
    known: RwLock<HashMap<String, Arc<Series>>>,
}

/// The series of one plugin, so that a call looks nothing up but the plugin's name.
struct Series {
    plugin: String,
    peak: Gauge,
    hooks: [OnceLock<HookSeries>; Hook::ALL.len()],
}

struct HookSeries {
    ok: Counter,
    denied: Counter,
    phases: [Histogram; PHASES.len()],
}

impl PluginMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            calls: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            peaks: Family::default(),
            breakers: Family::default(),
            reused: Family::default(),
            idle: Family::default(),
            known: RwLock::default(),
        };
        registry.register(
            "hook_calls",
            "Hook calls by plugin, hook and outcome: ok, denied, or how it failed",
            metrics.calls.clone(),
        );
        registry.register_with_unit(
            "hook_duration",
            "How long hook calls took: waiting for a turn, making the instance, in the plugin, and the part of it in host functions",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register_with_unit(
            "hook_memory_peak",
            "The most memory that one call of a plugin had",
            Unit::Bytes,
            metrics.peaks.clone(),
        );
        registry.register(
            "hook_breaker_state",
            "The circuit breaker of a plugin's hook: 0 closed, 1 half-open, 2 open",
            metrics.breakers.clone(),
        );
        registry.register(
            "hook_reused_calls",
            "Hook calls that an instance served that had served before, for plugins that keep theirs",
            metrics.reused.clone(),
        );
        registry.register(
            "hook_idle_instances",
            "Instances that wait for their next call, of plugins that keep theirs",
            metrics.idle.clone(),
        );
        metrics
    }

    pub(super) fn count(&self, call: &Called<'_>) {
        let series = self.series(call.plugin);
        let hook =
            series.hooks[call.hook as usize].get_or_init(|| self.hook_series(&series.plugin, call.hook));
        match call.outcome {
            Outcome::Ok => drop(hook.ok.inc()),
            Outcome::Denied => drop(hook.denied.inc()),
            Outcome::Failed(outcome) => {
                let labels = CallLabels { plugin: series.plugin.clone(), hook: call.hook.name(), outcome };
                self.calls.get_or_create(&labels).inc();
            }
        }
        let report = &call.report;
        if report.reused {
            self.reused.get_or_create(&PluginLabels { plugin: series.plugin.clone() }).inc();
        }
        if report.total == Duration::ZERO {
            // The plugin was not asked.
            return;
        }
        let phases = [report.wait, report.instantiate, report.guest, report.host];
        for (histogram, took) in hook.phases.iter().zip(phases) {
            histogram.observe(took.as_secs_f64());
        }
        series.peak.inner().fetch_max(super::whole(report.peak_memory), std::sync::atomic::Ordering::Relaxed);
    }

    fn series(&self, plugin: &str) -> Arc<Series> {
        if let Some(series) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(plugin) {
            return Arc::clone(series);
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let own = known.keys().filter(|name| *name != OTHERS).count();
        let name = if own < MAX_PLUGINS || known.contains_key(plugin) { plugin } else { OTHERS };
        let series = known.entry(name.to_owned()).or_insert_with(|| {
            let labels = PluginLabels { plugin: name.to_owned() };
            let peak = self.peaks.get_or_create(&labels).clone();
            Arc::new(Series { plugin: name.to_owned(), peak, hooks: Default::default() })
        });
        Arc::clone(series)
    }

    fn hook_series(&self, plugin: &str, hook: Hook) -> HookSeries {
        let counter = |outcome| {
            let labels = CallLabels { plugin: plugin.to_owned(), hook: hook.name(), outcome };
            self.calls.get_or_create(&labels).clone()
        };
        let phases = PHASES.map(|phase| {
            let labels = PhaseLabels { plugin: plugin.to_owned(), hook: hook.name(), phase };
            self.durations.get_or_create(&labels).clone()
        });
        HookSeries { ok: counter(Outcome::Ok.word()), denied: counter(Outcome::Denied.word()), phases }
    }

    /// Reads the breakers, and lets go of the series of plugins that are gone.
    pub(super) fn read(&self, generation: &Generation) {
        let serving: HashSet<&str> = generation.plugins().iter().map(|plugin| plugin.name()).collect();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let is_there = |name: &str| name == OTHERS || serving.contains(name);
        for (gone, _) in known.extract_if(|name, _| !is_there(name)) {
            self.forget(&gone);
        }
        drop(known);
        self.idle.clear();
        for plugin in generation.plugins().iter().filter(|plugin| plugin.manifest().reuse.is_some()) {
            let labels = PluginLabels { plugin: self.series(plugin.name()).plugin.clone() };
            drop(self.reused.get_or_create(&labels));
            self.idle.get_or_create(&labels).inc_by(super::whole(plugin.idle_instances() as u64));
        }
        self.breakers.clear();
        for plugin in generation.plugins().iter().take(MAX_PLUGINS) {
            for hook in plugin.hooks() {
                let labels = HookLabels { plugin: plugin.name().to_owned(), hook: hook.name() };
                let state = match plugin.breaker_state(*hook) {
                    BreakerState::Closed => 0,
                    BreakerState::HalfOpen => 1,
                    BreakerState::Open => 2,
                };
                self.breakers.get_or_create(&labels).set(state);
            }
        }
    }

    /// How many calls of a plugin an instance served that had served before.
    pub(super) fn reused(&self, plugin: &str) -> u64 {
        self.reused.get(&PluginLabels { plugin: plugin.to_owned() }).map_or(0, |counter| counter.get())
    }

    fn forget(&self, plugin: &str) {
        self.peaks.remove(&PluginLabels { plugin: plugin.to_owned() });
        self.reused.remove(&PluginLabels { plugin: plugin.to_owned() });
        for hook in Hook::ALL.iter().map(|hook| hook.name()) {
            for outcome in [Outcome::Ok.word(), Outcome::Denied.word()].into_iter().chain(Stage::WORDS) {
                self.calls.remove(&CallLabels { plugin: plugin.to_owned(), hook, outcome });
            }
            for phase in PHASES {
                self.durations.remove(&PhaseLabels { plugin: plugin.to_owned(), hook, phase });
            }
        }
    }
}
