/**
 * The server while a plugin is built: it does not answer yet. What a plugin does outside of its hooks is
 * done once, and its outcome is part of the component.
 */

const tooEarly = (name) => () => {
  throw new Error(`${name} is used outside of the hooks, when there is no server yet; use it in a hook`);
};

export const write = tooEarly("log (or console)");
export const all = tooEarly("config.all()");
export const get = tooEarly("config.get() (or kv.get())");
export const id = tooEarly("request.id()");
export const time = tooEarly("request.time()");
export const ip = tooEarly("request.ip()");
export const userAgent = tooEarly("request.userAgent()");
export const provider = tooEarly("request.provider()");
export const isNew = tooEarly("request.isNew()");
export const tokenKind = tooEarly("request.tokenKind()");
export const eventId = tooEarly("request.eventId()");
export const attempt = tooEarly("request.attempt()");
export const now = tooEarly("clock.now() (or the current date)");
export const monotonic = tooEarly("clock.monotonic() (or performance.now())");
export const bytes = tooEarly("random.bytes() (or crypto)");
export const number = tooEarly("random.number() (or Math.random())");
export const set = tooEarly("kv.set()");
export const remove = tooEarly("kv.delete()");
export const increment = tooEarly("kv.increment()");
export const compareAndSet = tooEarly("kv.compareAndSet()");
export const send = tooEarly("http.fetch()");
export const names = tooEarly("secrets.names()");
export const hmacSha256 = tooEarly("secrets.hmacSha256()");
