// Labels a session with the device that it began on, such as "Firefox on Linux".
import { config, JsonObject, request, User } from "../../../plugins-sdk/assemblyscript/index";

// What is found first decides, so those come first whose bearers also carry the others' marks.
const BROWSERS = [
  "Edg", "Edge", "OPR/", "Opera", "SamsungBrowser/", "Samsung Internet", "Firefox/", "Firefox", "FxiOS/", "Firefox",
  "CriOS/", "Chrome", "Chrome/", "Chrome", "Safari/", "Safari", "curl/", "curl",
];
const SYSTEMS = [
  "Android", "Android", "iPhone", "iOS", "iPad", "iPadOS", "CrOS", "ChromeOS", "Windows", "Windows", "Mac OS X", "macOS",
  "FreeBSD", "FreeBSD", "Linux", "Linux",
];

export function modifySession(session: JsonObject, user: User): void {
  const label = labelOf(request.userAgent());
  session.setString("device", label !== null ? label : config.get("unknown"));
  // It says more of its user than the label, and nobody needs it any more.
  session.remove("user_agent");
}

function labelOf(userAgent: string | null): string | null {
  if (userAgent === null) return null;
  const browser = find(BROWSERS, userAgent);
  const system = find(SYSTEMS, userAgent);
  if (browser === null) return system;
  return system === null ? browser : browser + " on " + system;
}

/** The name after the first mark that is there. */
function find(marks: string[], userAgent: string): string | null {
  for (let n = 0; n < marks.length; n += 2) {
    if (userAgent.includes(marks[n])) return marks[n + 1];
  }
  return null;
}
