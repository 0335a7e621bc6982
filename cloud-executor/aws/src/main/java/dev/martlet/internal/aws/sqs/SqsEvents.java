package dev.martlet.internal.aws.sqs;

import dev.martlet.internal.log.Log;
import dev.martlet.spi.StoreEvents;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/**
 * S3's event notifications, which a queue of SQS receives: a few requests wait at the queue all the
 * time, and each brings ten messages at most; as long as there are more, there are more requests.
 * What is of interest is taken out of the queue. What is another client's goes back into it, unless
 * it is old: several clients can share a queue, at the price that one may hear of what is its own a
 * little later.
 *
 * <p>Thread-safe. Nothing blocks.
 */
public final class SqsEvents implements StoreEvents {
  private static final int WAITING = 2;
  private static final int HELPING = 30;
  private static final int MOST = 10;
  private static final int WAIT_SECONDS = 20;
  private static final int OLD_SECONDS = 60;
  private static final int BACK_SECONDS = 1;
  private static final int PAUSE_SECONDS = 5;

  private final SqsAsyncClient client;
  private final String queue;
  private final String bucketPrefix;
  private final AtomicInteger helping = new AtomicInteger();
  private volatile boolean closed;
  private final int waitSeconds;
  private final AtomicBoolean toldDeaf = new AtomicBoolean();
  private final AtomicBoolean toldFull = new AtomicBoolean();

  /**
   * Creates what listens.
   *
   * @param client belongs to this one from now on
   * @param queue the URL of the queue
   * @param bucketPrefix how all keys begin in the bucket
   */
  public SqsEvents(SqsAsyncClient client, String queue, String bucketPrefix) {
    this(client, queue, bucketPrefix, WAIT_SECONDS);
  }

  /** Creates likewise what waits at the queue for so long at a time. */
  SqsEvents(SqsAsyncClient client, String queue, String bucketPrefix, int waitSeconds) {
    this.waitSeconds = waitSeconds;
    this.client = client;
    this.queue = queue;
    this.bucketPrefix = bucketPrefix;
  }

  @Override
  public void listen(String prefix, Consumer<String> listener) {
    for (int i = 0; i < WAITING; i++) {
      receive(false, prefix, listener);
    }
  }

  private void receive(boolean helps, String prefix, Consumer<String> listener) {
    if (closed) {
      return;
    }
    CompletableFuture<ReceiveMessageResponse> unused =
        client
            .receiveMessage(
                b ->
                    b.queueUrl(queue)
                        .maxNumberOfMessages(MOST)
                        .waitTimeSeconds(helps ? 0 : waitSeconds)
                        .messageSystemAttributeNames(MessageSystemAttributeName.SENT_TIMESTAMP))
            .whenComplete(
                (received, e) -> {
                  if (e == null) {
                    boolean more = received.messages().size() == MOST;
                    if (more) {
                      callForHelp(prefix, listener);
                    }
                    take(received.messages(), prefix, listener);
                    goOn(helps, more, prefix, listener);
                  } else if (!closed) {
                    tellDeaf(e);
                    CompletableFuture.delayedExecutor(PAUSE_SECONDS, TimeUnit.SECONDS)
                        .execute(() -> goOn(helps, false, prefix, listener));
                  }
                });
  }

  private void goOn(boolean helps, boolean more, String prefix, Consumer<String> listener) {
    if (helps && !more) {
      helping.decrementAndGet();
    } else {
      receive(helps, prefix, listener);
    }
  }

  private void callForHelp(String prefix, Consumer<String> listener) {
    for (int n = helping.get(); n < HELPING; n = helping.get()) {
      if (helping.compareAndSet(n, n + 1)) {
        receive(true, prefix, listener);
        return;
      }
    }
  }

  private void tellDeaf(Throwable e) {
    if (!toldDeaf.getAndSet(true)) {
      Log.of(SqsEvents.class)
          .warn(
              "Results are looked for, since the queue {} (setting aws.queue) tells nothing of them."
                  + " It must exist, and whoever runs this program needs sqs:ReceiveMessage,"
                  + " sqs:DeleteMessage and sqs:ChangeMessageVisibility there: see `martlet doctor`",
              queue,
              e);
    }
  }

  private void tellFull(Throwable e) {
    if (!closed && !toldFull.getAndSet(true)) {
      Log.of(SqsEvents.class)
          .warn(
              "What was taken out of the queue {} (setting aws.queue) comes again and again. Whoever"
                  + " runs this program needs sqs:DeleteMessage and sqs:ChangeMessageVisibility"
                  + " there: see `martlet doctor`",
              queue,
              e);
    }
  }

  private void take(List<Message> messages, String prefix, Consumer<String> listener) {
    String likes = prefix.substring(0, prefix.indexOf('/') + 1);
    List<DeleteMessageBatchRequestEntry> taken = new ArrayList<>();
    List<ChangeMessageVisibilityBatchRequestEntry> others = new ArrayList<>();
    for (Message m : messages) {
      String id = Integer.toString(taken.size() + others.size());
      boolean another = false;
      for (String key : keys(m.body())) {
        if (key.startsWith(bucketPrefix + prefix)) {
          tell(key.substring(bucketPrefix.length()), listener);
        } else if (key.startsWith(bucketPrefix + likes)) {
          another = true;
        }
      }
      if (!another || isOld(m)) {
        taken.add(
            DeleteMessageBatchRequestEntry.builder()
                .id(id)
                .receiptHandle(m.receiptHandle())
                .build());
      } else {
        others.add(
            ChangeMessageVisibilityBatchRequestEntry.builder()
                .id(id)
                .receiptHandle(m.receiptHandle())
                .visibilityTimeout(BACK_SECONDS)
                .build());
      }
    }
    // Those that are not deleted come again, which is harmless now and then.
    if (!taken.isEmpty()) {
      watch(client.deleteMessageBatch(b -> b.queueUrl(queue).entries(taken)));
    }
    if (!others.isEmpty()) {
      watch(client.changeMessageVisibilityBatch(b -> b.queueUrl(queue).entries(others)));
    }
  }

  private void watch(CompletableFuture<?> request) {
    CompletableFuture<?> unused =
        request.whenComplete(
            (done, e) -> {
              if (e != null) {
                tellFull(e);
              }
            });
  }

  /** Tells of a key; whoever cannot take it will find it by a list. */
  private static void tell(String key, Consumer<String> listener) {
    try {
      listener.accept(key);
    } catch (RuntimeException e) {
      Log.of(SqsEvents.class).debug("{} was told of in vain", key, e);
    }
  }

  private static boolean isOld(Message m) {
    String sent = m.attributes().get(MessageSystemAttributeName.SENT_TIMESTAMP);
    return sent == null || System.currentTimeMillis() - Long.parseLong(sent) > OLD_SECONDS * 1_000L;
  }

  /** Returns the keys that a notification names; none if it is none. */
  static List<String> keys(String body) {
    List<String> keys = new ArrayList<>();
    try {
      JsonNode records = JsonNode.parser().parse(body).field("Records").orElse(null);
      if (records != null && records.isArray()) {
        for (JsonNode record : records.asArray()) {
          record
              .field("s3")
              .flatMap(s3 -> s3.field("object"))
              .flatMap(object -> object.field("key"))
              .ifPresent(
                  key -> keys.add(URLDecoder.decode(key.asString(), StandardCharsets.UTF_8)));
        }
      }
    } catch (RuntimeException e) {
      Log.of(SqsEvents.class).debug("A message is no notification of S3: {}", body, e);
    }
    return keys;
  }

  @Override
  public void close() {
    closed = true;
    client.close();
  }
}
