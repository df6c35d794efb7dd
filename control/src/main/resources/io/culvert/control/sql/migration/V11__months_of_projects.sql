-- What a project has carried in the running month; a row of an earlier one says nothing any more.
CREATE TABLE project_month (
    project VARCHAR(40) NOT NULL PRIMARY KEY,
    month   VARCHAR(12) NOT NULL, -- of UTC, as 2026-01
    bytes   BIGINT      NOT NULL
);
