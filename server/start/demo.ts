import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { connectors } from '../connectors/index.ts'
import { postPath } from '../connectors/push.ts'
import { openKeyRing } from '../core/access/key-check.ts'
import { openDatabase } from '../core/db/db.ts'
import { waveDemo } from '../fulfilment/waves/demo.ts'
import { ownAccountDemo, waybillDemo, waybillRuleDemo } from '../fulfilment/waybills/demo.ts'
import { binDemo } from '../inventory/bins/demo.ts'
import { type DemoGoods, stockDemo } from '../inventory/demo.ts'
import { ruleDemo } from '../orders/sourcing/demo.ts'
import { connectDemoShops, type DemoShop } from '../shops/demo.ts'
import { stockSyncDemo } from '../stock-sync/demo.ts'
import { giveShopTasks, sealedPlaces } from '../worker.ts'

type SandboxShop = DemoShop & { key: string }

/**
 * Connects the simulator's shops once it answers, and gives the demo stock to ship. Repeated at each start, so that a simulator that lost
 * its tokens is connected again. The simulator lists its shops itself, because it shares nothing with the server.
 */
export async function connectDemo(config: Config, databaseUrl: string, sandboxUrl: string): Promise<void> {
  const shops = await listShops(sandboxUrl)
  const { db, close } = openDatabase(databaseUrl, { max: 2, name: 'sanyi demo' })
  try {
    const ring = await openKeyRing(db, config.sealingKeyPath, () => sealedPlaces)
    await stockDemo(db, (await Promise.all(shops.map((shop) => goodsOf(sandboxUrl, shop)))).flat())
    await binDemo(db)
    await waveDemo(db)
    await ruleDemo(db)
    const deps = { db, ring, connectors, onShopConnected: giveShopTasks }
    const shopIds = await connectDemoShops(deps, sandboxUrl, shops)
    await pushDemo(config.publicUrl, sandboxUrl, shops)
    await stockSyncDemo(db, shopIds)
    await waybillDemo({ ...deps, simulator: true }, shopIds)
    const [first] = shopIds
    if (first) await ownAccountDemo(deps, first, await ownCredentials(sandboxUrl))
    await waybillRuleDemo(db)
  } finally {
    await close()
  }
}

/** Enters our address with each simulated platform that posts its messages, as a merchant would in its console. */
async function pushDemo(publicUrl: string, sandboxUrl: string, shops: readonly SandboxShop[]): Promise<void> {
  for (const { key, platform, appKey } of shops) {
    const push = connectors.find(({ id }) => id === platform)?.push
    if (!push || !('readPost' in push)) continue
    const body = JSON.stringify({ shop: key, url: publicUrl + postPath(platform, appKey) })
    await fetch(`${sandboxUrl}/control/push-to`, { method: 'POST', body })
  }
}

async function listShops(sandboxUrl: string): Promise<SandboxShop[]> {
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${sandboxUrl}/control/shops`).catch(() => undefined)
    if (answer?.ok) return answer.json().then((body: { shops: SandboxShop[] }) => body.shops)
    if (tries === 200) throw new Error(`The marketplace simulator does not answer on ${sandboxUrl}.`)
    await sleep(50)
  }
}

/** Returns the credentials of an account at the simulated 快递100. */
async function ownCredentials(sandboxUrl: string): Promise<Record<string, string>> {
  const answer = await fetch(`${sandboxUrl}/control/kuaidi100`)
  const { enterprises }: { enterprises: Record<string, string>[] } = await answer.json()
  const { key = '', secret = '', customer = '', partnerId = '', partnerKey = '' } = enterprises[0] ?? {}
  return { key, secret, customer, partnerId, partnerKey, labelUrl: `${sandboxUrl}/label/order` }
}

type SandboxListing = {
  title: string
  outerIid: string
  skus: { outerId: string; properties: string; price: number }[]
}

/** Returns the goods of a shop to which its merchant has given a code. */
export async function goodsOf(sandboxUrl: string, shop: { key: string }): Promise<DemoGoods[]> {
  const answer = await fetch(`${sandboxUrl}/control/listings/${shop.key}`)
  const { listings }: { listings: SandboxListing[] } = await answer.json()
  return listings.flatMap((listing) =>
    listing.skus
      .filter((sku) => sku.outerId !== '' && listing.outerIid !== '')
      .map((sku) => ({
        code: sku.outerId,
        productCode: listing.outerIid,
        name: listing.title,
        spec: sku.properties.replace(/[^:;]+:/g, '').replaceAll(';', ' '),
        priceFen: sku.price,
      })),
  )
}
