import { createServer } from 'node:http'
import { sql } from 'kysely'
import { signOf } from '../server/carriers/kuaidi100/sign.ts'
import { kuaidi100Tracking } from '../server/carriers/kuaidi100/tracking.ts'
import type { Database } from '../server/core/db/db.ts'
import { migrate } from '../server/core/db/migrate.ts'
import { followParcels } from '../server/fulfilment/tracking/follow.ts'
import { applyNews } from '../server/fulfilment/tracking/news.ts'
import { trackAccount } from '../server/fulfilment/waybills/track-account-queries.ts'
import { createLimiter } from '../server/lib/limiter.ts'
import { type KeyRing, seal } from '../server/lib/seal.ts'
import { toChinaTime } from '../server/lib/time.ts'
import { aRun } from '../server/testing/run.ts'
import { cpuSpent } from './cpu.ts'
import { type BenchServer, freshDatabase, open } from './database.ts'
import { report } from './report.ts'

const salt = 'salt-of-the-bench'
/** Pushes of a parcel in its life of three days, and questions of one in a day. */
const [pushes, lifeDays, questionsADay] = [8, 3, 4]

/**
 * Measures what 60,000 parcels on their way cost: the processor time of one push and of one question, times their number a second. The
 * answers come from a server in this process, whose time is counted too.
 */
export async function benchTrack(server: BenchServer, count: number): Promise<void> {
  const url = await freshDatabase(server, 'bench_track')
  await migrate(url)
  const { db, close } = open(url, 6)
  const source = await answering()
  try {
    await fill(db, server.ring, { count, pollUrl: source.url })
    const run = async (parcelsPerRun: number) =>
      followParcels({
        ...aRun(db, { parcelsPerRun }),
        ...{ ring: server.ring, simulator: true, limiter: createLimiter() },
      })
    const subscribed = await spent(db, () => run(0))
    const pushed = await spent(db, () => pushAll(db, 3000))
    share(
      'track-push',
      { each: pushed.cpu / 3000, perSecond: (count * pushes) / (lifeDays * 86_400) },
      count,
      {
        subscribeSeconds: subscribed.seconds,
        subscribeCpu: subscribed.cpu,
      },
    )
    await sql`update waybill_account set track = 'query'`.execute(db)
    await sql`delete from parcel_subscription`.execute(db)
    await sql`update parcel_track set next_at = now() where next_at is not null`.execute(db)
    await sql`analyze`.execute(db)
    const asked = await spent(db, () => run(3000))
    share('track-query', { each: asked.cpu / 3000, perSecond: (count * questionsADay) / 86_400 }, count, {
      callsPerSecondOfRun: 3000 / asked.seconds,
    })
  } finally {
    await close()
    source.stop()
  }
}

function share(
  name: string,
  { each, perSecond }: { each: number; perSecond: number },
  count: number,
  facts: Record<string, number>,
): void {
  report({
    name,
    work: `${count.toLocaleString('en')} open parcels, ${perSecond.toFixed(2)} a second`,
    figure: each * perSecond * 100,
    unit: '% of a core',
    floor: 5,
    atMost: true,
    facts: { cpuMsEach: each * 1000, perSecond, ...facts },
  })
}

async function spent(db: Database, work: () => Promise<unknown>): Promise<{ cpu: number; seconds: number }> {
  const before = await cpuSpent(db)
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  const now = await cpuSpent(db)
  return { cpu: now.node + now.postgres - before.node - before.postgres, seconds }
}

/** Reads and applies pushes of parcels one after the other, each with the scans of a parcel that is being delivered. */
async function pushAll(db: Database, count: number): Promise<void> {
  const account = await trackAccount(db, { id: '1' })
  if (!account) throw new Error('no account')
  for (let one = 1; one <= count; one += 1) {
    const param = `{"status":"polling","message":"","autoCheck":"0","comOld":"","comNew":"","lastResult":{${scans(waybillOf(one * 7))}}}`
    const news = kuaidi100Tracking.readNews(new URLSearchParams({ param, sign: signOf(param, salt) }), salt)
    if (!news || news === 'unsigned') throw new Error('the push cannot be read')
    await db.transaction().execute((tx) => applyNews(tx, account, news))
  }
}

const waybillOf = (n: number) => `YT${String(8_000_000_000_000 + n)}`

function scans(waybill: string): string {
  const rows = [
    ['5', '派件中，派件员 13900000000'],
    ...Array(5).fill(['1002', '快件已从【转运中心】发出']),
    ['103', '已揽收'],
  ]
  const data = rows.map(([code, text], at) => {
    const time = toChinaTime(new Date(Date.now() - at * 3_600_000))
    return `{"time":"${time}","ftime":"${time}","context":"${text}","status":"","statusCode":"${code}"}`
  })
  return `"state":"5","status":"200","com":"yuantong","nu":"${waybill}","data":[${data.join(',')}]`
}

async function answering(): Promise<{ url: string; stop(): void }> {
  const body = `{"message":"ok",${scans('')}}`
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, stop: () => server.close() }
}

async function fill(
  db: Database,
  ring: KeyRing,
  { count, pollUrl }: { count: number; pollUrl: string },
): Promise<void> {
  await sql`insert into shop (platform, variant, name) values ('taobao', 'taobao', '店')`.execute(db)
  await sql`insert into warehouse (code, name, kind) values ('W1', '主仓', 'own')`.execute(db)
  const credentials = seal(ring, '1', JSON.stringify({ key: 'k', secret: 's', customer: 'c', pollUrl }))
  const sender = seal(ring, '1', JSON.stringify({ name: '', mobile: '', phone: '' }))
  await sql`
    insert into waybill_account (shop_id, source, courier, sender, credentials, created_by, template_url, track, track_hook, track_salt)
    values (1, 'kuaidi100', 'YTO', ${sender}, ${credentials}, '', '', 'subscribe', 'hook', ${seal(ring, '1', salt)})`.execute(
    db,
  )
  await sql`
    insert into sales_order (no, shop_id, origin, tid, status, cod, goods_fen, post_fee_fen, discount_fen, payment_fen, quantity, paid_at,
      ordered_at, facets, created_by, warehouse_id, courier, region)
    select 'SO' || n, 1, 'manual', n::text, 'shipped', false, 0, 0, 0, 0, 1, now(), now(), '{}', '', 1, 'YTO', '浙江省 杭州市'
    from generate_series(1, ${count}::int) n`.execute(db)
  await sql`
    insert into delivery (no, order_id, order_no, tid, shop_id, warehouse_id, status, ship_by, created_by, courier, waybill_no, shipped_at,
      shipped_by, write_back)
    select 'DN' || id, id, no, tid, 1, 1, 'shipped', now(), '', 'YTO', 'YT' || (8000000000000 + id), now(), '', 'none' from sales_order`.execute(
    db,
  )
  await sql`
    insert into parcel_track (delivery_id, shop_id, warehouse_id, courier, waybill_no, left_at, next_at)
    select id, 1, 1, courier, waybill_no, now() - interval '1 day', now() from delivery`.execute(db)
  await sql`analyze`.execute(db)
}
