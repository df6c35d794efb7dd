package io.culvert.control.access;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Where users, projects, keys and logins outlive the process. Methods wait for the disk and throw a {@link RuntimeException} where it fails;
 * whether a change that failed was made is then not known. Any thread.
 */
public interface AccessStore {
    /** All that is there. */
    Stored load();

    /** Makes all of these changes or none; first what goes, then what is put. */
    void apply(AccessChanges changes);

    /**
     * When keys and logins were last used, by id; ids that are not there any more do not matter.
     *
     * @param keys last uses of keys
     * @param logins last uses of logins
     */
    void used(Map<String, Instant> keys, Map<String, Instant> logins);

    /** What was there. */
    record Stored(
            List<Project> projects,
            List<StoredUser> users,
            List<Member> members,
            List<StoredKey> keys,
            List<StoredLogin> logins) {
        public Stored {
            projects = List.copyOf(projects);
            users = List.copyOf(users);
            members = List.copyOf(members);
            keys = List.copyOf(keys);
            logins = List.copyOf(logins);
        }
    }
}
