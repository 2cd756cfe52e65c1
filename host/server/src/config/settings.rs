//! From checked values to what each layer takes.

use std::net::IpAddr;
use std::str::FromStr;

use hookgate_core::adapters::LockoutRule;
use hookgate_core::passwords::{Argon2Settings, PasswordPolicy};
use hookgate_core::settings::{
    EventSettings, GateMoment, JwtSettings, SecuritySettings, SessionStrategy, Settings,
};
use hookgate_hooks::Limits;
use hookgate_http::{CookieSettings, CsrfSettings, HttpOptions, IpNet, SameSite, TokenDelivery};

use super::millis;
use super::values::{ConfigError, Values};

pub(super) fn settings(values: &Values) -> Result<Settings, ConfigError> {
    let password = password_policy(values)?;
    let (providers, magic_link_ttl) = super::providers::providers(values)?;
    Ok(Settings {
        providers,
        magic_link_ttl,
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
        links: links(values)?,
    })
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
        cors_origins: parsed_list(values, "cors_origins", "an origin")?,
        body_limit_bytes: values.number("server.body_limit_bytes")?,
        body_timeout: millis(values, "server.body_timeout_ms")?,
        request_timeout: millis(values, "server.request_timeout_ms")?,
        trusted_proxies: networks(values, "server.trusted_proxies")?,
    };
    options.check().map_err(|error| ConfigError::Invalid(error.to_string()))?;
    Ok(options)
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

fn parsed_list<T: FromStr>(values: &Values, name: &str, what: &str) -> Result<Vec<T>, ConfigError> {
    let parse = |text: String| {
        text.parse().map_err(|_| ConfigError::Invalid(format!("`{name}`: `{text}` is not {what}")))
    };
    values.list(name).into_iter().map(parse).collect()
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

fn is_set(values: &Values, name: &str) -> bool {
    values.bool(name).unwrap_or_default()
}
