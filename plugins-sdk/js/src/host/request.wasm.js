/** `request` of the server. */
export {
  attempt, eventId, id, ip, isNew, provider, time, tokenKind, userAgent,
} from "hookgate:hooks/request@0.1.0";
