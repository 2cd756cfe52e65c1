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
