package bench;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bson.Document;
import org.bson.conversions.Bson;

/** The completions and open cases of the factories of a batch. */
record Histories(
    Map<String, List<Completion>> assessments, Map<Case, List<Earlier>> openCases) {
  private static final String FACTORY = "factory_registration_number";
  private static final Bson FIELDS =
      Projections.include("application_id", FACTORY, "stream", "received_at", "outcome");

  /** A completed funded project of a factory. */
  record Completion(LocalDate completedOn, boolean reportApproved, List<String> measures) {}

  record Case(String factory, String stream) {}

  /** Another application of the same factory, as its stored decision describes it. */
  record Earlier(String applicationId, Instant receivedAt, boolean isGranted) {
    boolean goesAheadOf(Submitted event) {
      var received = event.receivedAt().toInstant().truncatedTo(ChronoUnit.MILLIS);
      int order = receivedAt.compareTo(received);
      boolean isFirst = applicationId.compareTo(event.applicationId()) < 0;
      return isGranted || order < 0 || (order == 0 && isFirst);
    }
  }

  /** What affects the decision on one application; assessments in order of completion. */
  record History(List<Completion> assessments, int openCases, boolean hasGrant) {}

  /** Queries the histories of a whole batch at once. */
  static Histories of(List<Submitted> events, MongoDatabase database) {
    var factories =
        events.stream()
            .map(each -> each.application().factory())
            .filter(Objects::nonNull)
            .map(Submitted.Factory::registrationNumber)
            .distinct()
            .toList();
    var asked = Filters.in(FACTORY, factories);
    var completions = database.getCollection("completions").find(asked).into(new ArrayList<>());
    var decisions =
        database.getCollection("decisions").find(asked).projection(FIELDS).into(new ArrayList<>());
    return new Histories(assessments(completions), openCases(completions, decisions));
  }

  private static Map<String, List<Completion>> assessments(List<Document> completions) {
    var found = new HashMap<String, List<Completion>>();
    var earliestFirst =
        Comparator.<Document, String>comparing(each -> each.getString("completed_on"))
            .thenComparing(each -> each.getString("_id"));
    completions.stream()
        .sorted(earliestFirst)
        .filter(each -> each.getString("stream").equals("assessment"))
        .forEach(
            each ->
                found
                    .computeIfAbsent(each.getString(FACTORY), factory -> new ArrayList<>())
                    .add(
                        new Completion(
                            LocalDate.parse(each.getString("completed_on")),
                            each.getBoolean("report_approved"),
                            each.getList("recommended_measures", String.class))));
    return found;
  }

  private static Map<Case, List<Earlier>> openCases(
      List<Document> completions, List<Document> decisions) {
    var completed = new HashSet<String>();
    completions.forEach(each -> completed.add(each.getString("_id")));
    var found = new HashMap<Case, List<Earlier>>();
    for (var each : decisions) {
      var outcome = each.getString("outcome");
      var id = each.getString("application_id");
      if (!outcome.equals("ineligible") && !completed.contains(id)) {
        var of = new Case(each.getString(FACTORY), each.getString("stream"));
        var received = each.getDate("received_at").toInstant();
        found
            .computeIfAbsent(of, none -> new ArrayList<>())
            .add(new Earlier(id, received, outcome.equals("eligible")));
      }
    }
    return found;
  }

  History of(Submitted event) {
    var application = event.application();
    if (application.factory() == null) {
      return new History(List.of(), 0, false);
    }
    var factory = application.factory().registrationNumber();
    var others =
        openCases.getOrDefault(new Case(factory, application.stream()), List.of()).stream()
            .filter(each -> !each.applicationId().equals(event.applicationId()))
            .filter(each -> each.goesAheadOf(event))
            .toList();
    var openCases = (int) others.stream().map(Earlier::applicationId).distinct().count();
    var hasGrant = others.stream().anyMatch(Earlier::isGranted);
    return new History(assessments.getOrDefault(factory, List.of()), openCases, hasGrant);
  }
}
