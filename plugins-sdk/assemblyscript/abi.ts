// The component model's canonical ABI, by hand: between the exports that `transform.mjs` writes and an author's hooks.
// Strings are UTF-16. No part of the public API.

import { Decision, Passkey, takeFailure, User } from "./index";
import { JsonObject } from "./json";
import { lift, liftOption, loadOption, loadText } from "./lift";

export { lift };

/** What the host put into memory for this call. */
let blocks: usize[] = [];
/** What the host still has to read. */
let kept: (string | null)[] = [];

export function cabi_realloc(old: usize, oldSize: usize, align: usize, newSize: usize): usize {
  const made = heap.alloc(newSize == 0 ? 1 : newSize);
  if (old != 0) memory.copy(made, old, min(oldSize, newSize));
  blocks.push(made);
  return made;
}

export function afterwards(answer: usize): void {
  for (let n = 0; n < blocks.length; n++) heap.free(blocks[n]);
  blocks = [];
  kept = [];
}

export function storeText(at: usize, text: string): void {
  kept.push(text);
  store<usize>(at, changetype<usize>(text));
  store<usize>(at + 4, <usize>text.length);
}

function storeOption(at: usize, text: string | null): void {
  store<u8>(at, text === null ? 0 : 1);
  if (text !== null) storeText(at + 4, text);
}

/** `result<decision, string>`, `result<json, string>` and `result<_, string>`. */
const ANSWER: usize = memory.data(48, 4);

function answerText(isError: bool, text: string): usize {
  store<u8>(ANSWER, isError ? 1 : 0);
  storeText(ANSWER + 4, text);
  return ANSWER;
}

export function gate(decision: Decision): usize {
  const failure = takeFailure();
  if (failure !== null) return answerText(true, failure);
  store<u8>(ANSWER, 0);
  store<u8>(ANSWER + 4, decision.isDenial ? 1 : 0);
  storeOption(ANSWER + 8, decision.code);
  storeOption(ANSWER + 20, decision.message);
  storeOption(ANSWER + 32, decision.reason);
  return ANSWER;
}

export function changed(object: JsonObject): usize {
  const failure = takeFailure();
  return failure === null ? answerText(false, object.text) : answerText(true, failure);
}

export function taken(): usize {
  const failure = takeFailure();
  return failure === null ? answerText(false, "") : answerText(true, failure);
}

export function liftUser(
  id: usize, idLength: usize, email: usize, emailLength: usize,
  hasName: u32, name: usize, nameLength: usize, hasImage: u32, image: usize, imageLength: usize,
  emailVerified: u32, isActive: u32,
): User {
  return new User(
    lift(id, idLength), lift(email, emailLength), liftOption(hasName, name, nameLength),
    liftOption(hasImage, image, imageLength), emailVerified != 0, isActive != 0,
  );
}

/** A user and a passkey are more than fits on the stack. */
export function spilledUser(at: usize): User {
  return new User(
    loadText(at), loadText(at + 8), loadOption(at + 16), loadOption(at + 28), load<u8>(at + 40) != 0, load<u8>(at + 41) != 0,
  );
}

export function spilledPasskey(user: usize): Passkey {
  const at = user + 48;
  return new Passkey(
    loadText(at), loadText(at + 8), loadText(at + 16), loadText(at + 24), load<u32>(at + 32), load<u64>(at + 40),
    load<u8>(at + 48) != 0, load<u64>(at + 56),
  );
}

/** In place of the runtime's, which imports one: the hook fails. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  unreachable();
}
