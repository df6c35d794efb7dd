package io.culvert.control;

import io.culvert.control.caller.Grants;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * Finds the project that something new goes into: the one that is named; else the default one where the caller has a role there; else the
 * only one that it has. Any thread.
 */
public final class ProjectGate {
    private final Projects projects;

    public ProjectGate(Projects projects) {
        this.projects = projects;
    }

    /**
     * A project in which the caller may do this.
     *
     * @throws InvalidRequestException where there is none of this name that the caller may know of, in the same words
     * @throws ForbiddenException where it may know of it, and may not do this there
     */
    public String find(Caller caller, Permission permission, Optional<String> said) {
        String project = said.orElseGet(() -> home(caller.grants()));
        Verdict verdict = caller.grants().inProject(permission, project);
        if (verdict == Verdict.HIDDEN || projects.quotas(project).isEmpty()) {
            throw new InvalidRequestException("project", CreateRules.masked(project), "the name of a project of yours");
        }
        if (verdict == Verdict.REFUSED) {
            throw new ForbiddenException(permission.word() + ": not granted in project " + project);
        }
        return project;
    }

    /** What a project may have. */
    Quotas quotas(String project) {
        return projects.quotas(project).orElse(Quotas.NONE);
    }

    private static String home(Grants grants) {
        if (grants.sees(Projects.DEFAULT)) {
            return Projects.DEFAULT;
        }
        List<String> own = grants.roles().keySet().stream().sorted().toList();
        if (own.size() > 1) {
            throw new InvalidRequestException("project", "", "one of " + String.join(", ", own));
        }
        return own.isEmpty() ? Projects.DEFAULT : own.get(0);
    }
}
