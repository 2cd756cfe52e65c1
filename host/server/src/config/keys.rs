//! Every setting: its name, what it may be, its default, what it does.
//!
//! This table is the one definition. Files and environment variables are checked against it, mistyped
//! keys are compared with it, and `docs/config.md` is written from it.

use super::secret_file::SUFFIX;

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Text,
    /// A text that nobody may see. It may be given as `NAME_file` too, the path of a file that holds it.
    Secret,
    Bool,
    /// A whole number within bounds.
    Int(i64, i64),
    /// One of these words.
    Choice(&'static [&'static str]),
    List,
    /// Each of these words at most once.
    ListOf(&'static [&'static str]),
    /// A table of texts with names of the operator's choice. Each may be given as `NAME_file` too.
    Pairs,
    /// So many requests in a period, or `off`.
    Rate,
    /// An array of tables, each with this key. A text is short for a table with nothing but that.
    Tables(&'static str),
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
        Kind::Secret,
        "",
        "Signs the tokens (`HS…`), and seals what is stored encrypted. At least 32 bytes, 48 for HS384, 64 for HS512. Without it one is made and kept in the data folder.",
    ),
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
        "Origins whose scripts may call the API, with credentials, as browsers send them: `https://app.example.com`, with a port if it is not the usual one; `*` for any.",
    ),
    key(
        "default_role",
        Kind::Text,
        "",
        "The role that each new user gets. It is created if it does not exist: at start, and when somebody needs it.",
    ),
    key(
        "roles",
        Kind::Tables("name"),
        "",
        "Roles that must exist, each a `[[roles]]` with its `name` and `permissions` (a list of texts). At start a missing role is made, and a missing permission is added to a role that is there. Nothing is ever taken away: what operators or administrators granted stays, and so does what is no longer listed. `roles = [\"editor\", \"admin\"]` is short for two without permissions.",
    ),
    key(
        "providers",
        Kind::Tables("type"),
        "",
        "The ways in, each a `[[providers]]` with its `type`: `\"credentials\"` (passwords), `\"magic_links\"` (mailed links; `max_age`, how long one is good, from 1 to 604800 seconds (a week), by default 900), or `\"passkey\"` (`rp_id`, `rp_name`, `origin`, `user_verification`: see [passkeys](passkeys.md)). `\"google\"`, `\"github\"` and `\"oidc\"` (any OpenID Connect issuer, `issuer`) have `client_id`, `client_secret` or `client_secret_file`, `scopes`, `id`, `name` and `endpoints`: see [OAuth](oauth.md). Without any: passwords alone. `providers = [\"credentials\", \"magic_links\"]` is short for two without further keys.",
    ),
    key(
        "oauth_redirect_url",
        Kind::Text,
        "",
        "Where browsers go after signing in through a provider, with the tokens in cookies. Without it the callback answers like `/login`.",
    ),
    key(
        "oauth_allowed_redirect_uris",
        Kind::List,
        "[]",
        "The `redirect_uri`s that a flow may have, by the letter. Without any the provider alone judges them.",
    ),
    key(
        "oauth_state_cookie",
        Kind::Bool,
        "true",
        "Whether a flow must end in the browser that began it, which a cookie tells. Only for clients that can't keep cookies there is a reason to turn it off.",
    ),
    key(
        "store_oauth_provider_tokens",
        Kind::Bool,
        "false",
        "Whether the providers' own tokens are kept, encrypted.",
    ),
    key(
        "email_template_dir",
        Kind::Text,
        "",
        "A folder whose mail templates replace the built-in ones of the same name: see [mail](mail.md).",
    ),
    key(
        "openapi",
        Kind::Bool,
        "true",
        "Whether `/openapi.json` and `/docs` describe the API, at the root of the server.",
    ),
    key("debug", Kind::Bool, "false", "For development: cookies without `Secure`, a more talkative log."),
    key(
        "jwt.algorithm",
        Kind::Choice(&["HS256", "HS384", "HS512", "RS256", "RS512", "ES256", "EdDSA"]),
        "\"HS256\"",
        "The signature of tokens: `HS…` with the secret, the others with a key pair, so that services can verify tokens without being able to make them. See [keys](keys.md).",
    ),
    key(
        "jwt.private_key",
        Kind::Secret,
        "",
        "The private key, in PEM, for an algorithm with key pairs. Without it the server makes keys, keeps them in the database and replaces them by itself.",
    ),
    key(
        "jwt.public_key",
        Kind::Secret,
        "",
        "The public key, in PEM. Not needed; if it is given it must belong to the private key.",
    ),
    key(
        "jwt.retired_key_files",
        Kind::List,
        "[]",
        "Files with the public keys of earlier private keys, in PEM, whose tokens are still good.",
    ),
    key(
        "jwt.jwks_enabled",
        Kind::Bool,
        "",
        "Whether `/.well-known/jwks.json` is there. Without it: if the algorithm has key pairs.",
    ),
    key(
        "jwt.key_rotation_interval",
        Kind::Int(0, 3_153_600_000),
        "",
        "How long a key that the server made signs, in seconds, before the next one takes over; 0: until `hookgate key rotate`. Without it: 7776000 (90 days).",
    ),
    key(
        "jwt.key_publish_ahead",
        SECONDS,
        "",
        "How long a key is published before it signs, in seconds: longer than services cache the key set. Without it: a tenth of the interval, but at most 86400.",
    ),
    key("jwt.access_token_ttl", SECONDS, "900", "How long an access token is good, in seconds."),
    key(
        "jwt.refresh_token_ttl",
        SECONDS,
        "2592000",
        "How long a refresh token, or a session, is good, in seconds.",
    ),
    key("jwt.remember_me_ttl", SECONDS, "7776000", "The same for a login with `remember`."),
    key(
        "jwt.refresh_grace",
        Kind::Int(0, 600),
        "30",
        "How long after its use a refresh token may be presented once more, in seconds, because the answer was lost: from 3 seconds on, and only if the new one was not used. 0: never, as in FastAuth. See [the API](api.md#refreshing).",
    ),
    key(
        "jwt.check_session",
        Kind::Bool,
        "false",
        "Whether this server refuses an access token whose session was ended (sign-out, new password, revocation), instead of waiting for it to expire.",
    ),
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
    key(
        "security.register_reveals_existing",
        Kind::Bool,
        "true",
        "Whether a registration with a taken address is 409, as in FastAuth. With `false` it is answered like any other: see [the API](api.md).",
    ),
    key(
        "rate_limit.enabled",
        Kind::Bool,
        "false",
        "Whether clients are held to the rates below, on top of the lock-out; beyond them is 429. A client is an address, with IPv6 a /64. Without `server.trusted_proxies` all users behind a proxy are one client, so set that first.",
    ),
    key(
        "rate_limit.login",
        Kind::Rate,
        "\"60/minute\"",
        "Routes that check a password, a mailed link or another proof. They may be used up at once and come back one by one.",
    ),
    key("rate_limit.register", Kind::Rate, "\"30/minute\"", "Sign-ups."),
    key("rate_limit.email", Kind::Rate, "\"20/minute\"", "Routes that send a mail."),
    key("rate_limit.refresh", Kind::Rate, "\"300/minute\"", "`/refresh`."),
    key(
        "rate_limit.token",
        Kind::Rate,
        "\"6000/minute\"",
        "What servers ask for each of their own requests: `/verify`, `/token`, `/token/introspect`.",
    ),
    key(
        "rate_limit.default",
        Kind::Rate,
        "\"1200/minute\"",
        "Everything else but `/healthz` and `/readyz`, unknown paths included.",
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
        "Headers that it sends along, as a table: `[email.webhook_headers]`. In the variable: `Name: value`, with commas between several. `Authorization_file` is the path of a file that holds the value of `Authorization`, and so for each.",
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
    key("email.smtp_password", Kind::Secret, "", "That user's password."),
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
    key(
        "server.metrics",
        Kind::Choice(&["local", "public", "off"]),
        "\"local\"",
        "Who may read `/metrics`: programs on this machine that come directly and not through a proxy, everybody, or nobody. See [metrics](metrics.md).",
    ),
    key("server.log_format", Kind::Choice(&["text", "json"]), "\"text\"", "How log lines are written."),
    key(
        "server.log_level",
        Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
        "\"info\"",
        "The least that is logged.",
    ),
    key(
        "telemetry.otlp_endpoint",
        Kind::Text,
        "",
        "The collector that gets the traces, by OTLP over HTTP: `http://localhost:4318`. `/v1/traces` is added. Without it nothing is exported. See [traces](traces.md).",
    ),
    key(
        "telemetry.headers",
        Kind::Pairs,
        "",
        "Headers that are sent along, as a table: `[telemetry.headers]`. In the variable: `Name: value`, with commas between several. `Authorization_file` is the path of a file that holds the value of `Authorization`, and so for each.",
    ),
    key("telemetry.service_name", Kind::Text, "\"hookgate\"", "What the server is called in the traces."),
    key(
        "telemetry.sample_percent",
        Kind::Int(0, 100),
        "100",
        "How many of a hundred traces that begin here are exported. A trace that a believed `traceparent` begins is exported if that says so.",
    ),
    key(
        "telemetry.traceparent_from",
        Kind::Choice(&["proxies", "everybody", "nobody"]),
        "\"proxies\"",
        "Whose `traceparent` (W3C Trace Context) is believed, so that a request is part of its caller's trace: that of `server.trusted_proxies`, everybody's, or nobody's.",
    ),
    key(
        "admin.listen",
        Kind::Text,
        "",
        "A private address and port for the operator's routes: see [operations](operations.md#operating-plugins). Without it they are on the socket `admin.sock` in the data folder alone.",
    ),
    key(
        "admin.token_file",
        Kind::Text,
        "",
        "The file with the token that `admin.listen` asks for; made if it does not exist. Without it: `admin-token` in the data folder.",
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
        "hooks.on_violation",
        Kind::Choice(&["fail", "restore"]),
        "\"fail\"",
        "What happens if `modify-jwt` or `modify-session` changes what is reserved (`sub`, `exp` to a later time, …): `fail`, and the request is 503; or `restore`, and the reserved fields are put back with a warning in the log that names plugin and field, while the rest of the answer counts. For hooks that come from elsewhere and rewrite what they should not.",
    ),
    key(
        "hooks.time_ms",
        Kind::Int(1, 10_000),
        "1000",
        "How long one call of a plugin may take, its start and its host calls included. A plugin's own `[limits]` may set this and what follows.",
    ),
    key(
        "hooks.cpu_ms",
        Kind::Int(1, 10_000),
        "100",
        "How long one call may be on a processor: the same without its waiting in the host and for its turn. This is what ends an endless loop, on a busy machine too. Only less than `time_ms` makes a difference.",
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
        "hooks.compile_ms",
        Kind::Int(100, 3_600_000),
        "120000",
        "How long compiling one plugin may take (one in Python takes ten seconds or so). It happens in a process of its own, which is killed then.",
    ),
    key(
        "hooks.compile_memory_bytes",
        Kind::Int(268_435_456, 1_099_511_627_776),
        "2147483648",
        "How much address space that process may have.",
    ),
    key(
        "hooks.cache_bytes",
        Kind::Int(0, 1_099_511_627_776),
        "536870912",
        "How large the cache of compiled plugins in the data folder may grow; what serves is kept in any case.",
    ),
    key(
        "hooks.generations",
        Kind::Int(1, 1000),
        "10",
        "How many generations of plugins are kept in the data folder to go back to.",
    ),
    key(
        "hooks.auto_rollback",
        Kind::Bool,
        "true",
        "Whether a new version of a plugin whose calls fail is replaced by the version before.",
    ),
    key(
        "hooks.auto_rollback_failures",
        Kind::Int(1, 1_000_000),
        "5",
        "After how many failed calls at the earliest.",
    ),
    key(
        "hooks.auto_rollback_percent",
        Kind::Int(1, 100),
        "50",
        "How many in a hundred calls have to fail; it must be twice as many as of the version before, too.",
    ),
    key("hooks.auto_rollback_seconds", Kind::Int(1, 86_400), "300", "For how long a version is new."),
    key(
        "hooks.request_budget_ms",
        Kind::Int(1, 600_000),
        "5000",
        "How long all calls of one request may take together, their waiting for a turn included. Events are not part of it.",
    ),
    key(
        "hooks.stack_bytes",
        Kind::Int(65_536, 16_777_216),
        "1048576",
        "How deep a plugin's code may recurse; the same for all plugins.",
    ),
    key(
        "hooks.resident_bytes",
        Kind::Int(0, 67_108_864),
        "262144",
        "How much of its memory each call leaves in its place, cleared, for the next. With all of a plugin's memory an interpreter answers up to four times as quickly, see [benchmarks](benchmarks.md#hook-calls); every place that was ever used (64 per processor, at least 128, and a quarter more) keeps it for good.",
    ),
    key(
        "hooks.breaker_failures",
        Kind::Int(0, 1_000_000),
        "10",
        "After so many failures in a row a plugin's hook is not asked for a while: its circuit breaker is open, and its failure policy answers. `0`: never. See [hooks](hooks.md#the-circuit-breaker).",
    ),
    key(
        "hooks.breaker_failure_percent",
        Kind::Int(0, 100),
        "50",
        "The same when so many percent of the last `breaker_window` calls failed. `0`: never.",
    ),
    key("hooks.breaker_window", Kind::Int(1, 64), "50", "Of how many calls the percentage is taken."),
    key(
        "hooks.breaker_pause_ms",
        Kind::Int(1, 3_600_000),
        "1000",
        "How long a breaker stays open before a call may try the plugin. It doubles with each try that fails.",
    ),
    key(
        "hooks.breaker_longest_pause_ms",
        Kind::Int(1, 3_600_000),
        "30000",
        "How long a breaker stays open at most.",
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

/// A way to write a setting.
pub(crate) struct Spelling {
    /// As in `hookgate.toml`.
    pub(crate) name: String,
    /// The environment variable.
    pub(crate) variable: String,
    pub(crate) key: &'static Key,
    /// Whether the value is the path of a file that holds the setting.
    pub(crate) is_file: bool,
}

/// Every way to write every setting: its name and, if it is a secret, `NAME_file`.
pub(crate) fn spellings() -> impl Iterator<Item = Spelling> {
    KEYS.iter().flat_map(|key| {
        let plain = Spelling { name: key.name.to_owned(), variable: key.variable(), key, is_file: false };
        let file = Spelling {
            name: format!("{}{SUFFIX}", key.name),
            variable: format!("{}{}", key.variable(), SUFFIX.to_uppercase()),
            key,
            is_file: true,
        };
        [Some(plain), Some(file).filter(|_| key.kind == Kind::Secret)].into_iter().flatten()
    })
}
