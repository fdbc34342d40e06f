-- What people do for themselves: setting up, changing, recovering, looking back.

-- What an authenticator is found by among all accounts: the hash of a passkey's credential id, the keyed hash of a number.
ALTER TABLE authenticators ADD COLUMN lookup TEXT;
CREATE INDEX authenticators_lookup ON authenticators (lookup) WHERE lookup IS NOT NULL;
-- WebAuthn Level 3 section 7.1: a credential belongs to one account.
CREATE UNIQUE INDEX authenticators_credential ON authenticators (lookup) WHERE method = 'webauthn';

-- Preferred by its owner where several would do; facts of the person that decide (see model/user.rs).
ALTER TABLE users ADD COLUMN standing TEXT NOT NULL DEFAULT '{}';

-- What the person came for, if no partner sent them (JSON; NULL: a partner's request).
ALTER TABLE authorizations ADD COLUMN errand TEXT;

-- An authenticator that is being set up: at most one per sign-in.
CREATE TABLE enrolments (
    id               TEXT PRIMARY KEY,
    authorization_id TEXT NOT NULL,
    user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    method           TEXT NOT NULL,
    kept             BYTEA NOT NULL,
    sends            BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    closed_at        BIGINT
);
CREATE UNIQUE INDEX enrolments_open ON enrolments (authorization_id) WHERE closed_at IS NULL;
CREATE INDEX enrolments_user ON enrolments (user_id, created_at);
CREATE INDEX enrolments_expiry ON enrolments (expires_at);

-- Links and codes that are good once: verified addresses, forgotten passwords, "this was not me".
CREATE TABLE tickets (
    hash       TEXT PRIMARY KEY,
    purpose    TEXT NOT NULL,
    user_id    TEXT REFERENCES users (id) ON DELETE CASCADE,
    sealed     BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX tickets_user ON tickets (user_id, purpose);
CREATE INDEX tickets_expiry ON tickets (expires_at);

-- Browsers that a person asked us to remember. Never a factor.
CREATE TABLE remembered_browsers (
    hash       TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_agent TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX remembered_browsers_user ON remembered_browsers (user_id);

-- The part of the audit log that its subject may see, by person. The log itself is never searched.
CREATE TABLE activity (
    id      TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    at      BIGINT NOT NULL,
    body    TEXT NOT NULL
);
CREATE INDEX activity_user ON activity (user_id, at);

-- A partner's own choice of a person's primary authenticator, for its use alone.
CREATE TABLE partner_primaries (
    user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id        TEXT NOT NULL,
    authenticator_id TEXT NOT NULL REFERENCES authenticators (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, client_id)
);
