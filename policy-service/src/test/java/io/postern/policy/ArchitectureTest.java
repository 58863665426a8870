package io.postern.policy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final String ROOT = "io.postern.policy";
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
        .resideInAnyPackage("java..", "org.jspecify..", "io.postern.model", ROOT + ".domain")
        .check(CLASSES);
  }

  @Test
  void theLogsSideDoesNotKnowTheWiring() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".kafka")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + ".config", ROOT + ".cli", "org.springframework..")
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
            "io.postern.enforcement..",
            "io.postern.azure..",
            "io.postern.aws..",
            "io.postern.simulator..",
            "io.postern.quickstart..")
        .check(CLASSES);
  }
}
