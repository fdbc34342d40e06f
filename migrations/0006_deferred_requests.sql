-- What a client has asked for without sending a browser, and polls for at the token endpoint: the device grant (RFC 8628)
-- and CIBA. Found by the hash of its device_code or auth_req_id.
CREATE TABLE deferred_requests (
    hash       TEXT PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('device', 'backchannel')),
    client_id  TEXT NOT NULL,
    request    TEXT NOT NULL,
    -- The keyed hash of what the person types; of a device alone.
    user_code  TEXT,
    -- The network address that asked; of a device alone.
    origin     TEXT,
    -- Sealed: the notification that the client wants once it is settled; of CIBA's ping mode alone.
    ping       BYTEA,
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'granted', 'denied')),
    why        TEXT,
    -- Seconds that the client has to wait between two polls.
    pause      BIGINT NOT NULL,
    polled_at  BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX deferred_requests_user_code ON deferred_requests (user_code) WHERE user_code IS NOT NULL;
CREATE INDEX deferred_requests_expiry ON deferred_requests (expires_at);

-- The deferred request that a sign-in answers (NULL: the partner's browser waits for the answer).
ALTER TABLE authorizations ADD COLUMN deferred TEXT;
