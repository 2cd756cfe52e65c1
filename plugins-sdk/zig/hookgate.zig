//! Write Hookgate plugins in Zig: public functions with the hooks' names, and one line.
//!
//!     const hookgate = @import("hookgate");
//!     comptime {
//!         hookgate.plugin(@This());
//!     }
//!
//!     pub fn allow_signin(user: hookgate.User, provider: []const u8) bool {
//!         _ = provider;
//!         return user.email_verified;
//!     }
//!
//! The component has the hooks that are there, and imports what is called. Nothing needs to be freed:
//! `hookgate.allocator` is emptied when the hook has answered.

const std = @import("std");
const builtin = @import("builtin");

const is_wasm = builtin.cpu.arch.isWasm();

// --- Memory ---------------------------------------------------------------------------------------

const memory = @import("memory.zig");

/// What it gives lives until the hook has answered.
pub const allocator = memory.allocator;

/// A text made up from others, as by `std.fmt`.
pub fn format(comptime template: []const u8, arguments: anytype) []const u8 {
    return std.fmt.allocPrint(allocator, template, arguments) catch outOfMemory();
}

fn outOfMemory() noreturn {
    @trap();
}

// --- What hooks are about -------------------------------------------------------------------------

/// The account that the hook is about, as stored at the moment of the call.
pub const User = struct {
    /// Opaque and stable; the `sub` of every token of this user.
    id: []const u8,
    /// Normalised: trimmed and case-folded.
    email: []const u8,
    /// The display name, if the user gave one.
    name: ?[]const u8 = null,
    /// The URL of a picture, if there is one.
    image: ?[]const u8 = null,
    /// Whether the user has proven that the address is theirs.
    email_verified: bool = true,
    /// False for a deactivated account.
    is_active: bool = true,

    /// What follows the last `@` of the address; empty if there is none.
    pub fn emailDomain(user: User) []const u8 {
        const at = std.mem.findScalarLast(u8, user.email, '@') orelse return "";
        return user.email[at + 1 ..];
    }
};

/// A registered WebAuthn credential.
pub const Passkey = struct {
    /// The credential id, base64url without padding.
    id: []const u8,
    /// The id of the user it belongs to.
    user_id: []const u8,
    /// The name that the user gave it.
    name: []const u8,
    /// The authenticator's model, or the nil UUID.
    aaguid: []const u8,
    /// The authenticator's signature counter.
    sign_count: u32,
    /// Seconds since the Unix epoch.
    created_at: u64,
    /// Seconds since the Unix epoch; null before the first use.
    last_used_at: ?u64,
};

/// A refusal, as the one who is refused and the one who reads the log see it.
pub const Denial = struct {
    /// Stable and machine-readable, for the client: at most 64 bytes of `a-z`, `0-9`, `_`, `.`, `-`.
    code: ?[]const u8 = null,
    /// For the user's eyes, at most 512 bytes. Without one, the server's own text is shown.
    message: ?[]const u8 = null,
    /// For the operator's log alone; it never leaves the server. At most 2048 bytes.
    reason: ?[]const u8 = null,
};

/// What a gate answers, if `bool` or `Denial` alone will not do.
pub const Decision = union(enum) { allow, deny: Denial };

/// The claims of a token or the payload of a session: a JSON object.
///
/// Of claims `sub`, `iss`, `aud`, `iat`, `nbf`, `jti`, `type` and `sid` must stay as they are and `exp` may
/// only become earlier; of sessions `id`, `user_id` and `expires_at` are the server's.
pub const Object = struct {
    map: std.json.ObjectMap,

    pub fn parse(json: []const u8) !Object {
        const value = try std.json.parseFromSliceLeaky(std.json.Value, allocator, json, .{});
        return if (value == .object) .{ .map = value.object } else error.NotAnObject;
    }

    /// A member, whatever it is.
    pub fn get(object: Object, key: []const u8) ?std.json.Value {
        return object.map.get(key);
    }

    /// A member, if it is there and a text.
    pub fn getString(object: Object, key: []const u8) ?[]const u8 {
        const value = object.map.get(key) orelse return null;
        return if (value == .string) value.string else null;
    }

    /// Adds or replaces a member, by whatever `std.json` can write: numbers, texts, structs, slices …
    pub fn set(object: *Object, key: []const u8, value: anytype) void {
        const json = stringify(value);
        const parsed = std.json.parseFromSliceLeaky(std.json.Value, allocator, json, .{}) catch outOfMemory();
        object.map.put(allocator, key, parsed) catch outOfMemory();
    }

    pub fn remove(object: *Object, key: []const u8) void {
        _ = object.map.orderedRemove(key);
    }

    pub fn text(object: Object) []const u8 {
        return stringify(std.json.Value{ .object = object.map });
    }
};

fn stringify(value: anytype) []const u8 {
    return std.json.Stringify.valueAlloc(allocator, value, .{}) catch outOfMemory();
}

var failure_text: ?[]const u8 = null;

/// `return hookgate.fail("no list of {s}", .{name})`: a failure with a text for the operator's log. Any other
/// error's text is its name.
pub fn fail(comptime template: []const u8, arguments: anytype) error{HookFailed} {
    failure_text = format(template, arguments);
    return error.HookFailed;
}

// --- The server -----------------------------------------------------------------------------------

const host = if (is_wasm) @import("host_wasm.zig") else @import("testing.zig");

/// A server in memory, for `zig test`.
pub const testing = @import("testing.zig");

/// Writes to the server's log. Needs the grant `log`. Do not write secrets or addresses.
///
///     log.info("refused", &.{ .{ "user.id", user.id }, .{ "provider", provider } });
pub const log = struct {
    pub const Level = enum(u8) { trace, debug, info, warn, err };
    pub const Field = struct { []const u8, []const u8 };

    pub fn write(level: Level, message: []const u8, fields: []const Field) void {
        host.log(@backingInt(level), message, fields);
    }
    pub fn trace(message: []const u8, fields: []const Field) void {
        write(.trace, message, fields);
    }
    pub fn debug(message: []const u8, fields: []const Field) void {
        write(.debug, message, fields);
    }
    pub fn info(message: []const u8, fields: []const Field) void {
        write(.info, message, fields);
    }
    pub fn warn(message: []const u8, fields: []const Field) void {
        write(.warn, message, fields);
    }
    pub fn err(message: []const u8, fields: []const Field) void {
        write(.err, message, fields);
    }
};

/// The operator's settings for this plugin. Needs the grant `config`.
pub const config = struct {
    /// One setting. Text comes as it is, everything else as JSON text; null if it is not set.
    pub fn get(key: []const u8) ?[]const u8 {
        return host.configGet(key);
    }

    /// The whole table as a type of yours, for which members may be missing that have defaults.
    pub fn all(comptime Settings: type) !Settings {
        return std.json.parseFromSliceLeaky(Settings, allocator, host.configAll(), .{}) catch |problem|
            fail("the plugin's [config] does not fit: {s}", .{@errorName(problem)});
    }
};

/// What is known of the request that caused this call. Needs the grant `request`.
pub const request = struct {
    pub const TokenKind = enum { access, refresh };

    pub fn id() []const u8 {
        return host.requestId();
    }
    /// Milliseconds since the Unix epoch, by the server's clock.
    pub fn time() u64 {
        return host.requestTime();
    }
    pub fn ip() ?[]const u8 {
        return host.requestIp();
    }
    pub fn userAgent() ?[]const u8 {
        return host.requestUserAgent();
    }
    /// The way in; null where there is none (a refresh, say).
    pub fn provider() ?[]const u8 {
        return host.requestProvider();
    }
    /// Whether the user was created by this very request.
    pub fn isNew() bool {
        return host.requestIsNew();
    }
    /// Set in `modify_jwt` only.
    pub fn tokenKind() ?TokenKind {
        return switch (host.requestTokenKind() orelse return null) {
            0 => .access,
            else => .refresh,
        };
    }
    /// In an event: its id, the same at each attempt. Null elsewhere.
    pub fn eventId() ?[]const u8 {
        return host.requestEventId();
    }
    /// In an event: 1 at the first delivery. Elsewhere 0.
    pub fn attempt() u32 {
        return host.requestAttempt();
    }
};

/// The server's clock: a component has none of its own. Needs the grant `clock`.
pub const clock = struct {
    /// Milliseconds since the Unix epoch.
    pub fn now() u64 {
        return host.clockNow();
    }
    /// Nanoseconds since the call began; never goes back.
    pub fn monotonic() u64 {
        return host.clockMonotonic();
    }
};

/// The server's random numbers, fit for secrets. Needs the grant `random`.
pub const random = struct {
    /// At most 4096.
    pub fn bytes(length: u32) []const u8 {
        return host.randomBytes(length);
    }
    pub fn number() u64 {
        return host.randomNumber();
    }
};

/// What the server did not do. Passed on by `try` it makes the hook fail, with a text that says more.
pub const KvError = error{ KvInvalid, KvQuota, KvNotANumber, KvUnavailable };
pub const HttpError = error{ HttpInvalid, HttpDenied, HttpTimeout, HttpTooLarge, HttpConnection };

/// WIT's cases in their order, for the SDK's own files.
const kv_errors = [_]KvError{ error.KvInvalid, error.KvQuota, error.KvNotANumber, error.KvUnavailable };
const http_errors = [_]HttpError{ error.HttpInvalid, error.HttpDenied, error.HttpTimeout, error.HttpTooLarge, error.HttpConnection };

/// The error of a WIT case, with its text kept.
pub fn hostError(comptime Errors: type, code: u8, detail: []const u8) Errors {
    const problem: Errors = if (Errors == KvError) kv_errors[code] else http_errors[code];
    const name = @errorName(problem);
    failure_text = if (detail.len == 0) name else format("{s}: {s}", .{ name, detail });
    return problem;
}

/// A small store that outlives the call: this plugin's alone. Needs the grant `kv`.
///
/// Keys have 1 to 256 bytes. Without `ttl_seconds` a value is kept until it is deleted.
pub const kv = struct {
    /// Null if there is none.
    pub fn get(key: []const u8) KvError!?[]const u8 {
        return host.kvGet(key);
    }
    pub fn set(key: []const u8, value: []const u8, ttl_seconds: ?u32) KvError!void {
        return host.kvSet(key, value, ttl_seconds);
    }
    /// Fine if there is none.
    pub fn delete(key: []const u8) KvError!void {
        return host.kvDelete(key);
    }
    /// Adds to a decimal number (absent counts as 0). An entry that is there keeps its end: the window of a rate limit.
    pub fn increment(key: []const u8, by: i64, ttl_seconds: ?u32) KvError!i64 {
        return host.kvIncrement(key, by, ttl_seconds);
    }
    /// Sets the value (null deletes it) if the present one is `expected` (null: absent). Whether it was.
    pub fn compareAndSet(key: []const u8, expected: ?[]const u8, value: ?[]const u8, ttl_seconds: ?u32) KvError!bool {
        return host.kvCompareAndSet(key, expected, value, ttl_seconds);
    }
};

/// HTTP requests to the hosts that the operator allowed. Needs the grant `http`.
pub const http = struct {
    pub const Header = struct { []const u8, []const u8 };
    /// A header whose value ends in a secret that the plugin never sees.
    pub const SecretHeader = struct { name: []const u8, prefix: []const u8 = "", secret: []const u8 };
    pub const Request = struct {
        url: []const u8,
        /// GET, or POST where there is a body, unless it is said.
        method: ?[]const u8 = null,
        headers: []const Header = &.{},
        secret_headers: []const SecretHeader = &.{},
        body: ?[]const u8 = null,
        timeout_ms: ?u32 = null,
    };
    pub const Response = struct {
        status: u16,
        /// Names in small letters.
        headers: []const Header = &.{},
        body: []const u8 = "",

        pub fn header(response: Response, name: []const u8) ?[]const u8 {
            for (response.headers) |one| {
                if (std.mem.eql(u8, one[0], name)) return one[1];
            }
            return null;
        }
        /// The body as a type of yours; members that it does not have are passed over.
        pub fn json(response: Response, comptime T: type) !T {
            return std.json.parseFromSliceLeaky(T, allocator, response.body, .{ .ignore_unknown_fields = true });
        }
    };

    /// Sends a request and waits. A redirect is answered, not followed.
    pub fn send(message: Request) HttpError!Response {
        return host.httpSend(message);
    }
};

/// Secrets that the operator lent to this plugin, to be used and never read. Needs the grant `secrets`.
pub const secrets = struct {
    pub fn names() []const []const u8 {
        return host.secretsNames();
    }
    /// HMAC-SHA-256 with a secret as the key: 32 bytes; null if there is no such secret.
    pub fn hmacSha256(name: []const u8, data: []const u8) ?[]const u8 {
        return host.secretsHmacSha256(name, data);
    }
};

/// Bytes in small hexadecimal digits.
pub fn hex(bytes: []const u8) []const u8 {
    return format("{x}", .{bytes});
}

// --- Exporting hooks: the component model's canonical ABI -------------------------------------------

const Shape = enum { gate, mutation, event, text_event, passkey_event, check };

const hooks = .{
    .{ "allow_signin", "allow-signin", Shape.gate },
    .{ "modify_jwt", "modify-jwt", Shape.mutation },
    .{ "modify_session", "modify-session", Shape.mutation },
    .{ "on_signup", "on-signup", Shape.event },
    .{ "on_signin", "on-signin", Shape.text_event },
    .{ "on_signout", "on-signout", Shape.event },
    .{ "on_token_refresh", "on-token-refresh", Shape.event },
    .{ "on_email_verify", "on-email-verify", Shape.event },
    .{ "on_password_reset", "on-password-reset", Shape.event },
    .{ "on_oauth_link", "on-oauth-link", Shape.text_event },
    .{ "on_magic_link_sent", "on-magic-link-sent", Shape.event },
    .{ "on_passkey_registered", "on-passkey-registered", Shape.passkey_event },
    .{ "on_passkey_deleted", "on-passkey-deleted", Shape.passkey_event },
    .{ "on_signin_failed", "on-signin-failed", Shape.text_event },
    .{ "on_lockout", "on-lockout", Shape.event },
    .{ "on_password_change", "on-password-change", Shape.event },
    .{ "on_email_change", "on-email-change", Shape.text_event },
    .{ "on_account_delete", "on-account-delete", Shape.event },
    .{ "on_session_revoke", "on-session-revoke", Shape.text_event },
    .{ "on_refresh_reuse", "on-refresh-reuse", Shape.event },
    // No hook: asked once, when the plugin is loaded; `return hookgate.fail(…)` says what is wrong with the settings.
    .{ "validate_config", "validate-config", Shape.check },
};

/// Exports the hooks that a file has. A name that looks like one and is none does not compile.
pub fn plugin(comptime Plugin: type) void {
    comptime {
        @setEvalBranchQuota(10_000);
        for (@typeInfo(Plugin).@"struct".decl_names) |name| {
            if (looksLikeHook(name) and !isHook(name)) @compileError("there is no hook `" ++ name ++ "`");
        }
        if (!is_wasm) return;
        @export(&realloc, .{ .name = "cabi_realloc" });
        for (hooks) |hook| {
            const name, const wit, const shape = hook;
            if (!@hasDecl(Plugin, name)) continue;
            const full = "hookgate:hooks/" ++ wit ++ "@0.1.0#" ++ wit;
            @export(exported(@field(Plugin, name), shape), .{ .name = full });
            @export(&afterwards, .{ .name = "cabi_post_" ++ full });
        }
    }
}

fn looksLikeHook(comptime name: []const u8) bool {
    for (.{ "allow_", "modify_", "on_", "validate_" }) |prefix| {
        if (std.mem.startsWith(u8, name, prefix)) return true;
    }
    return false;
}

fn isHook(comptime name: []const u8) bool {
    for (hooks) |hook| {
        if (std.mem.eql(u8, hook[0], name)) return true;
    }
    return false;
}

fn realloc(old: ?[*]u8, old_size: usize, alignment: usize, new_size: usize) callconv(.c) [*]u8 {
    _ = alignment;
    // Nothing would be given at an address beyond the memory, which the host refuses.
    const made = allocator.alignedAlloc(u8, .@"8", @max(new_size, 1)) catch outOfMemory();
    if (old) |bytes| @memcpy(made[0..@min(old_size, new_size)], bytes[0..@min(old_size, new_size)]);
    return made.ptr;
}

fn afterwards(answer: *const anyopaque) callconv(.c) void {
    _ = answer;
    failure_text = null;
    memory.reset();
}

fn exported(comptime hook: anytype, comptime shape: Shape) *const anyopaque {
    return switch (shape) {
        .gate => &struct {
            fn call(i: usize, il: usize, e: usize, el: usize, hn: u32, n: usize, nl: usize, hm: u32, m: usize, ml: usize, v: u32, a: u32, p: usize, pl: usize) callconv(.c) *const Answer {
                return answerGate(hook(liftUser(i, il, e, el, hn, n, nl, hm, m, ml, v, a), lift(p, pl)));
            }
        }.call,
        .mutation => &struct {
            fn call(j: usize, jl: usize, i: usize, il: usize, e: usize, el: usize, hn: u32, n: usize, nl: usize, hm: u32, m: usize, ml: usize, v: u32, a: u32) callconv(.c) *const Answer {
                var object = Object.parse(lift(j, jl)) catch |problem| return answerError(problem);
                if (failed(hook(&object, liftUser(i, il, e, el, hn, n, nl, hm, m, ml, v, a)))) |problem| return answerError(problem);
                return answerText(false, object.text());
            }
        }.call,
        .event => &struct {
            fn call(i: usize, il: usize, e: usize, el: usize, hn: u32, n: usize, nl: usize, hm: u32, m: usize, ml: usize, v: u32, a: u32) callconv(.c) *const Answer {
                return answerEvent(hook(liftUser(i, il, e, el, hn, n, nl, hm, m, ml, v, a)));
            }
        }.call,
        .check => &struct {
            fn call() callconv(.c) *const Answer {
                return answerEvent(hook());
            }
        }.call,
        .text_event => &struct {
            fn call(i: usize, il: usize, e: usize, el: usize, hn: u32, n: usize, nl: usize, hm: u32, m: usize, ml: usize, v: u32, a: u32, p: usize, pl: usize) callconv(.c) *const Answer {
                return answerEvent(hook(liftUser(i, il, e, el, hn, n, nl, hm, m, ml, v, a), lift(p, pl)));
            }
        }.call,
        .passkey_event => &struct {
            fn call(spilled: *const Spilled) callconv(.c) *const Answer {
                const u, const p = .{ spilled.user, spilled.passkey };
                const user = User{
                    .id = u.id.lift(),
                    .email = u.email.lift(),
                    .name = u.name.lift(),
                    .image = u.image.lift(),
                    .email_verified = u.email_verified != 0,
                    .is_active = u.is_active != 0,
                };
                const passkey = Passkey{
                    .id = p.id.lift(),
                    .user_id = p.user_id.lift(),
                    .name = p.name.lift(),
                    .aaguid = p.aaguid.lift(),
                    .sign_count = p.sign_count,
                    .created_at = p.created_at,
                    .last_used_at = if (p.was_used != 0) p.last_used_at else null,
                };
                return answerEvent(hook(user, passkey));
            }
        }.call,
    };
}

/// Where a text is. An empty one may be anywhere in Zig, but for the host it has to be in memory.
pub fn place(text: []const u8) [*]const u8 {
    return if (text.len == 0) "" else text.ptr;
}

/// A text in linear memory.
pub const Text = extern struct {
    at: ?[*]const u8,
    len: usize,

    pub fn of(text: []const u8) Text {
        return .{ .at = place(text), .len = text.len };
    }
    pub fn lift(text: Text) []const u8 {
        const at = text.at orelse return "";
        return at[0..text.len];
    }
};

/// A text that may not be there.
pub const Option = extern struct {
    is_there: u8,
    text: Text,

    fn of(text: ?[]const u8) Option {
        return .{ .is_there = @intFromBool(text != null), .text = .of(text orelse "") };
    }
    pub fn lift(option: Option) ?[]const u8 {
        return if (option.is_there != 0) option.text.lift() else null;
    }
};

/// A user and a passkey are more than fits on the stack.
const Spilled = extern struct {
    user: extern struct { id: Text, email: Text, name: Option, image: Option, email_verified: u8, is_active: u8 },
    passkey: extern struct {
        id: Text,
        user_id: Text,
        name: Text,
        aaguid: Text,
        sign_count: u32,
        created_at: u64,
        was_used: u8,
        last_used_at: u64,
    },
};

/// `result<decision, string>`, `result<json, string>` and `result<_, string>`.
const Answer = extern struct {
    is_error: u8,
    value: extern union {
        text: Text,
        decision: extern struct { is_denial: u8, code: Option, message: Option, reason: Option },
    },
};

var answer_area: Answer = undefined;

/// An empty text may lie at address 0, where no pointer points to.
fn lift(at: usize, len: usize) []const u8 {
    return if (len == 0) "" else @as([*]const u8, @ptrFromInt(at))[0..len];
}

fn liftUser(
    id: usize,
    id_len: usize,
    email: usize,
    email_len: usize,
    has_name: u32,
    name: usize,
    name_len: usize,
    has_image: u32,
    image: usize,
    image_len: usize,
    email_verified: u32,
    is_active: u32,
) User {
    return .{
        .id = lift(id, id_len),
        .email = lift(email, email_len),
        .name = if (has_name != 0) lift(name, name_len) else null,
        .image = if (has_image != 0) lift(image, image_len) else null,
        .email_verified = email_verified != 0,
        .is_active = is_active != 0,
    };
}

fn answerText(is_error: bool, text: []const u8) *const Answer {
    answer_area = .{ .is_error = @intFromBool(is_error), .value = .{ .text = .of(text) } };
    return &answer_area;
}

fn answerError(problem: anyerror) *const Answer {
    return answerText(true, failure_text orelse @errorName(problem));
}

fn answerEvent(result: anytype) *const Answer {
    return if (failed(result)) |problem| answerError(problem) else answerText(false, "");
}

/// The error of what a hook returned, which is nothing or `!void`.
fn failed(result: anytype) ?anyerror {
    if (@typeInfo(@TypeOf(result)) == .error_union) {
        result catch |problem| return problem;
    }
    return null;
}

fn answerGate(result: anytype) *const Answer {
    if (@typeInfo(@TypeOf(result)) == .error_union) {
        return answerGate(result catch |problem| return answerError(problem));
    }
    const denial: ?Denial = switch (@TypeOf(result)) {
        bool => if (result) null else Denial{},
        Denial => result,
        Decision => switch (result) {
            .allow => null,
            .deny => |denial| denial,
        },
        else => |Other| @compileError("allow_signin returns " ++ @typeName(Other) ++ "; it must be bool, Denial or Decision"),
    };
    const said = denial orelse Denial{};
    answer_area = .{ .is_error = 0, .value = .{ .decision = .{
        .is_denial = @intFromBool(denial != null),
        .code = .of(said.code),
        .message = .of(said.message),
        .reason = .of(said.reason),
    } } };
    return &answer_area;
}
