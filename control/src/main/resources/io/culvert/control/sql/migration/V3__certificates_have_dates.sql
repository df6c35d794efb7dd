-- Microseconds since the epoch, as everywhere.
ALTER TABLE bundle ADD COLUMN renew_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bundle ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0;

-- Those issued so far live for ten years from a moment that does not lie before the tunnel's beginning; they are renewed when a third of
-- that is left.
UPDATE bundle SET ends_at = (SELECT created_at FROM tunnel WHERE tunnel.id = bundle.tunnel_id) + 315532800000000;
UPDATE bundle SET renew_at = ends_at - 105148800000000;

-- What stock agents of a tunnel may go on to show after their bundle was renewed.
CREATE TABLE former_certificate (
    tunnel_id          BIGINT   NOT NULL REFERENCES tunnel (id) ON DELETE CASCADE,
    certificate_sha256 CHAR(64) NOT NULL, -- in hexadecimal
    ends_at            BIGINT   NOT NULL,
    PRIMARY KEY (tunnel_id, certificate_sha256)
);
