-- What callers agree on beyond a time to live. JSON where the database never looks inside.
ALTER TABLE tunnel ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE tunnel ADD COLUMN name VARCHAR(100);
ALTER TABLE tunnel ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
ALTER TABLE tunnel ADD COLUMN owner VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE tunnel ADD COLUMN lease TEXT;    -- without the time to live; NULL for nothing but that
ALTER TABLE tunnel ADD COLUMN policies TEXT; -- NULL for none
ALTER TABLE tunnel ADD COLUMN paused_by VARCHAR(200);
ALTER TABLE tunnel ADD COLUMN request_key VARCHAR(200);
ALTER TABLE tunnel ADD COLUMN request_fingerprint VARCHAR(200);
ALTER TABLE tunnel ADD COLUMN transitions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE tunnel ADD COLUMN ending TEXT;   -- why, while it drains at its end

ALTER TABLE expose ADD COLUMN pool VARCHAR(64);
ALTER TABLE expose ADD COLUMN bind VARCHAR(64);

-- Tunnels that ended stay readable for a day.
CREATE TABLE ended_tunnel (
    id       BIGINT NOT NULL PRIMARY KEY,
    ended_at BIGINT NOT NULL,
    record   TEXT   NOT NULL -- JSON
);

-- Ports that no tunnel holds and that are not free for everybody.
CREATE TABLE reservation (
    protocol VARCHAR(8)   NOT NULL,
    port     INTEGER      NOT NULL,
    name     VARCHAR(100) NOT NULL,
    owner    VARCHAR(200) NOT NULL,
    PRIMARY KEY (protocol, port)
);

CREATE TABLE quarantine (
    protocol  VARCHAR(8)   NOT NULL,
    port      INTEGER      NOT NULL,
    ends_at   BIGINT       NOT NULL,
    tunnel_id BIGINT       NOT NULL, -- its last holder
    owner     VARCHAR(200) NOT NULL, -- of that tunnel
    name      VARCHAR(100),          -- of that tunnel
    PRIMARY KEY (protocol, port)
);
