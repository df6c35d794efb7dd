-- Whose tunnels, ports, webhooks and events are. What is of before projects were is the default one's.
ALTER TABLE tunnel ADD COLUMN project VARCHAR(40) NOT NULL DEFAULT 'default';
ALTER TABLE reservation ADD COLUMN project VARCHAR(40) NOT NULL DEFAULT 'default';
ALTER TABLE quarantine ADD COLUMN project VARCHAR(40) NOT NULL DEFAULT 'default';

-- NULL for the server as a whole: it is told to admins.
ALTER TABLE event ADD COLUMN project VARCHAR(40);
ALTER TABLE webhook_delivery ADD COLUMN project VARCHAR(40);
UPDATE event SET project = 'default' WHERE tunnel_id IS NOT NULL;
UPDATE webhook_delivery SET project = 'default' WHERE tunnel_id IS NOT NULL;

-- NULL for one that is told of everything. Whoever could make one before could do everything.
ALTER TABLE webhook ADD COLUMN project VARCHAR(40);
