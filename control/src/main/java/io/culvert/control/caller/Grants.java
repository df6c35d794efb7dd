package io.culvert.control.caller;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * All that a caller may do, as it was when the caller came in. What is not granted is refused. Immutable, any thread.
 *
 * <p>A key acts for its user: it has what the user has, cut down to its scopes, its project and its tunnel. Taking a role from a user so
 * takes it from the user's keys.
 */
public final class Grants {
    private static final Grants NOTHING =
            new Grants(false, Map.of(), EnumSet.noneOf(Permission.class), OptionalLong.empty(), "");
    private static final Grants EVERYTHING =
            new Grants(true, Map.of(), EnumSet.allOf(Permission.class), OptionalLong.empty(), "");

    private final boolean admin;
    private final Map<String, Role> roles;
    private final Set<Permission> scopes;
    private final OptionalLong onlyTunnel;
    private final String owner;

    private Grants(
            boolean admin, Map<String, Role> roles, Set<Permission> scopes, OptionalLong onlyTunnel, String owner) {
        this.admin = admin;
        this.roles = roles;
        this.scopes = scopes;
        this.onlyTunnel = onlyTunnel;
        this.owner = owner;
    }

    /** Nothing at all. */
    public static Grants nothing() {
        return NOTHING;
    }

    /** Everything, everywhere. */
    public static Grants everything() {
        return EVERYTHING;
    }

    /**
     * What a user may do.
     *
     * @param admin true for everything, everywhere
     * @param roles by project
     * @param owner what the user's tunnels have as owner
     */
    public static Grants of(boolean admin, Map<String, Role> roles, String owner) {
        return new Grants(admin, Map.copyOf(roles), EnumSet.allOf(Permission.class), OptionalLong.empty(), owner);
    }

    /** The same cut down to scopes; what was not granted before is not granted by them. */
    public Grants within(Set<Permission> limit) {
        EnumSet<Permission> left = EnumSet.noneOf(Permission.class);
        left.addAll(limit);
        left.retainAll(scopes);
        return new Grants(admin, roles, left, onlyTunnel, owner);
    }

    /** The same cut down to one project. An admin keeps everything in it, and nothing that is not a project's own business. */
    public Grants within(String project) {
        Optional<Role> role = admin ? Optional.of(Role.OPERATOR) : role(project);
        Map<String, Role> left = role.map(it -> Map.of(project, it)).orElse(Map.of());
        return new Grants(false, left, scopes, onlyTunnel, owner);
    }

    /** The same cut down to one tunnel: neither another one nor a new one, nor anything that is not a tunnel. */
    public Grants within(long tunnel) {
        OptionalLong left = onlyTunnel.isEmpty() || onlyTunnel.getAsLong() == tunnel
                ? OptionalLong.of(tunnel)
                : OptionalLong.of(-1); // two that differ leave none
        return new Grants(admin, roles, scopes, left, owner);
    }

    /** Whether it is everything in every project, whatever the scopes leave of it. */
    public boolean admin() {
        return admin;
    }

    /** Whether a project may be seen at all. */
    public boolean sees(String project) {
        return admin || roles.containsKey(project);
    }

    /** By project; says nothing for an admin, who is everywhere. */
    public Map<String, Role> roles() {
        return roles;
    }

    /** What scopes leave. */
    public Set<Permission> scopes() {
        return Set.copyOf(scopes);
    }

    /** The only tunnel that is granted; empty where there is no such bound. */
    public OptionalLong onlyTunnel() {
        return onlyTunnel;
    }

    /**
     * Whether this may be done to a tunnel that is there.
     *
     * @param project which it is in
     * @param madeBy the tunnel's owner
     */
    public Verdict onTunnel(Permission permission, long tunnel, String project, String madeBy) {
        Optional<Role> role = role(project);
        if ((!admin && role.isEmpty()) || (onlyTunnel.isPresent() && onlyTunnel.getAsLong() != tunnel)) {
            return Verdict.HIDDEN;
        }
        // Whoever has no name has made nothing: a tunnel without an owner is nobody's.
        boolean own = !owner.isEmpty() && owner.equals(madeBy);
        boolean foreign = permission != Permission.TUNNELS_READ && !own;
        boolean may = scopes.contains(permission)
                && (admin
                        || (brings(role, permission) && (!foreign || role.get().everyTunnel())));
        if (may) {
            return Verdict.ALLOWED;
        }
        // One who cannot see any tunnel learns of none, but for the one that the key was made for.
        return scopes.contains(Permission.TUNNELS_READ) || onlyTunnel.isPresent() ? Verdict.REFUSED : Verdict.HIDDEN;
    }

    /** Whether this may be done in a project: a create, a list, a reservation, a key. */
    public Verdict inProject(Permission permission, String project) {
        if (!sees(project)) {
            return Verdict.HIDDEN;
        }
        boolean may =
                onlyTunnel.isEmpty() && scopes.contains(permission) && (admin || brings(role(project), permission));
        return may ? Verdict.ALLOWED : Verdict.REFUSED;
    }

    /** Whether this may be done somewhere: in a project at least, or on the server for {@link Permission#ADMIN}; with one tunnel only, to that one. */
    public boolean anywhere(Permission permission) {
        return scopes.contains(permission)
                && (onlyTunnel.isEmpty() || permission.ofTunnels())
                && (admin || roles.values().stream().anyMatch(role -> role.brings(permission)));
    }

    private Optional<Role> role(String project) {
        return Optional.ofNullable(roles.get(project));
    }

    private static boolean brings(Optional<Role> role, Permission permission) {
        return role.isPresent() && role.get().brings(permission);
    }
}
