package bench;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;

/** The data of an ApplicationSubmitted event, with the checks of the service's event model. */
record Submitted(
    String applicationId, Integer version, OffsetDateTime receivedAt, Application application) {

  private static final Set<String> INDUSTRIES =
      Set.of(
          "chemical-products",
          "food-and-beverage",
          "furniture",
          "metal-and-metal-products",
          "non-metallic-mineral-products",
          "paper-and-paper-products",
          "printing-and-publishing",
          "textiles",
          "other");
  private static final Set<String> PROCESSES =
      Set.of(
          "paint-spraying-and-curing",
          "solvent-cleaning-of-metal-parts",
          "vehicle-engine-testing",
          "other");
  private static final Set<String> FACTORY_STREAMS =
      Set.of(
          "assessment",
          "demonstration",
          "demonstration-i",
          "demonstration-ii",
          "verification",
          "new-technology");
  private static final Set<String> PLACES = Set.of("guangdong", "hong-kong", "elsewhere");
  private static final Set<String> CHANGES =
      Set.of("production-process", "material-usage", "recognition-sought");
  private static final Set<String> DEVELOPERS =
      Set.of("hong-kong", "hong-kong-and-guangdong", "others");
  private static final Set<String> KINDS = Set.of("trade-association", "other");
  private static final int LONGEST_LINE = 200;
  private static final long MOST_CENTS = 100_000_000_000L;
  private static final BigDecimal ALL = BigDecimal.valueOf(100);

  void check() {
    require(isUuid(applicationId) && version != null && version >= 1, "application_id or version");
    require(receivedAt != null && application != null, "received_at or application");
    application.check();
  }

  record Application(
      String stream,
      Enterprise enterprise,
      Connection connection,
      Factory factory,
      Project project,
      Repeat repeat,
      Technology technology,
      Organisation organisation) {

    void check() {
      require(project != null && stream != null, "project or stream");
      project.check();
      if (stream.equals("organisation-support")) {
        require(organisation != null, "organisation");
        organisation.check();
      } else {
        checkFactory();
      }
    }

    private void checkFactory() {
      require(FACTORY_STREAMS.contains(stream), "stream");
      require(enterprise != null && connection != null && factory != null, "a part is missing");
      enterprise.check();
      connection.check();
      factory.check();
      if (repeat != null) {
        repeat.check();
      }
      if (stream.equals("new-technology")) {
        require(technology != null, "technology");
        technology.check();
      }
    }
  }

  record Enterprise(String name, String businessRegistrationNumber) {
    void check() {
      require(isLine(name), "enterprise.name");
      require(isEightDigits(businessRegistrationNumber), "business_registration_number");
    }
  }

  record Connection(
      String ground,
      Boolean agreementSubsists,
      BigDecimal mainlandSharePercent,
      BigDecimal hongKongSharePercent,
      Boolean sameResident,
      List<String> processes) {

    void check() {
      require(ground != null, "connection.ground");
      switch (ground) {
        case "1a", "1b", "2" -> {}
        case "1c" -> require(agreementSubsists != null, "connection.agreement_subsists");
        case "1d" -> {
          require(sameResident != null, "connection.same_resident");
          require(isPercent(mainlandSharePercent) && isPercent(hongKongSharePercent), "a share");
        }
        case "3" ->
            require(
                processes != null
                    && !processes.isEmpty()
                    && processes.size() <= 4
                    && PROCESSES.containsAll(processes),
                "connection.processes");
        default -> throw new IllegalArgumentException("connection.ground");
      }
    }
  }

  record Factory(
      String registrationNumber, String name, String place, String city, String industry) {
    void check() {
      require(isRegistrationNumber(registrationNumber), "factory.registration_number");
      require(isLine(name) && isLine(city), "factory.name or city");
      require(place != null && PLACES.contains(place), "factory.place");
      require(industry != null && INDUSTRIES.contains(industry), "factory.industry");
    }
  }

  record Project(
      String title, Long costCents, LocalDate startsOn, LocalDate endsOn, Integer quotations) {
    void check() {
      require(isLine(title), "project.title");
      require(costCents != null && costCents > 0 && costCents <= MOST_CENTS, "project.cost_cents");
      require(startsOn != null && endsOn != null, "project.starts_on or ends_on");
      require(quotations == null || quotations >= 0 && quotations <= 100, "project.quotations");
    }
  }

  record Repeat(
      String earlierCaseNumber,
      String implementedMeasure,
      boolean measureIsFacilityInvestment,
      String change) {
    void check() {
      require(isLine(earlierCaseNumber), "repeat.earlier_case_number");
      require(implementedMeasure == null || isLine(implementedMeasure), "implemented_measure");
      require(change == null || CHANGES.contains(change), "repeat.change");
    }
  }

  record Technology(String name, Boolean onTechnologyList, String developedBy) {
    void check() {
      require(isLine(name) && onTechnologyList != null, "technology");
      require(developedBy != null && DEVELOPERS.contains(developedBy), "technology.developed_by");
    }
  }

  record Organisation(String name, String kind, Boolean basedInHongKong) {
    void check() {
      require(isLine(name) && basedInHongKong != null, "organisation");
      require(kind != null && KINDS.contains(kind), "organisation.kind");
    }
  }

  private static void require(boolean right, String what) {
    if (!right) {
      throw new IllegalArgumentException(what);
    }
  }

  private static boolean isUuid(String text) {
    if (text == null || text.length() != 36) {
      return false;
    }
    for (int i = 0; i < 36; i++) {
      char c = text.charAt(i);
      boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? c != '-' : !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isEightDigits(String text) {
    return text != null && text.length() == 8 && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static boolean isRegistrationNumber(String text) {
    return text != null
        && text.length() >= 8
        && text.length() <= 20
        && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '-');
  }

  private static boolean isPercent(BigDecimal value) {
    return value != null
        && value.signum() >= 0
        && value.compareTo(ALL) <= 0
        && value.scale() <= 4;
  }

  /** One line of up to 200 characters, not blank, without marks that change its direction. */
  private static boolean isLine(String text) {
    if (text == null || text.codePointCount(0, text.length()) > LONGEST_LINE) {
      return false;
    }
    boolean visible = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c >= 0x7f && c <= 0x9f || turns(c)) {
        return false;
      }
      visible |= c != ' ' && !Character.isSpaceChar(c);
    }
    return visible;
  }

  private static boolean turns(char c) {
    return c == 0x200e
        || c == 0x200f
        || c >= 0x2028 && c <= 0x202e
        || c >= 0x2066 && c <= 0x2069;
  }
}
