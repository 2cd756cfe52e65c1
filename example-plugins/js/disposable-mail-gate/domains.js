// The best known services. A longer list is a change of this file and `npm run build`.
export const DISPOSABLE = new Set([
  "10minutemail.com", "discard.email", "dispostable.com", "emailondeck.com", "fakeinbox.com",
  "getnada.com", "grr.la", "guerrillamail.com", "guerrillamail.info", "guerrillamailblock.com",
  "mail-temp.com", "mailcatch.com", "maildrop.cc", "mailinator.com", "mailnesia.com", "mintemail.com",
  "mohmal.com", "moakt.com", "sharklasers.com", "spam4.me", "spamgourmet.com", "tempail.com",
  "temp-mail.org", "tempmail.dev", "tempr.email", "throwawaymail.com", "trashmail.com", "yopmail.com",
]);
