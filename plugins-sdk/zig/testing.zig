//! A server in memory, so that hooks can be tested with plain `zig test`.
//!
//!     hookgate.testing.reset();
//!     hookgate.testing.config = "{\"plan\": \"pro\"}";

const std = @import("std");
const hookgate = @import("hookgate.zig");

/// What `request` answers: a sign-in with a password from 192.0.2.1 at the start of 2026.
pub const Request = struct {
    id: []const u8 = "request-1",
    time: u64 = 1_767_225_600_000,
    ip: ?[]const u8 = "192.0.2.1",
    user_agent: ?[]const u8 = null,
    provider: ?[]const u8 = "credentials",
    is_new: bool = false,
    token_kind: ?hookgate.request.TokenKind = null,
    event_id: ?[]const u8 = null,
    attempt: u32 = 0,
};

/// One line that the plugin wrote.
pub const LogLine = struct {
    level: hookgate.log.Level,
    message: []const u8,
    fields: []const hookgate.log.Field,

    pub fn field(line: LogLine, key: []const u8) ?[]const u8 {
        for (line.fields) |one| {
            if (std.mem.eql(u8, one[0], key)) return one[1];
        }
        return null;
    }
};

/// The plugin's `[config]`, as JSON text.
pub var config: []const u8 = "{}";
pub var request: Request = .{};
var lines: std.ArrayList(LogLine) = .empty;

/// What the plugin has written so far.
pub fn logs() []const LogLine {
    return lines.items;
}

/// A server without settings and with an empty log.
pub fn reset() void {
    config = "{}";
    request = .{};
    lines = .empty;
    passed_ms = 0;
    entries = .empty;
    http = null;
    requests = .empty;
    secrets = &.{};
}

/// An active user with a proven address and the id `user-NAME`, where NAME stands before the `@`.
pub fn user(email: []const u8) hookgate.User {
    const end = std.mem.findScalar(u8, email, '@') orelse email.len;
    return .{ .id = hookgate.format("user-{s}", .{email[0..end]}), .email = email };
}

/// The claims of an access token as the server hands them to the first plugin.
pub fn claims(of: hookgate.User) hookgate.Object {
    var object = hookgate.Object.parse(
        \\{"jti":"token-1","type":"access","iat":1767225600,"exp":1767226500}
    ) catch unreachable;
    object.set("sub", of.id);
    object.set("email", of.email);
    object.set("name", of.name);
    object.set("email_verified", of.email_verified);
    return object;
}

/// A passkey of this user that was never used.
pub fn passkey(of: hookgate.User) hookgate.Passkey {
    return .{
        .id = "Y3JlZGVudGlhbC0x",
        .user_id = of.id,
        .name = "Laptop",
        .aaguid = "00000000-0000-0000-0000-000000000000",
        .sign_count = 0,
        .created_at = 1_767_225_600,
        .last_used_at = null,
    };
}

pub fn log(level: u8, message: []const u8, fields: []const hookgate.log.Field) void {
    const kept = hookgate.allocator.dupe(hookgate.log.Field, fields) catch unreachable;
    const line = LogLine{ .level = @fromBackingInt(@intCast(level)), .message = message, .fields = kept };
    lines.append(hookgate.allocator, line) catch unreachable;
}

pub fn configAll() []const u8 {
    return config;
}

pub fn configGet(key: []const u8) ?[]const u8 {
    const all = hookgate.Object.parse(config) catch return null;
    const value = all.get(key) orelse return null;
    if (value == .string) return value.string;
    return std.json.Stringify.valueAlloc(hookgate.allocator, value, .{}) catch unreachable;
}

pub fn requestId() []const u8 {
    return request.id;
}
pub fn requestTime() u64 {
    return request.time;
}
pub fn requestIp() ?[]const u8 {
    return request.ip;
}
pub fn requestUserAgent() ?[]const u8 {
    return request.user_agent;
}
pub fn requestProvider() ?[]const u8 {
    return request.provider;
}
pub fn requestIsNew() bool {
    return request.is_new;
}
pub fn requestTokenKind() ?u8 {
    return @backingInt(request.token_kind orelse return null);
}
pub fn requestEventId() ?[]const u8 {
    return request.event_id;
}
pub fn requestAttempt() u32 {
    return request.attempt;
}

// --- clock, random, kv, http, secrets -----------------------------------------------------------------

/// A secret that is lent to the plugin.
pub const Secret = struct { name: []const u8, value: []const u8 };
pub var secrets: []const Secret = &.{};

/// Set it to answer requests; an error of `hookgate.HttpError` is what the plugin gets.
pub var http: ?*const fn (hookgate.http.Request) hookgate.HttpError!hookgate.http.Response = null;
/// The requests that the plugin sent so far.
pub var requests: std.ArrayList(hookgate.http.Request) = .empty;

var passed_ms: u64 = 0;

/// Moves the clock on, which stands still; what `kv` keeps ends by it.
pub fn advance(seconds: u64) void {
    passed_ms += seconds * 1000;
}

pub fn clockNow() u64 {
    return request.time + passed_ms;
}
pub fn clockMonotonic() u64 {
    return passed_ms * 1_000_000;
}

/// The numbers are the same in each run.
var generator = std.Random.DefaultPrng.init(1);

pub fn randomNumber() u64 {
    return generator.random().int(u64);
}
pub fn randomBytes(length: u32) []const u8 {
    const bytes = hookgate.allocator.alloc(u8, length) catch unreachable;
    generator.random().bytes(bytes);
    return bytes;
}

const Entry = struct { key: []const u8, value: []const u8, ends: ?u64 };
var entries: std.ArrayList(Entry) = .empty;

fn find(key: []const u8) hookgate.KvError!?*Entry {
    if (key.len == 0 or key.len > 256) return hookgate.hostError(hookgate.KvError, 0, "the key must have 1 to 256 bytes");
    var at: usize = 0;
    while (at < entries.items.len) {
        const entry = &entries.items[at];
        if (entry.ends != null and entry.ends.? <= clockNow()) {
            _ = entries.orderedRemove(at);
        } else if (std.mem.eql(u8, entry.key, key)) {
            return entry;
        } else at += 1;
    }
    return null;
}

pub fn kvGet(key: []const u8) hookgate.KvError!?[]const u8 {
    return if (try find(key)) |entry| entry.value else null;
}

pub fn kvSet(key: []const u8, value: []const u8, ttl: ?u32) hookgate.KvError!void {
    try kvDelete(key);
    const ends = if (ttl) |seconds| clockNow() + @as(u64, seconds) * 1000 else null;
    entries.append(hookgate.allocator, .{ .key = key, .value = value, .ends = ends }) catch unreachable;
}

pub fn kvDelete(key: []const u8) hookgate.KvError!void {
    const entry = try find(key) orelse return;
    const at = (@intFromPtr(entry) - @intFromPtr(entries.items.ptr)) / @sizeOf(Entry);
    _ = entries.orderedRemove(at);
}

pub fn kvIncrement(key: []const u8, by: i64, ttl: ?u32) hookgate.KvError!i64 {
    const entry = try find(key);
    const before = if (entry) |found|
        std.fmt.parseInt(i64, found.value, 10) catch return hookgate.hostError(hookgate.KvError, 2, "")
    else
        0;
    const sum = hookgate.format("{d}", .{before + by});
    if (entry) |found| found.value = sum else try kvSet(key, sum, ttl);
    return before + by;
}

pub fn kvCompareAndSet(key: []const u8, expected: ?[]const u8, value: ?[]const u8, ttl: ?u32) hookgate.KvError!bool {
    const present = try kvGet(key);
    const is_expected = if (present) |text|
        expected != null and std.mem.eql(u8, text, expected.?)
    else
        expected == null;
    if (is_expected) {
        if (value) |text| try kvSet(key, text, ttl) else try kvDelete(key);
    }
    return is_expected;
}

pub fn httpSend(message: hookgate.http.Request) hookgate.HttpError!hookgate.http.Response {
    requests.append(hookgate.allocator, message) catch unreachable;
    const answer = http orelse return hookgate.hostError(hookgate.HttpError, 1, "nothing answers: set hookgate.testing.http");
    return answer(message);
}

pub fn secretsNames() []const []const u8 {
    const names = hookgate.allocator.alloc([]const u8, secrets.len) catch unreachable;
    for (names, secrets) |*name, secret| name.* = secret.name;
    return names;
}

pub fn secretsHmacSha256(name: []const u8, data: []const u8) ?[]const u8 {
    for (secrets) |secret| {
        if (!std.mem.eql(u8, secret.name, name)) continue;
        const digest = hookgate.allocator.alloc(u8, 32) catch unreachable;
        std.crypto.auth.hmac.sha2.HmacSha256.create(digest[0..32], data, secret.value);
        return digest;
    }
    return null;
}

test "what the server keeps" {
    reset();
    const kv = hookgate.kv;
    try std.testing.expectEqual(null, try kv.get("k"));
    try kv.set("k", "v", 5);
    try std.testing.expectEqualStrings("v", (try kv.get("k")).?);
    try std.testing.expectError(error.KvNotANumber, kv.increment("k", 1, null));
    advance(5);
    try std.testing.expectEqual(2, try kv.increment("k", 2, 9));
    try std.testing.expectEqual(-1, try kv.increment("k", -3, null));
    advance(9);
    try std.testing.expect(!try kv.compareAndSet("k", "-1", "x", null));
    try std.testing.expect(try kv.compareAndSet("k", null, "x", null));
    try std.testing.expect(try kv.compareAndSet("k", "x", null, null));
    try std.testing.expectError(error.KvInvalid, kv.delete(""));
}

test "secrets sign" {
    reset();
    secrets = &.{.{ .name = "signing", .value = "key" }};
    const digest = hookgate.secrets.hmacSha256("signing", "The quick brown fox jumps over the lazy dog").?;
    try std.testing.expectEqualStrings("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8", hookgate.hex(digest));
    try std.testing.expectEqual(null, hookgate.secrets.hmacSha256("other", ""));
}
