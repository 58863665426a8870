package io.postern.azure;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.postern.azure");

  @Test
  void theDecisionIsPure() {
    classes()
        .that()
        .resideInAnyPackage("io.postern.azure.domain", "io.postern.azure.exposure")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "org.jspecify.annotations",
            "io.postern.model",
            "io.postern.enforcement.domain",
            "io.postern.enforcement.exposure",
            "io.postern.azure.domain",
            "io.postern.azure.exposure")
        .check(MAIN);
    noClasses()
        .that()
        .resideInAnyPackage("io.postern.azure.domain", "io.postern.azure.exposure")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.io..", "java.net..", "java.nio.file..")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .check(MAIN);
  }

  @Test
  void noPlanReadsTheExposureAndNoExposureASimulator() {
    noClasses()
        .that()
        .resideInAPackage("io.postern.azure.domain")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.postern.azure.exposure")
        .check(MAIN);
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.postern.simulator..")
        .check(MAIN);
  }

  @Test
  void onlyTheWiringKnowsSpringAndKafka() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.postern.azure.domain", "io.postern.azure.exposure", "io.postern.azure.cloud")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.springframework..",
            "org.apache.kafka..",
            "io.postern.log",
            "io.postern.azure.config")
        .check(MAIN);
  }
}
