package io.postern.aws;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.postern.aws");

  @Test
  void theDomainIsPure() {
    classes()
        .that()
        .resideInAnyPackage("io.postern.aws.domain", "io.postern.aws.exposure")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "org.jspecify..",
            "io.postern.model",
            "io.postern.enforcement.domain",
            "io.postern.enforcement.exposure",
            "io.postern.aws.domain",
            "io.postern.aws.exposure")
        .check(CLASSES);
  }

  @Test
  void noPlanReadsTheExposureAndNoExposureASimulator() {
    noClasses()
        .that()
        .resideInAPackage("io.postern.aws.domain")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.postern.aws.exposure")
        .check(CLASSES);
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.postern.simulator..")
        .check(CLASSES);
  }

  @Test
  void onlyTheCloudPackageKnowsTheSdk() {
    noClasses()
        .that()
        .resideInAnyPackage("io.postern.aws.domain", "io.postern.aws.exposure")
        .or()
        .resideInAPackage("io.postern.aws")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon.awssdk..")
        .check(CLASSES);
  }

  @Test
  void theCloudPackageKnowsNoSpringAndNoKafka() {
    noClasses()
        .that()
        .resideInAPackage("io.postern.aws.cloud")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.springframework..", "org.apache.kafka..", "io.postern.aws.config")
        .check(CLASSES);
  }
}
