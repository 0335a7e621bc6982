package dev.martlet.internal.aws.s3;

import dev.martlet.contract.StoreContractTest;
import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.S3Server;
import dev.martlet.spi.Store;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What S3 keeps of what stores promise. */
class S3StoreTest extends StoreContractTest {
  private static final int PART = 5 << 20; // S3's least

  private static S3Server server;

  @BeforeAll
  static void start() throws Exception {
    server = new S3Server();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Override
  protected Store newStore() {
    return new S3Store(
        AwsClients.s3(server.settings()), S3Server.BUCKET, UUID.randomUUID() + "/", PART);
  }

  @Override
  protected int bigSize() {
    return 3 * PART + 12_345;
  }
}
