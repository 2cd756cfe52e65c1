//! From checked values to what each layer takes.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use hookgate_core::adapters::LockoutRule;
use hookgate_core::hooks::OnViolation;
use hookgate_core::passwords::{Argon2Settings, PasswordPolicy};
use hookgate_core::settings::{
    EventSettings, GateMoment, JwtSettings, SOONEST_RETRY, SecuritySettings, SessionStrategy, Settings,
};
use hookgate_hooks::{AutoRollBack, BreakerConfig, EngineConfig, Limits};
use hookgate_http::{
    CookieSettings, CsrfSettings, HttpOptions, IpNet, MetricsAccess, RateClass, RateLimits, SameSite,
    TokenDelivery,
};

use super::error::ConfigError;
use super::millis;
use super::values::Values;

pub(super) fn settings(values: &Values) -> Result<Settings, ConfigError> {
    let password = password_policy(values)?;
    let (providers, magic_link_ttl) = super::providers::providers(values)?;
    Ok(Settings {
        providers,
        magic_link_ttl,
        passkeys: super::passkey::passkey(values)?,
        oauth: super::oauth::settings(values)?,
        session_strategy: match values.text("session_strategy").as_deref() {
            Some("database") => SessionStrategy::Database,
            _ => SessionStrategy::Jwt,
        },
        jwt: jwt(values)?,
        password,
        security: SecuritySettings {
            lockout: LockoutRule {
                max_attempts: values.number("security.max_login_attempts")?,
                lockout_seconds: values.number("security.lockout_duration")?,
                ..SecuritySettings::default().lockout
            },
            login_attempts_by_ip: is_set(values, "security.login_attempts_by_ip"),
            register_reveals_existing: is_set(values, "security.register_reveals_existing"),
        },
        default_role: values.text("default_role"),
        allow_signin_on: GateMoment::NAMES
            .into_iter()
            .filter(|(name, _)| values.list("hooks.allow_signin_on").iter().any(|word| word == name))
            .map(|(_, moment)| moment)
            .collect(),
        events: EventSettings {
            max_attempts: values.number("hooks.max_event_attempts")?,
            ..EventSettings::default()
        },
        links: links(values)?,
    })
}

fn jwt(values: &Values) -> Result<JwtSettings, ConfigError> {
    let algorithm = super::signing::algorithm(values);
    let (key_rotation_interval, key_publish_ahead) = super::signing::rotation(values)?;
    Ok(JwtSettings {
        algorithm,
        jwks_enabled: values.bool("jwt.jwks_enabled").unwrap_or(!algorithm.is_symmetric()),
        key_rotation_interval,
        key_publish_ahead,
        access_token_ttl: values.number("jwt.access_token_ttl")?,
        refresh_token_ttl: values.number("jwt.refresh_token_ttl")?,
        remember_me_ttl: values.number("jwt.remember_me_ttl")?,
        refresh_grace: refresh_grace(values)?,
        check_session: is_set(values, "jwt.check_session"),
        issuer: issuer(values)?,
        audience: values.list("jwt.audience"),
    })
}

fn issuer(values: &Values) -> Result<Option<String>, ConfigError> {
    match values.text("jwt.issuer") {
        Some(issuer) if issuer.trim().is_empty() => Err(ConfigError::Invalid(
            "`jwt.issuer` is empty; leave it out for tokens without an issuer".to_owned(),
        )),
        issuer => Ok(issuer),
    }
}

fn refresh_grace(values: &Values) -> Result<i64, ConfigError> {
    match values.number("jwt.refresh_grace")? {
        grace @ 1..=SOONEST_RETRY => Err(ConfigError::Invalid(format!(
            "`jwt.refresh_grace` ({grace}) must be 0, or more than {SOONEST_RETRY}: nobody gives up waiting sooner"
        ))),
        grace => Ok(grace),
    }
}

/// What mailed links begin with.
fn links(values: &Values) -> Result<String, ConfigError> {
    let prefix = values.text("route_prefix").unwrap_or_default();
    Ok(format!("{}{}", super::base_url(values)?, prefix.trim_end_matches('/')))
}

fn password_policy(values: &Values) -> Result<PasswordPolicy, ConfigError> {
    let policy = PasswordPolicy {
        min_length: values.number("password.min_length")?,
        max_length: values.number("password.max_length")?,
        require_uppercase: is_set(values, "password.require_uppercase"),
        require_lowercase: is_set(values, "password.require_lowercase"),
        require_digit: is_set(values, "password.require_digit"),
        require_special: is_set(values, "password.require_special"),
    };
    if policy.min_length > policy.max_length {
        return Err(ConfigError::Invalid(format!(
            "`password.min_length` ({}) is more than `password.max_length` ({}), so no password would do",
            policy.min_length, policy.max_length
        )));
    }
    Ok(policy)
}

pub(super) fn argon2(values: &Values) -> Result<Argon2Settings, ConfigError> {
    let settings = Argon2Settings {
        memory_kib: values.number("argon2.memory_kib")?,
        iterations: values.number("argon2.iterations")?,
        parallelism: values.number("argon2.parallelism")?,
    };
    if settings.memory_kib < 8 * settings.parallelism {
        return Err(ConfigError::Invalid(format!(
            "`argon2.memory_kib` ({}) must be at least 8 times `argon2.parallelism` ({})",
            settings.memory_kib, settings.parallelism
        )));
    }
    Ok(settings)
}

pub(super) fn http(values: &Values) -> Result<HttpOptions, ConfigError> {
    let text = |name: &str| values.text(name).unwrap_or_default();
    let is_debug = is_set(values, "debug");
    let options = HttpOptions {
        route_prefix: text("route_prefix").trim_end_matches('/').to_owned(),
        token_delivery: match text("token_delivery").as_str() {
            "cookie" => TokenDelivery::Cookie,
            _ => TokenDelivery::Json,
        },
        cookies: CookieSettings {
            name_access: text("cookie_name_access"),
            name_refresh: text("cookie_name_refresh"),
            secure: values.bool("cookie_secure").unwrap_or(!is_debug),
            httponly: is_set(values, "cookie_httponly"),
            samesite: match text("cookie_samesite").as_str() {
                "strict" => SameSite::Strict,
                "none" => SameSite::None,
                _ => SameSite::Lax,
            },
            domain: values.text("cookie_domain"),
        },
        csrf: CsrfSettings {
            enabled: is_set(values, "csrf_enabled"),
            cookie_name: text("csrf_cookie_name"),
            header_name: parsed(values, "csrf_header_name", "a header name")?,
        },
        oauth_redirect_url: super::oauth::redirect_url(values)?,
        cors_origins: super::origins::cors_origins(values)?,
        body_limit_bytes: values.number("server.body_limit_bytes")?,
        body_timeout: millis(values, "server.body_timeout_ms")?,
        request_timeout: millis(values, "server.request_timeout_ms")?,
        trusted_proxies: networks(values, "server.trusted_proxies")?,
        traceparent_from: super::telemetry::trust(values),
        rate_limits: is_set(values, "rate_limit.enabled").then(|| rate_limits(values)),
        openapi: is_set(values, "openapi"),
        metrics: match text("server.metrics").as_str() {
            "public" => MetricsAccess::Public,
            "off" => MetricsAccess::Off,
            _ => MetricsAccess::Local,
        },
    };
    options.check().map_err(|error| ConfigError::Invalid(error.to_string()))?;
    Ok(options)
}

fn rate_limits(values: &Values) -> RateLimits {
    let rate = |(name, class)| Some((class, values.rate(&format!("rate_limit.{name}"))?));
    RateClass::NAMES.into_iter().filter_map(rate).collect()
}

/// Networks; an address is a network of one.
fn networks(values: &Values, name: &str) -> Result<Vec<IpNet>, ConfigError> {
    let parse = |text: String| {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        address.or_else(|_| text.parse()).map_err(|_| {
            ConfigError::Invalid(format!("`{name}`: `{text}` is neither an IP address nor a network"))
        })
    };
    values.list(name).into_iter().map(parse).collect()
}

fn parsed<T: FromStr>(values: &Values, name: &str, what: &str) -> Result<T, ConfigError> {
    let text = values.text(name).unwrap_or_default();
    text.parse().map_err(|_| ConfigError::Invalid(format!("`{name}`: `{text}` is not {what}")))
}

fn limits(values: &Values) -> Result<Limits, ConfigError> {
    Ok(Limits {
        time_ms: values.number("hooks.time_ms")?,
        cpu_ms: values.number("hooks.cpu_ms")?,
        memory_bytes: values.number("hooks.memory_bytes")?,
        table_elements: values.number("hooks.table_elements")?,
        instances: values.number("hooks.instances")?,
        memories: values.number("hooks.memories")?,
        tables: values.number("hooks.tables")?,
        hostcall_bytes: values.number("hooks.hostcall_bytes")?,
        max_handles: values.number("hooks.max_handles")?,
        max_claims_bytes: values.number("hooks.max_claims_bytes")?,
        max_session_bytes: values.number("hooks.max_session_bytes")?,
        max_error_bytes: values.number("hooks.max_error_bytes")?,
        max_log_bytes: values.number("hooks.max_log_bytes")?,
        max_log_line_bytes: values.number("hooks.max_log_line_bytes")?,
        kv_entries: values.number("hooks.kv_entries")?,
        kv_bytes: values.number("hooks.kv_bytes")?,
        kv_value_bytes: values.number("hooks.kv_value_bytes")?,
        http_requests: values.number("hooks.http_requests")?,
        http_request_bytes: values.number("hooks.http_request_bytes")?,
        http_response_bytes: values.number("hooks.http_response_bytes")?,
        http_timeout_ms: values.number("hooks.http_timeout_ms")?,
        concurrent_calls: values.number("hooks.concurrent_calls")?,
        queue_wait_ms: values.number("hooks.queue_wait_ms")?,
    })
}

/// None where it is switched off.
pub(super) fn auto_roll_back(values: &Values) -> Result<Option<AutoRollBack>, ConfigError> {
    if !is_set(values, "hooks.auto_rollback") {
        return Ok(None);
    }
    Ok(Some(AutoRollBack {
        failures: values.number("hooks.auto_rollback_failures")?,
        percent: values.number("hooks.auto_rollback_percent")?,
        window: Duration::from_secs(values.number("hooks.auto_rollback_seconds")?),
    }))
}

/// Of the plugin host what is the same for all plugins.
pub(super) fn engine(values: &Values) -> Result<EngineConfig, ConfigError> {
    let breaker = BreakerConfig {
        failures: values.number("hooks.breaker_failures")?,
        failure_percent: values.number("hooks.breaker_failure_percent")?,
        window: values.number("hooks.breaker_window")?,
        pause_ms: values.number("hooks.breaker_pause_ms")?,
        longest_pause_ms: values.number("hooks.breaker_longest_pause_ms")?,
    };
    if breaker.pause_ms > breaker.longest_pause_ms {
        return Err(ConfigError::Invalid(format!(
            "`hooks.breaker_pause_ms` ({}) is more than `hooks.breaker_longest_pause_ms` ({})",
            breaker.pause_ms, breaker.longest_pause_ms
        )));
    }
    Ok(EngineConfig {
        limits: limits(values)?,
        stack_bytes: values.number("hooks.stack_bytes")?,
        resident_bytes: values.number("hooks.resident_bytes")?,
        request_budget_ms: values.number("hooks.request_budget_ms")?,
        breaker,
        compile_ms: values.number("hooks.compile_ms")?,
        compile_memory_bytes: values.number("hooks.compile_memory_bytes")?,
        on_violation: match values.text("hooks.on_violation").as_deref() {
            Some("restore") => OnViolation::Restore,
            _ => OnViolation::Fail,
        },
        ..EngineConfig::default()
    })
}

fn is_set(values: &Values, name: &str) -> bool {
    values.bool(name).unwrap_or_default()
}
