-- Names and values of details and labels are percent-encoded, as in an HTML form.
CREATE TABLE event (
    id        BIGINT      NOT NULL PRIMARY KEY,
    at        BIGINT      NOT NULL,
    kind      VARCHAR(32) NOT NULL,
    tunnel_id BIGINT,               -- it may have ended long ago
    text      TEXT        NOT NULL,
    details   TEXT        NOT NULL
);

-- Numbers below this one may have been given to events.
INSERT INTO counter (name, next_value) VALUES ('event', 1);

CREATE TABLE webhook (
    id         BIGINT   NOT NULL PRIMARY KEY,
    url        TEXT     NOT NULL,
    secret     TEXT     NOT NULL, -- AES-256-GCM in Base64; the key is not in the database
    kinds      TEXT     NOT NULL, -- comma list; empty for all
    labels     TEXT     NOT NULL,
    tunnel_id  BIGINT,
    active     SMALLINT NOT NULL, -- 0 or 1
    created_at BIGINT   NOT NULL,
    since      BIGINT   NOT NULL  -- the event that was the newest then
);

INSERT INTO counter (name, next_value) VALUES ('webhook', 1);

-- Every event before this one has been looked at.
INSERT INTO counter (name, next_value) VALUES ('webhook_event', 1);

-- With the event itself: the log forgets, a delivery must not.
CREATE TABLE webhook_delivery (
    webhook_id BIGINT      NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    event_id   BIGINT      NOT NULL,
    at         BIGINT      NOT NULL,
    kind       VARCHAR(32) NOT NULL,
    tunnel_id  BIGINT,
    text       TEXT        NOT NULL,
    details    TEXT        NOT NULL,
    tries      INTEGER     NOT NULL,
    due        BIGINT      NOT NULL,
    last_at    BIGINT,
    last_nanos BIGINT,
    status     INTEGER,
    outcome    TEXT,
    dead_since BIGINT,
    PRIMARY KEY (webhook_id, event_id)
);
