-- Authorization requests that partners have pushed (RFC 9126): found by the hash of what their request_uri ends with.
CREATE TABLE pushed_requests (
    hash       TEXT PRIMARY KEY,
    client_id  TEXT NOT NULL,
    params     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX pushed_requests_expiry ON pushed_requests (expires_at);

-- The pushed request that a sign-in came from; its end uses it up (NULL: it came through the browser).
ALTER TABLE authorizations ADD COLUMN pushed TEXT;
