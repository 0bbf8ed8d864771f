// For mongosh, at every start: makes the replica set (transactions need one) and the account of Batiyoun, which may read
// and write its own database and nothing else. Does only what is missing.
const fs = require("fs");
const secret = (name) => fs.readFileSync(`/run/secrets/${name}`, "utf8").trim();

const root = `root:${encodeURIComponent(secret("mongo_root_password"))}`;
const admin = connect(`mongodb://${root}@mongo:27017/admin?directConnection=true`);

try {
  admin.adminCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  admin.adminCommand({ replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] } });
}
while (!admin.hello().isWritablePrimary) sleep(200);

const batiyoun = admin.getSiblingDB("batiyoun");
const account = { pwd: secret("messages_password"), roles: [{ role: "readWrite", db: "batiyoun" }] };
if (batiyoun.getUser("batiyoun") === null) batiyoun.createUser({ user: "batiyoun", ...account });
else batiyoun.updateUser("batiyoun", account);
