-- Times are microseconds since 1970, as numbers: the same in every database.
CREATE TABLE tunnel (
    id             BIGINT        NOT NULL PRIMARY KEY,
    comment        VARCHAR(1000) NOT NULL,
    ttl_nanos      BIGINT        NOT NULL, -- zero or less never expires
    created_at     BIGINT        NOT NULL,
    last_heartbeat BIGINT        NOT NULL,
    secret_sha256  CHAR(64)      NOT NULL  -- of the join token's secret, in hexadecimal
);

CREATE TABLE expose (
    tunnel_id   BIGINT       NOT NULL REFERENCES tunnel (id) ON DELETE CASCADE,
    slot        INTEGER      NOT NULL, -- the order that the caller gave
    target_host VARCHAR(253) NOT NULL,
    target_port INTEGER      NOT NULL,
    port        INTEGER      NOT NULL,
    PRIMARY KEY (tunnel_id, slot)
);

CREATE UNIQUE INDEX expose_port ON expose (port);

-- Counts on when the newest tunnel is gone: no id is used twice.
CREATE TABLE counter (
    name       VARCHAR(32) NOT NULL PRIMARY KEY,
    next_value BIGINT      NOT NULL
);

INSERT INTO counter (name, next_value) VALUES ('tunnel', 1);
