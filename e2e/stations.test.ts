import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { loadavg } from 'node:os'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { createRandom } from '../sandbox/world/random.ts'
import { buildApp } from '../server/app.ts'
import { loadConfig } from '../server/config.ts'
import { connectors } from '../server/connectors/index.ts'
import { openDatabase } from '../server/core/db/db.ts'
import { buildLog } from '../server/core/http/http-log.ts'
import type { StationAnswer } from '../server/fulfilment/stations/contract.ts'
import { startRefundChecks } from '../server/intake/asking/ask-loop.ts'
import { type Caller, callerAt, insertUser } from '../server/testing/app.ts'
import { aShippingHouse, type Packed } from '../server/testing/shipping.ts'
import { sessionCookieName, signCookie } from '../server/users/sign-in/auth.ts'

// Eight stations over HTTP: three lines a parcel, 5 % wrong scans, 3 % refunds in between, 2 % scans that are sent twice. STATION_PACE: so many
// parcels a second are offered, as people do who need time between two scans; without it each station scans as fast as it is answered.
// STATION_DATABASE: a kept database with many orders.

const parcels = Number(process.env['STATION_PARCELS'] ?? 32)
const pace = Number(process.env['STATION_PACE'] ?? 0)
const stations = 8
/** Scans of a parcel: its label and about five pieces. */
const scansAParcel = 6

const house = await aShippingHouse('tmall', process.env['STATION_DATABASE'])
const database = openDatabase(house.databaseUrl)
const { db, pool } = database
const config = loadConfig({ PORT: '0', PUBLIC_URL: 'http://localhost:3000', SIMULATOR: '1' })
const app = await buildApp({
  db,
  pool,
  config,
  ring: house.ring,
  log: buildLog({ logLevel: 'silent' }, 'web'),
})
const url = await app.listen({ port: 0, host: '127.0.0.1' })
// A running house asks each shop with waiting deliveries for its refunds, so that a scan seldom has to.
const asking = startRefundChecks({
  deps: { db, ring: house.ring, connectors, simulator: true },
  log: buildLog({ logLevel: 'silent' }, 'worker'),
})
after(async () => {
  await asking.stop()
  await app.close()
  await database.close()
  await house[Symbol.asyncDispose]()
})
await sql`update warehouse set ship_steps = '{print,check}'`.execute(db)
const packers = await Promise.all(
  Array.from({ length: stations }, async () => {
    const { id, token } = await insertUser(database, ['fulfilment.read', 'fulfilment.ship'], 'all')
    return callerAt(url, id, `${sessionCookieName(config)}=${signCookie(house.ring, token)}`)
  }),
)

type Parcel = Packed & { codes: string[]; refunded: boolean }
const random = createRandom('stations')
const packed: Packed[] = []
while (packed.length < parcels) {
  // The house puts a thousand of each SKU in stock, which is not enough for many thousand parcels.
  if (packed.length > 0) await sql`update stock set on_hand = on_hand + 1000`.execute(db)
  packed.push(...(await house.packedMany(Math.min(1000, parcels - packed.length), { lines: 3 })))
}
const pieces = await sql<{ orderId: string; code: string; pieces: number }>`
  select l.order_id as "orderId", s.code, l.quantity as pieces from order_line l join sku s on s.id = l.sku_id
  where l.order_id = any(${packed.map(({ orderId }) => orderId)}::bigint[]) order by l.order_id, l.line_no`.execute(
  db,
)
const byOrder = Map.groupBy(pieces.rows, ({ orderId }) => orderId)
const made = packed.map(
  (one, n): Parcel => ({
    ...one,
    codes: (byOrder.get(one.orderId) ?? []).flatMap((line) =>
      Array.from({ length: line.pieces }, () => line.code),
    ),
    refunded: random.between(1, 100) <= 3 || n === 5,
  }),
)
const everyCode = [...new Set(made.flatMap(({ codes }) => codes))]

/** Milliseconds of the scans, by what they did. */
const times: Record<string, number[]> = {}
async function scan(
  packer: Caller,
  station: string,
  code: string,
  key: string = randomUUID(),
): Promise<StationAnswer> {
  const started = performance.now()
  const { status, body } = await packer.call('POST', '/api/stations/scan', { station, key, code })
  const took = performance.now() - started
  assert.equal(status, 200, JSON.stringify(body))
  const answer = body as StationAnswer
  const { kind } = answer.verdict
  times[kind] = [...(times[kind] ?? []), took]
  if (pace > 0) await sleep(Math.max(0, (1000 * stations) / pace / scansAParcel - took))
  return answer
}

/** Packs one parcel, as a hurried person does. Returns the last verdict. */
async function pack(
  packer: Caller,
  station: string,
  { codes, waybillNo, refunded, tid }: Parcel,
): Promise<string> {
  const first = await scan(packer, station, waybillNo)
  assert.equal(first.verdict.kind, 'opened', JSON.stringify(first.verdict))
  const applied = refunded ? applyFor(tid) : undefined
  let last = first
  for (const code of codes) {
    const wrong = random.between(1, 100) <= 5 ? everyCode.find((one) => !codes.includes(one)) : undefined
    if (wrong) last = await scan(packer, station, wrong)
    if (wrong && last.verdict.kind !== 'stop') assert.equal(last.verdict.kind, 'wrong')
    const key = randomUUID()
    last = await scan(packer, station, code, key)
    if (random.between(1, 100) <= 2) {
      const again = await scan(packer, station, code, key)
      if (again.verdict.kind !== 'stop') assert.deepEqual(again.verdict.message, last.verdict.message)
    }
    if (last.verdict.kind === 'stop') break
  }
  if (last.verdict.kind === 'stop') await scan(packer, station, 'LJ-01')
  await applied
  return last.verdict.kind
}

async function applyFor(tid: string): Promise<void> {
  await house.control('refunds', { tid, kind: 'REFUND' })
  await sleep(random.between(0, 40))
  await house.downloadRefund(house.trade(tid).refunds.at(-1)?.id ?? '')
}

test(`eight stations pack ${parcels} parcels, and none is wrong`, async () => {
  const queue = [...made]
  const ended = new Map<string, string>()
  const started = performance.now()
  await Promise.all(
    packers.map(async (packer, at) => {
      for (let parcel = queue.shift(); parcel; parcel = queue.shift())
        ended.set(parcel.id, await pack(packer, `${at + 1} 号台`, parcel))
    }),
  )
  const seconds = (performance.now() - started) / 1000
  const wrong: string[] = []
  for (const { id, orderId, refunded, codes } of made) {
    const { delivery } = await house.state(id)
    const facts = await sql<{ intercepts: number; moved: number; checked: number | null }>`
      select (select count(*)::int from intercept where delivery_id = ${id}) as intercepts, d.checked_pieces as checked,
        (select coalesce(-sum(quantity), 0)::int from stock_movement where document_kind = 'order' and document_id = ${orderId}) as moved
      from delivery d where d.id = ${id}`.execute(db)
    const [{ intercepts = 0, moved = 0, checked = null } = {}] = facts.rows
    const kind = ended.get(id)
    const right =
      kind === 'shipped'
        ? delivery === 'shipped' &&
          moved === codes.length &&
          checked === codes.length &&
          (!refunded || intercepts === 1)
        : kind === 'stop' && refunded && delivery === 'pending' && moved === 0
    if (!right)
      wrong.push(`${id} ${kind} ${delivery} moved ${moved} of ${codes.length}, intercepts ${intercepts}`)
  }
  const stopped = [...ended.values()].filter((kind) => kind === 'stop').length
  console.log(
    `${(parcels / seconds).toFixed(1)} parcels/s, ${stopped} stopped, load ${loadavg()[0]?.toFixed(1)}`,
  )
  for (const [kind, some] of [['all', Object.values(times).flat()] as const, ...Object.entries(times)]) {
    const sorted = some.toSorted((a, b) => a - b)
    const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(0)
    console.log(
      `${kind}: ${some.length} scans, median ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${sorted.at(-1)?.toFixed(0)} ms`,
    )
  }
  assert.deepEqual(wrong, [])
  assert.equal(ended.size, parcels)
})
