import { startServer, urlOf, open } from './database.ts'
import { inHouse, timeAll } from './lists/list-times.ts'
import { sql } from 'kysely'
const server = await startServer()
const name = process.argv[2]!
const { db, close } = open(urlOf(server, name), 1)
await sql.raw(`alter database ${name} set session_preload_libraries='auto_explain'`).execute(db)
await sql.raw(`alter database ${name} set auto_explain.log_min_duration='80ms'`).execute(db)
await sql.raw(`alter database ${name} set auto_explain.log_analyze=on`).execute(db)
await sql.raw(`alter database ${name} set auto_explain.log_timing=off`).execute(db)
await sql`analyze sales_order`.execute(db)
await inHouse(urlOf(server, name), server.ring, async (house) => {
  for (const path of process.argv.slice(3)) { await timeAll(house, [path]); const [t] = await timeAll(house, [path]); console.log(path, t!.ms.toFixed(0), t!.databaseMs.toFixed(0)) }
})
await sql.raw(`alter database ${name} reset all`).execute(db)
await close(); await server.postgres.stopIfUnused()
