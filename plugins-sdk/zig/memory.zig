//! The memory of one call, which is given up as a whole.

const std = @import("std");
const Alignment = std.mem.Alignment;

/// In pages that are there from the start: asking the host for more takes longer than most hooks.
var first: [40 << 10]u8 align(16) = undefined;
var used: usize = 0;
/// What has no room there.
var arena = std.heap.ArenaAllocator.init(if (@import("builtin").cpu.arch.isWasm()) std.heap.wasm_allocator else std.heap.page_allocator);
const others = arena.allocator();

pub const allocator: std.mem.Allocator = .{
    .ptr = &first,
    .vtable = &.{ .alloc = alloc, .resize = resize, .remap = remap, .free = free },
};

pub fn reset() void {
    used = 0;
    _ = arena.reset(.retain_capacity);
}

fn alloc(_: *anyopaque, len: usize, alignment: Alignment, from: usize) ?[*]u8 {
    const at = alignment.forward(used);
    if (alignment.toByteUnits() > 16 or at > first.len or len > first.len - at) return others.rawAlloc(len, alignment, from);
    used = at + len;
    return first[at..].ptr;
}

/// Where in `first` it lies.
fn place(bytes: []u8) ?usize {
    const at = @intFromPtr(bytes.ptr) -% @intFromPtr(&first);
    return if (at < first.len) at else null;
}

fn resize(_: *anyopaque, bytes: []u8, alignment: Alignment, len: usize, from: usize) bool {
    const at = place(bytes) orelse return others.rawResize(bytes, alignment, len, from);
    if (at + bytes.len != used) return len <= bytes.len;
    if (len > first.len - at) return false;
    used = at + len;
    return true;
}

fn remap(context: *anyopaque, bytes: []u8, alignment: Alignment, len: usize, from: usize) ?[*]u8 {
    if (place(bytes) == null) return others.rawRemap(bytes, alignment, len, from);
    return if (resize(context, bytes, alignment, len, from)) bytes.ptr else null;
}

fn free(_: *anyopaque, bytes: []u8, alignment: Alignment, from: usize) void {
    const at = place(bytes) orelse return others.rawFree(bytes, alignment, from);
    if (at + bytes.len == used) used = at;
}

test "memory is given until none is asked for" {
    reset();
    try std.heap.testAllocator(allocator);
    try std.heap.testAllocatorAligned(allocator);
    try std.heap.testAllocatorLargeAlignment(allocator);
    try std.heap.testAllocatorAlignedShrink(allocator);
    reset();
}

test "the last piece grows where it is, until there is no room" {
    reset();
    var piece = try allocator.alloc(u8, 8);
    try std.testing.expect(allocator.resize(piece, 64));
    piece.len = 64;
    const next = try allocator.alloc(u8, first.len - 64);
    try std.testing.expectEqual(piece.ptr + 64, next.ptr);
    try std.testing.expect(!allocator.resize(piece, 65));
    try std.testing.expect(!allocator.resize(next, std.math.maxInt(usize)));
    const other = try allocator.alloc(u8, 1);
    try std.testing.expectEqual(null, place(other));
    reset();
    try std.testing.expectEqual(piece.ptr, (try allocator.alloc(u8, first.len)).ptr);
    reset();
}
