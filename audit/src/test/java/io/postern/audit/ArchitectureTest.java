package io.postern.audit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final String ROOT = "io.postern.audit";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void theDomainKnowsOnlyJava() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".domain")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.jspecify..", ROOT + ".domain")
        .check(CLASSES);
  }

  @Test
  void storiesAreToldWithoutAnyIo() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".story")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "org.jspecify..",
            "org.apache.avro..",
            "tools.jackson..",
            "io.postern.event",
            "io.postern.story",
            ROOT + ".domain",
            ROOT + ".story")
        .check(CLASSES);
  }

  @Test
  void filesAndTheLogDoNotKnowEachOther() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".files")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + ".log", ROOT + ".cli", "org.apache.kafka..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".log")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + ".files", ROOT + ".cli")
        .check(CLASSES);
  }

  @Test
  void onlyTheBucketKnowsAws() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".s3")
        .and()
        .resideOutsideOfPackage(ROOT + ".cli")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("software.amazon..", ROOT + ".s3")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".s3")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + ".log", ROOT + ".cli", "org.apache.kafka..")
        .check(CLASSES);
  }

  @Test
  void knowsNoService() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.postern.request..",
            "io.postern.policy..",
            "io.postern.expiry..",
            "io.postern.enforcement..",
            "io.postern.platform..",
            "org.springframework..")
        .check(CLASSES);
  }
}
