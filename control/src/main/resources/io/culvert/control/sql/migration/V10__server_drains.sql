-- One row while the server drains: it goes on to do so after a restart.
CREATE TABLE server_drain (
    draining INTEGER NOT NULL
);
