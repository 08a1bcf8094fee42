import { loadConfig } from '../config.ts'
import { openDatabase } from '../core/db/db.ts'
import type { PrepareAnswer, PrepareRequest } from '../core/embedded/preparing.ts'
import { reachDatabase } from '../core/embedded/reach.ts'
import { StartError } from '../lib/stopping.ts'
import { migrateInstallation, upgradeSettings } from './migrating.ts'

// Does the work that is needed once at a start, on behalf of the process that stays (main.ts), so that the memory for the loaded modules is
// freed afterwards.

const config = loadConfig()
let databaseUrl = config.databaseUrl ?? ''

process.on('message', (request: PrepareRequest) => {
  void perform(request).then(
    (done) => tell({ done }),
    (error: unknown) =>
      tell({ failed: wordsOf(error), code: error instanceof StartError ? error.exitCode : 1 }),
  )
})
process.on('disconnect', () => process.exit(0))

async function perform(request: PrepareRequest): Promise<string> {
  if (request.what === 'database') {
    databaseUrl = await reachDatabase(databaseUrl, say)
    await migrateAndCheck(request)
    return databaseUrl
  }
  if (request.what === 'link') return firstLink()
  const { connectDemo } = await import('./demo.ts')
  await connectDemo(config, databaseUrl, request.sandboxUrl)
  const { openSheetDemo } = await import('./demo-sheets.ts')
  await openSheetDemo(config, databaseUrl)
  return ''
}

/**
 * Migrates and checks the keys before the processes start that would be restarted after an error. The application's role is read from the
 * database, because the URL may take it from the environment.
 */
async function migrateAndCheck(request: Extract<PrepareRequest, { what: 'database' }>): Promise<void> {
  const { openKeyRing } = await import('../core/access/key-check.ts')
  const database = openDatabase(databaseUrl, { max: 1, name: 'sanyi start' })
  try {
    const ownerUrl = config.databaseOwnerUrl ?? databaseUrl
    const { rows } = await database.pool.query<{ role: string }>('select current_user as role')
    const settings = request.isDemo ? undefined : upgradeSettings(config, request)
    await migrateInstallation({ ownerUrl, application: rows[0]?.role ?? '', settings, say })
    const places = async () => (await import('../worker.ts')).sealedPlaces
    await openKeyRing(database.db, config.sealingKeyPath, places)
  } finally {
    await database.close()
  }
}

/** Returns the link with which the first administrator signs up; empty if there is an administrator. */
async function firstLink(): Promise<string> {
  const { setupLink } = await import('../users/sign-in/setup.ts')
  const database = openDatabase(databaseUrl, { max: 1, name: 'sanyi start' })
  try {
    return (await setupLink(database.db, config.publicUrl)) ?? ''
  } finally {
    await database.close()
  }
}

const say = (line: string) => tell({ say: line })

function tell(answer: PrepareAnswer): void {
  process.send?.(answer)
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}\n  ${error.cause.message}` : error.message
}
