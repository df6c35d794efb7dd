package io.culvert.control;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.culvert.control", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule ONLY_SQL_SEES_THE_DATABASE = noClasses()
            .that()
            .resideOutsideOfPackage("io.culvert.control.sql..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.sql..",
                    "javax.sql..",
                    "org.jdbi..",
                    "org.flywaydb..",
                    "com.zaxxer..",
                    "io.culvert.control.sql..");

    @ArchTest
    static final ArchRule CONTROL_SEES_NO_BYTES = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "io.vertx..", "io.culvert.link..", "io.culvert.gateway.*..");

    @ArchTest
    static final ArchRule NO_CYCLES = slices().matching(
                    "io.culvert.(control.sql|control.lease|control.event|control.usage|control.access|control.audit|control)")
            .should()
            .beFreeOfCycles();
}
