//! The server's functions, imported.

const hookgate = @import("hookgate.zig");
const Text = hookgate.Text;
const Option = hookgate.Option;

const RawField = extern struct { key: Text, value: Text };

const imported = struct {
    extern "hookgate:hooks/log@0.1.0" fn log(level: u32, message: ?[*]const u8, len: usize, fields: [*]const RawField, count: usize) void;
    extern "hookgate:hooks/config@0.1.0" fn get(key: ?[*]const u8, len: usize, answer: *Option) void;
    extern "hookgate:hooks/config@0.1.0" fn all(answer: *Text) void;
    extern "hookgate:hooks/request@0.1.0" fn id(answer: *Text) void;
    extern "hookgate:hooks/request@0.1.0" fn time() u64;
    extern "hookgate:hooks/request@0.1.0" fn ip(answer: *Option) void;
    extern "hookgate:hooks/request@0.1.0" fn @"user-agent"(answer: *Option) void;
    extern "hookgate:hooks/request@0.1.0" fn provider(answer: *Option) void;
    extern "hookgate:hooks/request@0.1.0" fn @"is-new"() u32;
    extern "hookgate:hooks/request@0.1.0" fn @"token-kind"(answer: *[2]u8) void;
    extern "hookgate:hooks/request@0.1.0" fn @"event-id"(answer: *Option) void;
    extern "hookgate:hooks/request@0.1.0" fn attempt() u32;
};

pub fn log(level: u8, message: []const u8, fields: []const hookgate.log.Field) void {
    const raw = hookgate.allocator.alloc(RawField, fields.len) catch @trap();
    for (raw, fields) |*one, field| one.* = .{ .key = .of(field[0]), .value = .of(field[1]) };
    imported.log(level, message.ptr, message.len, raw.ptr, raw.len);
}

pub fn configGet(key: []const u8) ?[]const u8 {
    var answer: Option = undefined;
    imported.get(key.ptr, key.len, &answer);
    return answer.lift();
}

pub fn configAll() []const u8 {
    var answer: Text = undefined;
    imported.all(&answer);
    return answer.lift();
}

pub fn requestId() []const u8 {
    var answer: Text = undefined;
    imported.id(&answer);
    return answer.lift();
}

pub fn requestTime() u64 {
    return imported.time();
}

fn ask(comptime import: anytype) ?[]const u8 {
    var answer: Option = undefined;
    import(&answer);
    return answer.lift();
}

pub fn requestIp() ?[]const u8 {
    return ask(imported.ip);
}
pub fn requestUserAgent() ?[]const u8 {
    return ask(imported.@"user-agent");
}
pub fn requestProvider() ?[]const u8 {
    return ask(imported.provider);
}
pub fn requestEventId() ?[]const u8 {
    return ask(imported.@"event-id");
}
pub fn requestIsNew() bool {
    return imported.@"is-new"() != 0;
}
pub fn requestAttempt() u32 {
    return imported.attempt();
}

pub fn requestTokenKind() ?u8 {
    var answer: [2]u8 = undefined;
    imported.@"token-kind"(&answer);
    return if (answer[0] != 0) answer[1] else null;
}
