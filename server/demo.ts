import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from './config.ts'
import { connectors } from './connectors/index.ts'
import { openDatabase } from './db.ts'
import { loadKeyRing } from './lib/seal.ts'
import { connectDemoShops, type DemoShop } from './shops/demo.ts'
import { giveShopTasks } from './worker.ts'

/**
 * Connects the simulator's shops once it answers. Repeated at each start, so a simulator that forgot its tokens is
 * connected anew; the simulator itself lists its shops, since it shares nothing with the server.
 */
export async function connectDemo(config: Config, databaseUrl: string, sandboxUrl: string): Promise<void> {
  const shops = await listShops(sandboxUrl)
  const { db, close } = openDatabase(databaseUrl, { max: 2, name: 'sanyi demo' })
  try {
    const ring = await loadKeyRing(config.sealingKeyPath)
    await connectDemoShops({ db, ring, connectors, onShopConnected: giveShopTasks }, sandboxUrl, shops)
  } finally {
    await close()
  }
}

async function listShops(sandboxUrl: string): Promise<DemoShop[]> {
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${sandboxUrl}/control/shops`).catch(() => undefined)
    if (answer?.ok) return answer.json().then((body: { shops: DemoShop[] }) => body.shops)
    if (tries === 200) throw new Error(`The marketplace simulator does not answer on ${sandboxUrl}.`)
    await sleep(50)
  }
}
