-- The phone as authenticator.

-- Where a device takes messages, as its push service gave it.
CREATE TABLE push_addresses (
    authenticator_id TEXT PRIMARY KEY REFERENCES authenticators (id) ON DELETE CASCADE,
    hash             TEXT NOT NULL,
    sealed           BYTEA NOT NULL,
    updated_at       BIGINT NOT NULL
);
CREATE INDEX push_addresses_hash ON push_addresses (hash);

-- What waits for an answer on a device, and what was answered. `device_id` is an authenticator, or an enrolment that will
-- be one under the same id.
CREATE TABLE push_requests (
    id               TEXT PRIMARY KEY,
    authorization_id TEXT NOT NULL,
    user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id        TEXT NOT NULL,
    sealed           BYTEA NOT NULL,
    state            TEXT NOT NULL
        CHECK (state IN ('waiting', 'approved', 'denied', 'reported', 'mismatched', 'withdrawn', 'used')),
    tries            BIGINT NOT NULL,
    answer           TEXT,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    answered_at      BIGINT
);
CREATE UNIQUE INDEX push_requests_open ON push_requests (authorization_id) WHERE state = 'waiting';
CREATE INDEX push_requests_authorization ON push_requests (authorization_id, created_at);
CREATE INDEX push_requests_user ON push_requests (user_id, created_at);
CREATE INDEX push_requests_device ON push_requests (device_id) WHERE state = 'waiting';
CREATE INDEX push_requests_expiry ON push_requests (expires_at);
