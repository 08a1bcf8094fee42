import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../server/core/access/actor.ts'
import type { Database } from '../../server/core/db/db.ts'
import { migrate } from '../../server/core/db/migrate.ts'
import type { RuleInput } from '../../server/orders/gifts/decide.ts'
import { asksNothing } from '../../server/orders/gifts/gift-rules.ts'
import { reserveWithGifts } from '../../server/orders/gifts/give.ts'
import { saveGiftRules } from '../../server/orders/gifts/settings.ts'
import { type BenchServer, freshDatabase, open } from '../database.ts'
import { report } from '../report.ts'
import { makeHouse, makeOrders, makeTrades, skus } from './choose.ts'

/** Measures orders of two lines over many SKUs, created in batches: without gift rules, then with twenty. */
export async function benchGifts(server: BenchServer, count: number): Promise<void> {
  const url = await freshDatabase(server, 'bench_gifts')
  await migrate(url)
  const { db, close } = open(url, 2)
  try {
    await makeHouse(db)
    await makeTrades(db, count)
    const ask: Parameters<typeof makeOrders>[3] = (tx, ids) => reserveWithGifts(tx, ids, systemActor)
    const plain = await makeOrders(db, 'a', count, ask)
    await addRules(db)
    const ruled = await makeOrders(db, 'b', count, ask)
    const given = await sql<{ lines: number }>`
      select count(*)::int as lines from order_line where gift`.execute(db)
    report({
      name: 'gifts',
      work: `${count.toLocaleString('en')} orders of two lines, ${skus.toLocaleString('en')} SKUs, 20 rules, one connection`,
      figure: count / ruled,
      unit: 'orders/s',
      floor: 1000,
      floorRatio: 0.4,
      atMost: false,
      ceiling: count / plain,
      facts: { microsecondsOfGiving: ((ruled - plain) / count) * 1e6, ...given.rows[0] },
    })
  } finally {
    await close()
  }
}

/** Adds twenty gift rules. Most apply to other goods or larger amounts; some to places; some check the stock of the gift. */
async function addRules(db: Database): Promise<void> {
  const rules = Array.from(
    { length: 20 },
    (_, n): RuleInput => ({
      ...asksNothing,
      name: `赠品规则 ${n}`,
      minFen: n < 4 ? 20_000 : null,
      minQuantity: n >= 4 && n < 8 ? 2 + n : null,
      skus: n >= 8 ? Array.from({ length: 50 }, (__, at) => `S${1 + n * 100 + at}`) : [],
      base: n % 2 === 0 ? 'order' : 'goods',
      perFen: n === 1 ? 10_000 : null,
      firstOrders: n === 2 ? 1000 : null,
      gifts: [{ code: `S${n + 1}`, quantity: 1, instead: '' }],
      whenOut: n % 3 === 0 ? 'skip' : 'wait',
    }),
  )
  const by = { actor: systemActor, scope: wholeScope, request: { ip: '', id: '' } }
  await db.transaction().execute((tx) => saveGiftRules(tx, { rules, version: 0 }, by))
  await sql`analyze`.execute(db)
}
