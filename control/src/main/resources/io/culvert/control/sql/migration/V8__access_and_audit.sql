-- Who may come in, and what for.
CREATE TABLE project (
    name       VARCHAR(40)  NOT NULL PRIMARY KEY,
    title      VARCHAR(200) NOT NULL,
    quotas     TEXT         NOT NULL, -- JSON
    created_at BIGINT       NOT NULL  -- 0: was there before anybody asked
);

-- Where everything of before lives.
INSERT INTO project (name, title, quotas, created_at) VALUES ('default', 'Default', '{}', 0);

CREATE TABLE access_user (
    name        VARCHAR(64)  NOT NULL PRIMARY KEY,
    title       VARCHAR(200) NOT NULL,
    admin       SMALLINT     NOT NULL, -- 0 or 1
    disabled    SMALLINT     NOT NULL, -- 0 or 1
    must_change SMALLINT     NOT NULL, -- 0 or 1
    password    VARCHAR(200),          -- argon2id, in the PHC format
    totp        TEXT,                  -- AES-256-GCM in Base64; the key is not in the database
    totp_step   BIGINT       NOT NULL, -- the newest that was used
    subject     VARCHAR(500),          -- of an identity provider
    created_at  BIGINT       NOT NULL,
    last_login  BIGINT
);

CREATE UNIQUE INDEX access_user_subject ON access_user (subject);

CREATE TABLE recovery_code (
    user_name VARCHAR(64) NOT NULL REFERENCES access_user (name) ON DELETE CASCADE,
    sha256    CHAR(64)    NOT NULL, -- in hexadecimal
    PRIMARY KEY (user_name, sha256)
);

CREATE TABLE member (
    project   VARCHAR(40) NOT NULL REFERENCES project (name) ON DELETE CASCADE,
    user_name VARCHAR(64) NOT NULL REFERENCES access_user (name) ON DELETE CASCADE,
    role      VARCHAR(16) NOT NULL,
    PRIMARY KEY (project, user_name)
);

CREATE TABLE access_key (
    id         VARCHAR(8)   NOT NULL PRIMARY KEY, -- visible
    sha256     CHAR(64)     NOT NULL,             -- in hexadecimal, of the whole key
    title      VARCHAR(200) NOT NULL,
    user_name  VARCHAR(64)  NOT NULL REFERENCES access_user (name) ON DELETE CASCADE,
    project    VARCHAR(40)  REFERENCES project (name) ON DELETE CASCADE,
    scopes     TEXT         NOT NULL,             -- comma list
    tunnel_id  BIGINT,                            -- the only one that it is good for; it may have ended long ago
    expires_at BIGINT,
    created_at BIGINT       NOT NULL,
    last_used  BIGINT,
    revoked_at BIGINT,
    made_by    VARCHAR(8)                         -- the key that it was made with
);

CREATE TABLE access_login (
    id         VARCHAR(12)  NOT NULL PRIMARY KEY,
    sha256     CHAR(64)     NOT NULL, -- in hexadecimal, of the cookie's secret
    user_name  VARCHAR(64)  NOT NULL REFERENCES access_user (name) ON DELETE CASCADE,
    created_at BIGINT       NOT NULL,
    seen_at    BIGINT       NOT NULL,
    address    VARCHAR(64)  NOT NULL,
    agent      VARCHAR(200) NOT NULL
);

-- Who did what. Rows are added, and never changed or taken away.
CREATE TABLE audit (
    number    BIGINT       NOT NULL PRIMARY KEY,
    at        BIGINT       NOT NULL,
    caller    VARCHAR(200) NOT NULL,
    owner     VARCHAR(200) NOT NULL, -- the caller, or the user whose key the caller showed
    kind      VARCHAR(16)  NOT NULL,
    address   VARCHAR(64)  NOT NULL,
    operation VARCHAR(100) NOT NULL,
    target    VARCHAR(300) NOT NULL,
    outcome   VARCHAR(100) NOT NULL,
    as_before TEXT,                  -- JSON
    as_after  TEXT,                  -- JSON
    sha256    CHAR(64)     NOT NULL  -- in hexadecimal, over the hash before it and this row
);

CREATE INDEX audit_owner ON audit (owner, number);
CREATE INDEX audit_operation ON audit (operation, number);
CREATE INDEX audit_target ON audit (target, number);
CREATE INDEX audit_at ON audit (at);

-- One row: the end of the chain, so that it shows where the last entries are missing.
CREATE TABLE audit_head (
    number BIGINT   NOT NULL,
    sha256 CHAR(64) NOT NULL
);

INSERT INTO audit_head (number, sha256)
VALUES (0, '0000000000000000000000000000000000000000000000000000000000000000');
