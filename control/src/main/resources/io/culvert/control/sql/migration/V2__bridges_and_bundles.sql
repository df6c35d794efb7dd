ALTER TABLE expose ADD COLUMN protocol VARCHAR(8) NOT NULL DEFAULT 'tcp';

-- TCP and UDP count their ports apart.
DROP INDEX expose_port;
CREATE UNIQUE INDEX expose_port ON expose (protocol, port);

-- Tunnels with a bridge port of their own; the agents of all others come to the server's.
CREATE TABLE bridge (
    tunnel_id BIGINT   NOT NULL PRIMARY KEY REFERENCES tunnel (id) ON DELETE CASCADE,
    port      INTEGER  NOT NULL,
    tls       SMALLINT NOT NULL, -- 0 or 1
    compress  SMALLINT NOT NULL  -- 0 or 1
);

CREATE UNIQUE INDEX bridge_port ON bridge (port);

-- What stock agents of a tunnel show, once somebody asked for it.
CREATE TABLE bundle (
    tunnel_id          BIGINT   NOT NULL PRIMARY KEY REFERENCES tunnel (id) ON DELETE CASCADE,
    certificates       TEXT     NOT NULL,
    private_key        TEXT     NOT NULL,
    certificate_sha256 CHAR(64) NOT NULL  -- in hexadecimal
);
