package bench;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The service's rules, with the programme and texts that the benchmark exports. */
record Rules(Programme programme, Map<String, Reason> reasons) {
  private static final ZoneId HONG_KONG = ZoneId.of("Asia/Hong_Kong");
  private static final Set<String> REFUSALS =
      Set.of(
          "no-open-phase",
          "stream-not-in-phase",
          "workshop-gets-demonstration-only",
          "workshops-not-in-phase",
          "agreement-not-subsisting",
          "mainland-share-too-low",
          "hong-kong-share-too-low",
          "shares-of-different-persons",
          "factory-not-in-guangdong",
          "factory-not-in-hong-kong",
          "project-too-long",
          "not-a-trade-association",
          "organisation-not-in-hong-kong",
          "earlier-assessment-not-completed",
          "repeat-too-early",
          "repeat-work-too-early",
          "repeat-without-recommended-measure",
          "repeat-without-investment",
          "repeat-without-change");
  private static final Set<String> REFERRALS =
      Set.of(
          "phase-dates-not-set",
          "share-not-set",
          "ceiling-not-set",
          "industry-not-priority",
          "workshop-process-not-listed",
          "technology-not-listed",
          "earlier-assessment-not-in-record",
          "another-case-open",
          "quotations-missing");

  record Reason(String code, String source, String en, String zhHant, String zhHans) {}

  record Programme(
      String version,
      Shareholding shareholding,
      Workshops workshops,
      Repeat repeat,
      Limits limits,
      List<Phase> phases) {}

  record Shareholding(BigDecimal mainlandAbovePercent, BigDecimal hongKongFromPercent) {}

  record Workshops(Set<String> streams, LocalDate since) {}

  record Repeat(int years, Anniversary anniversary) {}

  record Anniversary(String binds) {}

  record OpenCases(int atMost) {}

  record Limits(OpenCases openCasesPerFactoryAndStream, List<Quotations> quotations) {
    int needed(long costCents) {
      for (var each : quotations) {
        if (costCents <= each.upToCents) {
          return each.number;
        }
      }
      return 0;
    }
  }

  record Quotations(long upToCents, int number) {}

  record Bound(LocalDate on, LocalDate notBefore, LocalDate notAfter) {
    LocalDate earliest() {
      return on != null ? on : notBefore;
    }

    LocalDate latest() {
      return on != null ? on : notAfter;
    }
  }

  record Phase(String name, Bound opens, Bound closes, List<Terms> streams) {
    boolean isOpen(LocalDate day) {
      return !day.isBefore(opens.latest()) && !day.isAfter(closes.earliest());
    }

    boolean mayBeOpen(LocalDate day) {
      return !day.isBefore(opens.earliest()) && !day.isAfter(closes.latest());
    }

    Terms terms(String stream) {
      for (var each : streams) {
        if (each.stream.equals(stream)) {
          return each;
        }
      }
      return null;
    }
  }

  record Terms(
      String stream,
      Integer sharePercent,
      Long ceilingCents,
      Long localTechnologyCeilingCents,
      Integer monthsAtMost,
      Set<String> technologyList) {}

  record Amounts(long costCents, Integer sharePercent, Long ceilingCents) {
    Long shareCents() {
      return sharePercent == null ? null : (Long) (costCents * sharePercent / 100);
    }

    Long grantCents() {
      var share = shareCents();
      return share == null || ceilingCents == null ? share : (Long) Math.min(share, ceilingCents);
    }
  }

  Decided decided(Submitted event, byte[] value, Histories.History history) {
    var application = event.application();
    var day = event.receivedAt().atZoneSameInstant(HONG_KONG).toLocalDate();
    var phase = phaseOn(day);
    var terms = phase == null ? null : phase.terms(application.stream());
    var amounts = amounts(application, terms);
    var codes = codes(application, day, phase, terms, amounts, history);
    var outcome = outcome(codes);
    if (outcome.equals("ineligible")) {
      codes.removeIf(code -> !REFUSALS.contains(code));
    }
    return new Decided(
        event.applicationId() + ":" + event.version(),
        event.applicationId(),
        event.version(),
        application.stream(),
        outcome,
        grant(outcome, amounts),
        outcome.equals("referred") ? amounts.grantCents() : null,
        phase == null ? null : phase.name(),
        codes.stream().map(reasons::get).toList(),
        programme.version(),
        event.receivedAt().toInstant().truncatedTo(ChronoUnit.MILLIS),
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        application.factory() == null ? null : application.factory().registrationNumber(),
        amounts.costCents(),
        amounts.sharePercent(),
        amounts.ceilingCents(),
        Decided.sha256(value),
        List.of(),
        null);
  }

  private static Long grant(String outcome, Amounts amounts) {
    return switch (outcome) {
      case "eligible" -> amounts.grantCents();
      case "ineligible" -> (Long) 0L;
      default -> null;
    };
  }

  private static String outcome(List<String> codes) {
    if (codes.stream().anyMatch(REFUSALS::contains)) {
      return "ineligible";
    }
    return codes.stream().anyMatch(REFERRALS::contains) ? "referred" : "eligible";
  }

  private Phase phaseOn(LocalDate day) {
    for (var each : programme.phases()) {
      if (each.isOpen(day)) {
        return each;
      }
    }
    return null;
  }

  private static Amounts amounts(Submitted.Application application, Terms terms) {
    long cost = application.project().costCents();
    if (terms == null) {
      return new Amounts(cost, null, null);
    }
    var ceiling = terms.ceilingCents();
    if (application.stream().equals("new-technology")
        && !application.technology().developedBy().equals("others")
        && terms.localTechnologyCeilingCents() != null) {
      ceiling = terms.localTechnologyCeilingCents();
    }
    return new Amounts(cost, terms.sharePercent(), ceiling);
  }

  private List<String> codes(
      Submitted.Application application,
      LocalDate day,
      Phase phase,
      Terms terms,
      Amounts amounts,
      Histories.History history) {
    var codes = new ArrayList<String>(4);
    if (phase == null) {
      boolean uncertain = programme.phases().stream().anyMatch(each -> each.mayBeOpen(day));
      codes.add(uncertain ? "phase-dates-not-set" : "no-open-phase");
    } else if (terms == null) {
      codes.add("stream-not-in-phase");
    }
    aboutApplicant(application, phase, codes);
    aboutHistory(application, day, history, codes);
    if (terms != null) {
      aboutTerms(application, terms, amounts, codes);
    }
    return codes;
  }

  private void aboutApplicant(Submitted.Application application, Phase phase, List<String> codes) {
    if (application.stream().equals("organisation-support")) {
      aboutOrganisation(application.organisation(), codes);
      return;
    }
    var connection = application.connection();
    aboutPlace(connection.ground(), application.factory().place(), codes);
    switch (connection.ground()) {
      case "1c" -> addIf(!connection.agreementSubsists(), "agreement-not-subsisting", codes);
      case "1d" -> aboutShares(connection, codes);
      case "3" -> aboutWorkshop(connection, application.stream(), phase, codes);
      default -> {}
    }
    addIf(application.factory().industry().equals("other"), "industry-not-priority", codes);
  }

  private void aboutHistory(
      Submitted.Application application,
      LocalDate day,
      Histories.History history,
      List<String> codes) {
    if (application.stream().equals("assessment")) {
      addIf(history.hasGrant(), "earlier-assessment-not-completed", codes);
      if (history.assessments().isEmpty()) {
        addIf(application.repeat() != null, "earlier-assessment-not-in-record", codes);
      } else {
        var assessments = history.assessments();
        aboutRepeat(application, day, assessments.get(assessments.size() - 1), codes);
      }
    }
    var limit = programme.limits().openCasesPerFactoryAndStream();
    addIf(history.openCases() >= limit.atMost(), "another-case-open", codes);
  }

  private void aboutRepeat(
      Submitted.Application application,
      LocalDate day,
      Histories.Completion earlier,
      List<String> codes) {
    var anniversary = earlier.completedOn().plusMonths(12L * programme.repeat().years());
    if (programme.repeat().anniversary().binds().equals("application")) {
      addIf(day.isBefore(anniversary), "repeat-too-early", codes);
    } else {
      boolean early = application.project().startsOn().isBefore(anniversary);
      addIf(early, "repeat-work-too-early", codes);
    }
    var claim = application.repeat();
    if (claim == null
        || !earlier.reportApproved()
        || !earlier.measures().contains(claim.implementedMeasure())) {
      codes.add("repeat-without-recommended-measure");
    } else {
      addIf(!claim.measureIsFacilityInvestment(), "repeat-without-investment", codes);
    }
    addIf(claim == null || claim.change() == null, "repeat-without-change", codes);
  }

  private static void aboutOrganisation(Submitted.Organisation organisation, List<String> codes) {
    addIf(!organisation.kind().equals("trade-association"), "not-a-trade-association", codes);
    addIf(!organisation.basedInHongKong(), "organisation-not-in-hong-kong", codes);
  }

  private static void aboutPlace(String ground, String place, List<String> codes) {
    if (ground.startsWith("1")) {
      addIf(!place.equals("guangdong"), "factory-not-in-guangdong", codes);
    } else {
      addIf(!place.equals("hong-kong"), "factory-not-in-hong-kong", codes);
    }
  }

  private void aboutShares(Submitted.Connection connection, List<String> codes) {
    var limits = programme.shareholding();
    addIf(
        connection.mainlandSharePercent().compareTo(limits.mainlandAbovePercent()) <= 0,
        "mainland-share-too-low",
        codes);
    addIf(
        connection.hongKongSharePercent().compareTo(limits.hongKongFromPercent()) < 0,
        "hong-kong-share-too-low",
        codes);
    addIf(!connection.sameResident(), "shares-of-different-persons", codes);
  }

  private void aboutWorkshop(
      Submitted.Connection connection, String stream, Phase phase, List<String> codes) {
    var workshops = programme.workshops();
    addIf(connection.processes().equals(List.of("other")), "workshop-process-not-listed", codes);
    addIf(!workshops.streams().contains(stream), "workshop-gets-demonstration-only", codes);
    addIf(
        phase != null && phase.opens().latest().isBefore(workshops.since()),
        "workshops-not-in-phase",
        codes);
  }

  private void aboutTerms(
      Submitted.Application application, Terms terms, Amounts amounts, List<String> codes) {
    var project = application.project();
    var months = terms.monthsAtMost();
    addIf(
        months != null && project.endsOn().isAfter(project.startsOn().plusMonths(months)),
        "project-too-long",
        codes);
    addIf(!isListed(application, terms), "technology-not-listed", codes);
    var quotations = project.quotations();
    addIf(
        quotations != null && quotations < programme.limits().needed(project.costCents()),
        "quotations-missing",
        codes);
    addIf(amounts.sharePercent() == null, "share-not-set", codes);
    addIf(amounts.ceilingCents() == null, "ceiling-not-set", codes);
    if (amounts.sharePercent() != null && amounts.ceilingCents() != null) {
      boolean below = amounts.shareCents() <= amounts.ceilingCents();
      codes.add(below ? "grant-is-share" : "grant-is-ceiling");
    }
  }

  private static boolean isListed(Submitted.Application application, Terms terms) {
    if (!application.stream().equals("new-technology")) {
      return true;
    }
    var technology = application.technology();
    return terms.technologyList() == null
        ? technology.onTechnologyList()
        : terms.technologyList().contains(technology.name());
  }

  private static void addIf(boolean applies, String code, List<String> codes) {
    if (applies) {
      codes.add(code);
    }
  }
}
