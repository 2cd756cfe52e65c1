// What the server offers. What is called is imported, and needs the grant of that name.

import { JsonObject } from "./json";
import { loadOption, loadText } from "./lift";

// @ts-ignore: a decorator of AssemblyScript
@external("hookgate:hooks/log@0.1.0", "log")
declare function importLog(level: u32, message: usize, length: usize, fields: usize, count: usize): void;
// @ts-ignore
@external("hookgate:hooks/config@0.1.0", "get")
declare function importConfigGet(key: usize, length: usize, answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/config@0.1.0", "all")
declare function importConfigAll(answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/request@0.1.0", "id")
declare function importRequestId(answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/request@0.1.0", "time")
declare function importRequestTime(): u64;
// @ts-ignore
@external("hookgate:hooks/request@0.1.0", "ip")
declare function importRequestIp(answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/request@0.1.0", "user-agent")
declare function importRequestUserAgent(answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/request@0.1.0", "provider")
declare function importRequestProvider(answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/request@0.1.0", "is-new")
declare function importRequestIsNew(): u32;
// @ts-ignore
@external("hookgate:hooks/request@0.1.0", "token-kind")
declare function importRequestTokenKind(answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/request@0.1.0", "event-id")
declare function importRequestEventId(answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/request@0.1.0", "attempt")
declare function importRequestAttempt(): u32;
// @ts-ignore
@external("hookgate:hooks/clock@0.1.0", "now")
declare function importClockNow(): u64;
// @ts-ignore
@external("hookgate:hooks/clock@0.1.0", "monotonic")
declare function importClockMonotonic(): u64;
// @ts-ignore
@external("hookgate:hooks/random@0.1.0", "bytes")
declare function importRandomBytes(length: u32, answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/random@0.1.0", "number")
declare function importRandomNumber(): u64;
// @ts-ignore
@external("hookgate:hooks/kv@0.1.0", "get")
declare function importKvGet(key: usize, length: usize, answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/kv@0.1.0", "set")
declare function importKvSet(key: usize, length: usize, value: usize, size: usize, hasTtl: u32, ttl: u32, answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/kv@0.1.0", "delete")
declare function importKvDelete(key: usize, length: usize, answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/kv@0.1.0", "increment")
declare function importKvIncrement(key: usize, length: usize, by: i64, hasTtl: u32, ttl: u32, answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/kv@0.1.0", "compare-and-set")
declare function importKvCompareAndSet(
  key: usize, length: usize, hasExpected: u32, expected: usize, expectedSize: usize, hasValue: u32, value: usize,
  size: usize, hasTtl: u32, ttl: u32, answer: usize,
): void;
// @ts-ignore
@external("hookgate:hooks/http@0.1.0", "send")
declare function importHttpSend(
  method: usize, methodLength: usize, url: usize, urlLength: usize, headers: usize, headerCount: usize, secretHeaders: usize,
  secretHeaderCount: usize, hasBody: u32, body: usize, bodySize: usize, hasTimeout: u32, timeout: u32, answer: usize,
): void;
// @ts-ignore
@external("hookgate:hooks/secrets@0.1.0", "names")
declare function importSecretsNames(answer: usize): void;
// @ts-ignore
@external("hookgate:hooks/secrets@0.1.0", "hmac-sha256")
declare function importSecretsHmac(name: usize, length: usize, data: usize, size: usize, answer: usize): void;

/** Where the host puts its answers. */
const AREA: usize = memory.data(32, 8);

function at(text: string): usize {
  return changetype<usize>(text);
}

/** A structured part of a log line. */
export class Field {
  constructor(
    public key: string,
    public value: string | null,
  ) {}
}

/** Texts as the host reads lists of tuples or records of them. */
function lower(texts: string[]): StaticArray<usize> {
  const raw = new StaticArray<usize>(texts.length * 2);
  for (let n = 0; n < texts.length; n++) {
    raw[n * 2] = at(texts[n]);
    raw[n * 2 + 1] = <usize>texts[n].length;
  }
  return raw;
}

function option(): string | null {
  return loadOption(AREA);
}

/** Writes to the server's log. Do not write secrets or addresses. */
export namespace log {
  export function write(level: u32, message: string, fields: Field[]): void {
    const texts: string[] = [];
    for (let n = 0; n < fields.length; n++) {
      const value = fields[n].value;
      texts.push(fields[n].key);
      texts.push(value === null ? "" : value);
    }
    importLog(level, at(message), message.length, changetype<usize>(lower(texts)), fields.length);
  }
  export function trace(message: string, fields: Field[] = []): void {
    write(0, message, fields);
  }
  export function debug(message: string, fields: Field[] = []): void {
    write(1, message, fields);
  }
  export function info(message: string, fields: Field[] = []): void {
    write(2, message, fields);
  }
  export function warn(message: string, fields: Field[] = []): void {
    write(3, message, fields);
  }
  export function error(message: string, fields: Field[] = []): void {
    write(4, message, fields);
  }
}

/** The operator's settings for this plugin. */
export namespace config {
  /** Text comes as it is, everything else as JSON; null if it is not set. */
  export function get(key: string): string | null {
    importConfigGet(at(key), key.length, AREA);
    return option();
  }
  export function all(): JsonObject {
    importConfigAll(AREA);
    return new JsonObject(loadText(AREA));
  }
}

/** What is known of the request that caused this call. */
export namespace request {
  export function id(): string {
    importRequestId(AREA);
    return loadText(AREA);
  }
  /** Milliseconds since the Unix epoch. */
  export function time(): u64 {
    return importRequestTime();
  }
  export function ip(): string | null {
    importRequestIp(AREA);
    return option();
  }
  export function userAgent(): string | null {
    importRequestUserAgent(AREA);
    return option();
  }
  /** The way in; null where there is none (a refresh, say). */
  export function provider(): string | null {
    importRequestProvider(AREA);
    return option();
  }
  export function isNew(): bool {
    return importRequestIsNew() != 0;
  }
  /** `access` or `refresh`, in `modifyJwt` only. */
  export function tokenKind(): string | null {
    importRequestTokenKind(AREA);
    if (load<u8>(AREA) == 0) return null;
    return load<u8>(AREA + 1) == 0 ? "access" : "refresh";
  }
  export function eventId(): string | null {
    importRequestEventId(AREA);
    return option();
  }
  export function attempt(): u32 {
    return importRequestAttempt();
  }
}

/** The server's clock: the component has none of its own. */
export namespace clock {
  /** Milliseconds since the Unix epoch. */
  export function now(): u64 {
    return importClockNow();
  }
  /** Nanoseconds since the call began. */
  export function monotonic(): u64 {
    return importClockMonotonic();
  }
}

/** The server's random numbers, fit for secrets. */
export namespace random {
  /** At most 4096. */
  export function bytes(length: u32): Uint8Array {
    importRandomBytes(length, AREA);
    return copy(load<usize>(AREA), load<usize>(AREA + 4));
  }
  export function number(): u64 {
    return importRandomNumber();
  }
}

function copy(from: usize, size: usize): Uint8Array {
  const bytes = new Uint8Array(<i32>size);
  memory.copy(bytes.dataStart, from, size);
  return bytes;
}

/** What the server answers where it may say no: `code` is null if it did what it was asked. */
export class Result<T> {
  constructor(
    public value: T,
    /**
     * Of `kv`: `invalid`, `quota`, `not-a-number`, `unavailable`. Of `http`: `invalid`, `denied`, `timeout`, `too-large`,
     * `connection`.
     */
    public code: string | null = null,
    /** For `fail`: what is wrong. */
    public text: string = "",
  ) {}

  get ok(): bool {
    return this.code === null;
  }
}

/** The error at an address: a code, of which some have a text. */
function failed<T>(value: T, codes: string[], withText: u32, error: usize): Result<T> {
  const number = load<u8>(error);
  const code = codes[number];
  const hasText = ((withText >> number) & 1) != 0;
  return new Result<T>(value, code, hasText ? code + ": " + loadText(error + 4) : code);
}

const KV_CODES = ["invalid", "quota", "not-a-number", "unavailable"];

/** A small store that outlives the call: this plugin's alone. Keys have 1 to 256 bytes; a `ttl` of 0 is for ever. */
export namespace kv {
  export function getBytes(key: string): Result<Uint8Array | null> {
    importKvGet(at(key), key.length, AREA);
    if (load<u8>(AREA) != 0) return failed<Uint8Array | null>(null, KV_CODES, 3, AREA + 4);
    if (load<u8>(AREA + 4) == 0) return new Result<Uint8Array | null>(null);
    return new Result<Uint8Array | null>(copy(load<usize>(AREA + 8), load<usize>(AREA + 12)));
  }
  /** The value as text; null if there is none. */
  export function get(key: string): Result<string | null> {
    const found = getBytes(key);
    const bytes = found.value;
    const text: string | null = bytes === null ? null : String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
    return new Result<string | null>(text, found.code, found.text);
  }
  export function setBytes(key: string, value: Uint8Array, ttl: u32 = 0): Result<bool> {
    importKvSet(at(key), key.length, value.dataStart, value.length, ttl != 0 ? 1 : 0, ttl, AREA);
    return load<u8>(AREA) != 0 ? failed<bool>(false, KV_CODES, 3, AREA + 4) : new Result<bool>(true);
  }
  export function set(key: string, value: string, ttl: u32 = 0): Result<bool> {
    return setBytes(key, Uint8Array.wrap(String.UTF8.encode(value)), ttl);
  }
  export function remove(key: string): Result<bool> {
    importKvDelete(at(key), key.length, AREA);
    return load<u8>(AREA) != 0 ? failed<bool>(false, KV_CODES, 3, AREA + 4) : new Result<bool>(true);
  }
  /** Adds to a decimal number (absent counts as 0). An entry that is there keeps its end: the window of a rate limit. */
  export function increment(key: string, by: i64 = 1, ttl: u32 = 0): Result<i64> {
    importKvIncrement(at(key), key.length, by, ttl != 0 ? 1 : 0, ttl, AREA);
    return load<u8>(AREA) != 0 ? failed<i64>(0, KV_CODES, 3, AREA + 8) : new Result<i64>(load<i64>(AREA + 8));
  }
  /** Sets the value (null deletes it) if the present one is `expected` (null: absent). Whether it was. */
  export function compareAndSet(key: string, expected: string | null, value: string | null, ttl: u32 = 0): Result<bool> {
    const before = String.UTF8.encode(expected === null ? "" : expected);
    const after = String.UTF8.encode(value === null ? "" : value);
    importKvCompareAndSet(
      at(key), key.length, expected === null ? 0 : 1, changetype<usize>(before), before.byteLength,
      value === null ? 0 : 1, changetype<usize>(after), after.byteLength, ttl != 0 ? 1 : 0, ttl, AREA,
    );
    return load<u8>(AREA) != 0 ? failed<bool>(false, KV_CODES, 3, AREA + 4) : new Result<bool>(load<u8>(AREA + 4) != 0);
  }
}

export class Header {
  constructor(
    public name: string,
    public value: string,
  ) {}
}

/** A header whose value ends in a secret that the plugin never sees. */
export class SecretHeader {
  constructor(
    public name: string,
    /** `Bearer `, say. */
    public prefix: string,
    /** The secret's name. */
    public secret: string,
  ) {}
}

export class Request {
  method: string = "GET";
  headers: Header[] = [];
  secretHeaders: SecretHeader[] = [];
  body: string | null = null;
  /** Milliseconds; 0 is what the call has left. */
  timeout: u32 = 0;

  constructor(public url: string) {}
}

export class Response {
  constructor(
    public status: u16 = 0,
    /** Names in small letters. */
    public headers: Header[] = [],
    public body: Uint8Array = new Uint8Array(0),
  ) {}

  get text(): string {
    return String.UTF8.decodeUnsafe(this.body.dataStart, this.body.length);
  }

  header(name: string): string | null {
    for (let n = 0; n < this.headers.length; n++) {
      if (this.headers[n].name == name) return this.headers[n].value;
    }
    return null;
  }
}

/** HTTP requests to the hosts that the operator allowed. A redirect is answered, not followed. */
export namespace http {
  export function send(message: Request): Result<Response> {
    const headers: string[] = [];
    for (let n = 0; n < message.headers.length; n++) {
      headers.push(message.headers[n].name);
      headers.push(message.headers[n].value);
    }
    const secrets: string[] = [];
    for (let n = 0; n < message.secretHeaders.length; n++) {
      secrets.push(message.secretHeaders[n].name);
      secrets.push(message.secretHeaders[n].prefix);
      secrets.push(message.secretHeaders[n].secret);
    }
    const rawHeaders = lower(headers);
    const rawSecrets = lower(secrets);
    const text = message.body;
    const body = String.UTF8.encode(text === null ? "" : text);
    importHttpSend(
      at(message.method), message.method.length, at(message.url), message.url.length,
      changetype<usize>(rawHeaders), message.headers.length, changetype<usize>(rawSecrets), message.secretHeaders.length,
      text === null ? 0 : 1, changetype<usize>(body), body.byteLength, message.timeout != 0 ? 1 : 0, message.timeout, AREA,
    );
    const codes = ["invalid", "denied", "timeout", "too-large", "connection"];
    if (load<u8>(AREA) != 0) return failed<Response>(new Response(), codes, 19, AREA + 4);
    const list = load<usize>(AREA + 8);
    const count = load<usize>(AREA + 12);
    const answer = new Response(load<u16>(AREA + 4), [], copy(load<usize>(AREA + 16), load<usize>(AREA + 20)));
    for (let n: usize = 0; n < count; n++) {
      answer.headers.push(new Header(loadText(list + n * 16), loadText(list + n * 16 + 8)));
    }
    return new Result<Response>(answer);
  }
}

/** Secrets that the operator lent to this plugin, to be used and never read. */
export namespace secrets {
  export function names(): string[] {
    importSecretsNames(AREA);
    const list = load<usize>(AREA);
    const count = load<usize>(AREA + 4);
    const all: string[] = [];
    for (let n: usize = 0; n < count; n++) all.push(loadText(list + n * 8));
    return all;
  }
  /** HMAC-SHA-256 with a secret as the key: 32 bytes; null if there is no such secret. */
  export function hmacSha256(name: string, data: string): Uint8Array | null {
    const bytes = String.UTF8.encode(data);
    importSecretsHmac(at(name), name.length, changetype<usize>(bytes), bytes.byteLength, AREA);
    return load<u8>(AREA) == 0 ? null : copy(load<usize>(AREA + 4), load<usize>(AREA + 8));
  }
  /** The same in hexadecimal digits. */
  export function hmacSha256Hex(name: string, data: string): string | null {
    const bytes = hmacSha256(name, data);
    if (bytes === null) return null;
    let hex = "";
    for (let n = 0; n < bytes.length; n++) hex += (bytes[n] < 16 ? "0" : "") + bytes[n].toString(16);
    return hex;
  }
}
