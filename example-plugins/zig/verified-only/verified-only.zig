//! Lets in whoever has proven the e-mail address. A provider that proves it by itself may be excepted.

const std = @import("std");
const hookgate = @import("hookgate");

comptime {
    hookgate.plugin(@This());
}

const Settings = struct {
    /// Ways in that need no proof, as in `provider` of the hook.
    except_providers: []const []const u8 = &.{},
    message: []const u8 = "Please confirm your e-mail address first.",
};

pub fn allow_signin(user: hookgate.User, provider: []const u8) !hookgate.Decision {
    const settings = try hookgate.config.all(Settings);
    if (user.email_verified) return .allow;
    for (settings.except_providers) |name| {
        if (std.mem.eql(u8, name, provider)) return .allow;
    }
    return .{ .deny = .{ .code = "email_not_verified", .message = settings.message } };
}

fn ask(verified: bool, provider: []const u8) !hookgate.Decision {
    var user = hookgate.testing.user("ada@example.com");
    user.email_verified = verified;
    return allow_signin(user, provider);
}

test "a proven address comes in" {
    hookgate.testing.reset();
    try std.testing.expect(try ask(true, "credentials") == .allow);
}

test "others are told what to do" {
    hookgate.testing.reset();
    const decision = try ask(false, "credentials");
    try std.testing.expectEqualStrings("email_not_verified", decision.deny.code.?);
    try std.testing.expectEqualStrings("Please confirm your e-mail address first.", decision.deny.message.?);
}

test "a provider may be excepted" {
    hookgate.testing.reset();
    hookgate.testing.config = "{\"except_providers\": [\"github\"]}";
    try std.testing.expect(try ask(false, "github") == .allow);
    try std.testing.expect(try ask(false, "credentials") == .deny);
}

test "a misspelt setting is a failure" {
    hookgate.testing.reset();
    hookgate.testing.config = "{\"except_provider\": []}";
    try std.testing.expectError(error.HookFailed, ask(true, "credentials"));
}
