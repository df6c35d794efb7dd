package io.culvert.control.sql;

import java.util.List;

/** What differs between the databases once they are open: so far, nothing but what a step of the layout may be told in. Immutable, any thread. */
enum Dialect {
    SQLITE,
    POSTGRESQL;

    private static final List<String> COMMON = List.of(
            "V1__tunnels.sql",
            "V2__bridges_and_bundles.sql",
            "V3__certificates_have_dates.sql",
            "V4__events_and_webhooks.sql",
            "V5__usage.sql",
            "V6__tunnels_as_a_product.sql",
            "V7__join_tokens.sql",
            "V8__access_and_audit.sql",
            "V9__projects_of_tunnels.sql",
            "V10__server_drains.sql",
            "V11__months_of_projects.sql",
            "V12__each_month_of_projects.sql");

    /**
     * The scripts in {@code migration/}, in their order; named here since finding them takes a look at each name in culvert.jar. A step that
     * must be told to the two in different words has one number and a script for each.
     */
    List<String> migrations() {
        return switch (this) {
            case SQLITE, POSTGRESQL -> COMMON;
        };
    }
}
