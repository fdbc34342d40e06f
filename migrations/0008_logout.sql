-- Which partners took part in a session, so that each can be told of its end. Grants do not say it: they are swept long
-- before the session is over.
CREATE TABLE session_clients (
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    client_id  TEXT NOT NULL,
    PRIMARY KEY (session_id, client_id)
);

-- Messages to people and notices to partners leave side by side: neither waits for the other.
ALTER TABLE outbox ADD COLUMN queue TEXT NOT NULL DEFAULT 'people';
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (queue, next_attempt_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX outbox_sending ON outbox (queue, recipient) WHERE state = 'sending';
