-- Clients that registered themselves (RFC 7591). What they are stands in workspace_items, like every client; here is where
-- they come from, and by what they prove that the registration is theirs (RFC 7592).
CREATE TABLE client_registrations (
    client_id        TEXT PRIMARY KEY,
    token_hash       TEXT NOT NULL,
    -- The initial access token that let it in (NULL: registration was open).
    initial_token    TEXT,
    -- The software statement and who signed it (NULL: there was none).
    statement        TEXT,
    statement_issuer TEXT,
    registered_at    BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    last_used_at     BIGINT NOT NULL
);

-- Initial access tokens (RFC 7591 §1.2): found by their hash, good for so many registrations.
CREATE TABLE initial_access_tokens (
    id          TEXT PRIMARY KEY,
    hash        TEXT NOT NULL UNIQUE,
    description TEXT,
    uses_left   BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX initial_access_tokens_expiry ON initial_access_tokens (expires_at);

-- A client that goes takes its grants along.
CREATE INDEX grants_client ON grants (client_id);
