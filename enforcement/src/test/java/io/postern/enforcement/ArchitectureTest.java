package io.postern.enforcement;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final String ROOT = "io.postern.enforcement";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void theDomainKnowsOnlyJavaAndValueTypes() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".domain")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..", "javax.crypto..", "org.jspecify..", "io.postern.model", ROOT + ".domain")
        .check(CLASSES);
  }

  @Test
  void theExposureIsPure() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".exposure")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..", "org.jspecify..", "io.postern.model", ROOT + ".domain", ROOT + ".exposure")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".exposure")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.io..", "java.net..", "java.nio.file..")
        .check(CLASSES);
  }

  @Test
  void nothingHereKnowsACloud() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.azure..", "software.amazon..", "org.springframework..")
        .check(CLASSES);
  }

  @Test
  void noServiceKnowsAnother() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.postern.request..",
            "io.postern.expiry..",
            "io.postern.policy..",
            "io.postern.azure..",
            "io.postern.aws..",
            "io.postern.simulator..",
            "io.postern.quickstart..")
        .check(CLASSES);
  }
}
