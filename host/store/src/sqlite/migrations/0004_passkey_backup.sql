-- The flag BE of an authenticator, 0 or 1. Unknown for passkeys from before, until they are used.
ALTER TABLE passkeys ADD COLUMN backup_eligible INTEGER;
