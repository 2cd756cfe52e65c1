//! The server's functions, imported.

const hookgate = @import("hookgate.zig");
const Text = hookgate.Text;
const Option = hookgate.Option;
const place = hookgate.place;

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

/// An empty array has to be in memory too.
fn array(comptime T: type, len: usize) []T {
    const made = hookgate.allocator.alloc(T, len + 1) catch @trap();
    return made[0..len];
}

pub fn log(level: u8, message: []const u8, fields: []const hookgate.log.Field) void {
    const raw = array(RawField, fields.len);
    for (raw, fields) |*one, field| one.* = .{ .key = .of(field[0]), .value = .of(field[1]) };
    imported.log(level, place(message), message.len, raw.ptr, raw.len);
}

pub fn configGet(key: []const u8) ?[]const u8 {
    var answer: Option = undefined;
    imported.get(place(key), key.len, &answer);
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

// --- clock, random, kv, http, secrets: names that are taken above are in structs of their own --------

const from_clock = struct {
    extern "hookgate:hooks/clock@0.1.0" fn now() u64;
    extern "hookgate:hooks/clock@0.1.0" fn monotonic() u64;
};

const from_random = struct {
    extern "hookgate:hooks/random@0.1.0" fn bytes(length: u32, answer: *Text) void;
    extern "hookgate:hooks/random@0.1.0" fn number() u64;
};

/// An error of kv or http: a code with or without a text.
const RawError = extern struct { code: u8, text: Text };

const RawKv = extern struct {
    is_error: u8,
    value: extern union { value: Option, flag: u8, problem: RawError },

    fn check(answer: *const RawKv) hookgate.KvError!void {
        if (answer.is_error != 0) return kvError(answer.value.problem);
    }
};

const RawSum = extern struct { is_error: u8, value: extern union { sum: i64, problem: RawError } };

fn kvError(problem: RawError) hookgate.KvError {
    return hookgate.hostError(hookgate.KvError, problem.code, if (problem.code < 2) problem.text.lift() else "");
}

const from_kv = struct {
    extern "hookgate:hooks/kv@0.1.0" fn get(key: [*]const u8, len: usize, answer: *RawKv) void;
    extern "hookgate:hooks/kv@0.1.0" fn set(key: [*]const u8, len: usize, value: [*]const u8, value_len: usize, has_ttl: u32, ttl: u32, answer: *RawKv) void;
    extern "hookgate:hooks/kv@0.1.0" fn delete(key: [*]const u8, len: usize, answer: *RawKv) void;
    extern "hookgate:hooks/kv@0.1.0" fn increment(key: [*]const u8, len: usize, by: i64, has_ttl: u32, ttl: u32, answer: *RawSum) void;
    extern "hookgate:hooks/kv@0.1.0" fn @"compare-and-set"(key: [*]const u8, len: usize, has_expected: u32, expected: [*]const u8, expected_len: usize, has_value: u32, value: [*]const u8, value_len: usize, has_ttl: u32, ttl: u32, answer: *RawKv) void;
};

pub fn clockNow() u64 {
    return from_clock.now();
}
pub fn clockMonotonic() u64 {
    return from_clock.monotonic();
}
pub fn randomBytes(length: u32) []const u8 {
    var answer: Text = undefined;
    from_random.bytes(length, &answer);
    return answer.lift();
}
pub fn randomNumber() u64 {
    return from_random.number();
}

pub fn kvGet(key: []const u8) hookgate.KvError!?[]const u8 {
    var answer: RawKv = undefined;
    from_kv.get(place(key), key.len, &answer);
    try answer.check();
    return answer.value.value.lift();
}

pub fn kvSet(key: []const u8, value: []const u8, ttl: ?u32) hookgate.KvError!void {
    var answer: RawKv = undefined;
    from_kv.set(place(key), key.len, place(value), value.len, @intFromBool(ttl != null), ttl orelse 0, &answer);
    try answer.check();
}

pub fn kvDelete(key: []const u8) hookgate.KvError!void {
    var answer: RawKv = undefined;
    from_kv.delete(place(key), key.len, &answer);
    try answer.check();
}

pub fn kvIncrement(key: []const u8, by: i64, ttl: ?u32) hookgate.KvError!i64 {
    var answer: RawSum = undefined;
    from_kv.increment(place(key), key.len, by, @intFromBool(ttl != null), ttl orelse 0, &answer);
    if (answer.is_error != 0) return kvError(answer.value.problem);
    return answer.value.sum;
}

pub fn kvCompareAndSet(key: []const u8, expected: ?[]const u8, value: ?[]const u8, ttl: ?u32) hookgate.KvError!bool {
    var answer: RawKv = undefined;
    const e = expected orelse "";
    const v = value orelse "";
    from_kv.@"compare-and-set"(place(key), key.len, @intFromBool(expected != null), place(e), e.len, @intFromBool(value != null), place(v), v.len, @intFromBool(ttl != null), ttl orelse 0, &answer);
    try answer.check();
    return answer.value.flag != 0;
}

const RawSecretHeader = extern struct { name: Text, prefix: Text, secret: Text };

const RawResponse = extern struct {
    is_error: u8,
    value: extern union {
        response: extern struct { status: u16, headers: [*]const RawField, header_count: usize, body: Text },
        problem: RawError,
    },
};

const from_http = struct {
    extern "hookgate:hooks/http@0.1.0" fn send(method: [*]const u8, method_len: usize, url: [*]const u8, url_len: usize, headers: [*]const RawField, header_count: usize, secret_headers: [*]const RawSecretHeader, secret_header_count: usize, has_body: u32, body: [*]const u8, body_len: usize, has_timeout: u32, timeout: u32, answer: *RawResponse) void;
};

pub fn httpSend(message: hookgate.http.Request) hookgate.HttpError!hookgate.http.Response {
    const headers = array(RawField, message.headers.len);
    for (headers, message.headers) |*raw, header| raw.* = .{ .key = .of(header[0]), .value = .of(header[1]) };
    const secrets = array(RawSecretHeader, message.secret_headers.len);
    for (secrets, message.secret_headers) |*raw, header| {
        raw.* = .{ .name = .of(header.name), .prefix = .of(header.prefix), .secret = .of(header.secret) };
    }
    const method: []const u8 = message.method orelse if (message.body == null) "GET" else "POST";
    const body = message.body orelse "";
    var answer: RawResponse = undefined;
    from_http.send(place(method), method.len, place(message.url), message.url.len, headers.ptr, headers.len, secrets.ptr, secrets.len, @intFromBool(message.body != null), place(body), body.len, @intFromBool(message.timeout_ms != null), message.timeout_ms orelse 0, &answer);
    if (answer.is_error != 0) {
        const problem = answer.value.problem;
        const has_text = problem.code != 2 and problem.code != 3;
        return hookgate.hostError(hookgate.HttpError, problem.code, if (has_text) problem.text.lift() else "");
    }
    const raw = answer.value.response;
    const lifted = hookgate.allocator.alloc(hookgate.http.Header, raw.header_count) catch @trap();
    for (lifted, raw.headers[0..raw.header_count]) |*header, one| header.* = .{ one.key.lift(), one.value.lift() };
    return .{ .status = raw.status, .headers = lifted, .body = raw.body.lift() };
}

const RawTexts = extern struct { at: [*]const Text, count: usize };

const from_secrets = struct {
    extern "hookgate:hooks/secrets@0.1.0" fn names(answer: *RawTexts) void;
    extern "hookgate:hooks/secrets@0.1.0" fn @"hmac-sha256"(name: [*]const u8, len: usize, data: [*]const u8, data_len: usize, answer: *Option) void;
};

pub fn secretsNames() []const []const u8 {
    var answer: RawTexts = undefined;
    from_secrets.names(&answer);
    const lifted = hookgate.allocator.alloc([]const u8, answer.count) catch @trap();
    for (lifted, answer.at[0..answer.count]) |*name, raw| name.* = raw.lift();
    return lifted;
}

pub fn secretsHmacSha256(name: []const u8, data: []const u8) ?[]const u8 {
    var answer: Option = undefined;
    from_secrets.@"hmac-sha256"(place(name), name.len, place(data), data.len, &answer);
    return answer.lift();
}
