package bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.mongodb.MongoBulkWriteException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.InsertManyOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.bson.Document;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.BatchListenerFailedException;
import org.springframework.stereotype.Component;

/** Decides, stores and publishes a batch; the container commits when this returns. */
@Component
class Listener {
  private static final int DUPLICATE_KEY = 11000;
  private static final InsertManyOptions UNORDERED = new InsertManyOptions().ordered(false);

  private final ObjectMapper mapper;
  private final Rules rules;
  private final KafkaTemplate<byte[], byte[]> template;
  private final MongoDatabase database;
  private final MongoCollection<Document> decisions;
  private final String output = System.getenv("BENCH_OUTPUT");

  Listener(
      ObjectMapper mapper, Rules rules, KafkaTemplate<byte[], byte[]> template, MongoClient mongo) {
    this.mapper = mapper;
    this.rules = rules;
    this.template = template;
    this.database = mongo.getDatabase(System.getenv("BENCH_DATABASE"));
    this.decisions = database.getCollection("decisions");
  }

  @KafkaListener(topics = "${BENCH_TOPIC}")
  void handle(List<ConsumerRecord<byte[], byte[]>> records) throws JsonProcessingException {
    var events = new ArrayList<Submitted>(records.size());
    BatchListenerFailedException failed = null;
    for (int index = 0; index < records.size() && failed == null; index++) {
      try {
        events.add(read(records.get(index).value()));
      } catch (IOException | RuntimeException error) {
        // Handle the records before it; the container continues with those after it.
        failed = new BatchListenerFailedException("cannot be handled", error, index);
      }
    }
    publish(keep(decided(events, records)));
    if (failed != null) {
      throw failed;
    }
  }

  private Submitted read(byte[] value) throws IOException {
    var event = mapper.readValue(value, Submitted.class);
    event.check();
    return event;
  }

  /** Decides the valid events, the first of the records, by the histories of their factories. */
  private List<Decided> decided(
      List<Submitted> events, List<ConsumerRecord<byte[], byte[]>> records) {
    var histories = Histories.of(events, database);
    var decided = new ArrayList<Decided>(events.size());
    for (int index = 0; index < events.size(); index++) {
      var event = events.get(index);
      decided.add(rules.decided(event, records.get(index).value(), histories.of(event)));
    }
    return decided;
  }

  /** Stores decisions; returns those stored before unchanged, to be published again. */
  private Collection<Decided> keep(List<Decided> decided) {
    Map<String, Decided> kept = new LinkedHashMap<>();
    decided.forEach(each -> kept.putIfAbsent(each.key(), each));
    if (kept.isEmpty()) {
      return kept.values();
    }
    try {
      decisions.insertMany(kept.values().stream().map(Decided::document).toList(), UNORDERED);
    } catch (MongoBulkWriteException error) {
      takeEarlier(kept, error);
    }
    return kept.values();
  }

  private void takeEarlier(Map<String, Decided> kept, MongoBulkWriteException error) {
    var keys = List.copyOf(kept.keySet());
    var known = new ArrayList<String>();
    for (var each : error.getWriteErrors()) {
      if (each.getCode() != DUPLICATE_KEY) {
        throw error;
      }
      known.add(keys.get(each.getIndex()));
    }
    decisions
        .find(Filters.in("_id", known))
        .forEach(each -> kept.put(each.getString("_id"), Decided.of(each)));
  }

  private void publish(Collection<Decided> kept) throws JsonProcessingException {
    var confirmations = new ArrayList<CompletableFuture<?>>(kept.size());
    for (var each : kept) {
      confirmations.add(template.send(each.announced(output, mapper)));
    }
    CompletableFuture.allOf(confirmations.toArray(CompletableFuture[]::new)).join();
  }
}
