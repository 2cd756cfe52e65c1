-- Times are whole seconds since the Unix epoch, unless a name ends in _ms.
-- A row whose expires_at has come counts as absent, whether it was cleaned up yet or not.

CREATE TABLE users (
    id              TEXT PRIMARY KEY NOT NULL,
    email           TEXT NOT NULL UNIQUE,
    name            TEXT,
    image           TEXT,
    password_hash   TEXT,
    email_verified  INTEGER NOT NULL,
    is_active       INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    deleted_at      INTEGER
) STRICT;

CREATE TABLE sessions (
    id          TEXT PRIMARY KEY NOT NULL,
    user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The digest of the session token, where sessions have one.
    key         BLOB UNIQUE,
    ip_address  TEXT,
    user_agent  TEXT,
    payload     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Keys are digests, that is random: a table in the order of its keys saves the detour over a rowid.
CREATE TABLE tokens (
    key         BLOB PRIMARY KEY NOT NULL,
    kind        TEXT NOT NULL,
    user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id  TEXT REFERENCES sessions (id) ON DELETE CASCADE,
    data        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE INDEX tokens_by_session ON tokens (session_id);
CREATE INDEX tokens_by_end ON tokens (expires_at);

CREATE TABLE oauth_accounts (
    id                   TEXT PRIMARY KEY NOT NULL,
    provider             TEXT NOT NULL,
    provider_account_id  TEXT NOT NULL,
    user_id              TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    access_token         TEXT,
    refresh_token        TEXT,
    expires_at           INTEGER,
    created_at           INTEGER NOT NULL,
    UNIQUE (provider, provider_account_id)
) STRICT;
CREATE INDEX oauth_accounts_by_user ON oauth_accounts (user_id);

CREATE TABLE roles (
    name  TEXT PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE role_permissions (
    role        TEXT NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    permission  TEXT NOT NULL,
    PRIMARY KEY (role, permission)
) STRICT, WITHOUT ROWID;

CREATE TABLE user_roles (
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role     TEXT NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    PRIMARY KEY (user_id, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_roles_by_role ON user_roles (role);

CREATE TABLE passkeys (
    id            TEXT PRIMARY KEY NOT NULL,
    user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    public_key    BLOB NOT NULL,
    sign_count    INTEGER NOT NULL,
    aaguid        TEXT NOT NULL,
    name          TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER
) STRICT;
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- No reference to users: most keys stand for an address or a peer that is no user.
CREATE TABLE login_attempts (
    key           TEXT PRIMARY KEY NOT NULL,
    failures      INTEGER NOT NULL,
    locked_until  INTEGER,
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_attempts_by_end ON login_attempts (expires_at);

CREATE TABLE state (
    key         TEXT PRIMARY KEY NOT NULL,
    value       TEXT NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX state_by_end ON state (expires_at);

-- One row is one event on its way to one plugin. The rows of one plugin and one user are a lane, in
-- which only the first live row, the head, may be delivered. Which rows are heads is written down, so
-- that finding them costs the same behind a lane of one row and of a hundred thousand.
-- No reference to users: "deleted" is an event too.
CREATE TABLE outbox (
    -- AUTOINCREMENT: the id of a delivered row never comes back for another one.
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The recipient: a plugin, or '' for the mail transport.
    plugin           TEXT NOT NULL,
    user_id          TEXT NOT NULL,
    -- An event as JSON, or a sealed letter.
    parcel           TEXT NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    next_attempt_ms  INTEGER NOT NULL,
    is_head          INTEGER NOT NULL,
    is_dead          INTEGER NOT NULL DEFAULT 0,
    last_error       TEXT,
    created_ms       INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_heads ON outbox (next_attempt_ms, id) WHERE is_head = 1;
-- created_ms is there for the statistics, which then never read the table itself.
CREATE INDEX outbox_lanes ON outbox (plugin, user_id, id, created_ms) WHERE is_dead = 0;
CREATE INDEX outbox_dead ON outbox (id) WHERE is_dead = 1;
