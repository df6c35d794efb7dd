package io.culvert.web;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.culvert.web");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.culvert.web.(*)..").should().beFreeOfCycles().check(classes);
        noClasses()
                .that()
                .resideInAPackage("io.culvert.web.input")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.culvert.web", "io.vertx..")
                .check(classes);
    }

    @Test
    void theWebSeesNeitherTheGatewayNorADatabase() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.culvert.gateway..", "io.culvert.control.sql..", "java.sql..")
                .check(classes);
    }
}
