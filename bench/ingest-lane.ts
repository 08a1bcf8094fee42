import { once } from 'node:events'
import { systemActor } from '../server/core/access/actor.ts'
import type { Database } from '../server/core/db/db.ts'
import { stageTrades } from '../server/intake/refunds/stage-trades.ts'
import { prepareTrades, rememberItems } from '../server/intake/trades/ingest.ts'
import { type KeyRing, loadKeyRing } from '../server/lib/seal.ts'
import { keyFile, open } from './database.ts'
import { type Batch, freshBatches } from './world/batches.ts'
import { factsFor, shopsOf } from './world/world.ts'

// One of the processes of bench/ingest.ts. It reports when it is ready, and ends when its trades are staged.

const pipelines = 2

async function ingestBatches(db: Database, ring: KeyRing, batches: readonly Batch[]): Promise<void> {
  const waiting = [...batches]
  const pipeline = async () => {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      const shop = { id: batch.shopId, facts: factsFor(Number(batch.shopId) - 1) }
      const prepared = prepareTrades(ring, shop, batch.arrived)
      await rememberItems(db, shop.id, batch.arrived)
      await db
        .transaction()
        .execute((tx) => stageTrades(tx, ring, { shop, prepared, fetchedAt: new Date() }, systemActor))
    }
  }
  await Promise.all(Array.from({ length: pipelines }, pipeline))
}

const [url = '', size = '', first = '', count = ''] = process.argv.slice(2)
const ring = await loadKeyRing(keyFile)
const { db, close } = open(url)
const shops = shopsOf(Number(size))
const batches = freshBatches({ shops }, Number(first), Number(count), Number(first) + Number(count))
process.send?.('ready')
await once(process, 'message')
await ingestBatches(db, ring, batches)
await close()
process.disconnect()
