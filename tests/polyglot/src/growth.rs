//! Whether the last of many calls needs more memory than the first: of the plugin and of the host.
//!
//! Resident memory is a process's, so this is run in one of its own for each language.

use std::fmt;

use hookgate_hooks::HookInput;
use serde_json::Value;

use crate::fixture;
use crate::languages::Language;
use crate::subject::{ENGINE, Subject};

/// Calls before anything is compared: pools fill, collectors find their rhythm.
const WARM_UP: usize = 2_000;
/// What the host may hold in addition at the end. A leak of two hundred bytes per call is more.
const HOST_KIB: u64 = 16 << 10;

/// Whether each call has an instance of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instances {
    /// As by default.
    Fresh,
    /// As with `[reuse]`, and one instance as long as it stays within its memory.
    Reused,
}

/// What was seen.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// How many calls were made after the warm-up.
    pub calls: usize,
    /// How many of them were served by an instance that had served before.
    pub reused: usize,
    /// The largest linear memory in bytes, during the warm-up and after it.
    pub memory: (u64, u64),
    /// Resident memory of the process in KiB, after the warm-up and at the end.
    pub resident: (u64, u64),
}

impl Instances {
    /// The words that the tests use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Reused => "reused",
        }
    }

    fn manifest(self) -> String {
        match self {
            Self::Fresh => fixture::MANIFEST.to_owned(),
            Self::Reused => {
                format!("{}\n[reuse]\nmax_calls = 1_000_000\nmax_age_ms = 3_600_000\n", fixture::MANIFEST)
            }
        }
    }
}

/// How many calls are asked for: `POLYGLOT_CALLS`, or as many as take a minute or two at most.
#[must_use]
pub fn calls(language: Language) -> usize {
    let asked = std::env::var("POLYGLOT_CALLS").ok().and_then(|text| text.replace('_', "").parse().ok());
    asked.unwrap_or(if language.is_heavy { 10_000 } else { 100_000 })
}

/// Calls a plugin as often as that.
///
/// # Errors
/// It can't be loaded, or a call fails.
pub fn measure(language: Language, instances: Instances, calls: usize) -> Result<Growth, String> {
    let subject = Subject::load_with(&ENGINE, language.name, &language.component(), &instances.manifest())?;
    let (warm_up, _) = many(&subject, WARM_UP)?;
    let before = resident_kib();
    let (memory, reused) = many(&subject, calls)?;
    Ok(Growth { calls, reused, memory: (warm_up, memory), resident: (before, resident_kib()) })
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, reused, memory, resident } = self;
        write!(
            f,
            "{calls} calls, {reused} of a kept instance; memory of a call {} kB and then {} kB; process {} kB and then {} kB",
            memory.0 / 1024,
            memory.1 / 1024,
            resident.0,
            resident.1,
        )
    }
}

impl Growth {
    /// Whether that is a plugin that can be called for ever.
    ///
    /// # Errors
    /// What grew.
    pub fn check(&self, instances: Instances) -> Result<(), String> {
        let Self { calls, reused, memory, resident } = *self;
        let (is_served_so, allowed) = match instances {
            // Nothing is left of a call, so every call takes what the first took.
            Instances::Fresh => {
                if memory.1 > memory.0 {
                    return Err(format!("a call needs {} bytes, earlier ones needed {}", memory.1, memory.0));
                }
                (reused == 0, HOST_KIB)
            }
            // A collector may let its heap grow up to where the host replaces the instance. What the host keeps
            // for a kept instance may not.
            Instances::Reused => {
                (reused > calls / 2, HOST_KIB + memory.1.saturating_sub(memory.0).div_ceil(1024))
            }
        };
        if !is_served_so {
            return Err(format!("{reused} of {calls} calls were served by instances that had served before"));
        }
        let grown = resident.1.saturating_sub(resident.0);
        if grown > allowed {
            return Err(format!("the process grew by {grown} KiB in {calls} calls, from {} KiB", resident.0));
        }
        Ok(())
    }
}

/// The largest memory of so many calls, and how many of them met an instance that had served before.
fn many(subject: &Subject, calls: usize) -> Result<(u64, usize), String> {
    let user = fixture::user("ada@example.com");
    let claims = Value::Object(fixture::claims()).to_string();
    let context = fixture::context();
    let (mut memory, mut reused) = (0, 0);
    for call in 0..calls {
        let (answer, report) = subject.ask(&context, HookInput::ModifyJwt { claims: &claims, user: &user });
        answer.map_err(|stage| format!("call {call}: it {stage}"))?;
        memory = memory.max(report.peak_memory);
        reused += usize::from(report.reused);
    }
    Ok((memory, reused))
}

/// What the process holds; 0 where the system does not say.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
