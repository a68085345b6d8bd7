import { createTestDatabase, startTestPostgres } from "@xianfeng/stack/testing";
import pg from "pg";
import { schemaAsSql } from "../../migrate.ts";

/** Two empty databases on a server made for this. Everything goes away with the work. */
export async function withScratch<Result>(
  work: (scratch: { migrated: pg.Client; wanted: pg.Client; wantSchema: () => Promise<void> }) => Promise<Result>,
): Promise<Result> {
  const server = await startTestPostgres();
  const endings: (() => Promise<unknown>)[] = [];
  const open = async () => {
    const database = await createTestDatabase({ serverUrl: server.url });
    endings.unshift(() => database.drop());
    const client = new pg.Client({ connectionString: database.owner });
    await client.connect();
    endings.unshift(() => client.end());
    return { client, url: database.owner };
  };
  try {
    const [migrated, wanted] = [await open(), await open()];
    const wantSchema = async () => {
      await wanted.client.query(await schemaAsSql(wanted.url));
    };
    return await work({ migrated: migrated.client, wanted: wanted.client, wantSchema });
  } finally {
    for (const end of endings) await end();
    await server.stop();
  }
}
