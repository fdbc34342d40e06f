-- Access tokens that say nothing themselves: found by their hash, with what a signed one would say. What belongs to a
-- person's grant goes with it; NULL: a client's own (RFC 6749 §4.4).
CREATE TABLE access_tokens (
    hash       TEXT PRIMARY KEY,
    grant_id   TEXT REFERENCES grants (id) ON DELETE CASCADE,
    claims     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX access_tokens_grant ON access_tokens (grant_id);
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);
