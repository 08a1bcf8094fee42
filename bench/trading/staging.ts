import { connectors } from '../../server/connectors/index.ts'
import { systemActor } from '../../server/core/access/actor.ts'
import { shopFacts } from '../../server/intake/downloads/shop-facts.ts'
import { stageTrades } from '../../server/intake/refunds/stage-trades.ts'
import { prepareTrades, rememberItems } from '../../server/intake/trades/ingest.ts'
import { connectorOf } from '../../server/shops/calls.ts'
import type { TradingHouse } from './trading-house.ts'

type Listing = { numIid: string; outerIid: string; skus: { skuId: string; outerId: string }[] }

const setSize = 500
/** Trades created by one control call have the same goods. */
const alike = 50
/** A paid trade that waits to be shipped and needs no user. */
const plain = { type: 'fixed', status: 'WAIT_SELLER_SEND_GOODS', hold: '', message: '', memo: '', flag: 0 }

/** Creates `perShop` paid trades in each shop of the simulator, with one or two lines of known goods. */
export async function createTrades(house: TradingHouse, perShop: number): Promise<void> {
  for (const { key } of house.shops) {
    const { listings } = Object(await house.control(`listings/${key}`))
    const lines = sellable(listings)
    for (let done = 0; done < perShop; done += alike) {
      const at = done / alike
      const line = lines[at % lines.length]
      const other = lines[(at * 7 + 3) % lines.length]
      const spec = { ...plain, lines: at % 2 === 0 || line === other ? [line] : [line, other] }
      await house.control('trades', { shop: key, count: Math.min(alike, perShop - done), ...spec })
    }
  }
}

export function sellable(listings: readonly Listing[]) {
  // Products of some marketplaces have no code of their own, and their SKUs have.
  const isCoded = listings.some(({ outerIid }) => outerIid !== '')
  return listings
    .filter(({ outerIid }) => !isCoded || outerIid !== '')
    .flatMap(({ numIid, skus }) =>
      skus.filter(({ outerId }) => outerId !== '').map(({ skuId }) => ({ numIid, skuId, num: 1 })),
    )
}

/** Stages all trades of the simulator's shops from the platform's payloads, as the push does. Returns their number. */
export async function stageAll(house: TradingHouse): Promise<number> {
  const shops = house.shops.values()
  let staged = 0
  const lane = async () => {
    for (const shop of shops) {
      const count = await stageShop(house, shop)
      staged += count
    }
  }
  await Promise.all([lane(), lane(), lane()])
  return staged
}

async function stageShop({ db, server, market }: TradingHouse, { id, key }: TradingHouse['shops'][number]) {
  const shop = { id, facts: await shopFacts(db, id) }
  let staged = 0
  for await (const payloads of sets(`${market}/control/rds/${key}?kind=trades`)) {
    const arrived = payloads.map(readPushed)
    await rememberItems(db, id, arrived)
    const prepared = prepareTrades(server.ring, shop, arrived)
    await db
      .transaction()
      .execute((tx) => stageTrades(tx, server.ring, { shop, prepared, fetchedAt: new Date() }, systemActor))
    staged += prepared.length
  }
  return staged
}

const { parsePushed } = connectorOf(connectors, 'taobao').trades

function readPushed(payload: string) {
  const detail = parsePushed?.(payload)
  if (!detail || !('trade' in detail))
    throw new Error(`a pushed trade cannot be read: ${payload.slice(0, 200)}`)
  return detail
}

async function* sets(url: string): AsyncGenerator<string[]> {
  let set: string[] = []
  for await (const { jdp_response } of rowsOf<{ jdp_response: string }>(url)) {
    set.push(jdp_response)
    if (set.length < setSize) continue
    yield set
    set = []
  }
  if (set.length > 0) yield set
}

/** Yields the rows of one of the simulator's streams. */
export async function* rowsOf<Row>(url: string): AsyncGenerator<Row> {
  const answer = await fetch(url)
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of answer.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line)
  }
}
