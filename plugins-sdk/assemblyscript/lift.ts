// Texts that the host has put into memory. No part of the public API.

export function lift(at: usize, length: usize): string {
  return String.UTF16.decodeUnsafe(at, length << 1);
}

export function liftOption(isThere: u32, at: usize, length: usize): string | null {
  return isThere == 0 ? null : lift(at, length);
}

/** An option in memory: one byte, then address and length. */
export function loadOption(at: usize): string | null {
  return liftOption(load<u8>(at), load<usize>(at + 4), load<usize>(at + 8));
}

export function loadText(at: usize): string {
  return lift(load<usize>(at), load<usize>(at + 4));
}
