import { performance } from 'node:perf_hooks'
import { sql } from 'kysely'
import { pino } from 'pino'
import { kuaidi100Demo } from '../../sandbox/kuaidi100/labels.ts'
import { connectors } from '../../server/connectors/index.ts'
import { wholeScope } from '../../server/core/access/actor.ts'
import { startOutbox } from '../../server/core/outbox/loop.ts'
import { releaseOrders } from '../../server/fulfilment/shipping/release.ts'
import { saveAccount } from '../../server/fulfilment/waybills/accounts.ts'
import { takingNumbers } from '../../server/fulfilment/waybills/outbox.ts'
import { takeNumbers } from '../../server/fulfilment/waybills/take.ts'
import { createLimiter } from '../../server/lib/limiter.ts'
import { seal } from '../../server/lib/seal.ts'
import { type OpenedShop, openCall } from '../../server/shops/calls.ts'
import { anOrder } from '../../server/testing/orders.ts'
import { aShippingHouse, packer, type ShippingHouse } from '../../server/testing/shipping.ts'
import { until } from '../../server/testing/until.ts'
import { report } from '../report.ts'

const count = 500
const slowMs = 500
const lost = 0.02
const by = { actor: packer, scope: wholeScope }

/**
 * Takes numbers from 快递100, which gives one a call, for 500 orders that were made here: each answer takes 500 ms, and of one in fifty calls
 * the answer never comes though the number was given.
 */
export async function benchNumbers(): Promise<void> {
  await using house = await aShippingHouse()
  await anAccount(house)
  const ids = await released(house)
  const ofLabels = { shop: 'kuaidi100', method: 'label.order', count: 1_000_000 }
  await house.control('faults', { ...ofLabels, kind: 'timeout-after', probability: lost })
  await house.control('faults', { ...ofLabels, kind: 'slow', ms: slowMs })
  const deps = {
    ...{ db: house.db, ring: house.ring, connectors, simulator: true },
    limiter: createLimiter(),
  }
  const outbox = startOutbox<OpenedShop>({
    ...{ db: house.db, log: pino({ level: 'silent' }), handlers: [takingNumbers] },
    openShop: (id, hooks) => openCall(deps, id, hooks),
    paceOf: ({ rate }) => rate,
  })
  const begun = performance.now()
  await house.run((tx) => takeNumbers(tx, ids, by))
  await until(async () => {
    const open = await sql`select from waybill where state = 'asked' limit 1`.execute(house.db)
    return open.rows.length === 0
  }, 120_000)
  const seconds = (performance.now() - begun) / 1000
  await outbox.stop()
  const { given } = house.sandbox.sandbox.kuaidi100
  const taken = await sql<{ n: number }>`
    select count(distinct waybill_no)::int as n from waybill where state = 'taken'`.execute(house.db)
  report({
    name: 'numbers',
    work: `${count} numbers of 快递100, ${slowMs} ms a call, ${lost * 100} % of the answers lost`,
    ...{ figure: seconds, unit: 's', floor: 20, atMost: true },
    facts: { taken: taken.rows[0]?.n, given: given.length },
  })
  if (taken.rows[0]?.n !== count || given.length !== count)
    throw new Error(`${taken.rows[0]?.n} numbers were taken and ${given.length} given`)
}

async function anAccount(house: ShippingHouse): Promise<void> {
  const { key, secret, partnerId, partnerKey } = kuaidi100Demo
  const address = {
    ...{ province: '浙江省', city: '杭州市', district: '余杭区', town: '' },
    detail: '文一西路 1 号',
  }
  const account = {
    ...{ shopId: house.shopId, source: 'kuaidi100', courier: 'ZTO', branchCode: partnerId, branchName: '' },
    sender: { name: '发货员', mobile: '13900001111', phone: '', address },
    ...{ templateName: '', templateUrl: '', warehouseId: null, enabled: true },
    credentials: { key, secret, partnerId, partnerKey, labelUrl: `${house.sandbox.url}/label/order` },
  }
  await house.run((tx) => saveAccount(tx, { ring: house.ring, simulator: true }, account, by))
}

/** Makes the orders here, each with a receiver of its own in plain text, and releases them. */
async function released({ db, ring, run, shopId }: ShippingHouse): Promise<string[]> {
  const orders: string[] = []
  for (let at = 0; at < count; at += 1) {
    const receiver = {
      ...{
        name: '王小一',
        mobile: String(13_800_000_000 + at),
        phone: '',
        province: '浙江省',
        city: '杭州市',
      },
      ...{ district: '西湖区', town: '', address: `文三路 ${at} 号`, zip: '', token: '' },
    }
    const personal = seal(ring, shopId, JSON.stringify({ nick: '', receiver }))
    orders.push((await anOrder(db, { shopId, status: 'confirmed', personal })).id)
  }
  await sql`update sales_order set origin = 'manual' where id = any(${orders}::bigint[])`.execute(db)
  await run((tx) => releaseOrders(tx, orders, by))
  const made = await sql<{
    id: string
  }>`select id from delivery where status = 'pending' order by id`.execute(db)
  return made.rows.map(({ id }) => id)
}
