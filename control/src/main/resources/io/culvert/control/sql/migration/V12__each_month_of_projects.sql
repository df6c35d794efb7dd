-- What a project has carried in each month: a clock that is set back over a month's end, and forward again, finds both as they were.
CREATE TABLE project_months (
    project VARCHAR(40) NOT NULL,
    month   VARCHAR(12) NOT NULL, -- of UTC, as 2026-01
    bytes   BIGINT      NOT NULL,
    PRIMARY KEY (month, project)
);

INSERT INTO project_months (project, month, bytes) SELECT project, month, bytes FROM project_month;

DROP TABLE project_month;
