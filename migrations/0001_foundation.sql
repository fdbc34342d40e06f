-- One portable schema for SQLite and PostgreSQL: TEXT, BIGINT (times in microseconds since 1970),
-- BOOLEAN, BYTEA. Lists and free-form facts are JSON text that SQL never looks into.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Grows with every change to what decides; caches compare it.
CREATE TABLE generation (
    one   BIGINT PRIMARY KEY CHECK (one = 1),
    value BIGINT NOT NULL
);
INSERT INTO generation (one, value) VALUES (1, 1);

-- Settings, pools, policies, groups, scopes, clients, acr values: few, read whole into memory.
CREATE TABLE workspace_items (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, name)
);

CREATE TABLE users (
    id             TEXT PRIMARY KEY,
    pool           TEXT NOT NULL,
    username       TEXT NOT NULL,
    username_key   TEXT NOT NULL UNIQUE,
    email          TEXT,
    email_key      TEXT,
    email_verified BOOLEAN NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'closed')),
    groups         TEXT NOT NULL,
    claims         TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (email_key) WHERE email_key IS NOT NULL;

CREATE TABLE authenticators (
    id           TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    method       TEXT NOT NULL,
    nickname     TEXT,
    is_primary   BOOLEAN NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'disabled')),
    secret       BYTEA NOT NULL,
    last_step    BIGINT,
    facts        TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX authenticators_user ON authenticators (user_id);
CREATE UNIQUE INDEX authenticators_primary ON authenticators (user_id) WHERE is_primary;
CREATE UNIQUE INDEX authenticators_nickname ON authenticators (user_id, nickname) WHERE nickname IS NOT NULL;
CREATE UNIQUE INDEX authenticators_password ON authenticators (user_id) WHERE method = 'password';

CREATE TABLE throttles (
    key           TEXT PRIMARY KEY,
    failures      BIGINT NOT NULL,
    blocked_until BIGINT,
    updated_at    BIGINT NOT NULL
);

CREATE TABLE sessions (
    id          TEXT PRIMARY KEY,
    cookie_hash TEXT NOT NULL UNIQUE,
    user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    events      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    last_active BIGINT NOT NULL,
    ip          TEXT,
    user_agent  TEXT,
    ended_at    BIGINT
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE authorizations (
    id           TEXT PRIMARY KEY,
    browser_hash TEXT,
    client_id    TEXT NOT NULL,
    subject      TEXT,
    request      TEXT NOT NULL,
    stage        TEXT NOT NULL,
    ceremony     TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    finished_at  BIGINT
);
CREATE INDEX authorizations_expiry ON authorizations (expires_at);

CREATE TABLE challenges (
    id               TEXT PRIMARY KEY,
    authorization_id TEXT NOT NULL,
    authenticator_id TEXT NOT NULL REFERENCES authenticators (id) ON DELETE CASCADE,
    kept             BYTEA NOT NULL,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    closed_at        BIGINT
);
CREATE UNIQUE INDEX challenges_open ON challenges (authorization_id, authenticator_id) WHERE closed_at IS NULL;
CREATE INDEX challenges_sent ON challenges (authenticator_id, created_at);

CREATE TABLE grants (
    id              TEXT PRIMARY KEY,
    client_id       TEXT NOT NULL,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id      TEXT NOT NULL,
    body            TEXT NOT NULL,
    code_hash       TEXT NOT NULL UNIQUE,
    code_expires_at BIGINT NOT NULL,
    redeemed_at     BIGINT,
    revoked_at      BIGINT,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX grants_session ON grants (session_id);
CREATE INDEX grants_user ON grants (user_id);

CREATE TABLE refresh_tokens (
    hash       TEXT PRIMARY KEY,
    grant_id   TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);

CREATE TABLE consents (
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id  TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id)
);

CREATE TABLE outbox (
    id              TEXT PRIMARY KEY,
    channel         TEXT NOT NULL,
    recipient       TEXT NOT NULL,
    sealed          BYTEA NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'expired')),
    attempts        BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    last_error      TEXT
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE state IN ('waiting', 'sending');

-- Proofs that may be used once: identifiers of client assertions.
CREATE TABLE spent_tokens (
    key        TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX spent_tokens_expiry ON spent_tokens (expires_at);

CREATE TABLE signing_keys (
    kid          TEXT PRIMARY KEY,
    body         TEXT NOT NULL,
    created_at   BIGINT NOT NULL
);

CREATE TABLE audit (
    seq      BIGINT PRIMARY KEY,
    body     TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
);
CREATE TABLE audit_head (
    one  BIGINT PRIMARY KEY CHECK (one = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, 'countersign-audit-v1');
CREATE TABLE audit_checkpoints (
    seq BIGINT PRIMARY KEY,
    at  BIGINT NOT NULL,
    jws TEXT NOT NULL
);
