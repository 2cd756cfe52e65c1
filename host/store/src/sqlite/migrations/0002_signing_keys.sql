-- The key pairs that the server makes for itself. The private halves are sealed with the secret.
CREATE TABLE signing_keys (
    -- The order in which they were added: who wants to add one names the last.
    number       INTEGER PRIMARY KEY,
    kid          TEXT NOT NULL UNIQUE,
    algorithm    TEXT NOT NULL,
    sealed       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    signs_from   INTEGER NOT NULL,
    longest_ttl  INTEGER NOT NULL
) STRICT;
