/** `request` of tests. */
import { state } from "./fake.js";

export const id = () => state.request.id;
export const time = () => state.request.time;
export const ip = () => state.request.ip;
export const userAgent = () => state.request.userAgent;
export const provider = () => state.request.provider;
export const isNew = () => state.request.isNew;
export const tokenKind = () => state.request.tokenKind;
export const eventId = () => state.request.eventId;
export const attempt = () => state.request.attempt;
