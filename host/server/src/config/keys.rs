//! Every setting: its name, what it may be, its default, what it does.
//!
//! This table is the one definition. Files and environment variables are checked against it, mistyped
//! keys are compared with it, and `docs/config.md` is written from it.

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Text,
    Bool,
    /// A whole number within bounds.
    Int(i64, i64),
    /// One of these words.
    Choice(&'static [&'static str]),
    List,
    /// Each of these words at most once.
    ListOf(&'static [&'static str]),
    /// A table of texts with names of the operator's choice.
    Pairs,
    /// An array of tables, each with a `type`. A text is short for a table with nothing but that.
    Tables,
}

/// One setting.
pub(crate) struct Key {
    /// As in `hookgate.toml`, tables with a dot.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// As it would stand in the file; empty if there is none.
    pub(crate) default: &'static str,
    pub(crate) doc: &'static str,
}

impl Key {
    /// The environment variable that sets it.
    pub(crate) fn variable(&self) -> String {
        format!("HOOKGATE_{}", self.name.replace('.', "_").to_uppercase())
    }
}

const fn key(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Key {
    Key { name, kind, default, doc }
}

const SECONDS: Kind = Kind::Int(1, 3_153_600_000);

/// All of them, in the order of the docs.
pub(crate) const KEYS: &[Key] = &[
    key(
        "secret",
        Kind::Text,
        "",
        "Signs the tokens (HS256): at least 32 bytes. Without it one is made and kept in the data folder.",
    ),
    key("secret_file", Kind::Text, "", "A file that holds the secret, instead of `secret`."),
    key(
        "base_url",
        Kind::Text,
        "\"http://localhost:8000\"",
        "Where users reach the server; shown at start, and the base of mailed links.",
    ),
    key("route_prefix", Kind::Text, "\"/auth\"", "The path below which all routes of the API lie."),
    key(
        "session_strategy",
        Kind::Choice(&["jwt", "database"]),
        "\"jwt\"",
        "What a login is: `jwt`, an access and a refresh token; or `database`, an opaque session token that can be revoked at once.",
    ),
    key(
        "token_delivery",
        Kind::Choice(&["json", "cookie"]),
        "\"json\"",
        "How tokens reach the caller: in the body, or in cookies.",
    ),
    key("cookie_name_access", Kind::Text, "\"access_token\"", "The cookie of the access or session token."),
    key("cookie_name_refresh", Kind::Text, "\"refresh_token\"", "The cookie of the refresh token."),
    key(
        "cookie_secure",
        Kind::Bool,
        "",
        "Whether cookies go over HTTPS alone. Without it: yes, unless `debug`.",
    ),
    key("cookie_httponly", Kind::Bool, "true", "Whether scripts are kept from the token cookies."),
    key("cookie_samesite", Kind::Choice(&["lax", "strict", "none"]), "\"lax\"", "The cookies' `SameSite`."),
    key("cookie_domain", Kind::Text, "", "The cookies' `Domain`. Without it they belong to this host alone."),
    key(
        "csrf_enabled",
        Kind::Bool,
        "true",
        "Whether requests that change something and authenticate by cookie must repeat the CSRF cookie in a header.",
    ),
    key("csrf_cookie_name", Kind::Text, "\"csrf_token\"", "The CSRF cookie."),
    key("csrf_header_name", Kind::Text, "\"X-CSRF-Token\"", "The CSRF header."),
    key(
        "cors_origins",
        Kind::List,
        "[]",
        "Origins whose scripts may call the API, with credentials; `*` for any.",
    ),
    key(
        "default_role",
        Kind::Text,
        "",
        "The role that each new user gets. It is created at start if it does not exist.",
    ),
    key(
        "providers",
        Kind::Tables,
        "",
        "The ways in, each a `[[providers]]` with its `type`: `\"credentials\"` (passwords) or `\"magic_links\"` (mailed links; `max_age`, how long one is good, from 60 to 86400 seconds, by default 900). Without any: passwords alone. `providers = [\"credentials\", \"magic_links\"]` is short for two without further keys.",
    ),
    key(
        "email_template_dir",
        Kind::Text,
        "",
        "A folder whose mail templates replace the built-in ones of the same name: see [mail](mail.md).",
    ),
    key("debug", Kind::Bool, "false", "For development: cookies without `Secure`, a more talkative log."),
    key("jwt.algorithm", Kind::Choice(&["HS256"]), "\"HS256\"", "The signature of tokens."),
    key("jwt.access_token_ttl", SECONDS, "900", "How long an access token is good, in seconds."),
    key(
        "jwt.refresh_token_ttl",
        SECONDS,
        "2592000",
        "How long a refresh token, or a session, is good, in seconds.",
    ),
    key("jwt.remember_me_ttl", SECONDS, "7776000", "The same for a login with `remember`."),
    key("jwt.issuer", Kind::Text, "", "The claim `iss`; checked if set."),
    key("jwt.audience", Kind::List, "[]", "The claim `aud`; checked if set."),
    key("password.min_length", Kind::Int(1, 1024), "8", "The fewest characters of a new password."),
    key("password.max_length", Kind::Int(1, 4096), "128", "The most characters of a new password."),
    key("password.require_uppercase", Kind::Bool, "false", "Whether an upper-case letter is needed."),
    key("password.require_lowercase", Kind::Bool, "false", "Whether a lower-case letter is needed."),
    key("password.require_digit", Kind::Bool, "false", "Whether a digit is needed."),
    key("password.require_special", Kind::Bool, "false", "Whether one of `!@#$%^&*(),.?\":{}|<>` is needed."),
    key(
        "security.max_login_attempts",
        Kind::Int(1, 1_000_000),
        "5",
        "Wrong passwords in a row that lock an address.",
    ),
    key("security.lockout_duration", SECONDS, "300", "How long a lock lasts, in seconds."),
    key(
        "security.login_attempts_by_ip",
        Kind::Bool,
        "false",
        "Whether wrong passwords count against the peer's address as well.",
    ),
    key("argon2.memory_kib", Kind::Int(8, 4_194_304), "65536", "Memory of a password hash, in KiB."),
    key("argon2.iterations", Kind::Int(1, 1000), "3", "Passes of a password hash over its memory."),
    key("argon2.parallelism", Kind::Int(1, 255), "4", "Lanes of a password hash."),
    key(
        "argon2.threads",
        Kind::Int(1, 1024),
        "",
        "Passwords that are hashed at once. Without it: one per core.",
    ),
    key(
        "argon2.queue",
        Kind::Int(1, 100_000),
        "256",
        "Passwords that may wait; beyond that sign-ins get 503.",
    ),
    key(
        "email.transport",
        Kind::Choice(&["none", "console", "file", "webhook", "smtp"]),
        "\"none\"",
        "How mails leave: not at all, printed, as files, posted to a service, or to a mail server. See [mail](mail.md).",
    ),
    key("email.webhook_url", Kind::Text, "", "Where `webhook` posts mails."),
    key(
        "email.webhook_headers",
        Kind::Pairs,
        "",
        "Headers that it sends along, as a table: `[email.webhook_headers]`. In the variable: `Name: value`, with commas between several.",
    ),
    key("email.file_dir", Kind::Text, "", "The folder into which `file` writes mails."),
    key("email.smtp_host", Kind::Text, "", "The mail server; its certificate must bear this name."),
    key(
        "email.smtp_port",
        Kind::Int(1, 65_535),
        "",
        "Its port. Without it: 465, with `starttls` 587, without encryption 25.",
    ),
    key(
        "email.smtp_user",
        Kind::Text,
        "",
        "The user to sign in to the mail server with, if it asks for one.",
    ),
    key("email.smtp_password", Kind::Text, "", "That user's password."),
    key(
        "email.smtp_password_file",
        Kind::Text,
        "",
        "A file that holds the password, instead of `smtp_password`.",
    ),
    key(
        "email.smtp_tls",
        Kind::Choice(&["tls", "starttls", "none"]),
        "\"tls\"",
        "The encryption: from the first byte, after asking for it, or none.",
    ),
    key(
        "email.from_email",
        Kind::Text,
        "",
        "The sender of mails by `smtp`: `no-reply@example.com` or `Example <no-reply@example.com>`.",
    ),
    key("server.listen", Kind::Text, "\"127.0.0.1:8000\"", "The address and port to listen on."),
    key("server.body_limit_bytes", Kind::Int(1024, 1_073_741_824), "2097152", "The largest request body."),
    key("server.request_timeout_ms", Kind::Int(100, 3_600_000), "30000", "How long a request may take."),
    key(
        "server.body_timeout_ms",
        Kind::Int(100, 3_600_000),
        "10000",
        "How long a client may take to send its body.",
    ),
    key(
        "server.header_timeout_ms",
        Kind::Int(100, 3_600_000),
        "10000",
        "How long a client may take to send its headers.",
    ),
    key(
        "server.shutdown_timeout_ms",
        Kind::Int(0, 3_600_000),
        "10000",
        "How long requests in flight may take to end when the server stops.",
    ),
    key(
        "server.trusted_proxies",
        Kind::List,
        "[]",
        "Addresses or networks of proxies whose `X-Forwarded-For` and `X-Request-Id` are believed.",
    ),
    key("server.log_format", Kind::Choice(&["text", "json"]), "\"text\"", "How log lines are written."),
    key(
        "server.log_level",
        Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
        "\"info\"",
        "The least that is logged.",
    ),
    key("database.path", Kind::Text, "", "The SQLite file. Without it: `hookgate.db` in the data folder."),
    key(
        "database.read_connections",
        Kind::Int(1, 256),
        "",
        "Connections that read at the same time. Without it: one per two cores. A read takes microseconds, and threads that wait for one cost the others more.",
    ),
    key("hooks.plugins", Kind::Text, "", "The folder of plugins. Without it: `plugins` in the data folder."),
    key(
        "hooks.allow_signin_on",
        Kind::ListOf(&["credentials", "oauth", "magic_link", "passkey", "register", "refresh"]),
        "[\"credentials\", \"oauth\", \"magic_link\", \"passkey\"]",
        "When `allow-signin` is asked.",
    ),
    key(
        "hooks.time_ms",
        Kind::Int(1, 10_000),
        "100",
        "How long one call of a plugin may take, its start and its host calls included. A plugin's own `[limits]` may set this and what follows.",
    ),
    key(
        "hooks.memory_bytes",
        Kind::Int(65_536, 536_870_912),
        "67108864",
        "How much memory one instance of a plugin may have, all its memories together.",
    ),
    key(
        "hooks.table_elements",
        Kind::Int(1, 200_000),
        "100000",
        "How many elements its tables may have together.",
    ),
    key("hooks.instances", Kind::Int(1, 200), "100", "How many core modules a component may be linked from."),
    key("hooks.memories", Kind::Int(1, 16), "8", "How many memories a component may have."),
    key("hooks.tables", Kind::Int(1, 64), "32", "How many tables a component may have."),
    key(
        "hooks.hostcall_bytes",
        Kind::Int(1024, 16_777_216),
        "1048576",
        "How much a plugin may hand to the host at once.",
    ),
    key("hooks.max_handles", Kind::Int(1, 10_000), "256", "How many resource handles may be alive at once."),
    key("hooks.max_claims_bytes", Kind::Int(256, 65_536), "16384", "The largest answer of `modify-jwt`."),
    key(
        "hooks.max_session_bytes",
        Kind::Int(256, 65_536),
        "16384",
        "The largest answer of `modify-session`.",
    ),
    key("hooks.max_error_bytes", Kind::Int(1, 16_384), "2048", "Where a plugin's error text is cut."),
    key(
        "hooks.max_log_bytes",
        Kind::Int(1, 1_048_576),
        "65536",
        "What one call of a plugin may log; the rest is dropped and counted.",
    ),
    key("hooks.max_log_line_bytes", Kind::Int(1, 65_536), "8192", "Where a plugin's log line is cut."),
    key(
        "hooks.kv_entries",
        Kind::Int(0, 1_000_000),
        "10000",
        "How many entries a plugin may keep through `kv`.",
    ),
    key(
        "hooks.kv_bytes",
        Kind::Int(0, 1_073_741_824),
        "8388608",
        "How many bytes of keys and values a plugin may keep through `kv`.",
    ),
    key(
        "hooks.kv_value_bytes",
        Kind::Int(0, 1_048_576),
        "65536",
        "The largest value that a plugin may keep through `kv`.",
    ),
    key("hooks.http_requests", Kind::Int(0, 64), "4", "How many requests one call may make through `http`."),
    key(
        "hooks.http_request_bytes",
        Kind::Int(0, 4_194_304),
        "65536",
        "The largest body of a plugin's request.",
    ),
    key(
        "hooks.http_response_bytes",
        Kind::Int(0, 8_388_608),
        "262144",
        "The largest body of an answer to a plugin's request.",
    ),
    key(
        "hooks.http_timeout_ms",
        Kind::Int(1, 10_000),
        "5000",
        "How long one request of a plugin may take; never longer than what its call has left.",
    ),
    key(
        "hooks.concurrent_calls",
        Kind::Int(1, 4096),
        "64",
        "How many calls of one plugin run at once; more wait.",
    ),
    key(
        "hooks.queue_wait_ms",
        Kind::Int(1, 10_000),
        "500",
        "How long a call may wait for its turn before it counts as failed.",
    ),
    key(
        "hooks.max_event_attempts",
        Kind::Int(1, 1000),
        "12",
        "After how many failed attempts an event is given up for a plugin.",
    ),
];

/// The setting of a name.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
