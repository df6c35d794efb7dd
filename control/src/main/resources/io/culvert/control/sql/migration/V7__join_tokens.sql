-- Join tokens beside the one that a tunnel was created with. Of all secrets there is a hash only, in hexadecimal.
CREATE TABLE join_token (
    tunnel_id     BIGINT       NOT NULL REFERENCES tunnel (id) ON DELETE CASCADE,
    slot          INTEGER      NOT NULL, -- the oldest is 0
    id            VARCHAR(16)  NOT NULL,
    secret_sha256 CHAR(64)     NOT NULL,
    created_by    VARCHAR(200) NOT NULL,
    created_at    BIGINT       NOT NULL,
    expires_at    BIGINT,                -- NULL: never
    uses          INTEGER,               -- NULL: any number
    used          INTEGER      NOT NULL,
    last_used     BIGINT,
    revoked_at    BIGINT,
    PRIMARY KEY (tunnel_id, id)
);

-- What agents have in exchange for them.
CREATE TABLE session_credential (
    tunnel_id      BIGINT      NOT NULL,
    token_id       VARCHAR(16) NOT NULL,
    slot           INTEGER     NOT NULL,
    id             VARCHAR(16) NOT NULL,
    secret_sha256  CHAR(64)    NOT NULL,
    ends_at        BIGINT      NOT NULL,
    former_sha256  CHAR(64),             -- the secret before, until the one after it was shown
    former_ends_at BIGINT,
    PRIMARY KEY (tunnel_id, token_id, id),
    FOREIGN KEY (tunnel_id, token_id) REFERENCES join_token (tunnel_id, id) ON DELETE CASCADE
);
