// npm run migrate [-- --upgrade-anyway]: migrates the database, also while processes of the version before work on it. `npm start` does the same at its start;
// this is for an installation whose processes are replaced one by one afterwards.
import pg from 'pg'
import { loadConfig } from '../server/config.ts'
import { addressOf } from '../server/core/db/db.ts'
import { withOwnerDatabase } from '../server/core/embedded/owner-database.ts'
import { applicationRole } from '../server/core/embedded/postgres.ts'
import { reachDatabase } from '../server/core/embedded/reach.ts'
import { programText, thisProgram } from '../server/core/upgrade/program.ts'
import { StartError } from '../server/lib/stopping.ts'
import { migrateInstallation, upgradeSettings } from '../server/start/migrating.ts'

const say = (line: string) => console.log(line)
const config = loadConfig()
const { databaseUrl } = config
const settings = upgradeSettings(config, {
  isEmbedded: databaseUrl === undefined,
  anyway: process.argv.includes('--upgrade-anyway'),
})
try {
  await withOwnerDatabase(config, async (ownerUrl) => {
    const application =
      databaseUrl === undefined ? applicationRole : await roleOf(await reachDatabase(databaseUrl, say))
    await migrateInstallation({ ownerUrl, application, settings, say })
  })
  const program = programText(await thisProgram())
  say(`数据库已是 ${program} 的 · The database is that of ${program}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  if (error instanceof Error && error.cause instanceof Error) console.error(`  ${error.cause.message}`)
  process.exitCode = error instanceof StartError ? error.exitCode : 1
}

/** The role is read from the database, because the address may take it from the environment. */
async function roleOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: addressOf(url).url, application_name: 'sanyi start' })
  await client.connect()
  try {
    const { rows } = await client.query<{ role: string }>('select current_user as role')
    return rows[0]?.role ?? ''
  } finally {
    await client.end()
  }
}
