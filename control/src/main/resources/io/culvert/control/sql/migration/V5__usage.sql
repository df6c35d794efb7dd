-- What a tunnel has carried over its whole life. It outlives the tunnel: what was carried is still asked for then.
CREATE TABLE usage_total (
    tunnel_id         BIGINT NOT NULL PRIMARY KEY,
    bytes_in          BIGINT NOT NULL,
    bytes_out         BIGINT NOT NULL,
    connections       BIGINT NOT NULL,
    refused           BIGINT NOT NULL,
    datagrams_dropped BIGINT NOT NULL,
    ended_at          BIGINT
);

CREATE TABLE usage_slot (
    tunnel_id   BIGINT   NOT NULL,
    grain       SMALLINT NOT NULL, -- 0 minute, 1 hour, 2 day
    start       BIGINT   NOT NULL,
    bytes_in    BIGINT   NOT NULL,
    bytes_out   BIGINT   NOT NULL,
    connections BIGINT   NOT NULL,
    refused     BIGINT   NOT NULL,
    PRIMARY KEY (tunnel_id, grain, start)
);

CREATE INDEX usage_slot_age ON usage_slot (grain, start);

-- The next batch: one that was written is not written again.
INSERT INTO counter (name, next_value) VALUES ('usage', 1);
