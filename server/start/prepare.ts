import { loadConfig } from '../config.ts'
import { openDatabase } from '../core/db/db.ts'
import { migrate } from '../core/db/migrate.ts'
import type { PrepareAnswer, PrepareRequest } from '../core/embedded/preparing.ts'
import { reachDatabase } from '../core/embedded/reach.ts'

// What is done once at a start, for the process that stays (main.ts): all that this loads goes away with it.

const config = loadConfig()
let databaseUrl = config.databaseUrl ?? ''

process.on('message', (request: PrepareRequest) => {
  void perform(request).then(
    (done) => tell({ done }),
    (error: unknown) => tell({ failed: wordsOf(error) }),
  )
})
process.on('disconnect', () => process.exit(0))

async function perform(request: PrepareRequest): Promise<string> {
  if (request.what === 'database') {
    databaseUrl = await reachDatabase(databaseUrl, (say) => tell({ say }))
    await migrateAndCheck()
    return databaseUrl
  }
  if (request.what === 'link') return firstLink()
  const { connectDemo } = await import('./demo.ts')
  await connectDemo(config, databaseUrl, request.sandboxUrl)
  return ''
}

/** Before anything starts that would be started again and again. Who is to work is asked of the database: the address may leave it to the environment. */
async function migrateAndCheck(): Promise<void> {
  const { openKeyRing } = await import('../core/access/key-check.ts')
  const database = openDatabase(databaseUrl, { max: 1, name: 'sanyi start' })
  try {
    const { rows } = await database.pool.query<{ role: string }>('select current_user as role')
    await migrate(config.databaseOwnerUrl ?? databaseUrl, { application: rows[0]?.role ?? '' })
    const places = async () => (await import('../worker.ts')).sealedPlaces
    await openKeyRing(database.db, config.sealingKeyPath, places)
  } finally {
    await database.close()
  }
}

/** The first administrator signs up with it; empty when there is one. */
async function firstLink(): Promise<string> {
  const { setupLink } = await import('../users/sign-in/setup.ts')
  const database = openDatabase(databaseUrl, { max: 1, name: 'sanyi start' })
  try {
    return (await setupLink(database.db, config.publicUrl)) ?? ''
  } finally {
    await database.close()
  }
}

function tell(answer: PrepareAnswer): void {
  process.send?.(answer)
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}\n  ${error.cause.message}` : error.message
}
