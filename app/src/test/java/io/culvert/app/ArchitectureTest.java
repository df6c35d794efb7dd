package io.culvert.app;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** Each rule is a sentence that the house depends on; docs/internals.md draws the picture. Sees the main classes of every module. */
@AnalyzeClasses(packages = "io.culvert", importOptions = ArchitectureTest.MainClasses.class)
class ArchitectureTest {
    private static final String[] JDK_AND_JSPECIFY = {"java..", "javax..", "org.jspecify.."};
    private static final String[] PURE = {
        "java..", "javax..", "org.jspecify..", "io.netty.buffer", "io.netty.util", "io.netty.util.collection"
    };

    /** Leaves out tests, also where a module's come as a jar. */
    static final class MainClasses implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/") && !location.contains("-tests.jar");
        }
    }

    /** Rules must not pass because nothing was looked at. */
    @ArchTest
    static void everyRoomIsSeen(JavaClasses all) {
        assertThat(all.size()).isGreaterThan(50);
        Set<String> rooms = new TreeSet<>();
        all.forEach(each -> rooms.add(each.getPackageName().split("\\.", -1)[2]));
        assertThat(rooms).contains("link", "gateway", "control", "web", "agent", "client", "app");
        assertThat(all.stream().map(JavaClass::getSimpleName)).doesNotContain("ArchitectureTest", "Ear");
    }

    @ArchTest
    static final ArchRule packagesDoNotGoRoundInCircles =
            slices().matching("io.culvert.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule bytesIsPure = pure("io.culvert.link.bytes");

    @ArchTest
    static final ArchRule theAgentsMessagesArePure = pure("io.culvert.link.agent", "io.culvert.link.bytes");

    @ArchTest
    static final ArchRule goproxyIsPure =
            pure("io.culvert.link.goproxy", "io.culvert.link.bytes").allowEmptyShould(true);

    @ArchTest
    static final ArchRule yamuxIsPure = pure("io.culvert.link.yamux");

    @ArchTest
    static final ArchRule theRelayIsPure = pure("io.culvert.link.relay");

    private static ArchRule pure(String home, String... arrows) {
        String[] allowed =
                Stream.of(PURE, new String[] {home}, arrows).flatMap(Stream::of).toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(home)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed);
    }

    @ArchTest
    static final ArchRule theGatewaysFaceSpeaksTheJdkOnly = classes()
            .that()
            .resideInAPackage("io.culvert.gateway")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(JDK_AND_JSPECIFY).or(resideInAPackage("io.culvert.gateway")));

    @ArchTest
    static final ArchRule controlSeesOfTheGatewayItsFaceAndOfTheNetworkNothing = noClasses()
            .that()
            .resideInAPackage("io.culvert.control..")
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("io.culvert.gateway.*..", "io.culvert.link..", "io.netty..", "io.vertx.."));

    @ArchTest
    static final ArchRule onlyControlSqlSeesTheDatabase = noClasses()
            .that()
            .resideOutsideOfPackage("io.culvert.control.sql..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "java.sql..",
                    "javax.sql..",
                    "org.jdbi..",
                    "org.flywaydb..",
                    "com.zaxxer.hikari..",
                    "org.sqlite..",
                    "org.postgresql.."));

    @ArchTest
    static final ArchRule onlyWebSeesTheHttpLibrary = noClasses()
            .that()
            .resideOutsideOfPackage("io.culvert.web..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.vertx.."));

    @ArchTest
    static final ArchRule theInnerEndsKnowNothingOfTheServer = noClasses()
            .that()
            .resideInAnyPackage("io.culvert.agent..", "io.culvert.client..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "io.culvert.gateway..", "io.culvert.control..", "io.culvert.web..", "io.culvert.app.."));

    @ArchTest
    static final ArchRule onlyTheAppTalksToTheConsoleWaitsByTheClockOrAsksForTheDate = noClasses()
            .that()
            .resideOutsideOfPackage("io.culvert.app..")
            .should()
            .accessTargetWhere(reaches(System.class, "out", "err", "currentTimeMillis")
                    .or(reaches(Thread.class, "sleep"))
                    .or(reaches(Instant.class, "now")));

    @ArchTest
    static final ArchRule theMonotonicClockIsHandedIn = noClasses()
            .that(resideOutsideOfTheAppAnd(simpleName("Ticker").and(resideInAPackage("io.culvert.control"))))
            .should()
            .accessTargetWhere(reaches(System.class, "nanoTime"));

    private static DescribedPredicate<JavaClass> resideOutsideOfTheAppAnd(DescribedPredicate<JavaClass> exception) {
        return DescribedPredicate.not(resideInAPackage("io.culvert.app..").or(exception));
    }

    /** Also where the target is only named, as in {@code System::nanoTime}. */
    private static DescribedPredicate<JavaAccess<?>> reaches(Class<?> owner, String... names) {
        return describe(
                "reach " + owner.getSimpleName() + "." + List.of(names),
                access -> access.getTargetOwner().isEquivalentTo(owner)
                        && List.of(names).contains(access.getTarget().getName()));
    }

    @ArchTest
    static final ArchRule timesAreDurations = methods().should(new ArchCondition<>("take no TimeUnit") {
        @Override
        public void check(JavaMethod method, ConditionEvents events) {
            boolean takes =
                    method.getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(TimeUnit.class));
            events.add(new SimpleConditionEvent(method, !takes, method.getFullName()));
        }
    });

    @ArchTest
    static final ArchRule nothingStaticChanges =
            fields().that().areStatic().should().beFinal();

    @ArchTest
    static final ArchRule namesSayWhatAThingDoes = noClasses()
            .should()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Manager");

    @ArchTest
    static void everyPackageIsNullMarked(JavaClasses all) {
        assertThat(all.stream()
                        .map(JavaClass::getPackage)
                        .distinct()
                        .filter(each -> !each.isAnnotatedWith(NullMarked.class))
                        .map(JavaPackage::getName))
                .isEmpty();
    }
}
