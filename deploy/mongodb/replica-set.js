// The health check of mongodb in docker-compose.yml: takes writes or not, by the exit code.
// On a new volume it initiates the replica set of one member; afterwards it changes nothing.
try {
  rs.status();
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongodb:27017" }] });
}
const deadline = Date.now() + 5_000; // the election after the initiation takes a moment
while (!db.hello().isWritablePrimary && Date.now() < deadline) sleep(100);
quit(db.hello().isWritablePrimary ? 0 : 1);
