/**
 * The server while a plugin is built: it does not answer yet. What a plugin does outside of its hooks is
 * done once, and its outcome is part of the component.
 */

const tooEarly = (name) => () => {
  throw new Error(`${name} is used outside of the hooks, when there is no server yet; use it in a hook`);
};

export const write = tooEarly("log (or console)");
export const all = tooEarly("config.all()");
export const get = tooEarly("config.get()");
export const id = tooEarly("request.id()");
export const time = tooEarly("request.time() (or the current date)");
export const ip = tooEarly("request.ip()");
export const userAgent = tooEarly("request.userAgent()");
export const provider = tooEarly("request.provider()");
export const isNew = tooEarly("request.isNew()");
export const tokenKind = tooEarly("request.tokenKind()");
export const eventId = tooEarly("request.eventId()");
export const attempt = tooEarly("request.attempt()");
