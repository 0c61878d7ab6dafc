package bench;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.bson.Document;

/** A decision: the stored document and, without its key, the data of the event. */
record Decided(
    @JsonIgnore String key,
    String applicationId,
    int version,
    String stream,
    String outcome,
    Long grantCents,
    Long indicativeGrantCents,
    String phase,
    List<Rules.Reason> reasons,
    String ruleVersion,
    Instant receivedAt,
    Instant decidedAt,
    String factoryRegistrationNumber,
    long eligibleCostCents,
    Integer sharePercent,
    Long ceilingCents,
    String factsHash,
    List<Rules.Reason> conditions,
    String rulingId) {

  private static final UUID EVENT_IDS = UUID.fromString("0a6a1d5e-94f4-5b0f-8f0e-9c6f4c1d7b52");

  Document document() {
    return new Document("_id", key)
        .append("application_id", applicationId)
        .append("version", version)
        .append("stream", stream)
        .append("outcome", outcome)
        .append("grant_cents", grantCents)
        .append("indicative_grant_cents", indicativeGrantCents)
        .append("phase", phase)
        .append("reasons", reasons.stream().map(Decided::document).toList())
        .append("rule_version", ruleVersion)
        .append("received_at", Date.from(receivedAt))
        .append("decided_at", Date.from(decidedAt))
        .append("factory_registration_number", factoryRegistrationNumber)
        .append("eligible_cost_cents", eligibleCostCents)
        .append("share_percent", sharePercent)
        .append("ceiling_cents", ceilingCents)
        .append("facts_hash", factsHash)
        .append("conditions", conditions.stream().map(Decided::document).toList())
        .append("ruling_id", rulingId);
  }

  static Decided of(Document kept) {
    return new Decided(
        kept.getString("_id"),
        kept.getString("application_id"),
        kept.getInteger("version"),
        kept.getString("stream"),
        kept.getString("outcome"),
        kept.getLong("grant_cents"),
        kept.getLong("indicative_grant_cents"),
        kept.getString("phase"),
        kept.getList("reasons", Document.class).stream().map(Decided::reason).toList(),
        kept.getString("rule_version"),
        kept.getDate("received_at").toInstant(),
        kept.getDate("decided_at").toInstant(),
        kept.getString("factory_registration_number"),
        kept.getLong("eligible_cost_cents"),
        kept.getInteger("share_percent"),
        kept.getLong("ceiling_cents"),
        kept.getString("facts_hash"),
        kept.getList("conditions", Document.class).stream().map(Decided::reason).toList(),
        kept.getString("ruling_id"));
  }

  private static Document document(Rules.Reason reason) {
    return new Document("code", reason.code())
        .append("source", reason.source())
        .append("en", reason.en())
        .append("zh_hant", reason.zhHant())
        .append("zh_hans", reason.zhHans());
  }

  private static Rules.Reason reason(Document kept) {
    return new Rules.Reason(
        kept.getString("code"),
        kept.getString("source"),
        kept.getString("en"),
        kept.getString("zh_hant"),
        kept.getString("zh_hans"));
  }

  /** The same decision always gives the same bytes. */
  ProducerRecord<byte[], byte[]> announced(String topic, ObjectMapper mapper)
      throws JsonProcessingException {
    var event =
        new ProducerRecord<>(topic, bytes(applicationId), mapper.writeValueAsBytes(this));
    event
        .headers()
        .add("ce_specversion", bytes("1.0"))
        .add("ce_id", bytes(derivedId()))
        .add("ce_type", bytes("EligibilityDecided"))
        .add("ce_source", bytes("eligibility"))
        .add("ce_subject", bytes(applicationId))
        .add("ce_time", bytes(decidedAt.toString()))
        .add("content-type", bytes("application/json"));
    return event;
  }

  /** A version 5 UUID, as every event id that is derived from another event. */
  private String derivedId() {
    var digest = digest("SHA-1");
    digest.update(
        ByteBuffer.allocate(16)
            .putLong(EVENT_IDS.getMostSignificantBits())
            .putLong(EVENT_IDS.getLeastSignificantBits())
            .array());
    var hash = ByteBuffer.wrap(digest.digest(bytes("EligibilityDecided/" + key)));
    long most = hash.getLong() & ~0xf000L | 0x5000L;
    long least = hash.getLong() & 0x3fff_ffff_ffff_ffffL | 0x8000_0000_0000_0000L;
    return new UUID(most, least).toString();
  }

  static String sha256(byte[] value) {
    return HexFormat.of().formatHex(digest("SHA-256").digest(value));
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
