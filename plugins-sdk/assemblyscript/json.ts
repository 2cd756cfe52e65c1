// JSON objects as text: what is not changed stays as it came. The host hands over valid JSON, and looks at what comes back.

/** The claims of a token or the payload of a session. */
export class JsonObject {
  constructor(
    /** All of it. */
    public text: string = "{}",
  ) {}

  /** A member's value as JSON text; null if there is no such member. */
  get(key: string): string | null {
    const found = this.find(key);
    return found === null ? null : this.text.substring(found.value, found.end);
  }

  /** A member that is a string; null if it is absent or something else. */
  getString(key: string): string | null {
    const json = this.get(key);
    return json === null || !json.startsWith('"') ? null : unescape(json);
  }

  /** A member that is a number, or `otherwise`. */
  getNumber(key: string, otherwise: f64 = 0): f64 {
    const json = this.get(key);
    if (json === null || json.startsWith('"')) return otherwise;
    const number = parseFloat(json);
    return isNaN(number) ? otherwise : number;
  }

  /** The elements of a member that is an array of strings; those of other kinds are left out. */
  getStrings(key: string): string[] {
    const all: string[] = [];
    const json = this.get(key);
    if (json === null || !json.startsWith("[")) return all;
    let at = skipSpace(json, 1);
    while (at < json.length && json.charCodeAt(at) != 0x5d) {
      const end = skipValue(json, at);
      if (end == at) break;
      if (json.charCodeAt(at) == 0x22) all.push(unescape(json.substring(at, end)));
      at = skipSpace(json, end);
      if (at < json.length && json.charCodeAt(at) == 0x2c) at = skipSpace(json, at + 1);
    }
    return all;
  }

  /** Adds or replaces a member; `json` must be valid JSON. */
  set(key: string, json: string): void {
    const text = this.text;
    const found = this.find(key);
    if (found !== null) {
      this.text = text.substring(0, found.value) + json + text.substring(found.end);
      return;
    }
    const end = text.lastIndexOf("}");
    const isEmpty = skipSpace(text, skipSpace(text, 0) + 1) >= end;
    this.text = text.substring(0, end) + (isEmpty ? "" : ",") + escape(key) + ":" + json + "}";
  }

  /** The same for a string; null of none. */
  setString(key: string, value: string | null): void {
    this.set(key, value === null ? "null" : escape(value));
  }

  setInteger(key: string, value: i64): void {
    this.set(key, value.toString());
  }

  setBool(key: string, value: bool): void {
    this.set(key, value ? "true" : "false");
  }

  setObject(key: string, value: JsonObject): void {
    this.set(key, value.text);
  }

  remove(key: string): void {
    let found = this.find(key);
    while (found !== null) {
      const text = this.text;
      let start = found.start;
      let end = found.end;
      const next = skipSpace(text, end);
      if (next < text.length && text.charCodeAt(next) == 0x2c) {
        end = next + 1;
      } else {
        while (start > 0 && isSpace(text.charCodeAt(start - 1))) start--;
        if (start > 0 && text.charCodeAt(start - 1) == 0x2c) start--;
      }
      this.text = text.substring(0, start) + text.substring(end);
      found = this.find(key);
    }
  }

  /** The last member of this name, as other parsers see it. */
  private find(key: string): Member | null {
    const text = this.text;
    let last: Member | null = null;
    let at = skipSpace(text, skipSpace(text, 0) + 1);
    while (at < text.length && text.charCodeAt(at) == 0x22) {
      const endOfKey = skipString(text, at);
      const value = skipSpace(text, skipSpace(text, endOfKey) + 1);
      const end = skipValue(text, value);
      if (unescape(text.substring(at, endOfKey)) == key) last = new Member(at, value, end);
      at = skipSpace(text, skipSpace(text, end) + 1);
    }
    return last;
  }
}

/** `start..end` is `"key":value`, and `value..end` the value. */
class Member {
  constructor(
    public start: i32,
    public value: i32,
    public end: i32,
  ) {}
}

function isSpace(c: i32): bool {
  return c == 0x20 || c == 0x09 || c == 0x0a || c == 0x0d;
}

function skipSpace(json: string, at: i32): i32 {
  while (at < json.length && isSpace(json.charCodeAt(at))) at++;
  return at;
}

function skipString(json: string, at: i32): i32 {
  at++;
  while (at < json.length && json.charCodeAt(at) != 0x22) at += json.charCodeAt(at) == 0x5c ? 2 : 1;
  return at < json.length ? at + 1 : json.length;
}

function skipValue(json: string, at: i32): i32 {
  let depth = 0;
  while (at < json.length) {
    const c = json.charCodeAt(at);
    if (c == 0x22) {
      at = skipString(json, at);
      if (depth == 0) return at;
    } else if (c == 0x7b || c == 0x5b) {
      depth++;
      at++;
    } else if (c == 0x7d || c == 0x5d) {
      if (depth == 0) return at;
      at++;
      if (--depth == 0) return at;
    } else if (depth == 0 && (c == 0x2c || isSpace(c))) {
      return at;
    } else {
      at++;
    }
  }
  return json.length;
}

/** The text of a JSON string, quotes included. */
function unescape(json: string): string {
  if (!json.includes("\\")) return json.substring(1, json.length - 1);
  let text = "";
  for (let at = 1; at + 1 < json.length; at++) {
    let c = json.charCodeAt(at);
    if (c == 0x5c) {
      c = json.charCodeAt(++at);
      if (c == 0x75) {
        c = <i32>parseInt(json.substring(at + 1, at + 5), 16);
        at += 4;
      } else if (c == 0x6e) c = 0x0a;
      else if (c == 0x72) c = 0x0d;
      else if (c == 0x74) c = 0x09;
      else if (c == 0x62) c = 0x08;
      else if (c == 0x66) c = 0x0c;
    }
    text += String.fromCharCode(c);
  }
  return text;
}

/** A text as a JSON string. */
export function escape(text: string): string {
  let json = '"';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c >= 0x20 && c != 0x22 && c != 0x5c) continue;
    json += text.substring(from, at);
    json += c < 0x20 ? "\\u00" + (c < 0x10 ? "0" : "") + c.toString(16) : "\\" + String.fromCharCode(c);
    from = at + 1;
  }
  return json + text.substring(from) + '"';
}
