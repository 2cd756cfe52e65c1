//! The reference plugin, see ../README.md.

const std = @import("std");
const hookgate = @import("hookgate");

const config = hookgate.config;
const request = hookgate.request;

comptime {
    hookgate.plugin(@This());
}

const lang = "zig";

const Settings = struct {
    greeting: []const u8,
    seats: u32,
    nested: struct { list: []const std.json.Value },
};

pub fn allow_signin(user: hookgate.User, provider: []const u8) !hookgate.Decision {
    try refuseErrors(user);
    if (std.mem.startsWith(u8, user.email, "denied")) {
        return .{ .deny = .{
            .code = "reference.denied",
            .message = hookgate.format("No entry, {s}. 🦊", .{user.name orelse "stranger"}),
            .reason = hookgate.format("{s} by {s}", .{ user.email, provider }),
        } };
    }
    return if (std.mem.startsWith(u8, user.email, "bare")) .{ .deny = .{} } else .allow;
}

pub fn modify_jwt(claims: *hookgate.Object, user: hookgate.User) !void {
    try refuseErrors(user);
    const settings = try config.all(Settings);
    claims.remove("remove_me");
    claims.set("lang", lang);
    claims.set("n", 42);
    claims.set("nested", .{ .list = .{ 1, "two", true, null }, .ratio = 0.5 });
    claims.set("greeting", config.get("greeting"));
    claims.set("seats", settings.seats);
    claims.set("missing", config.get("missing"));
    claims.set("config", settings);
    claims.set("now", request.time());
    claims.set("token", request.tokenKind());
    claims.set("user", user);
    claims.set("request", .{
        .id = request.id(),
        .time = request.time(),
        .ip = request.ip(),
        .user_agent = request.userAgent(),
        .provider = request.provider(),
        .is_new = request.isNew(),
        .event_id = request.eventId(),
        .attempt = request.attempt(),
    });
}

pub fn modify_session(session: *hookgate.Object, user: hookgate.User) !void {
    try refuseErrors(user);
    if (std.mem.startsWith(u8, user.email, "host")) return asked(session);
    session.set("lang", lang);
    session.set("seen", .{ .request = request.id(), .verified = user.email_verified });
}

pub fn on_signup(user: hookgate.User) !void {
    try told("on-signup", user, "");
}
pub fn on_signin(user: hookgate.User, provider: []const u8) !void {
    try told("on-signin", user, provider);
}
pub fn on_signout(user: hookgate.User) !void {
    try told("on-signout", user, "");
}
pub fn on_token_refresh(user: hookgate.User) !void {
    try told("on-token-refresh", user, "");
}
pub fn on_email_verify(user: hookgate.User) !void {
    try told("on-email-verify", user, "");
}
pub fn on_password_reset(user: hookgate.User) !void {
    try told("on-password-reset", user, "");
}
pub fn on_oauth_link(user: hookgate.User, provider: []const u8) !void {
    try told("on-oauth-link", user, provider);
}
pub fn on_magic_link_sent(user: hookgate.User) !void {
    try told("on-magic-link-sent", user, "");
}
pub fn on_passkey_registered(user: hookgate.User, passkey: hookgate.Passkey) !void {
    try told("on-passkey-registered", user, describe(passkey));
}
pub fn on_passkey_deleted(user: hookgate.User, passkey: hookgate.Passkey) !void {
    try told("on-passkey-deleted", user, describe(passkey));
}
pub fn on_signin_failed(user: hookgate.User, reason: []const u8) !void {
    try told("on-signin-failed", user, reason);
}
pub fn on_lockout(user: hookgate.User) !void {
    try told("on-lockout", user, "");
}
pub fn on_password_change(user: hookgate.User) !void {
    try told("on-password-change", user, "");
}
pub fn on_email_change(user: hookgate.User, previous: []const u8) !void {
    try told("on-email-change", user, previous);
}
pub fn on_account_delete(user: hookgate.User) !void {
    try told("on-account-delete", user, "");
}
pub fn on_session_revoke(user: hookgate.User, session_id: []const u8) !void {
    try told("on-session-revoke", user, session_id);
}
pub fn on_refresh_reuse(user: hookgate.User) !void {
    try told("on-refresh-reuse", user, "");
}

pub fn validate_config() !void {
    const seats = config.get("seats") orelse return hookgate.fail("`seats` is missing", .{});
    const number = std.fmt.parseInt(u32, seats, 10) catch 0;
    if (number < 1) return hookgate.fail("`seats` is {s}: it must be a number from 1 on", .{seats});
}

/// What `clock`, `random`, `kv`, `http` and `secrets` answer.
fn asked(session: *hookgate.Object) !void {
    const kv = hookgate.kv;
    const answer = try hookgate.http.send(.{
        .url = "https://api.example/echo",
        .headers = &.{.{ "x-test", "yes" }},
        .secret_headers = &.{.{ .name = "authorization", .prefix = "Bearer ", .secret = "signing" }},
        .body = "hello",
        .timeout_ms = 50,
    });
    const absent = try kv.get("absent");
    try kv.set("k", "v ü", 60);
    const kept = .{
        absent,
        try kv.get("k"),
        try kv.increment("n", 2, 60),
        try kv.increment("n", -5, null),
        try kv.compareAndSet("k", "v ü", "w", null),
        try kv.compareAndSet("k", "x", "y", null),
        try kv.get("k"),
    };
    const errors = .{ code(kv.increment("k", 1, null)), code(kv.get("")), code(hookgate.http.send(.{ .url = "https://denied.example/" })) };
    try kv.delete("k");
    try kv.delete("n");
    session.set("host", .{
        .clock = hookgate.clock.now(),
        .later = hookgate.clock.monotonic() < std.math.maxInt(i64),
        .bytes = hookgate.hex(hookgate.random.bytes(8)),
        .number = hookgate.format("{d}", .{hookgate.random.number()}),
        .kv = kept ++ .{try kv.get("k")},
        .errors = errors,
        .http = .{ answer.status, answer.header("x-answer"), answer.body },
        .secrets = .{
            hookgate.secrets.names(),
            hookgate.hex(hookgate.secrets.hmacSha256("signing", "data") orelse ""),
            hookgate.secrets.hmacSha256("other", "data"),
        },
    });
}

fn code(result: anytype) []const u8 {
    if (result) |_| return "none" else |problem| return switch (@as(anyerror, problem)) {
        error.KvNotANumber => "not-a-number",
        error.KvInvalid => "invalid",
        error.HttpDenied => "denied",
        else => @errorName(problem),
    };
}

fn refuseErrors(user: hookgate.User) !void {
    if (std.mem.startsWith(u8, user.email, "error")) return hookgate.fail("boom {s}", .{user.email});
}

fn told(hook: []const u8, user: hookgate.User, about: []const u8) !void {
    try refuseErrors(user);
    hookgate.log.info(hookgate.format("{s} {s}", .{ hook, user.id }), &.{
        .{ "hook", hook },
        .{ "user.id", user.id },
        .{ "event.id", request.eventId() orelse "" },
        .{ "attempt", hookgate.format("{d}", .{request.attempt()}) },
        .{ "about", about },
    });
}

fn describe(passkey: hookgate.Passkey) []const u8 {
    const last = if (passkey.last_used_at) |at| hookgate.format("{d}", .{at}) else "never";
    return hookgate.format("{s} of {s}: {s}, {d}, {d}, {s}", .{
        passkey.id, passkey.user_id, passkey.name, passkey.sign_count, passkey.created_at, last,
    });
}
