-- Who is behind a pairwise subject that a partner has been told (OIDC Core §8.1): it cannot be computed backwards.
CREATE TABLE pairwise_subjects (
    subject TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX pairwise_subjects_user ON pairwise_subjects (user_id);

-- The partner's keys that its answer is encrypted to, as they were when the sign-in began (NULL: nothing is encrypted).
ALTER TABLE authorizations ADD COLUMN encrypt_to TEXT;
