//! From checked values to what each layer takes.

use std::time::Duration;

use hookgate_core::adapters::LockoutRule;
use hookgate_core::passwords::{Argon2Settings, PasswordPolicy};
use hookgate_core::settings::{
    EventSettings, GateMoment, JwtSettings, SecuritySettings, SessionStrategy, Settings,
};
use hookgate_hooks::Limits;
use hookgate_http::{CookieSettings, CsrfSettings, HttpOptions, SameSite, TokenDelivery};

use super::addresses;
use super::values::{ConfigError, Values};

pub(super) fn settings(values: &Values) -> Result<Settings, ConfigError> {
    let password = password_policy(values)?;
    Ok(Settings {
        session_strategy: match values.text("session_strategy").as_deref() {
            Some("database") => SessionStrategy::Database,
            _ => SessionStrategy::Jwt,
        },
        jwt: JwtSettings {
            access_token_ttl: values.number("jwt.access_token_ttl")?,
            refresh_token_ttl: values.number("jwt.refresh_token_ttl")?,
            remember_me_ttl: values.number("jwt.remember_me_ttl")?,
            issuer: values.text("jwt.issuer"),
            audience: values.list("jwt.audience"),
        },
        password,
        security: SecuritySettings {
            lockout: LockoutRule {
                max_attempts: values.number("security.max_login_attempts")?,
                lockout_seconds: values.number("security.lockout_duration")?,
                ..SecuritySettings::default().lockout
            },
            login_attempts_by_ip: is_set(values, "security.login_attempts_by_ip"),
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
    })
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
    let same_site = match text("cookie_samesite").as_str() {
        "strict" => SameSite::Strict,
        "none" => SameSite::None,
        _ => SameSite::Lax,
    };
    let is_secure = values.bool("cookie_secure").unwrap_or(!is_debug);
    if same_site == SameSite::None && !is_secure {
        return Err(ConfigError::Invalid(
            "`cookie_samesite = \"none\"` needs `cookie_secure`: browsers drop such cookies otherwise".to_owned(),
        ));
    }
    Ok(HttpOptions {
        route_prefix: route_prefix(&text("route_prefix"))?,
        token_delivery: match text("token_delivery").as_str() {
            "cookie" => TokenDelivery::Cookie,
            _ => TokenDelivery::Json,
        },
        cookies: CookieSettings {
            name_access: cookie_name(values, "cookie_name_access")?,
            name_refresh: cookie_name(values, "cookie_name_refresh")?,
            secure: is_secure,
            httponly: is_set(values, "cookie_httponly"),
            same_site,
            domain: values.text("cookie_domain"),
        },
        csrf: CsrfSettings {
            enabled: is_set(values, "csrf_enabled"),
            cookie_name: cookie_name(values, "csrf_cookie_name")?,
            header_name: header_name(values, "csrf_header_name")?,
        },
        cors_origins: values.list("cors_origins"),
        body_limit_bytes: values.number("server.body_limit_bytes")?,
        request_timeout: Duration::from_millis(values.number("server.request_timeout_ms")?),
        trusted_proxies: addresses(values, "server.trusted_proxies")?,
    })
}

pub(super) fn limits(values: &Values) -> Result<Limits, ConfigError> {
    Ok(Limits {
        time_ms: values.number("hooks.time_ms")?,
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
        concurrent_calls: values.number("hooks.concurrent_calls")?,
        queue_wait_ms: values.number("hooks.queue_wait_ms")?,
    })
}

fn is_set(values: &Values, name: &str) -> bool {
    values.bool(name).unwrap_or_default()
}

fn route_prefix(prefix: &str) -> Result<String, ConfigError> {
    let trimmed = prefix.trim_end_matches('/');
    let is_path = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    if (trimmed.is_empty() || trimmed.starts_with('/')) && trimmed.chars().all(is_path) && !trimmed.contains("//") {
        return Ok(trimmed.to_owned());
    }
    Err(ConfigError::Invalid(format!("`route_prefix`: `{prefix}` must be a path such as /auth")))
}

/// RFC 6265 section 4.1.1: a token.
fn cookie_name(values: &Values, key: &str) -> Result<String, ConfigError> {
    token(values, key, "a cookie name")
}

fn header_name(values: &Values, key: &str) -> Result<String, ConfigError> {
    token(values, key, "a header name")
}

fn token(values: &Values, key: &str, what: &str) -> Result<String, ConfigError> {
    let name = values.text(key).unwrap_or_default();
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(is_token) {
        return Err(ConfigError::Invalid(format!("`{key}`: `{name}` is not {what}")));
    }
    Ok(name)
}
